"""When a year's working days open and close, as instants: the tables behind the working-time arithmetic.

Deadlines are counted for every event of a fold, so a year is worked out once and kept: its working days with their
closings, and its spans of working time with the time worked up to each. What is left of `add` is one conversion to
local time and one look-up. Calendars with the same zone, week and holidays share their tables.

Local times become instants by one rule, the one of `zoneinfo` with `fold=0`: a local time that occurs twice is the
first of the two, and one that the clocks skip moves forward by the gap. A span of hours is the real time between its
two instants, so a night shift is an hour shorter on the night in which the clocks go forward. Hours that a gap pushes
onto hours already counted are not counted twice, and a date that a zone skips altogether (Samoa, 30 December 2011)
is no working day.
"""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from workflows.working_hours import Span, Week, zone_named

SEARCH_YEARS = 60
"""How far a search goes before it says that there is no working time: 2,600 days at one a week, and some to spare."""

FIRST_YEAR, LAST_YEAR = 2, 9_998
"""The years whose days can be converted between zones without leaving the range of `datetime`."""

YEARS_KEPT = 128
"""Tables kept per calendar; a stream of events over all centuries must not fill the memory."""

_NOTHING = timedelta()


class NoWorkingTime(ValueError):
    """A calendar has no working time where it was looked for, such as one whose holidays cover decades."""


