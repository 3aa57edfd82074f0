"""Who somebody of ours is: persons, teams and absences, read from the organisation's file or from `people.*` events.

The organisation's file and the events say the same in the same words, so one reader serves both: what it is given it
takes over, what is not given stays, and an explicit null clears. Every refusal names the path of the value, the rule
and the remedy, so that the caller can put a file and a line, or an event, in front of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from events.envelope import Event
from workflows.working_hours import Week, parse_week, zone_named
from workflows.working_time import Calendar, start_of_day
from workflows.working_year import instant_of, public_holidays

_T = TypeVar("_T")

ABSENCES_KEPT = 32
"""Absences remembered per person; the oldest go first, and nothing decides on an absence of years ago."""

LONGEST_ID = 200
"""A bound for ids, names and codes, far above any real one."""


HOURS_OF_WEEK = 168

_YEARS = (1970, 2999)
"""The years in which an absence may begin and end, so that no slip of the pen leads out of the calendar."""


class DirectoryError(ValueError):
    """A value about people, teams or roles that cannot be used: `path` says which, `reason` the rule and the remedy."""

    def __init__(self, path: str, reason: str) -> None:
        """Keep both parts, so that a caller can look up the line of the path in a file."""
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Away:
    """A time in which a person is not there. `end` is exclusive, and absent for one without a known return."""

    start: datetime
    end: datetime | None = None
    delegate: str | None = None
    """Who has the work meanwhile; absent means the person's standing delegate."""
    left: bool = False
    """Whether the person left the company, rather than being away."""

    def covers(self, at: datetime) -> bool:
        """Tell whether the person is not there at an instant."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Person:
    """One of ours. Fields of working time that are absent are those of the team, else of the organisation (R6)."""

    id: str
    name: str | None = None
    email: str | None = None
    """In lower case."""
    team: str | None = None
    manager: str | None = None
    delegate: str | None = None
    """Who stands in during an absence that names nobody."""
    roles: tuple[str, ...] = ()
    """Roles held for the whole company, such as `cco`; roles on an account are the account's."""
    time_zone: str | None = None
    country: str | None = None
    hours: Week | None = None
    holidays: frozenset[date] = frozenset()
    """Days off beside those of the team and the organisation."""
    away: tuple[Away, ...] = ()
    """In the order in which they became known; where two overlap, the later word counts."""
    hours_per_week: float | None = None
    """How many of the working hours are for work with customers; all of them where it is not said (W20)."""
    skills: tuple[str, ...] = ()
    is_over: bool = False
    """Whether more is due than she has time for, when it was measured last (W20)."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team, its head, the queue where its work waits without a holder, and its own working time where it has one."""

    id: str
    name: str | None = None
    head: str | None = None
    queue: str | None = None
    time_zone: str | None = None
    country: str | None = None
    hours: Week | None = None
    holidays: frozenset[date] = frozenset()


def calendar_over(base: Calendar, name: str, own: Person | Team) -> Calendar:
    """Lay a person's or a team's own working time over a calendar; without any of its own, it is the base itself."""
    if own.time_zone is None and own.country is None and own.hours is None and not own.holidays:
        return base
    return Calendar(
        name=name,
        zone=own.time_zone or base.zone,
        week=own.hours or base.week,
        country=own.country or base.country,
        holidays=base.holidays | own.holidays,
    )


# ---------------------------------------------------------------------------------------------------------------------
# Reading plain data


def read_text(value: object, path: str) -> str:
    """Read a non-empty text of bounded length."""
    if not isinstance(value, str) or not value.strip():
        raise DirectoryError(
            path, f"{value!r} is no text; write a name or an id, in quotes where it looks like a number"
        )
    if len(value) > LONGEST_ID:
        raise DirectoryError(path, f"a text of {len(value)} characters; at most {LONGEST_ID} are allowed")
    return value


