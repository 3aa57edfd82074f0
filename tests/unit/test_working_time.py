"""Working time: rule R6 and its check values, holidays, split shifts, zones and clock changes, with the arithmetic."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.language.durations import Duration, parse_duration
from workflows.working_hours import NINE_TO_FIVE, parse_span, parse_week
from workflows.working_time import (
    Calendar,
    add,
    before,
    business_days_between,
    has_whole_working_day,
    next_morning,
    next_opening,
    part_of,
    start_of_day,
    worked_between,
)
from workflows.working_year import NoWorkingTime, public_holidays

ORGANISATION = Calendar()
BERLIN = Calendar(zone="Europe/Berlin", country="DE")
NEW_YORK = Calendar(zone="America/New_York", country="US")
KOLKATA = Calendar(zone="Asia/Kolkata")
APIA = Calendar(zone="Pacific/Apia")
SAO_PAULO = Calendar(zone="America/Sao_Paulo", country="BR")
SPLIT = Calendar(week=(((540, 720), (780, 1020)),) * 5 + ((),) * 2)
UNTIL_MIDNIGHT = Calendar(week=parse_week(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "16:00-24:00")))
AROUND_THE_CLOCK = (((0, 1440),),) * 7


def at(text, zone="UTC"):
    """Read a local time; in 2026, 3 March is a Tuesday."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(start, duration, calendar):
    return add(start, parse_duration(duration), calendar)


# Rule R6 gives these values: Tue 03-03 10:00, and Fri 03-06 16:00 with the Saturday after it.
@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-03-03T10:00", "1bd", "2026-03-04T17:00"),
        ("2026-03-03T10:00", "2bd", "2026-03-05T17:00"),
        ("2026-03-03T10:00", "3bd", "2026-03-06T17:00"),
        ("2026-03-03T10:00", "5bd", "2026-03-10T17:00"),
        ("2026-03-03T10:00", "7bd", "2026-03-12T17:00"),
        ("2026-03-03T10:00", "10bd", "2026-03-17T17:00"),
        ("2026-03-03T10:00", "20bd", "2026-03-31T17:00"),
        ("2026-03-06T16:00", "1bd", "2026-03-09T17:00"),
        ("2026-03-07T11:00", "1bd", "2026-03-09T17:00"),
        ("2026-03-08T23:59", "1bd", "2026-03-09T17:00"),
        # The hour of the start does not matter: before hours, after hours, at midnight.
        ("2026-03-03T00:00", "1bd", "2026-03-04T17:00"),
        ("2026-03-03T23:59", "1bd", "2026-03-04T17:00"),
        # Into the next year, and over a leap day.
        ("2026-12-31T10:00", "1bd", "2027-01-01T17:00"),
        ("2026-12-28T10:00", "10bd", "2027-01-11T17:00"),
        ("2028-02-28T10:00", "1bd", "2028-02-29T17:00"),
    ],
)
def test_business_days_end_with_the_nth_working_day_after_the_start(start, duration, expected):
    assert due(at(start), duration, ORGANISATION) == at(expected)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-03-03T10:00", "4bh", "2026-03-03T14:00"),
        ("2026-03-03T10:00", "7bh", "2026-03-03T17:00"),  # exactly at the closing: not the next opening
        ("2026-03-03T10:00", "8bh", "2026-03-04T10:00"),  # 7 h on Tuesday, 1 h on Wednesday
        ("2026-03-03T10:00", "23bh", "2026-03-05T17:00"),  # 7 + 8 + 8
        ("2026-03-03T05:00", "4bh", "2026-03-03T13:00"),  # before hours: counts from 09:00
        ("2026-03-03T17:00", "4bh", "2026-03-04T13:00"),  # at the closing: counts from the next opening
        ("2026-03-03T22:00", "4bh", "2026-03-04T13:00"),
        ("2026-03-06T16:00", "4bh", "2026-03-09T12:00"),  # 1 h on Friday, 3 h on Monday
        ("2026-03-07T12:00", "8bh", "2026-03-09T17:00"),
        ("2026-12-31T16:30", "1bh", "2027-01-01T09:30"),  # over the turn of the year
        ("2026-03-03T10:00", "2080bh", "2027-03-02T10:00"),  # 260 working days of 8 h: 52 weeks
    ],
)
def test_business_hours_count_forward_through_nights_and_weekends(start, duration, expected):
    assert due(at(start), duration, ORGANISATION) == at(expected)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-03-03T11:00", "2bh", "2026-03-03T14:00"),  # 1 h before lunch, 1 h after
        ("2026-03-03T11:00", "1bh", "2026-03-03T12:00"),  # exactly at noon
        ("2026-03-03T12:30", "1bh", "2026-03-03T14:00"),  # from the next opening, 13:00
        ("2026-03-03T10:00", "7bh", "2026-03-04T10:00"),  # 2 + 4 on Tuesday, 1 on Wednesday
        ("2026-03-03T10:00", "1bd", "2026-03-04T17:00"),  # the end of the last span
    ],
)
def test_split_shifts_are_counted_span_by_span(start, duration, expected):
    assert due(at(start), duration, SPLIT) == at(expected)


