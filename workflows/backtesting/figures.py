"""How much is it, of which workflow, for whom, in which week, and what came of it? The figures of a backtest."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from statistics import median
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec import field as with_default

from workflows.backtesting.comparison import HOWS, Difference, How, Period
from workflows.backtesting.course import Course, Fire, Kind, Outcome, Piece
from workflows.directory import Directory

N = TypeVar("N", bound=Hashable)
Kinds = Counter[tuple[str, Kind]]

FOLLOWS_WITHIN = timedelta(days=90)
"""A bad outcome this long after a fire is one that it came before: a quarter, as of the churn risk (W10)."""

INTERRUPTING: tuple[Kind, ...] = ("task", "alert", "escalation")
"""What lands with a person; a hold and a loop ask nobody to do something at once."""


class Amount(Struct, frozen=True):
    """What one workflow did on one side of a period.

    `followed` are the fires with a bad outcome at their account within 90 days, `lead_days` the median until the first
    of them. `judged` are the fires whose 90 days are over, `alone` those of them that were not followed, and
    `share_alone` their share.
    """

    fires: int = 0
    tasks: int = 0
    alerts: int = 0
    escalations: int = 0
    holds: int = 0
    loops: int = 0
    followed: int = 0
    judged: int = 0
    alone: int = 0
    lead_days: float | None = None
    share_alone: float | None = None


class OfWorkflow(Struct, frozen=True, tag_field="row", tag="workflow"):
    """A workflow on both sides."""

    workflow: str
    before: Amount
    after: Amount
    gained: int = 0
    lost: int = 0
    moved: int = 0
    changed: int = 0


class OfWeek(Struct, frozen=True, tag_field="row", tag="week"):
    """Fires and work of a workflow in the week that begins on a Monday; what moved counts where it is now."""

    workflow: str
    week: date
    fires_before: int
    fires_after: int
    work_before: int
    work_after: int
    gained: int = 0
    lost: int = 0
    moved: int = 0
    changed: int = 0


class OfPerson(Struct, frozen=True, tag_field="row", tag="person"):
    """Tasks, alerts and escalations that a person, or a queue, got in a week; what went from her to others is lost."""

    person: str
    week: date
    before: dict[str, int] = with_default(default_factory=dict)
    after: dict[str, int] = with_default(default_factory=dict)
    gained: int = 0
    lost: int = 0
    moved: int = 0
    changed: int = 0


class Overlap(Struct, frozen=True, tag_field="row", tag="overlap"):
    """Days on which two workflows went to the same person about the same account."""

    workflows: tuple[str, str]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Days:
    """Whose day is it? Local days of people, and weeks of the organisation."""

    directory: Directory

    def of(self, at: datetime, person: str) -> date:
        """Give the local day of a person."""
        return at.astimezone(self.directory.calendar_of(person).table.zone).date()

    def week(self, at: datetime) -> date:
        """Give the Monday of the week."""
        day = at.astimezone(self.directory.default_calendar.table.zone).date()
        return day - timedelta(days=day.weekday())


@dataclass(slots=True)
class Side:
    """What went out on one side in a period."""

    pieces: list[Piece] = field(default_factory=list)
    fires: list[tuple[Fire, Outcome | None]] = field(default_factory=list)
    """Each with the bad outcome that came first after it."""


def side_of(courses: Iterable[Course], period: Period) -> Side:
    """Collect the work and the fires of a period, each fire with what it came before."""
    side = Side()
    for course in courses:
        side.pieces += [one for one in course.pieces if period.has(one)]
        outcomes = sorted(course.outcomes, key=lambda one: one.at)
        side.fires += [(one, _first_after(one.at, outcomes)) for one in course.fires if period.covers(one.at)]
    return side


def of_workflows(before: Side, after: Side, found: Iterable[Difference], until: datetime) -> list[OfWorkflow]:
    """Give a row for each workflow that did anything, by name."""
    former, latter = _amounts(before, until), _amounts(after, until)
    counted = _Counted((one.workflow, one.how) for one in found)
    return [
        OfWorkflow(name, former.get(name, Amount()), latter.get(name, Amount()), *counted.of(name))
        for name in sorted({*former, *latter, *counted.names()})
    ]


def of_weeks(before: Side, after: Side, found: Iterable[Difference], days: Days) -> list[OfWeek]:
    """Give a row for each workflow and week in which it did anything."""
    fires = [Counter((one.workflow, days.week(one.at)) for one, _ in side.fires) for side in (before, after)]
    work = [Counter((one.workflow, days.week(one.told_at)) for one in side.pieces) for side in (before, after)]
    counted = _Counted(((one.workflow, days.week(one.piece.told_at)), one.how) for one in found)
    return [
        OfWeek(name[0], name[1], fires[0][name], fires[1][name], work[0][name], work[1][name], *counted.of(name))
        for name in sorted({*fires[0], *fires[1], *work[0], *work[1], *counted.names()})
    ]


def of_people(before: Side, after: Side, found: Iterable[Difference], days: Days) -> list[OfPerson]:
    """Give a row for each person, or queue, and week in which something came to her."""
    former, latter = _by_person(before, days), _by_person(after, days)
    asking = (one for one in found if one.piece.kind in INTERRUPTING)
    counted = _Counted(((who, week), how) for one in asking for who, week, how in _for_people(one, days))
    return [
        OfPerson(name[0], name[1], former.get(name, {}), latter.get(name, {}), *counted.of(name))
        for name in sorted({*former, *latter, *counted.names()})
    ]


def overlaps(before: Side, after: Side, days: Days) -> list[Overlap]:
    """Give the pairs of workflows that met on somebody's day, those that meet most first."""
    sides = _met(before, days), _met(after, days)
    rows = [Overlap(pair, sides[0][pair], sides[1][pair]) for pair in {*sides[0], *sides[1]}]
    return sorted(rows, key=lambda one: (-max(one.before, one.after), one.workflows))


