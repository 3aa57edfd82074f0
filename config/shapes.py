"""Which ways of writing are welcome in the organisation's file, and the one shape that each of them becomes.

People write this file by hand: entries as a mapping by id or as a list, one span of hours or several, `mon-fri` for
five days, a single name where a list may stand. Each function here takes what the file says and returns the one shape,
or raises ValueError with the value, the rule and the remedy; `config.organisation` puts file, line and path in front.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

QUEUE = "queue:"
"""What marks a queue in a fallback chain."""

OTHER_NAMES = {"timezone": "time_zone", "working_hours": "hours"}
"""Keys that people write as well, and what they are called here."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ShapeError(ValueError):
    """A way of writing that is not understood; `at` is where, below the value that was looked at."""

    def __init__(self, reason: str, *at: str) -> None:
        super().__init__(reason)
        self.at = at


_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(?:[01][0-9]|2[0-4]):[0-5][0-9]-(?:[01][0-9]|2[0-4]):[0-5][0-9]", re.ASCII)
_DURATION = re.compile(r"[1-9][0-9]{0,8}(bd|bh|d|h|m)", re.ASCII)


def check_zone(name: str) -> str:
    """Accept the name of a time zone that is known here."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ShapeError(
            f'time zone "{name}" is unknown; use a name of the IANA database such as Europe/Berlin or UTC'
        ) from error
    return name


def read_duration(text: object) -> object:
    """Accept a duration with a unit; a bare number is refused, because its unit would be a guess (rule R6)."""
    if isinstance(text, str) and _DURATION.fullmatch(text):
        return text
    if isinstance(text, int | float):
        raise ShapeError(f"{text} is a bare number; a duration needs a unit, write it as 3bd, 4bh, 30d, 72h or 10m")
    raise ShapeError(f'"{text}" is no duration; write it as 3bd, 4bh, 30d, 72h or 10m')


def check_calendar_duration(text: str) -> str:
    """Accept a duration by the clock, where working time makes no sense."""
    if text.endswith(("bd", "bh")):
        raise ShapeError(f"{text} is working time; here the clock counts day and night, write it as 30d, 72h or 10m")
    return text


def read_texts(value: object) -> object:
    """Take one name for a list of one, and nothing for an empty list."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise ShapeError(f"{value!r} is no list of names; write one name, or several as [one, two]")
    return value


def read_date(value: object) -> object:
    """Accept a date as text; a number is none."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise ShapeError(f'"{value}" is no date; write it as 2026-12-24') from error


def read_week(value: object) -> object:
    """Bring hours into the shape of seven days; a day named alone counts more than a range that covers it."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ShapeError(f'{value!r} is no week of hours; write them as {{mon-fri: "09:00-17:00"}}')
    ranges: dict[str, tuple[str, ...]] = {}
    single: dict[str, tuple[str, ...]] = {}
    for key, spans in value.items():
        named = _days(str(key))
        into = single if len(named) == 1 else ranges
        for day in named:
            if day in into:
                raise ShapeError(f'"{key}" names {day}, which is given already; keep one of the two', str(key))
            into[day] = _spans(str(key), spans)
    week = {day: single.get(day, ranges.get(day, ())) for day in WEEKDAYS}
    if not any(week.values()):
        raise ShapeError("nobody works in this week, so no deadline could ever fall due; give at least one day hours")
    return week


def _days(key: str) -> tuple[str, ...]:
    """Read `mon`, `monday` or `mon-fri` as the days that it names."""
    first, _, last = key.lower().partition("-")
    known = WEEKDAYS + _FULL_NAMES
    if first not in known or (last or first) not in known:
        raise ShapeError(f'"{key}" is no weekday; write {", ".join(WEEKDAYS)} or a range such as mon-fri', key)
    start, end = known.index(first) % len(WEEKDAYS), known.index(last or first) % len(WEEKDAYS)
    if end < start:
        raise ShapeError(f'the days "{key}" run backwards; a week goes from mon to sun, so write two entries', key)
    return WEEKDAYS[start : end + 1]


def _spans(key: str, value: object) -> tuple[str, ...]:
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise ShapeError(f'{value!r} are no hours; write "09:00-17:00" or a list of such spans, [] for a day off', key)
    for span in listed:
        if not isinstance(span, str) or not _SPAN.fullmatch(span):
            raise ShapeError(f'"{span}" is no span of hours; write two times of the day as 09:00-17:00', key)
        if span[6:] <= span[:5]:
            raise ShapeError(
                f'"{span}" does not end later than it starts, and a working day ends at midnight; split a shift over '
                f'midnight over two days: "{span[:6]}24:00" and, on the next day, "00:00-{span[6:]}"',
                key,
            )
    return tuple(listed)


def by_name(*keys: str) -> Callable[[object], object]:
    """Return what turns a list of entries into a mapping, named by the first of the keys that each entry has."""

    def read(value: object) -> object:
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return {name: {} if fields is None else fields for name, fields in value.items()}
        if not isinstance(value, list):
            raise ShapeError(f"{value!r} is neither a list of entries nor a mapping of them; write one entry a line")
        entries: dict[str, object] = {}
        for index, item in enumerate(value):
            name, fields = _entry(item, keys)
            if name is None:
                raise ShapeError(f'this entry has no "{keys[0]}"; every entry of a list names itself', str(index))
            if name in entries:
                raise ShapeError(f'"{name}" is given twice; keep one of the two', str(index))
            entries[name] = fields
        return entries

    return read


def _entry(item: object, keys: tuple[str, ...]) -> tuple[str | None, object]:
    if isinstance(item, str):
        return item, {}
    if isinstance(item, Mapping):
        for key in keys:
            if item.get(key) is not None:
                return str(item[key]), {other: value for other, value in item.items() if other != key}
    return None, item


def check_chain(role: str, chain: tuple[str, ...]) -> None:
    """Refuse a fallback chain that asks the role itself again, or goes on behind a queue."""
    if role in chain:
        raise ShapeError(f'the chain of "{role}" names "{role}" itself, which is asked first; leave it out', role)
    if any(name.startswith(QUEUE) for name in chain[:-1]):
        raise ShapeError("a queue always takes the work, so nothing after it is reached; put the queue last", role)


def renamed(value: Mapping[str, object]) -> dict[str, object]:
    """Give every key the name that it has here, such as `time_zone` for `timezone`."""
    named: dict[str, object] = {}
    for key, part in value.items():
        name = OTHER_NAMES.get(key, key)
        if name in named:
            other = next(written for written, meant in OTHER_NAMES.items() if meant == name)
            raise ShapeError(f'"{other}" and "{name}" mean the same, and both are given; keep one of the two', name)
        named[name] = part
    return named