def test_a_working_day_may_end_at_midnight():
    # 17 h on Tuesday: the end of Wednesday is 24:00, that is Thursday 00:00.
    assert due(at("2026-03-03T17:00"), "1bd", UNTIL_MIDNIGHT) == at("2026-03-05T00:00")
    assert due(at("2026-03-03T17:00"), "7bh", UNTIL_MIDNIGHT) == at("2026-03-04T00:00")
    assert due(at("2026-03-03T17:00"), "8bh", UNTIL_MIDNIGHT) == at("2026-03-04T17:00")
    assert business_days_between(at("2026-03-03T17:00"), at("2026-03-05T00:00"), UNTIL_MIDNIGHT) == 1


# Germany: Good Friday 2026-04-03, Easter Monday 04-06. USA: Thanksgiving Thursday 2026-11-26, Independence Day observed
# on Friday 2026-07-03. Brazil: Good Friday, and Tiradentes on Tuesday 2026-04-21.
@pytest.mark.parametrize(
    ("calendar", "start", "duration", "expected"),
    [
        (BERLIN, "2026-04-02T10:00", "1bd", "2026-04-07T17:00"),
        (BERLIN, "2026-04-02T16:00", "2bh", "2026-04-07T10:00"),
        (BERLIN, "2026-04-03T10:00", "1bd", "2026-04-07T17:00"),  # starts on the holiday
        (NEW_YORK, "2026-11-25T10:00", "1bd", "2026-11-27T17:00"),
        (NEW_YORK, "2026-07-02T10:00", "1bd", "2026-07-06T17:00"),
        (SAO_PAULO, "2026-04-02T10:00", "1bd", "2026-04-06T17:00"),
        (SAO_PAULO, "2026-04-20T16:00", "2bh", "2026-04-22T10:00"),
    ],
)
def test_public_holidays_are_days_off(calendar, start, duration, expected):
    assert due(at(start, calendar.zone), duration, calendar) == at(expected, calendar.zone)


def test_a_part_of_a_country_has_its_own_holidays():
    # Corpus Christi, Thursday 2026-06-04, is a holiday in Bavaria and not in all of Germany.
    start = at("2026-06-03T10:00")
    assert due(start, "1bd", Calendar(country="DE")) == at("2026-06-04T17:00")
    assert due(start, "1bd", Calendar(country="DE-BY")) == at("2026-06-05T17:00")


def test_days_off_of_ones_own_come_on_top_of_public_holidays():
    closed = Calendar(country="DE", holidays=frozenset({date(2026, 4, 7), date(2026, 4, 8)}))
    assert due(at("2026-04-02T10:00"), "1bd", closed) == at("2026-04-09T17:00")


# Berlin: clocks go forward on Sunday 2026-03-29 at 02:00, back on Sunday 2026-10-25 at 03:00. New York: 03-08, 11-01.
@pytest.mark.parametrize(
    ("zone", "start", "expected", "hours_apart"),
    [
        ("Europe/Berlin", "2026-03-27T10:00", "2026-03-30T17:00", 78),  # 3 d 7 h less the hour that is skipped
        ("Europe/Berlin", "2026-10-23T10:00", "2026-10-26T17:00", 80),  # and with the hour that comes twice
        ("America/New_York", "2026-03-06T10:00", "2026-03-09T17:00", 78),
        ("America/New_York", "2026-10-30T10:00", "2026-11-02T17:00", 80),
        ("Asia/Kolkata", "2026-03-27T10:00", "2026-03-30T17:00", 79),
    ],
)
def test_a_clock_change_never_shifts_a_business_day(zone, start, expected, hours_apart):
    begin = at(start, zone)
    end = due(begin, "1bd", Calendar(zone=zone))
    assert end == at(expected, zone)
    assert end - begin == timedelta(hours=hours_apart)


