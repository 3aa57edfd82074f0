"""What does a backtest say? Two sides of one history, and everything in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from workflows.backtesting.budgets import OverBudget, over_budget, wanted
from workflows.backtesting.comparison import Difference, Period, compare
from workflows.backtesting.course import Course, Piece
from workflows.backtesting.figures import (
    Days,
    OfPerson,
    OfWeek,
    OfWorkflow,
    Overlap,
    of_people,
    of_weeks,
    of_workflows,
    overlaps,
    side_of,
)
from workflows.backtesting.record import Surroundings


class SideInfo(Struct, frozen=True):
    """What one side is: its definitions and its organisation, each by what it is called and a hash of its content.

    `idle_actions` are the actions of people that had nothing to act on there, `problems` what else could not be done.
    """

    definitions: str
    hash: str
    organisation: str
    organisation_hash: str
    workflows: int = 0
    work: int = 0
    idle_actions: int = 0
    problems: int = 0


class Extent(Struct, frozen=True):
    """Which history it is: where it is from, how much of it there is, and what of it counts."""

    source: str
    accounts: int
    events: int
    since: datetime | None
    until: datetime


class Rows(Struct, frozen=True):
    """What two sides come to, and in what they differ."""

    workflows: list[OfWorkflow]
    weeks: list[OfWeek]
    people: list[OfPerson]
    days: list[OverBudget]
    overlaps: list[Overlap]
    differences: list[Difference]


class Result(Struct, frozen=True):
    """A backtest, whole."""

    name: str
    made_at: datetime
    extent: Extent
    before: SideInfo
    after: SideInfo
    rows: Rows


def rows_of(
    before: Sequence[Course], after: Sequence[Course], arounds: tuple[Surroundings, Surroundings], period: Period
) -> Rows:
    """Compare two sides of the same accounts over a period."""
    found = compare(_pieces(before), _pieces(after), period)
    former, latter = side_of(before, period), side_of(after, period)
    days = Days(arounds[1].directories.latest)
    first, second = (wanted(courses, around) for courses, around in zip((before, after), arounds, strict=True))
    return Rows(
        workflows=of_workflows(former, latter, found, period.until),
        weeks=of_weeks(former, latter, found, days),
        people=of_people(former, latter, found, days),
        days=over_budget(first, second, period.since),
        overlaps=overlaps(former, latter, days),
        differences=found,
    )


def _pieces(courses: Iterable[Course]) -> Iterator[Piece]:
    return (piece for course in courses for piece in course.pieces)