def read_texts(value: object, path: str) -> tuple[str, ...]:
    """Read one text or a list of them, without duplicates and in the order given."""
    if isinstance(value, str):
        return (read_text(value, path),)
    if not isinstance(value, Sequence):
        raise DirectoryError(path, f"{value!r} is no list of names; write them as [one, two]")
    return tuple(dict.fromkeys(read_text(item, f"{path}.{index}") for index, item in enumerate(value)))


def read_zone(value: object, path: str) -> str:
    """Read the name of a time zone."""
    return _checked(lambda: zone_named(read_text(value, path)).key, path)


def read_country(value: object, path: str) -> str:
    """Read the code of a country, or of a part of one, whose public holidays are known."""
    country = read_text(value, path)
    _checked(lambda: public_holidays(country, 2026), path)
    return country


def read_week(value: object, path: str) -> Week:
    """Read the working hours of a week."""
    if not isinstance(value, Mapping):
        raise DirectoryError(path, f'{value!r} is no week of hours; write them as {{mon: ["09:00-17:00"], …}}')
    return _checked(lambda: parse_week(value), path)


def read_dates(value: object, path: str) -> frozenset[date]:
    """Read a list of dates."""
    if not isinstance(value, Sequence | frozenset | set) or isinstance(value, str):
        raise DirectoryError(path, f"{value!r} is no list of dates; write them as [2026-12-24, 2026-12-31]")
    return frozenset(_read_date(item, f"{path}.{index}") for index, item in enumerate(value))


