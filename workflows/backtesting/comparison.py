"""What is different between two sides: work gained, lost, moved, and otherwise changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from workflows.backtesting.course import Piece

How = Literal["gained", "lost", "moved", "changed"]
HOWS: tuple[How, ...] = ("gained", "lost", "moved", "changed")

MOVES = ("told_at", "due", "to")
"""What makes work moved: it is the same work, at another time or for others."""

CHANGES = ("severity", "title", "status")
"""What else people see of work."""


class Period(NamedTuple):
    """From a time on, and before another; the last moment of the history is in it."""

    since: datetime | None
    until: datetime

    def has(self, piece: Piece | None) -> bool:
        """Tell whether a piece went out in it."""
        return piece is not None and self.covers(piece.told_at)

    def covers(self, at: datetime) -> bool:
        """Tell whether a time is in it."""
        return (self.since is None or at >= self.since) and at <= self.until


class Difference(Struct, frozen=True, tag_field="row", tag="difference", omit_defaults=True):
    """One piece of work on both sides, and in `what` the fields that are not the same.

    `follows` names a gained task that nobody could do in this history: the escalation would perhaps not have come.
    """

    how: How
    account: str
    workflow: str
    before: Piece | None = None
    after: Piece | None = None
    what: tuple[str, ...] = ()
    follows: str = ""

    @property
    def piece(self) -> Piece:
        """The piece as it is after, or was before."""
        found = self.after or self.before
        assert found is not None, "one side has it"
        return found


def compare(before: Iterable[Piece], after: Iterable[Piece], period: Period) -> list[Difference]:
    """Compare what went out on two sides; give what is not the same, in order of account, time and id.

    A piece belongs to a period when it went out in it on either side.
    """
    former, latter = {one.id: one for one in before}, {one.id: one for one in after}
    found = [_difference(former.get(name), latter.get(name), former) for name in former | latter]
    kept = [one for one in found if one is not None and (period.has(one.before) or period.has(one.after))]
    return sorted(kept, key=lambda one: (one.account, one.piece.told_at, one.piece.id))


def between(first: Iterable[Difference], second: Iterable[Difference], period: Period) -> list[Difference]:
    """Compare the new sides of two comparisons that have the same old side; what neither changed is the same."""
    one, other = {it.piece.id: it for it in first}, {it.piece.id: it for it in second}
    names = one | other
    return compare(_side(names, one, other), _side(names, other, one), period)


def _side(names: Iterable[str], own: Mapping[str, Difference], theirs: Mapping[str, Difference]) -> Iterator[Piece]:
    for name in names:
        piece = own[name].after if name in own else theirs[name].before
        if piece is not None:
            yield piece


def _difference(before: Piece | None, after: Piece | None, former: Mapping[str, Piece]) -> Difference | None:
    if before is None or after is None:
        piece = before or after
        assert piece is not None, "one side has it"
        how: How = "gained" if before is None else "lost"
        return Difference(how, piece.account, piece.workflow, before, after, (), _follows(how, piece, former))
    if before == after:
        return None
    moved = tuple(name for name in MOVES if getattr(before, name) != getattr(after, name))
    changed = tuple(name for name in CHANGES if getattr(before, name) != getattr(after, name))
    return Difference("moved" if moved else "changed", after.account, after.workflow, before, after, moved + changed)


def _follows(how: How, piece: Piece, former: Mapping[str, Piece]) -> str:
    task = piece.id.partition("/")[0]
    return task if how == "gained" and piece.kind == "escalation" and task not in former else ""