def _first_after(at: datetime, outcomes: Sequence[Outcome]) -> Outcome | None:
    place = bisect_right(outcomes, at, key=lambda one: one.at)
    found = outcomes[place] if place < len(outcomes) else None
    return found if found is not None and found.at <= at + FOLLOWS_WITHIN else None


def _amounts(side: Side, until: datetime) -> dict[str, Amount]:
    kinds: Kinds = Counter((one.workflow, one.kind) for one in side.pieces)
    fires: dict[str, list[tuple[Fire, Outcome | None]]] = {name: [] for name, _ in kinds}
    for one in side.fires:
        fires.setdefault(one[0].workflow, []).append(one)
    return {name: _amount(name, found, kinds, until) for name, found in fires.items()}


def _amount(name: str, fires: Sequence[tuple[Fire, Outcome | None]], kinds: Kinds, until: datetime) -> Amount:
    leads = [(outcome.at - fire.at) / timedelta(days=1) for fire, outcome in fires if outcome is not None]
    judged = [outcome for fire, outcome in fires if fire.at + FOLLOWS_WITHIN <= until]
    alone = sum(outcome is None for outcome in judged)
    return Amount(
        fires=len(fires),
        tasks=kinds[name, "task"],
        alerts=kinds[name, "alert"],
        escalations=kinds[name, "escalation"],
        holds=kinds[name, "hold"],
        loops=kinds[name, "loop"],
        followed=len(leads),
        judged=len(judged),
        alone=alone,
        lead_days=round(median(leads), 1) if leads else None,
        share_alone=round(alone / len(judged), 3) if judged else None,
    )


class _Counted(Generic[N]):
    """How often there was which difference, by a name."""

    def __init__(self, found: Iterable[tuple[N, How]]) -> None:
        self._counts = Counter(found)

    def names(self) -> set[N]:
        return {name for name, _ in self._counts}

    def of(self, name: N) -> tuple[int, int, int, int]:
        gained, lost, moved, changed = (self._counts[name, how] for how in HOWS)
        return gained, lost, moved, changed


def _by_person(side: Side, days: Days) -> dict[tuple[str, date], dict[str, int]]:
    found: dict[tuple[str, date], dict[str, int]] = {}
    for one in side.pieces:
        if one.kind in INTERRUPTING:
            for person in one.to:
                kinds = found.setdefault((person, days.week(one.told_at)), dict.fromkeys(INTERRUPTING, 0))
                kinds[one.kind] += 1
    return found


def _for_people(one: Difference, days: Days) -> Iterator[tuple[str, date, How]]:
    """Tell for each receiver how it is different: work that went to somebody else is lost for one, and a gain."""
    former = () if one.before is None else one.before.to
    latter = () if one.after is None else one.after.to
    for person in dict.fromkeys((*former, *latter)):
        how: How = "gained" if person not in former else "lost" if person not in latter else one.how
        piece = one.before if how == "lost" else one.after
        assert piece is not None, "she got it on this side"
        yield person, days.week(piece.told_at), how


def _met(side: Side, days: Days) -> Counter[tuple[str, str]]:
    together: dict[tuple[str, str, date], set[str]] = {}
    for one in side.pieces:
        if one.kind in INTERRUPTING:
            for person in one.to:
                together.setdefault((one.account, person, days.of(one.told_at, person)), set()).add(one.workflow)
    pairs = (combinations(sorted(names), 2) for names in together.values())
    return Counter((first, second) for found in pairs for first, second in found)
