"""What has fallen silent: a workflow that used to start, a source that used to send, a field that used to come (B10)?

How often something comes is learnt from the days on which it came. Silence stands out when so many days of it were to
be expected meanwhile that chance hardly explains it, and when it is longer than any that there was. Why a workflow is
silent is looked for in what it hears: its definition, the fields that its start reads, its events, their sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict, replace

from workflows.directory import Source
from workflows.language.conditions import Condition
from workflows.language.plans import Definition, StartPlan
from workflows.library import types_of

DAYS_MIN = 6
"""Days on which something must have come before it has a rhythm."""

EXPECTED_MIN = 5.0
"""Expected days without one: by chance that is once in 150 times (Poisson, e^-5)."""

GAP_TIMES = 1.5
"""A silence must be so much longer than the longest before it: holidays and quarters are no news."""

EVENTS_MIN = 10.0
"""How many events with a field were to be expected since it came last, before it counts as gone."""

SEEN_MIN = 10
"""How often a field must have come before it can be missed."""

NAMED_MAX = 3
"""Types of event that a cause names; more of them say nothing."""

RENAMED_FROM = 0.5
"""The share of events that must have a new field for it to stand in the place of one that is gone."""

EVERY_TIMES = 3
"""Times its interval after which a declared source is quiet."""

ONE_DAY = timedelta(days=1)

ENVELOPE = frozenset({"id", "type", "source", "time", "subject"})
"""What every event has, and no field of its data."""


class Sighting(NamedTuple):
    """An event as far as this looks at it: when and from where it came, and which fields its data had."""

    at: datetime
    source: str
    type: str
    fields: frozenset[str]


class Watched(Struct, frozen=True):
    """How often something came, whether it has fallen silent, and the likely cause in words.

    `per_week` are days a week on which it came, absent without a rhythm; `expected` are such days since it came last.
    """

    name: str
    days: int
    per_week: float | None
    last_at: datetime | None
    silent_days: float
    expected: float
    is_silent: bool
    cause: str = ""


class WatchedWorkflow(Watched, frozen=True, tag_field="row", tag="workflow"):
    """A workflow in force."""


class WatchedSource(Watched, frozen=True, tag_field="row", tag="source"):
    """A source of events, declared by the organisation or just known by its events."""


class LostField(Struct, frozen=True, tag_field="row", tag="field"):
    """A field that workflows read and that no longer comes; `instead` are fields that came in its place."""

    type: str
    field: str
    last_at: datetime
    events_since: int
    expected: float
    instead: tuple[str, ...]
    workflows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What there is to look at, of a stretch of time that ends now: all in order of time."""

    now: datetime
    sightings: Sequence[Sighting]
    fires: Mapping[str, Sequence[datetime]]
    """Workflow → when it started."""
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    """Workflow → when its present definition came in place of another."""
    declared: Sequence[Source] = ()
    heard_up_to: Mapping[str, datetime] = field(default_factory=dict)
    """Declared source → up to when it was heard."""


def lost_fields(definitions: Iterable[Definition], heard: Heard) -> list[LostField]:
    """Give the fields that starts of workflows read and that stopped coming, by type and name."""
    readers: dict[tuple[str, str], set[str]] = {}
    for one in definitions:
        for start in one.starts:
            for name in sorted(types_of(start)):
                for read in _fields_of(start):
                    readers.setdefault((name, read), set()).add(one.name)
    of_type: dict[str, list[Sighting]] = {}
    for sighting in heard.sightings:
        of_type.setdefault(sighting.type, []).append(sighting)
    found = (
        _lost(name, read, of_type.get(name, []), tuple(sorted(users)))
        for (name, read), users in sorted(readers.items())
    )
    return [one for one in found if one is not None]


def watched_sources(heard: Heard) -> list[WatchedSource]:
    """Give every source by name: those that are declared by their interval, the others by their rhythm."""
    times: dict[str, list[datetime]] = {one.name: [] for one in heard.declared}
    for sighting in heard.sightings:
        times.setdefault(sighting.source, []).append(sighting.at)
    declared = {one.name: one for one in heard.declared}
    return [
        _declared(declared[name], found, heard) if name in declared else _known(name, found, heard)
        for name, found in sorted(times.items())
    ]


def watched_workflows(
    definitions: Iterable[Definition], heard: Heard, sources: Sequence[WatchedSource], lost: Sequence[LostField]
) -> list[WatchedWorkflow]:
    """Give every workflow by name, those that fell silent with the likely cause."""
    found = []
    for one in sorted(definitions, key=lambda it: it.name):
        rhythm = _rhythm(one.name, heard.fires.get(one.name, ()), heard.now)
        cause = _cause(one, rhythm.last_at, heard, sources, lost) if rhythm.is_silent and rhythm.last_at else ""
        found.append(WatchedWorkflow(**asdict(replace(rhythm, cause=cause))))
    return found