def _read_date(value: object, path: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(read_text(value, path))
    except ValueError as error:
        raise DirectoryError(path, f"{value!r} is no date; write it as 2026-12-24") from error


def _checked(read: Callable[[], _T], path: str) -> _T:
    try:
        return read()
    except DirectoryError:
        raise
    except ValueError as error:
        raise DirectoryError(path, str(error)) from error


def _read_email(value: object, path: str) -> str:
    return read_text(value, path).lower()


_OF_ANY: dict[str, Callable[[object, str], object]] = {
    "name": read_text,
    "time_zone": read_zone,
    "country": read_country,
    "hours": read_week,
    "holidays": read_dates,
}
_OF_A_PERSON = _OF_ANY | {
    "email": _read_email,
    "team": read_text,
    "manager": read_text,
    "delegate": read_text,
    "roles": read_texts,
}
_OF_A_TEAM = _OF_ANY | {"head": read_text, "queue": read_text}
_WHEN_CLEARED: dict[str, object] = {"roles": (), "holidays": frozenset()}


def _read_fields(
    plain: Mapping[str, object], readers: Mapping[str, Callable[[object, str], object]], path: str
) -> dict[str, object]:
    prefix = f"{path}." if path else ""
    return {
        name: _WHEN_CLEARED.get(name) if plain[name] is None else read(plain[name], f"{prefix}{name}")
        for name, read in readers.items()
        if name in plain
    }


def person_from(person: Person, plain: Mapping[str, object], *, path: str) -> Person:
    """Take over what is given about a person; fields that are not given stay, unknown ones are left alone.

    Raises DirectoryError with the path of the value, which starts with `path`.
    """
    return replace(person, **_read_fields(plain, _OF_A_PERSON, path))  # type: ignore[arg-type]  # read by its name


def team_from(team: Team, plain: Mapping[str, object], *, path: str) -> Team:
    """Take over what is given about a team, as `person_from` does about a person."""
    return replace(team, **_read_fields(plain, _OF_A_TEAM, path))  # type: ignore[arg-type]  # read by its name


# ---------------------------------------------------------------------------------------------------------------------
# Events


def person_of(event: Event) -> str:
    """Say whom a `people.*` event is about: `data.person` where it is given, else the subject."""
    person = event.data.get("person")
    return read_text(event.subject, "subject") if person is None else read_text(person, "data.person")


def person_after(person: Person, event: Event, calendar: Calendar) -> Person:
    """Apply a `people.*` event to the person that it is about; `calendar` gives dates their place in time.

    Of an absence, `from` and `to` are dates, the last one included, or times. Raises DirectoryError for a value that
    cannot be used; an event of another type changes nothing.
    """
    change = _CHANGES.get(event.type)
    return person if change is None else change(person, event, calendar)


def absence_told_by(event: Event, calendar: Calendar) -> Away:
    """Read the absence that an event tells of; raises DirectoryError for times that cannot be used."""
    return _read_absence(event, calendar, left=event.type == "people.user.left")


def _registered(person: Person, event: Event, _calendar: Calendar) -> Person:
    return person_from(person, event.data, path="data")


def _went_away(person: Person, event: Event, calendar: Calendar) -> Person:
    return _with_absence(person, _read_absence(event, calendar, left=False))


def _left(person: Person, event: Event, calendar: Calendar) -> Person:
    return _with_absence(person, replace(_read_absence(event, calendar, left=True), end=None))


def _returned(person: Person, event: Event, _calendar: Calendar) -> Person:
    # The time of the event counts: `from` and `to`, where a source repeats them, are those of the absence.
    at = event.time
    return replace(person, away=tuple(replace(away, end=at) if away.covers(at) else away for away in person.away))


def _capacity_set(person: Person, event: Event, _calendar: Calendar) -> Person:
    hours, skills = event.data.get("hours_per_week"), event.data.get("skills")
    if hours is not None:
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 <= hours <= HOURS_OF_WEEK:
            raise DirectoryError("data.hours_per_week", f"{hours!r} is no number of hours; a week has {HOURS_OF_WEEK}")
        person = replace(person, hours_per_week=float(hours))
    return person if skills is None else replace(person, skills=read_texts(skills, "data.skills"))


def _load_set(person: Person, event: Event, _calendar: Calendar) -> Person:
    return replace(person, is_over=event.data.get("is_over") is True)


def _with_absence(person: Person, absence: Away) -> Person:
    others = [away for away in person.away if away.start != absence.start]
    return replace(person, away=(*others, absence)[-ABSENCES_KEPT:])


def _read_absence(event: Event, calendar: Calendar, *, left: bool) -> Away:
    data = event.data
    since, until, delegate = data.get("from"), data.get("to"), data.get("delegate")
    start = event.time if since is None else _read_instant(since, "data.from", calendar, is_end=False)
    end = None if until is None else _read_instant(until, "data.to", calendar, is_end=True)
    if end is not None and end <= start:
        raise DirectoryError("data.to", f"{until!r} is not after the start, {start.isoformat()}; an absence ends later")
    return Away(start, end, None if delegate is None else read_text(delegate, "data.delegate"), left)


def _read_instant(value: object, path: str, calendar: Calendar, *, is_end: bool) -> datetime:
    text = read_text(value, path)
    try:
        if len(text) == len("2026-03-04"):
            day = date.fromisoformat(text)
            instant = start_of_day(day + timedelta(days=1) if is_end else day, calendar)
        else:
            written = datetime.fromisoformat(text)
            instant = instant_of(written, calendar.table.zone) if written.tzinfo is None else written.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DirectoryError(path, f"{text!r} is no date or time; write 2026-03-04 or 2026-03-04T09:00:00Z") from error
    if not _YEARS[0] <= instant.year <= _YEARS[1]:
        raise DirectoryError(path, f"{text!r} is out of bounds; an absence lies between the years 1970 and 2999")
    return instant


_CHANGES: dict[str, Callable[[Person, Event, Calendar], Person]] = {
    "people.person.registered": _registered,
    "people.user.away_set": _went_away,
    "people.user.returned": _returned,
    "people.user.left": _left,
    "people.capacity.set": _capacity_set,
    "people.load.set": _load_set,
}

AWAY_SET = "people.user.away_set"

OF_HOLDERS = frozenset({"people.user.left", AWAY_SET})
"""Those of them that concern every account at which the person has a part, too: a role, or something open (W21)."""

DIRECTORY_EVENTS = frozenset(_CHANGES)
"""The types of event that change the directory."""
