"""What does a backtest say? Two sides of one history, and everything in which they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from workflows.backtesting.budgets import OverBudget, Wanted, over_budget
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
    courses: tuple[Sequence[Course], Sequence[Course]], notices: tuple[Wanted, Wanted], period: Period, days: Days
) -> Rows:
    """Compare two sides of the same accounts over a period; `notices` are what their people would have had."""
    before, after = (side_of(side, period) for side in courses)
    found = compare(_pieces(courses[0]), _pieces(courses[1]), period)
    return Rows(
        workflows=of_workflows(before, after, found, period.until),
        weeks=of_weeks(before, after, found, days),
        people=of_people(before, after, found, days),
        days=over_budget(*notices, period.since),
        overlaps=overlaps(before, after, days),
        differences=found,
    )


def _pieces(courses: Iterable[Course]) -> Iterator[Piece]:
    return (piece for course in courses for piece in course.pieces)