def test_the_local_date_of_the_start_counts_not_the_utc_date():
    # Tue 20:00 UTC is Wed 01:30 in Kolkata, and Tue 22:30 UTC on Monday is Tuesday there.
    assert due(at("2026-03-03T20:00"), "1bd", KOLKATA) == at("2026-03-05T17:00", "Asia/Kolkata")
    # Sun 22:00 UTC is Sunday in New York and Monday 12:00 in Apia (+13), so that Tuesday is the next day there.
    assert due(at("2026-03-08T23:00"), "1bd", NEW_YORK) == at("2026-03-09T17:00", "America/New_York")
    assert due(at("2026-03-08T23:00"), "1bd", APIA) == at("2026-03-10T17:00", "Pacific/Apia")


def test_a_date_that_a_zone_skipped_is_no_working_day():
    # Samoa crossed the date line: Thursday 2011-12-29 was followed by Saturday 2011-12-31.
    start = at("2011-12-29T10:00", "Pacific/Apia")
    assert due(start, "1bd", APIA) == at("2012-01-02T17:00", "Pacific/Apia")
    assert due(start, "8bh", APIA) == at("2012-01-02T10:00", "Pacific/Apia")
    assert business_days_between(start, at("2012-01-02T11:00", "Pacific/Apia"), APIA) == 1


def test_business_hours_count_the_real_time_of_a_span():
    nights = Calendar(zone="Europe/Berlin", week=AROUND_THE_CLOCK)
    # The last Saturday of March has 24 h, the Sunday 23 h: 48 h after Saturday 00:00 is Monday 01:00.
    assert due(at("2026-03-28T00:00", "Europe/Berlin"), "48bh", nights) == at("2026-03-30T01:00", "Europe/Berlin")
    # In October the Sunday has 25 h.
    assert due(at("2026-10-24T00:00", "Europe/Berlin"), "48bh", nights) == at("2026-10-25T23:00", "Europe/Berlin")


def test_hours_in_the_skipped_hour_are_not_counted_twice():
    week = ((),) * 6 + (((120, 165), (180, 300)),)  # Sunday 02:00-02:45 and 03:00-05:00
    sundays = Calendar(zone="Europe/Berlin", week=week)
    # On 2026-03-29 what is before 03:00 does not exist: 120 minutes are left of 165.
    day = start_of_day(date(2026, 3, 29), sundays), start_of_day(date(2026, 3, 30), sundays)
    assert worked_between(*day, sundays) == timedelta(minutes=120)
    week = ((),) * 6 + (((150, 165),),)  # Sunday 02:30-02:45 moves forward by the gap, to 03:30-03:45
    assert due(at("2026-03-28T10:00"), "1bd", Calendar(zone="Europe/Berlin", week=week)) == at("2026-03-29T01:45")


def test_a_span_that_the_gap_turns_around_counts_nothing():
    week = ((),) * 6 + (((150, 195),),)  # Sunday 02:30-03:15: 02:30 becomes 03:30, which is after 03:15
    sundays = Calendar(zone="Europe/Berlin", week=week)
    assert due(at("2026-03-28T10:00"), "1bd", sundays) == at("2026-04-05T03:15", "Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-03-28T10:00", "1d", "2026-03-29T10:00"),  # the same wall-clock time: 23 h later
        ("2026-10-24T10:00", "1d", "2026-10-25T10:00"),  # 25 h later
        ("2026-03-28T02:30", "1d", "2026-03-29T03:30"),  # 02:30 is skipped: forward by the gap
        ("2026-10-24T02:30", "1d", "2026-10-25T02:30"),  # comes twice: the first
        ("2026-03-28T10:00", "24h", "2026-03-29T11:00"),  # elapsed time
        ("2026-03-03T10:00", "30d", "2026-04-02T10:00"),
        ("2026-03-03T10:00", "90m", "2026-03-03T11:30"),
    ],
)
def test_days_keep_the_wall_clock_and_hours_are_elapsed_time(start, duration, expected):
    assert due(at(start, "Europe/Berlin"), duration, BERLIN) == at(expected, "Europe/Berlin")


