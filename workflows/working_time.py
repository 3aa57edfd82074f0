"""When is it due: working days and hours in a calendar, across weekends, holidays, split shifts and clock changes (R6).

Four rules carry everything:

- `Nbd` is the end of the working day on the Nth working day strictly after the local date of the start. It is a
  wall-clock time, so a change of the clocks never shifts it.
- `Nbh` and `Nbm` count real working time forward, span by span; outside working hours the count starts at the next
  opening, and when it is used up exactly at a closing, that closing is the result. A span that the clocks shorten
  counts for less.
- `Nd` is the same local wall-clock time N days later, because "thirty days later at ten" means ten o'clock there.
- `Nh` and `Nm` are elapsed time.

A local time that occurs twice is the first of the two; one that is skipped moves forward by the gap (`working_year`).
All instants are aware and come back in UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from workflows.language.durations import Duration
from workflows.working_hours import MINUTES_OF_DAY, NINE_TO_FIVE, Week, check_week, zone_named
from workflows.working_year import WorkingTable, day_begins, instant_of, public_holidays, table_of

_ONE_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """The working time of a person, a team or the organisation.

    Constructing one checks it and raises ValueError for an unknown zone or country, or a week in which nobody works.
    """

    name: str = "organisation"
    """Which level decided: `organisation`, `team:cs` or `person:dana`; it is what the evidence of a deadline names."""
    zone: str = "UTC"
    week: Week = NINE_TO_FIVE
    country: str | None = None
    """Public holidays are those of this country (`DE`) or part of one (`DE-BY`); none when absent."""
    holidays: frozenset[date] = frozenset()
    """Further days off, as local dates."""

    def __post_init__(self) -> None:
        """Refuse what could not answer a question later."""
        zone_named(self.zone)
        check_week(self.week)
        if self.country is not None:
            public_holidays(self.country, 2026)

    @cached_property
    def table(self) -> WorkingTable:
        """The tables of the working years, shared with calendars that differ in name only."""
        return table_of(self.zone, self.week, self.country, self.holidays)


def in_country(calendar: Calendar, country: str) -> Calendar:
    """Lay the public holidays of a customer's country over a calendar; one that is not known changes nothing."""
    if not country:
        return calendar
    try:
        return replace(calendar, name="customer", country=country)
    except ValueError:
        return calendar


