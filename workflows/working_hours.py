"""Which hours of which weekdays are worked: a week as numbers, read from `{"mon": ["09:00-12:00", "13:00-17:00"]}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""From and to, in minutes of the local day; the end may be 1440, the end of the day."""
Week = tuple[tuple[Span, ...], ...]
"""Seven days from Monday on, each with its spans in order; a day without spans is not worked."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_DAY = 24 * 60
NINE_TO_FIVE: Week = (((9 * 60, 17 * 60),),) * 5 + ((),) * 2
"""Monday to Friday, 09:00 to 17:00: the default of rule R6."""

_SPAN = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


def parse_span(span: object) -> Span:
    """Read `09:00-17:00` as minutes of the day.

    Raises ValueError when the text has another form, when the span is empty, or when it runs over midnight: a shift
    over midnight belongs to two working days, and which of the two a deadline falls on must be said, not guessed.
    """
    text = span if isinstance(span, str) else repr(span)
    written = _SPAN.fullmatch(text)
    if written is None:
        raise ValueError(f'"{text}" is no span of hours; write two times of the day as 09:00-17:00')
    hour, minute, end_hour, end_minute = (int(part) for part in written.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(start, end) > MINUTES_OF_DAY:
        raise ValueError(f'"{text}" runs past 24:00, the end of the day; end it at 24:00')
    if end < start:
        raise ValueError(
            f'"{text}" runs over midnight, and a working day ends at midnight; '
            f'split it over two days: "{text[:6]}24:00" and, on the next day, "00:00-{text[6:]}"'
        )
    if start == end:
        raise ValueError(f'"{text}" is no time at all; leave the span out')
    return start, end


def check_week(week: Week) -> None:
    """Raise ValueError unless the week has seven days, spans in order that do not overlap, and some working time."""
    if len(week) != len(WEEKDAYS):
        raise ValueError(f"a week of {len(week)} days; it has seven, from Monday to Sunday")
    for day, spans in zip(WEEKDAYS, week, strict=True):
        if any(not 0 <= start < end <= MINUTES_OF_DAY for start, end in spans):
            raise ValueError(
                f"{day}: a span outside the day or without length in {spans}; minutes of the day run from 0 to 1440"
            )
        for first, second in pairwise(spans):
            if first[1] > second[0]:
                raise ValueError(f"{day}: {_written(second)} begins before {_written(first)} ends; join them into one")
    if not any(week):
        raise ValueError(
            "a week without working time, in which no deadline could ever fall due; give at least one day hours"
        )


def _written(span: Span) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)


def parse_week(hours: Mapping[str, object]) -> Week:
    """Read a week from `mon` … `sun`, each with one span or a list of them; a day that is not named is not worked.

    Raises ValueError with the day in front of the reason.
    """
    unknown = [day for day in hours if day not in WEEKDAYS]
    if unknown:
        raise ValueError(f'"{unknown[0]}" is no weekday; they are {", ".join(WEEKDAYS)}')
    week = tuple(_parse_day(day, hours.get(day)) for day in WEEKDAYS)
    check_week(week)
    return week


def _parse_day(day: str, spans: object) -> tuple[Span, ...]:
    if spans is None:
        return ()
    listed = spans if isinstance(spans, Sequence) and not isinstance(spans, str) else [spans]
    try:
        return tuple(sorted(parse_span(span) for span in listed))
    except ValueError as error:
        raise ValueError(f"{day}: {error}") from error


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """Find a time zone by its IANA name such as `Europe/Berlin`. Raises ValueError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f'time zone "{name}" is unknown; use a name of the IANA database such as Europe/Berlin or UTC'
        ) from error