def test_results_are_in_utc_whatever_the_zone_of_the_start():
    start = datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("Asia/Kolkata"))
    for unit in ("bd", "bh", "d", "h", "m"):
        assert add(start, Duration(1, unit), BERLIN).tzinfo is UTC


def test_a_start_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no zone"):
        add(datetime.fromisoformat("2026-03-03T10:00"), Duration(1, "bd"), ORGANISATION)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-03-03T10:00", "2026-03-03T23:00", 0),
        ("2026-03-03T10:00", "2026-03-04T00:00", 1),
        ("2026-03-03T10:00", "2026-03-04T17:00", 1),
        ("2026-03-06T10:00", "2026-03-08T10:00", 0),  # a weekend adds nothing
        ("2026-03-06T10:00", "2026-03-09T10:00", 1),
        ("2026-03-03T10:00", "2026-03-17T09:00", 10),
        ("2026-03-17T09:00", "2026-03-03T10:00", -10),
        ("2025-12-31T10:00", "2027-01-01T10:00", 262),  # 2026 has 261 weekdays, and Friday 1 January
    ],
)
def test_business_days_between_counts_the_working_days_after_the_start(start, end, days):
    assert business_days_between(at(start), at(end), ORGANISATION) == days


def test_worked_between_adds_up_what_lies_in_hours():
    assert worked_between(at("2026-03-03T10:00"), at("2026-03-04T17:00"), ORGANISATION) == timedelta(hours=15)
    assert worked_between(at("2026-12-31T16:00"), at("2027-01-01T10:00"), ORGANISATION) == timedelta(hours=2)
    assert worked_between(at("2026-03-04T17:00"), at("2026-03-03T10:00"), ORGANISATION) == timedelta()


@pytest.mark.parametrize(
    ("fraction", "working", "expected"),
    [
        (0.75, True, "2026-03-04T13:15"),  # 7 + 8 = 15 h; 11.25 h: 7 on Tuesday, 4.25 on Wednesday
        (0.0, True, "2026-03-03T10:00"),
        (1.0, True, "2026-03-04T17:00"),
        (0.5, False, "2026-03-04T01:30"),  # 31 h; 15.5 h after 10:00
    ],
)
def test_a_part_of_the_time_is_found(fraction, working, expected):
    start, end = at("2026-03-03T10:00"), at("2026-03-04T17:00")
    assert part_of(start, end, fraction, ORGANISATION, working=working) == at(expected)


def test_a_part_of_a_time_without_working_time_is_one_of_elapsed_time():
    assert part_of(at("2026-03-07T10:00"), at("2026-03-07T14:00"), 0.5, ORGANISATION, working=True) == at(
        "2026-03-07T12:00"
    )


def test_a_part_of_no_time_is_the_due_time():
    late = at("2026-03-04T10:00")
    assert part_of(late, at("2026-03-03T10:00"), 0.75, ORGANISATION, working=True) == at("2026-03-03T10:00")
    assert part_of(late, late, 0.75, ORGANISATION, working=True) == late


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_part_is_between_nothing_and_all(fraction):
    with pytest.raises(ValueError, match="between 0 and 1"):
        part_of(at("2026-03-03T10:00"), at("2026-03-04T10:00"), fraction, ORGANISATION, working=True)


def test_the_next_opening_is_now_during_hours_and_the_next_morning_after_them():
    assert next_opening(at("2026-03-03T10:00"), ORGANISATION) == at("2026-03-03T10:00")
    assert next_opening(at("2026-03-03T17:00"), ORGANISATION) == at("2026-03-04T09:00")
    assert next_opening(at("2026-03-06T18:00"), ORGANISATION) == at("2026-03-09T09:00")
    assert next_opening(at("2026-12-31T18:00"), ORGANISATION) == at("2027-01-01T09:00")


