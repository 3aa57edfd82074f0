"""When is something on the course of a workflow? So long after its start, and in which place among what happens then.

Working time and calendar time are added apart, since only a calendar knows how they relate; they are put in order as
in a plain week.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import total_ordering

from workflows.language.durations import Duration, Unit
from workflows.language.terms import length_in_hours


@total_ordering
@dataclass(frozen=True, slots=True)
class Moment:
    """A time since the beginning; `depth` counts what follows at once from what happens at that time."""

    amounts: tuple[tuple[Unit, float], ...] = ()
    depth: int = 0

    @property
    def hours(self) -> float:
        """How long it is, to put moments in order."""
        return round(sum(amount * length_in_hours(Duration(1, unit)) for unit, amount in self.amounts), 3)

    @property
    def label(self) -> str:
        """Write it as a definition does, such as `1bd`; "" at the beginning."""
        return " + ".join(f"{amount:g}{unit}" for unit, amount in self.amounts)

    def plus(self, duration: Duration, share: float = 1.0) -> Moment:
        """Go on by a duration, or by a share of it."""
        amounts = dict(self.amounts)
        amounts[duration.unit] = amounts.get(duration.unit, 0.0) + duration.amount * share
        return Moment(tuple(sorted(amounts.items())))

    @property
    def after(self) -> Moment:
        """What follows at once."""
        return Moment(self.amounts, self.depth + 1)

    def __lt__(self, other: Moment) -> bool:
        """Order by time, then by what follows from what."""
        return (self.hours, self.depth) < (other.hours, other.depth)


ZERO = Moment()
"""The beginning."""
