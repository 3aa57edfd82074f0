"""Who is who at a moment: people, teams, company-wide roles, calendars and sources, as one value and over time.

A `Directory` never changes; an event about a person gives another one (decision D1: it is versioned like the catalogue
of definitions). `DirectoryTimeline` keeps the versions in the order of arrival, so that an entry which is folded again
sees the directory that was in force when it arrived. Both are rebuilt from the file and the `people.*` events.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from events.envelope import Event
from workflows.language.durations import Duration, parse_duration
from workflows.people import (
    DIRECTORY_EVENTS,
    Away,
    DirectoryError,
    Person,
    Team,
    calendar_over,
    person_after,
    person_from,
    person_of,
    read_country,
    read_dates,
    read_text,
    read_texts,
    read_week,
    read_zone,
    team_from,
)
from workflows.working_hours import NINE_TO_FIVE
from workflows.working_time import Calendar, has_whole_working_day

MOST_DELEGATES = 5
"""How often a stand-in may be away too before the search goes on elsewhere; a cycle ends sooner."""

VERSIONS_KEPT = 64
"""Versions of the directory kept in memory; others are built again from the changes when a late event asks for one."""

_NO_PEOPLE: Mapping[str, Person] = MappingProxyType({})
_NO_TEAMS: Mapping[str, Team] = MappingProxyType({})
_NO_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Source:
    """A declared source of events: its absence is noticed, so that a missing event proves something (rule R7)."""

    name: str
    produces: tuple[str, ...]
    """Types (`cs.kickoff.held`) and groups of types (`cs.*`, or `*` for all) that only arrive when it works."""
    every: timedelta
    """How often it is heard from when it works."""

    def can_produce(self, event_type: str) -> bool:
        """Tell whether an event of that type may come from this source."""
        return any(
            pattern == event_type or (pattern.endswith("*") and event_type.startswith(pattern[:-1]))
            for pattern in self.produces
        )


@dataclass(frozen=True)
class Directory:
    """People, teams, company-wide roles and the organisation's defaults at one moment; an immutable value."""

    default_calendar: Calendar = field(default_factory=Calendar)
    people: Mapping[str, Person] = field(default_factory=lambda: _NO_PEOPLE, hash=False)
    teams: Mapping[str, Team] = field(default_factory=lambda: _NO_TEAMS, hash=False)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_NAMES, hash=False)
    """Company-wide roles as the organisation's file gives them; people may hold further ones of their own."""
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_NAMES, hash=False)
    """Fallback chains that differ from `workflows.routing.DEFAULT_FALLBACKS` (rule R9)."""
    sources: tuple[Source, ...] = ()
    allowed_lateness: timedelta = timedelta(hours=72)
    """How late an event may arrive and still change what was decided (rule R4)."""
    proof_wait: Duration = field(default_factory=lambda: Duration(4, "bh"))
    """How long an absence waits for a silent source before it is stated unconfirmed (rule R7)."""
    notices_per_day: int = 5
    """The budget of a person per working day (rule R14)."""
    _calendars: dict[tuple[str, str], Calendar] = field(default_factory=dict, init=False, repr=False, compare=False)
    _sources_of: dict[str, tuple[Source, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    # -- calendars -----------------------------------------------------------------------------------------------------

    def calendar_of(self, person: str | None) -> Calendar:
        """Return the person's own calendar if known, else the team's, else the organisation's (rule R6)."""
        if person is None:
            return self.default_calendar
        known = self._calendars.get(("person", person))
        if known is None:
            known = self._calendars["person", person] = self._calendar_of_person(person)
        return known

    def calendar_of_team(self, team: str | None) -> Calendar:
        """Return the team's calendar, which is the organisation's where the team has no working time of its own."""
        own = None if team is None else self.teams.get(team)
        if own is None:
            return self.default_calendar
        known = self._calendars.get(("team", own.id))
        if known is None:
            known = self._calendars["team", own.id] = calendar_over(self.default_calendar, f"team:{own.id}", own)
        return known

    def _calendar_of_person(self, person: str) -> Calendar:
        own = self.people.get(person)
        if own is None:
            return self.default_calendar
        return calendar_over(self.calendar_of_team(own.team), f"person:{person}", own)

    # -- who reports to whom -------------------------------------------------------------------------------------------

    def manager_of(self, person: str) -> str | None:
        """Return the person's manager, else the head of the person's team unless that is the same person."""
        own = self.people.get(person)
        if own is None:
            return None
        manager = own.manager or self.head_of_team(own.team)
        return None if manager == person else manager

    def head_of_team(self, team: str | None) -> str | None:
        """Return who leads a team."""
        known = None if team is None else self.teams.get(team)
        return None if known is None else known.head

    def team_of(self, person: str | None) -> str | None:
        """Return the team that a person belongs to."""
        own = None if person is None else self.people.get(person)
        return None if own is None else own.team

    def queue_of_team(self, team: str) -> str:
        """Return the queue in which a team's work waits without a holder: its own, else `TEAM.unassigned`."""
        known = self.teams.get(team)
        return known.queue if known is not None and known.queue else f"{team}.unassigned"

    def holders_of_role(self, role: str) -> tuple[str, ...]:
        """Return who holds a role for the whole company, in the order of their ids."""
        return self._holders.get(role, ())

    @cached_property
    def _holders(self) -> Mapping[str, tuple[str, ...]]:
        holders: dict[str, set[str]] = {role: set(people) for role, people in self.roles.items()}
        for person in self.people.values():
            for role in person.roles:
                holders.setdefault(role, set()).add(person.id)
        return {role: tuple(sorted(people)) for role, people in holders.items()}

    # -- names ---------------------------------------------------------------------------------------------------------

    def person_by_email(self, email: str) -> Person | None:
        """Find a person by e-mail address, in any case; the first by id where two share one."""
        return self._by_email.get(email.lower())

    @cached_property
    def _by_email(self) -> Mapping[str, Person]:
        ordered = sorted(self.people.values(), key=lambda person: person.id, reverse=True)
        return {person.email: person for person in ordered if person.email is not None}

    def names_of(self, person: str) -> tuple[str, ...]:
        """Return the names under which a person takes part in events: the id, and the e-mail address if known."""
        own = self.people.get(person)
        return (person,) if own is None or own.email is None else (person, own.email)

    # -- absence (rule R10) --------------------------------------------------------------------------------------------

    def absence_of(self, person: str, at: datetime) -> Away | None:
        """Return the absence that takes work from a person at an instant: one of a whole working day or more.

        A shorter one moves no work. Of two that overlap, the one that became known later counts.
        """
        own = self.people.get(person)
        if own is None or not own.away:
            return None
        for away in reversed(own.away):
            if away.covers(at) and (
                away.end is None or has_whole_working_day(away.start, away.end, self.calendar_of(person))
            ):
                return away
        return None

    def is_away(self, person: str, at: datetime) -> bool:
        """Tell whether the person is away at an instant, for at least a whole working day, or has left (rule R10)."""
        return self.absence_of(person, at) is not None

    def delegate_of(self, person: str, at: datetime) -> str | None:
        """Return who stands in for a person that is away at an instant; absent when nobody can or nobody needs to.

        A delegate who is away too is stood in for in turn, at most `MOST_DELEGATES` times and never in a circle.
        """
        seen = {person}
        current = person
        for _ in range(MOST_DELEGATES):
            absence = self.absence_of(current, at)
            if absence is None:
                break
            named = absence.delegate or self.people[current].delegate
            if named is None or named in seen:
                return None
            seen.add(named)
            current = named
        return None if current == person or self.is_away(current, at) else current

    # -- sources -------------------------------------------------------------------------------------------------------

    def sources_for(self, event_type: str) -> tuple[Source, ...]:
        """Return the declared sources that are able to produce an event of that type (rule R7)."""
        known = self._sources_of.get(event_type)
        if known is None:
            known = tuple(source for source in self.sources if source.can_produce(event_type))
            self._sources_of[event_type] = known
        return known

    # -- change --------------------------------------------------------------------------------------------------------

    def with_event(self, event: Event) -> Directory:
        """Return the directory after an event about a person; any other event changes nothing.

        Raises DirectoryError when the event holds a value that cannot be used, such as an unknown time zone.
        """
        return self.with_events((event,))

    def with_events(self, events: Iterable[Event]) -> Directory:
        """Return the directory after several events, in their order, at the price of one copy."""
        people: dict[str, Person] | None = None
        for event in events:
            if event.type not in DIRECTORY_EVENTS:
                continue
            if people is None:
                people = dict(self.people)
            name = person_of(event)
            person = people.get(name) or Person(name)
            team_calendar = self.calendar_of_team(person.team)
            people[name] = person_after(person, event, calendar_over(team_calendar, f"person:{name}", person))
        return self if people is None else replace(self, people=MappingProxyType(people))


class DirectoryTimeline:
    """The directory over time, by the arrival of what changed it.

    It starts with that of the organisation's file. Asking for versions in order costs two comparisons each.
    """

    def __init__(self, base: Directory) -> None:
        """Start from the directory of the organisation's file."""
        self._arrivals: list[datetime] = []
        self._changes: list[Event] = []
        self._versions: dict[int, Directory] = {0: base}
        self._current, self._since, self._until = base, _BEGINNING, _END

    def copied(self) -> DirectoryTimeline:
        """Give the same, to be asked by another thread while this one grows."""
        other = DirectoryTimeline(self._versions[0])
        other._arrivals, other._changes, other._until = self._arrivals[:], self._changes[:], _BEGINNING
        return other

    def record(self, arrived_at: datetime, event: Event) -> bool:
        """Take in an event that arrived at an instant, in any order, and tell whether it changes the directory.

        Those of one instant keep their order. Raises DirectoryError, and records nothing, for a value of no use.
        """
        if event.type not in DIRECTORY_EVENTS:
            return False
        Directory(default_calendar=self._versions[0].default_calendar).with_event(event)
        place = bisect_right(self._arrivals, arrived_at)
        self._arrivals.insert(place, arrived_at)
        self._changes.insert(place, event)
        self._versions = {index: version for index, version in self._versions.items() if index <= place}
        self._since, self._until = _END, _BEGINNING  # an empty interval: the next question chooses anew
        return True

    def at(self, instant: datetime) -> Directory:
        """Return the directory in force at an instant: after every change that arrived up to and including it."""
        if not self._since <= instant < self._until:
            self._choose(bisect_right(self._arrivals, instant))
        return self._current

    @property
    def latest(self) -> Directory:
        """The directory after every change that has arrived."""
        return self.at(_END - timedelta(microseconds=1))

    def _choose(self, index: int) -> None:
        self._current = self._version(index)
        self._since = self._arrivals[index - 1] if index else _BEGINNING
        self._until = self._arrivals[index] if index < len(self._arrivals) else _END

    def _version(self, index: int) -> Directory:
        known = self._versions.get(index)
        if known is None:
            nearest = max(number for number in self._versions if number < index)
            known = self._versions[nearest].with_events(self._changes[nearest:index])
            if len(self._versions) > VERSIONS_KEPT:
                # The first is where every other can be built from; the oldest of the rest goes.
                del self._versions[next(number for number in self._versions if number)]
            self._versions[index] = known
        return known


_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


# ---------------------------------------------------------------------------------------------------------------------
# From the organisation's file


def directory_from(plain: Mapping[str, object]) -> Directory:
    """Build the directory from the organisation's file as plain data, and check what only the core can check.

    Keys, all optional: `time_zone`, `country`, `hours` {mon: ["09:00-17:00"]}, `holidays` [dates], `teams` and `people`
    {id: {…}}, `roles` and `fallbacks` {role: [names]}, `sources` {source: {produces, every}}, `allowed_lateness`,
    `proof_wait`, `budgets` {notices_per_day}. Raises DirectoryError with the path of the first value that is refused.
    """
    budgets = _mapping(plain.get("budgets"), "budgets")
    return Directory(
        default_calendar=_default_calendar(plain),
        people=MappingProxyType(
            {
                name: person_from(Person(name), _mapping(fields, f"people.{name}"), path=f"people.{name}")
                for name, fields in _mapping(plain.get("people"), "people").items()
            }
        ),
        teams=MappingProxyType(
            {
                name: team_from(Team(name), _mapping(fields, f"teams.{name}"), path=f"teams.{name}")
                for name, fields in _mapping(plain.get("teams"), "teams").items()
            }
        ),
        roles=_names(plain, "roles"),
        fallbacks=_names(plain, "fallbacks"),
        sources=tuple(
            _source(name, _mapping(fields, f"sources.{name}"))
            for name, fields in _mapping(plain.get("sources"), "sources").items()
        ),
        allowed_lateness=_elapsed(plain.get("allowed_lateness", "72h"), "allowed_lateness"),
        proof_wait=_duration(plain.get("proof_wait", "4bh"), "proof_wait"),
        notices_per_day=_count(budgets.get("notices_per_day", 5), "budgets.notices_per_day"),
    )


def _default_calendar(plain: Mapping[str, object]) -> Calendar:
    zone, country = plain.get("time_zone"), plain.get("country")
    hours, holidays = plain.get("hours"), plain.get("holidays")
    no_holidays: frozenset[date] = frozenset()
    return Calendar(
        zone="UTC" if zone is None else read_zone(zone, "time_zone"),
        country=None if country is None else read_country(country, "country"),
        week=NINE_TO_FIVE if hours is None else read_week(hours, "hours"),
        holidays=no_holidays if holidays is None else read_dates(holidays, "holidays"),
    )


def _mapping(value: object, path: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DirectoryError(path, f"{value!r} is no mapping; write a name and its fields a line")
    for name in value:
        read_text(name, path)
    return value


def _names(plain: Mapping[str, object], key: str) -> Mapping[str, tuple[str, ...]]:
    named = _mapping(plain.get(key), key)
    return MappingProxyType({name: read_texts(value, f"{key}.{name}") for name, value in named.items()})


def _source(name: str, fields: Mapping[str, object]) -> Source:
    path = f"sources.{name}"
    return Source(
        name=name,
        produces=read_texts(fields.get("produces"), f"{path}.produces"),
        every=_elapsed(fields.get("every"), f"{path}.every"),
    )


def _duration(value: object, path: str) -> Duration:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise DirectoryError(path, str(error)) from error


def _elapsed(value: object, path: str) -> timedelta:
    try:
        return parse_duration(value).elapsed
    except ValueError as error:
        raise DirectoryError(path, str(error)) from error


def _count(value: object, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise DirectoryError(path, f"{value!r} is no count; write a whole number from 0 on")
    return value