@lru_cache(maxsize=4096)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """List the public holidays of `DE`, or of `DE-BY` for a part of a country, in a year.

    The dates are those of the `holidays` package, which is part of the lock file: the same lock, the same deadlines.
    Far in the past or the future only those are known that the package can compute. Raises ValueError for an unknown
    country.
    """
    # The package takes a tenth of a second to import, and only calendars with a country need it.
    from holidays import country_holidays  # noqa: PLC0415

    nation, _, part = country.partition("-")
    try:
        with warnings.catch_warnings():
            # It warns about years outside its range; that is documented above and no reason to fail.
            warnings.simplefilter("ignore")
            return frozenset(country_holidays(nation, subdiv=part or None, years=year))
    except NotImplementedError as error:
        raise ValueError(
            f'country "{country}" is unknown; use an ISO 3166 code such as DE, or DE-BY for a part of a country'
        ) from error


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Turn a local wall-clock time (naive) into an instant in UTC, by the rule at the top of this module."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def day_begins(day: date, zone: ZoneInfo, *, minute: int = 0) -> datetime:
    """Say when a local date begins in a zone, or when `minute` of it is, as an instant in UTC."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall-clock time, not an instant
    return instant_of(midnight + timedelta(minutes=minute), zone)


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """The working days of one local year, and its spans of working time, all as instants in UTC and in order."""

    first: int
    """The proleptic ordinal of 1 January."""
    passed: tuple[int, ...]
    """For each day of the year, how many working days there are up to and including it."""
    openings: tuple[datetime, ...]
    """The first opening of each working day."""
    closings: tuple[datetime, ...]
    """The last closing of each working day: the end of that day, where deadlines in business days fall."""
    span_starts: tuple[datetime, ...]
    span_ends: tuple[datetime, ...]
    worked: tuple[timedelta, ...]
    """For each span, the time worked in the year up to its end."""

    @property
    def total(self) -> timedelta:
        """The time worked in the whole year."""
        return self.worked[-1] if self.worked else _NOTHING

    def worked_until(self, instant: datetime) -> timedelta:
        """Measure the time worked in this year up to an instant."""
        index = bisect_right(self.span_starts, instant) - 1
        if index < 0:
            return _NOTHING
        return self.worked[index] - max(self.span_ends[index] - instant, _NOTHING)

    def closes_at(self, instant: datetime) -> bool:
        """Tell whether a working day of this year ends at exactly that instant."""
        index = bisect_left(self.closings, instant)
        return index < len(self.closings) and self.closings[index] == instant

    def instant_at(self, worked: timedelta) -> datetime:
        """Find the first instant at which that much (above zero, at most `total`) has been worked in this year."""
        index = bisect_left(self.worked, worked)
        return self.span_ends[index] - (self.worked[index] - worked)


class WorkingTable:
    """The working years of one zone, week and set of holidays, each worked out when first asked for."""

    def __init__(self, zone: str, week: Week, country: str | None, holidays: frozenset[date]) -> None:
        """Keep what the years are worked out from; nothing is computed yet."""
        self.zone = zone_named(zone)
        self._week = week
        self._country = country
        self._holidays = holidays
        self._years: dict[int, WorkingYear] = {}
        self._mornings: dict[tuple[int, int], tuple[datetime, ...]] = {}

    def year(self, number: int) -> WorkingYear:
        """Return the working year of that number. Raises NoWorkingTime outside the years 2 to 9998."""
        known = self._years.get(number)
        if known is None:
            if len(self._years) >= YEARS_KEPT:
                self._years.clear()
                self._mornings.clear()
            known = self._years[number] = self._work_out(number)
        return known

    def mornings(self, number: int, minute: int) -> tuple[datetime, ...]:
        """Return when a minute of the local day is, on each working day of a year, in order; as `year` does."""
        year, known = self.year(number), self._mornings.get((number, minute))
        if known is None:
            days = (opening.astimezone(self.zone).date() for opening in year.openings)
            known = self._mornings[number, minute] = tuple(day_begins(day, self.zone, minute=minute) for day in days)
        return known

    def is_working_day(self, day: date) -> bool:
        """Tell whether anybody works on a local day."""
        year = self.year(day.year)
        index = day.toordinal() - year.first
        return year.passed[index] > (year.passed[index - 1] if index else 0)

    def years_from(self, number: int) -> Iterator[WorkingYear]:
        """Go through the years from that one on, and raise NoWorkingTime where the search has to end."""
        for ahead in range(SEARCH_YEARS):
            yield self.year(number + ahead)
        raise NoWorkingTime(
            f"the {SEARCH_YEARS} years from {number} on have too little working time in zone {self.zone.key} "
            f"with {len(self._holidays)} holidays of its own; take holidays out or add working days"
        )

    def nth_closing(self, start: datetime, amount: int) -> datetime:
        """Find the end of the nth working day strictly after the local date of an instant."""
        local = start.astimezone(self.zone)
        year = self._years.get(local.year) or self.year(local.year)
        index = year.passed[local.toordinal() - year.first] + amount - 1
        if index < len(year.closings):
            return year.closings[index]
        for later in self.years_from(local.year):
            if index < len(later.closings):
                return later.closings[index]
            index -= len(later.closings)
        raise AssertionError  # pragma: no cover - years_from ends by raising

    def after_working(self, start: datetime, worked: timedelta) -> datetime:
        """Find the first instant by which that much (above zero) has been worked since `start`."""
        number = start.astimezone(self.zone).year
        wanted = self.year(number).worked_until(start) + worked
        for year in self.years_from(number):
            if wanted <= year.total:
                return year.instant_at(wanted)
            wanted -= year.total
        raise AssertionError  # pragma: no cover - years_from ends by raising

    def _work_out(self, number: int) -> WorkingYear:
        if not FIRST_YEAR <= number <= LAST_YEAR:
            raise NoWorkingTime(
                f"year {number} is outside the calendar; dates between {FIRST_YEAR} and {LAST_YEAR} can be used"
            )
        first, after = date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal()
        closed = self._closed_days(number)
        passed: list[int] = []
        days: list[list[tuple[datetime, datetime]]] = []
        for ordinal in range(first, after):
            day = date.fromordinal(ordinal)
            spans = [] if day in closed else list(_spans_of(day, self._week[day.weekday()], self.zone))
            if spans:
                days.append(spans)
            passed.append(len(days))
        return _year_of(first, passed, days)

    def _closed_days(self, number: int) -> frozenset[date]:
        public = public_holidays(self._country, number) if self._country else frozenset()
        return public | self._holidays


def _spans_of(day: date, hours: tuple[Span, ...], zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall-clock time, not an instant
    previous: datetime | None = None
    for start, end in hours:
        opening = instant_of(midnight + timedelta(minutes=start), zone)
        if opening.astimezone(zone).date() != day:
            continue  # the zone skipped this date, or these hours of it
        closing = instant_of(midnight + timedelta(minutes=end), zone)
        opening = opening if previous is None else max(opening, previous)
        if opening < closing:
            yield opening, closing
            previous = closing


def _year_of(first: int, passed: list[int], days: list[list[tuple[datetime, datetime]]]) -> WorkingYear:
    spans = [span for day in days for span in day]
    worked: list[timedelta] = []
    total = _NOTHING
    for opening, closing in spans:
        total += closing - opening
        worked.append(total)
    return WorkingYear(
        first=first,
        passed=tuple(passed),
        openings=tuple(day[0][0] for day in days),
        closings=tuple(day[-1][1] for day in days),
        span_starts=tuple(opening for opening, _ in spans),
        span_ends=tuple(closing for _, closing in spans),
        worked=tuple(worked),
    )


@lru_cache(maxsize=1024)
def table_of(zone: str, week: Week, country: str | None, holidays: frozenset[date]) -> WorkingTable:
    """Return the shared table of every calendar that differs from others in its name only."""
    return WorkingTable(zone, week, country, holidays)
