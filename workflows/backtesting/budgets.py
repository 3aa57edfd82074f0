"""On which days would somebody get more than her budget allows (R14)? The desks of all people over what went out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from operator import itemgetter

from msgspec import Struct

from workflows.attention.attention import Attention
from workflows.backtesting.course import Course
from workflows.backtesting.record import Surroundings
from workflows.moment import Line

Day = tuple[str, date]


class OverBudget(Struct, frozen=True, tag_field="row", tag="over_budget"):
    """A working day of a person on which more was to be told than her budget, on either side.

    `before` and `after` are how many notices there would have been; what no budget allowed waited for a digest.
    """

    person: str
    day: date
    before: int
    after: int
    over_before: bool
    over_after: bool


class Wanted(Struct):
    """How many notices each person would have had on each working day, and on which days it was too many."""

    notices: Counter[Day]
    over: set[Day]


def wanted(courses: Iterable[Course], around: Surroundings) -> Wanted:
    """Let the lines of all accounts go over the desks of all people."""
    worth: dict[str, float] = {}
    lines: list[tuple[datetime, str, Line]] = []
    for course in courses:
        worth[course.account] = course.worth
        lines += [(line.at, course.account, line) for line in course.heard if line.at is not None]
    lines.sort(key=itemgetter(0, 1))
    attention, count = Attention(around.directories, worth.__getitem__), _Count(around)
    for _, account, line in lines:
        for _, told in attention.receive(account, line):
            count.add(told)
    for _, told in attention.advance(around.until):
        count.add(told)
    return Wanted(count.notices, count.over)


def over_budget(before: Wanted, after: Wanted, since: datetime | None) -> list[OverBudget]:
    """Give the days on which either side is over, in order of person and day."""
    first = date.min if since is None else since.date()
    return [
        OverBudget(*day, before.notices[day], after.notices[day], day in before.over, day in after.over)
        for day in sorted(before.over | after.over)
        if day[1] >= first
    ]


class _Count:
    """Counts notices by person and day; days off are none."""

    def __init__(self, around: Surroundings) -> None:
        self.notices: Counter[Day] = Counter()
        self.over: set[Day] = set()
        self._directories = around.directories

    def add(self, told: Line) -> None:
        if told.type not in ("notice.sent", "notice.deferred"):
            return
        assert told.at is not None, "it is told at a time"
        person = told.data["to"]["person"]
        calendar = self._directories.at(told.at).calendar_of(person)
        day = person, told.at.astimezone(calendar.table.zone).date()
        if calendar.table.is_working_day(day[1]):
            self.notices[day] += 1
            if told.type == "notice.deferred" or told.data["of_the_day"] > told.data["budget"]:
                self.over.add(day)