def test_the_next_morning_is_on_a_working_day():
    half_past_eight = 8 * 60 + 30
    assert next_morning(at("2026-03-03T08:00"), half_past_eight, ORGANISATION) == at("2026-03-03T08:30")
    assert next_morning(at("2026-03-03T08:30"), half_past_eight, ORGANISATION) == at("2026-03-04T08:30")
    assert next_morning(at("2026-03-06T12:00"), half_past_eight, ORGANISATION) == at("2026-03-09T08:30")
    assert next_morning(at("2026-03-03T15:00"), 18 * 60, ORGANISATION) == at("2026-03-03T18:00")
    assert next_morning(at("2026-12-31T12:00"), half_past_eight, ORGANISATION) == at("2027-01-01T08:30")
    with pytest.raises(ValueError, match="minutes of the day"):
        next_morning(at("2026-03-03T08:00"), 1440, ORGANISATION)


def test_a_whole_working_day_lies_between_its_opening_and_its_closing():
    assert has_whole_working_day(at("2026-03-03T09:00"), at("2026-03-03T17:00"), ORGANISATION)
    assert not has_whole_working_day(at("2026-03-03T09:01"), at("2026-03-04T16:59"), ORGANISATION)
    assert not has_whole_working_day(at("2026-03-07T00:00"), at("2026-03-09T00:00"), ORGANISATION)
    assert has_whole_working_day(at("2026-12-31T12:00"), at("2027-01-02T00:00"), ORGANISATION)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused


def test_a_week_in_which_nobody_works_is_refused():
    with pytest.raises(ValueError, match="no deadline could ever fall due"):
        Calendar(week=((),) * 7)
    with pytest.raises(ValueError, match="no deadline could ever fall due"):
        parse_week({"mon": []})


def test_holidays_without_end_end_the_search_with_a_clear_error():
    first = date(2026, 1, 1)
    mondays = Calendar(
        week=(((540, 600),), (), (), (), (), (), ()),
        holidays=frozenset(first + timedelta(days=day) for day in range(62 * 366)),
    )
    for duration in ("1bd", "1bh"):
        with pytest.raises(NoWorkingTime, match=r"too little working time in zone UTC .* take holidays out"):
            due(at("2026-03-03T10:00"), duration, mondays)
    for question in (next_opening, lambda start, calendar: next_morning(start, 510, calendar)):
        with pytest.raises(NoWorkingTime):
            question(at("2026-03-03T10:00"), mondays)
    with pytest.raises(NoWorkingTime):
        has_whole_working_day(at("2026-03-03T10:00"), at("2026-03-04T10:00"), mondays)


def test_a_long_closure_is_only_skipped():
    first = date(2026, 3, 4)
    closed = Calendar(holidays=frozenset(first + timedelta(days=day) for day in range(1000)))  # until 2028-11-27
    assert due(at("2026-03-03T10:00"), "1bd", closed) == at("2028-11-28T17:00")


@pytest.mark.parametrize("year", [1, 9999])
def test_the_edges_of_time_are_refused_and_do_not_crash(year):
    with pytest.raises(NoWorkingTime, match="outside the calendar"):
        add(datetime(year, 6, 1, tzinfo=UTC), Duration(1, "bd"), ORGANISATION)


def test_an_unknown_zone_or_country_is_refused_when_the_calendar_is_made():
    with pytest.raises(ValueError, match='time zone "Mars/Olympus" is unknown; use a name of the IANA database'):
        Calendar(zone="Mars/Olympus")
    for country in ("XX", "DE-ZZ", "Germany land"):
        with pytest.raises(ValueError, match="is unknown; use an ISO 3166 code"):
            Calendar(country=country)


@pytest.mark.parametrize("zone", ["", "../etc/passwd", "Europe", "a\0b"])
def test_a_zone_is_a_name_and_no_path(zone):
    with pytest.raises(ValueError, match="is unknown"):
        Calendar(zone=zone)


def test_a_year_that_the_known_holidays_do_not_reach_is_no_reason_to_warn():
    assert date(2026, 1, 26) in public_holidays("IN", 2026)
    assert date(2099, 8, 15) in public_holidays("IN", 2099)
    assert public_holidays("IN", 2) == frozenset()