def _rhythm(name: str, times: Sequence[datetime], now: datetime) -> Watched:
    """Learn how often something comes from the days on which it came, and judge the silence since."""
    days = sorted({at.date() for at in times})
    if not times:
        return Watched(name, 0, None, None, 0, 0, is_silent=False)
    last = max(times)
    silent = (now - last) / ONE_DAY
    if len(days) < DAYS_MIN:
        return Watched(name, len(days), None, last, round(silent, 1), 0, is_silent=False)
    a_day = (len(days) - 1) / (days[-1] - days[0]).days
    longest = max((later - earlier).days for earlier, later in pairwise(days))
    expected = a_day * silent
    is_silent = expected >= EXPECTED_MIN and silent > GAP_TIMES * longest
    return Watched(name, len(days), round(a_day * 7, 1), last, round(silent, 1), round(expected, 1), is_silent)


def _known(name: str, times: Sequence[datetime], heard: Heard) -> WatchedSource:
    """Judge a source that nobody declared."""
    rhythm = _rhythm(name, times, heard.now)
    cause = "nothing came from it at all" if rhythm.is_silent else ""
    return WatchedSource(**asdict(replace(rhythm, cause=cause)))


def _declared(source: Source, times: Sequence[datetime], heard: Heard) -> WatchedSource:
    """Judge a source by the interval that the organisation declares; a heartbeat is a sign of life, too."""
    name, days = source.name, len({at.date() for at in times})
    last = max((one for one in (*times[-1:], heard.heard_up_to.get(name)) if one is not None), default=None)
    silent = timedelta(0) if last is None else heard.now - last
    is_silent = last is None or silent > EVERY_TIMES * source.every
    cause = f"declared to be heard every {_span(source.every)}{', and never heard' if last is None else ''}"
    return WatchedSource(
        name=name,
        days=days,
        per_week=round(timedelta(days=7) / source.every, 1),
        last_at=last,
        silent_days=round(silent / ONE_DAY, 1),
        expected=round(silent / source.every, 1),
        is_silent=is_silent,
        cause=cause if is_silent else "",
    )


def _lost(event_type: str, name: str, sightings: Sequence[Sighting], readers: tuple[str, ...]) -> LostField | None:
    places = [place for place, one in enumerate(sightings) if name in one.fields]
    if len(places) < SEEN_MIN:
        return None
    until = places[-1]
    share = len(places) / (until - places[0] + 1)
    since = sightings[until + 1 :]
    expected = share * len(since)
    if expected < EVENTS_MIN:
        return None
    before = frozenset[str]().union(*(one.fields for one in sightings[: until + 1]))
    new = sorted(frozenset[str]().union(*(one.fields for one in since)) - before)
    instead = tuple(one for one in new if sum(one in it.fields for it in since) >= RENAMED_FROM * len(since))
    return LostField(event_type, name, sightings[until].at, len(since), round(expected, 1), instead, readers)


def _fields_of(start: StartPlan) -> set[str]:
    """List the fields of its event that a start reads."""
    matchers = [start.matcher, *start.leave, *([start.first] if start.first else [])]
    conditions: list[Condition | None] = [one.where for one in matchers]
    conditions += [start.by, start.key, start.each, start.distinct, start.sum, start.since, start.of]
    names = (name for one in conditions if one is not None for name in one.reads)
    return {name.removeprefix("event.").partition(".")[0] for name in names if name.startswith("event.")} - ENVELOPE


def _cause(
    one: Definition, last: datetime, heard: Heard, sources: Iterable[WatchedSource], lost: Iterable[LostField]
) -> str:
    """Say in words what is different since a workflow started last, the likeliest first."""
    types = frozenset[str]().union(*(types_of(start) for start in one.starts))
    came = sum(it.type in types and it.at > last for it in heard.sightings)
    feeding = {it.source for it in heard.sightings if it.type in types}
    quiet = [it for it in sources if it.is_silent and it.name in feeding]
    reasons = [*_of_definition(one, last, heard), *(_said(it) for it in lost if one.name in it.workflows)]
    if quiet:
        reasons.append(f"quiet: {', '.join(f'{it.name} since {_day(it)}' for it in quiet)}")
    elif not came:
        named = f"no {' or '.join(sorted(types))}" if len(types) <= NAMED_MAX else f"none of the {len(types)} types"
        reasons.append(f"{named} came since, though {', '.join(sorted(feeding)) or 'no source'} is alive")
    elif not reasons:
        reasons.append(f"{came} of the events that start it came since, and its conditions did not hold")
    return "; ".join(reasons)


def _of_definition(one: Definition, last: datetime, heard: Heard) -> Iterator[str]:
    changed_at = heard.changed_at.get(one.name)
    if changed_at is not None and changed_at >= last:
        yield f"its definition was changed on {changed_at:%d %b %Y}"


def _said(one: LostField) -> str:
    came = f", when {' and '.join(f'data.{name}' for name in one.instead)} came instead" if one.instead else ""
    return f"field data.{one.field} of {one.type} came last on {one.last_at:%d %b %Y}{came}"


def _day(source: WatchedSource) -> str:
    return "ever" if source.last_at is None else f"{source.last_at:%d %b %Y}"


def _span(every: timedelta) -> str:
    """Say an interval as the organisation's file does.

    >>> _span(timedelta(hours=2)), _span(timedelta(days=1))
    ('2h', '1d')
    """
    hours = every / timedelta(hours=1)
    return f"{hours / 24:g}d" if hours % 24 == 0 else f"{hours:g}h"