def _refuse_naive(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no zone; instants are aware and in UTC")


def add(start: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """Say when a duration that starts at an instant is over, as an instant in UTC (rule R6).

    Raises NoWorkingTime when the calendar has no such working time within 60 years, and ValueError for a start
    without a zone.

    >>> tuesday = datetime(2026, 3, 3, 10, tzinfo=UTC)
    >>> add(tuesday, Duration(3, "bd"), Calendar()).isoformat()
    '2026-03-06T17:00:00+00:00'
    """
    _refuse_naive(start)
    match duration.unit:
        case "bd":
            return calendar.table.nth_closing(start, duration.amount)
        case "d" if calendar.zone == "UTC":
            return start.astimezone(UTC) + duration.elapsed
        case "bh":
            return calendar.table.after_working(start, timedelta(hours=duration.amount))
        case "bm":
            return calendar.table.after_working(start, timedelta(minutes=duration.amount))
        case "d":
            zone = calendar.table.zone
            local = start.astimezone(zone).replace(tzinfo=None)
            return instant_of(local + timedelta(days=duration.amount), zone)
        case _:
            return start.astimezone(UTC) + duration.elapsed


def before(end: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """Say what time lies so long before another: of business days, the close of work on the nth one before its date.

    Working hours are counted through the days before it.

    >>> before(datetime(2026, 3, 17, 10, tzinfo=UTC), Duration(10, "bd"), Calendar()).isoformat()
    '2026-03-03T17:00:00+00:00'
    """
    if duration.unit in ("bh", "bm"):
        return _worked_before(end, duration, calendar)
    local = end.astimezone(calendar.table.zone)
    if duration.unit == "d":
        return instant_of(local.replace(tzinfo=None) - duration.elapsed, calendar.table.zone)
    if duration.unit != "bd":
        return end.astimezone(UTC) - duration.elapsed
    day = local.date()
    left, closing = duration.amount, end
    while left:
        day -= timedelta(days=1)
        closing = calendar.table.nth_closing(start_of_day(day, calendar) - _ONE_TICK, 1)
        left -= _is_on(closing, day, calendar)
    return closing


def _worked_before(end: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """Find the last day from whose beginning that much is worked until `end`, and the instant in it."""
    wanted = timedelta(hours=duration.amount) if duration.unit == "bh" else timedelta(minutes=duration.amount)
    day = end.astimezone(calendar.table.zone).date()
    while (worked := worked_between(start_of_day(day, calendar), end, calendar)) < wanted:
        day -= timedelta(days=1)
    opening = next_opening(start_of_day(day, calendar), calendar)
    return opening if worked == wanted else calendar.table.after_working(opening, worked - wanted)


def date_or_instant(at: datetime, calendar: Calendar) -> datetime:
    """Give the instant that is meant: midnight in UTC stands for a date alone, which begins where the calendar is."""
    at = at.astimezone(UTC)
    return at if at.time() != time() else start_of_day(at.date(), calendar)


def business_days_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Count the working days after the local date of `start` up to and including the local date of `end`.

    So it is the n for which `end` lies on the nth working day after `start`, 0 on the same day, and the inverse of
    adding n business days. A working day that closes at 24:00 still holds its closing. Negative when `end` is earlier.
    """
    if end < start:
        return -business_days_between(end, start, calendar)
    table = calendar.table
    last = end.astimezone(table.zone)
    # A closing at 24:00 has the next date by the clock and belongs to the day that it closes.
    before = (end - _ONE_TICK).astimezone(table.zone)
    if before.date() != last.date() and end > start and table.year(before.year).closes_at(end):
        last = before
    first = start.astimezone(table.zone)
    count = _working_days_until(last, table) - _working_days_until(first, table)
    return count + sum(len(table.year(number).closings) for number in range(first.year, last.year))


def _working_days_until(local: datetime, table: WorkingTable) -> int:
    year = table.year(local.year)
    return year.passed[local.toordinal() - year.first]


def worked_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure the working time between two instants; nothing when `end` is not later."""
    table = calendar.table
    if end <= start:
        return timedelta()
    first, last = start.astimezone(table.zone).year, end.astimezone(table.zone).year
    whole_years = sum((table.year(number).total for number in range(first, last)), timedelta())
    return whole_years + table.year(last).worked_until(end) - table.year(first).worked_until(start)


def part_of(start: datetime, due: datetime, fraction: float, calendar: Calendar, *, working: bool) -> datetime:
    """Find the moment at which a fraction (0 to 1) of the time between `start` and `due` has passed (rule R12).

    With `working` it is working time that counts; where none lies between the two, elapsed time does. The answer never
    lies outside `start` … `due`, and is `due` when `due` is not later than `start`.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction {fraction} is out of bounds; a part of the time is between 0 and 1")
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    if due <= start:
        return due
    worked = worked_between(start, due, calendar) * fraction if working else timedelta()
    if not worked:
        return start + (due - start) * fraction
    return min(max(calendar.table.after_working(start, worked), start), due)


def beyond(start: datetime, due: datetime, times: float, calendar: Calendar) -> datetime:
    """Find the moment at which `times` the working time between `start` and `due` has passed, such as twice.

    Where no working time lies between the two, elapsed time counts.
    """
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    worked = worked_between(start, due, calendar) * times
    return calendar.table.after_working(start, worked) if worked else start + max(due - start, timedelta()) * times


def shifted(start: datetime, span: tuple[datetime, datetime], times: float, calendar: Calendar) -> datetime:
    """Find the moment at which `times` the working time of a span has passed after a start that is not the span's."""
    worked = worked_between(*span, calendar) * times
    return calendar.table.after_working(start, worked) if worked else start + (span[1] - span[0]) * times


def close_of(day: date, not_before: datetime, calendar: Calendar) -> datetime:
    """Say when work ends on a date: its closing; on a day off the last closing before it, if that is still to come.

    Otherwise it is the first closing after the date.
    """
    closing = calendar.table.nth_closing(start_of_day(day, calendar) - _ONE_TICK, 1)
    if _is_on(closing, day, calendar):
        return closing
    for back in range(1, 8):
        former = day - timedelta(days=back)
        before = calendar.table.nth_closing(start_of_day(former, calendar) - _ONE_TICK, 1)
        if _is_on(before, former, calendar):
            return before if before > not_before else closing
    return closing


def _is_on(closing: datetime, day: date, calendar: Calendar) -> bool:
    return (closing - _ONE_TICK).astimezone(calendar.table.zone).date() == day


def next_opening(instant: datetime, calendar: Calendar) -> datetime:
    """Find the first moment of working time at or after an instant: the instant itself during working hours."""
    table = calendar.table
    for year in table.years_from(instant.astimezone(table.zone).year):
        index = bisect_right(year.span_ends, instant)
        if index < len(year.span_ends):
            return max(year.span_starts[index], instant.astimezone(UTC))
    raise AssertionError  # pragma: no cover - years_from ends by raising


def next_day_opening(after: datetime, calendar: Calendar) -> datetime:
    """Find the next time, later than `after`, at which a working day begins."""
    table = calendar.table
    for year in table.years_from(after.astimezone(table.zone).year):
        index = bisect_right(year.openings, after)
        if index < len(year.openings):
            return year.openings[index]
    raise AssertionError  # pragma: no cover - years_from ends by raising


def next_morning(after: datetime, minute: int, calendar: Calendar) -> datetime:
    """Find the first instant later than `after` that is `minute` of the local day on a working day (08:30 is 510)."""
    if not 0 <= minute < MINUTES_OF_DAY:
        raise ValueError(f"minute {minute} is out of bounds; minutes of the day run from 0 to 1439")
    table = calendar.table
    first = after.astimezone(table.zone).year
    for number, _ in enumerate(table.years_from(first), start=first):
        mornings = table.mornings(number, minute)
        index = bisect_right(mornings, after)
        if index < len(mornings):
            return mornings[index]
    raise AssertionError  # pragma: no cover - years_from ends by raising


def has_whole_working_day(start: datetime, end: datetime, calendar: Calendar) -> bool:
    """Tell whether a whole working day, from its first opening to its last closing, lies between two instants."""
    table = calendar.table
    for year in table.years_from(start.astimezone(table.zone).year):
        index = bisect_left(year.openings, start)
        if index < len(year.openings):
            return year.closings[index] <= end
    raise AssertionError  # pragma: no cover - years_from ends by raising


def start_of_day(day: date, calendar: Calendar, *, minute: int = 0) -> datetime:
    """Say when a local date begins in the calendar's zone, or when `minute` of it is."""
    return day_begins(day, calendar.table.zone, minute=minute)