@pytest.mark.parametrize(
    ("span", "remedy"),
    [
        ("22:00-06:00", 'split it over two days: "22:00-24:00" and, on the next day, "00:00-06:00"'),
        ("9-17", "write two times of the day as 09:00-17:00"),
        ("9:00-17:00", "write two times of the day as 09:00-17:00"),
        ("09:00-24:30", "end it at 24:00"),
        ("09:00-09:00", "leave the span out"),
        (900, "write two times of the day as 09:00-17:00"),
    ],
)
def test_a_span_that_is_none_is_refused_with_the_remedy(span, remedy):
    with pytest.raises(ValueError, match=re.escape(remedy)):
        parse_span(span)


def test_spans_that_overlap_are_refused():
    with pytest.raises(ValueError, match="tue: 11:00-13:00 begins before 09:00-12:00 ends; join them into one"):
        parse_week({"tue": ["11:00-13:00", "09:00-12:00"]})


def test_a_week_is_read_from_the_days_that_are_named():
    assert parse_week({"mon": "09:00-17:00", "sat": []})[0] == ((540, 1020),)
    assert parse_week({day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}) == NINE_TO_FIVE
    assert parse_week({"sun": ["13:00-17:00", "08:00-12:00"], "mon": None})[6] == ((480, 720), (780, 1020))
    with pytest.raises(ValueError, match='"monday" is no weekday'):
        parse_week({"monday": "09:00-17:00"})
    with pytest.raises(ValueError, match="mon: "):
        parse_week({"mon": "noon"})


@pytest.mark.parametrize("week", [((),), (((0, 1441),),) * 7, (((60, 60),),) * 7, (((60, 30),),) * 7])
def test_a_week_out_of_shape_is_refused(week):
    with pytest.raises(ValueError, match=r"week of 1 days|minutes of the day"):
        Calendar(week=week)


def test_calendars_are_values():
    assert Calendar(name="a", zone="UTC") == Calendar(name="a", zone="UTC")
    assert {Calendar(), Calendar()} == {Calendar()}
    assert Calendar(name="a") != Calendar(name="b")
    assert Calendar(name="a").table is Calendar(name="b").table  # what differs by name only shares its tables


# Counted backward from Tue 03-10 10:00: Mon 03-09, Fri 03-06, … each at its close of work.
@pytest.mark.parametrize(
    ("end", "duration", "calendar", "expected"),
    [
        ("2026-03-10T10:00", "1bd", ORGANISATION, "2026-03-09T17:00"),
        ("2026-03-10T10:00", "2bd", ORGANISATION, "2026-03-06T17:00"),
        ("2026-03-08T10:00", "1bd", ORGANISATION, "2026-03-06T17:00"),
        ("2026-07-01T00:00", "120d", ORGANISATION, "2026-03-03T00:00"),
        ("2026-03-10T10:00", "36h", ORGANISATION, "2026-03-08T22:00"),
        ("2026-03-10T10:00", "1bh", ORGANISATION, "2026-03-10T09:00"),
        ("2026-03-09T10:00", "2bh", ORGANISATION, "2026-03-06T16:00"),
        ("2026-03-08T10:00", "8bh", ORGANISATION, "2026-03-06T09:00"),
        ("2026-03-09T09:10", "15bm", ORGANISATION, "2026-03-06T16:55"),
    ],
)
def test_a_time_so_long_before_another_is_the_close_of_work_where_days_of_work_are_counted(
    end, duration, calendar, expected
):
    assert before(at(end), parse_duration(duration), calendar) == at(expected)


def test_a_day_before_is_the_same_hour_on_the_wall_across_a_change_of_the_clock():
    end = at("2026-03-29T12:00", "Europe/Berlin")

    assert before(end, parse_duration("1d"), BERLIN) == at("2026-03-28T12:00", "Europe/Berlin")


@pytest.mark.parametrize(("day", "works"), [("2026-01-01", True), ("2026-03-06", True), ("2026-03-07", False)])
def test_a_local_day_is_one_of_work_when_somebody_works_on_it(day, works):
    assert ORGANISATION.table.is_working_day(date.fromisoformat(day)) is works
