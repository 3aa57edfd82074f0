"""Working time over many calendars, starts and amounts: order is kept, counts add up, adding and counting agree."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.language.durations import Duration, parse_duration
from workflows.working_time import (
    Calendar,
    add,
    business_days_between,
    has_whole_working_day,
    next_opening,
    part_of,
    worked_between,
)

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Cairo",
]
WEEKS = [
    (((540, 1020),),) * 5 + ((),) * 2,
    (((540, 720), (780, 1020)),) * 5 + (((600, 720),), ()),
    (((0, 1440),),) * 7,
    (((0, 135), (150, 165), (175, 200), (960, 1440)),) * 7,  # in the hours in which clocks change, and to midnight
    ((), (), (), (), (), (), ((60, 210),)),
]


@st.composite
def calendars(draw):
    return Calendar(
        zone=draw(st.sampled_from(ZONES)),
        week=draw(st.sampled_from(WEEKS)),
        country=draw(st.sampled_from([None, "DE", "US", "BR"])),
        holidays=draw(st.frozensets(st.dates(date(2025, 12, 20), date(2026, 1, 10)), max_size=8)),
    )


minutes = st.integers(0, 2 * 365 * 24 * 60)
starts = st.builds(lambda minute: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minute), minutes)
steps = st.builds(lambda minute: timedelta(minutes=minute), st.integers(0, 14 * 24 * 60))
small = st.integers(1, 60)
ordered_units = st.sampled_from(["bd", "bh", "bm", "h", "m"])
"""Without days: they keep the wall clock, and in the hour that comes twice a later start has an earlier time of day."""


@given(calendars(), starts, steps, small, ordered_units)
def test_a_later_start_is_never_due_earlier(calendar, start, step, amount, unit):
    assert add(start, Duration(amount, unit), calendar) <= add(start + step, Duration(amount, unit), calendar)


@given(calendars(), starts, small, small, st.sampled_from(["bd", "bh", "bm", "d", "h", "m"]))
def test_more_is_due_later(calendar, start, amount, more, unit):
    assert add(start, Duration(amount, unit), calendar) < add(start, Duration(amount + more, unit), calendar)


@given(calendars(), starts, steps, small)
def test_days_are_in_order_but_for_the_hour_that_comes_twice(calendar, start, step, amount):
    shift = timedelta(hours=1)
    assert add(start, Duration(amount, "d"), calendar) <= add(start + step, Duration(amount, "d"), calendar) + shift


@given(calendars(), starts, small)
def test_business_days_end_where_a_working_day_ends(calendar, start, amount):
    due = add(start, Duration(amount, "bd"), calendar)
    assert due > start
    assert due in calendar.table.year((due - timedelta(seconds=1)).astimezone(calendar.table.zone).year).closings


@given(calendars(), starts, small)
def test_counting_business_days_is_the_inverse_of_adding_them(calendar, start, amount):
    due = add(start, Duration(amount, "bd"), calendar)
    assert business_days_between(start, due, calendar) == amount
    assert business_days_between(due, start, calendar) == -amount


@given(calendars(), starts, small, small)
def test_business_hours_compose(calendar, start, first, second):
    in_two = add(add(start, Duration(first, "bh"), calendar), Duration(second, "bh"), calendar)
    assert in_two == add(start, Duration(first + second, "bh"), calendar)


@given(calendars(), starts, small)
def test_business_hours_are_what_is_worked_until_they_are_over(calendar, start, amount):
    due = add(start, Duration(amount, "bh"), calendar)
    assert worked_between(start, due, calendar) == timedelta(hours=amount)
    assert worked_between(start, due - timedelta(seconds=1), calendar) < timedelta(hours=amount)


@given(calendars(), starts, steps, steps)
def test_worked_time_adds_up(calendar, start, first, second):
    middle, end = start + first, start + first + second
    whole = worked_between(start, end, calendar)
    assert whole == worked_between(start, middle, calendar) + worked_between(middle, end, calendar)
    assert timedelta() <= whole <= end - start


@given(calendars(), starts, steps, st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_part_lies_between_and_a_larger_part_is_not_earlier(calendar, start, step, one, other, working):
    due = start + step
    smaller, larger = (part_of(start, due, part, calendar, working=working) for part in sorted((one, other)))
    assert start <= smaller <= larger <= due


@given(calendars(), starts)
def test_the_next_opening_is_the_first_moment_of_working_time(calendar, start):
    opening = next_opening(start, calendar)
    assert worked_between(start, opening, calendar) == timedelta()
    assert worked_between(opening, opening + timedelta(minutes=1), calendar) == timedelta(minutes=1)


@given(calendars(), starts, small)
def test_from_an_end_of_day_to_the_next_but_one_there_is_a_whole_working_day(calendar, start, amount):
    end = add(start, Duration(amount, "bd"), calendar)
    assert has_whole_working_day(end, add(end, Duration(2, "bd"), calendar), calendar)


@given(small, st.sampled_from(["bd", "bh", "bm", "d", "h", "m"]))
def test_a_duration_is_read_as_it_is_written(amount, unit):
    assert parse_duration(str(Duration(amount, unit))) == Duration(amount, unit)


@given(st.text(max_size=12) | st.integers() | st.floats() | st.none())
def test_whatever_is_given_as_a_duration_is_read_back_or_refused(text):
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    assert str(duration) == text
