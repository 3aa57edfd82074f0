"""One moment of one account's fold: the state, what happens now, and what comes out of it.

The moment is the only thing that the steps of a workflow change. What comes out is collected
as lines (what goes out), changed work (what is stored) and problems (what could not be done).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

import msgspec

from events.envelope import Event
from workflows.account import AccountState, Instance, Recipient, Trace, Work
from workflows.directory import Directory
from workflows.language.vocabulary import Bindings, person_of

_NAMESPACE = hashlib.sha1(b"nofumble work", usedforsecurity=False).digest()[:16]


def work_id(name: str) -> str:
    """Derive the id of a work item from its name: a UUID of version 5 (RFC 9562), as ``uuid.uuid5`` makes it (D2).

    Written out, since the library's own takes four times as long on the hot path.
    """
    digest = bytearray(hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x50
    digest[8] = (digest[8] & 0x3F) | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def iso(at: datetime) -> str:
    """Write a UTC time as the interfaces do, such as ``2026-03-06T17:00:00Z``."""
    return at.isoformat()[:-6] + "Z"


def trace_of(event: Event) -> Trace:
    """Keep of an event what evidence needs."""
    return Trace(event.id, event.source, event.type, event.time, person_of(event.data))


class Line(msgspec.Struct, gc=False):
    """One engine event: what goes out. ``at`` is filled in by whoever knows the virtual clock."""

    type: str
    data: dict[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be done, with its reason; it goes to quarantine and the rest goes on (F38)."""

    event_id: str
    workflow: str
    reason: str


class Directories(Protocol):
    """The directory in force at a time, by arrival."""

    def at(self, instant: datetime, /) -> Directory:
        """Give the directory that was known at that time."""
        ...


def horizon_of(directories: Directories, known_at: datetime) -> datetime:
    """Tell since when a late event may still change what was (R4); work that was closed before it may be forgotten."""
    return known_at - directories.at(known_at).allowed_lateness


@dataclass(slots=True)
class Moment:
    """The working context of a fold; see the module's words."""

    state: AccountState
    library: Any
    directories: Directories
    at: datetime
    directory: Directory
    event: Event | None = None
    quiet: bool = False
    can_start: bool = True
    lines: list[Line] = field(default_factory=list)
    touched: dict[str, Work] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    facts_changed: set[str] = field(default_factory=set)
    lifted: bool = False
    stale: set[str] = field(default_factory=set)
    """What changed that a gate or an ending may depend on: names of facts, `holds`, `runs`."""
    timers: list[tuple[datetime, str, str]] = field(default_factory=list)
    known_at: datetime = field(init=False)
    recorded: list[Event] = field(default_factory=list)
    """Events that steps have stated, to be folded in once what is at hand is done."""

    def move(self, at: datetime, known_at: datetime, event: Event | None = None) -> None:
        """Go to a time; the directory is the one that was known when this became known."""
        self.at = at
        self.known_at = known_at
        self.event = event
        self.directory = self.directories.at(known_at)

    @property
    def horizon(self) -> datetime:
        """The lateness horizon of this moment."""
        return horizon_of(self.directories, self.known_at)

    def bindings(self, instance: Instance | None = None) -> Bindings:
        """Bind the names that conditions read to this moment."""
        return Bindings(self.state, self.directory, self.at, self.event, None, instance)

    def emit(self, line_type: str, data: dict[str, Any]) -> None:
        """Say that something goes out (not while history is folded again)."""
        if not self.quiet:
            self.lines.append(Line(line_type, data))

    def store(self, item: Work) -> None:
        """Keep a new or changed work item."""
        if item.id not in self.state.work:
            self.opened.add(item.id)
        self.state.work[item.id] = item
        self.touched[item.id] = item

    def fail(self, workflow: str, reason: str) -> None:
        """Record what could not be done; history that is folded again has said so before."""
        if not self.quiet:
            self.problems.append(Problem(self.event.id if self.event else "", workflow, reason))

    def set_timer(self, instance: Instance, name: str, due: datetime) -> None:
        """Set or move a timer of an instance (R5)."""
        instance.timers[name] = due
        heappush(self.timers, (due, instance.id, name))

    def set_pattern_timer(self, pattern: str, key: str, due: datetime) -> None:
        """Set the timer of a start pattern that waits; its due time stands in `pending`."""
        heappush(self.timers, (due, "", f"{pattern}\n{key}"))

    def next_timer(self) -> tuple[datetime, str, str] | None:
        """Give the earliest timer that still stands; the order is (due, instance, name)."""
        while self.timers:
            due, instance_id, name = self.timers[0]
            if self._stands(due, instance_id, name):
                return self.timers[0]
            heappop(self.timers)
        return None

    def rebuild_timers(self) -> None:
        """Collect the timers of a state that was read back."""
        self.timers = [
            (due, instance.id, name)
            for instance in self.state.instances.values()
            for name, due in instance.timers.items()
        ]
        for pattern, waiting in self.state.pending.items():
            self.timers += [(one.due, "", f"{pattern}\n{key}") for key, one in waiting.items() if one.due]
        heapify(self.timers)

    def _stands(self, due: datetime, instance_id: str, name: str) -> bool:
        if instance_id == "":
            pattern, key = name.split("\n", 1)
            waiting = self.state.pending.get(pattern, {}).get(key)
            return waiting is not None and waiting.due == due
        instance = self.state.instances.get(instance_id)
        return instance is not None and instance.timers.get(name) == due


def recipient_as_json(recipient: Recipient) -> dict[str, Any]:
    """Write a recipient as the interfaces do: role and person, and how it came to that person."""
    said: dict[str, Any] = {"role": recipient.role, "person": recipient.person}
    if recipient.queue:
        said["queue"] = recipient.queue
    if recipient.fallback:
        said["fallback"] = list(recipient.fallback)
    if recipient.away:
        said["away"] = recipient.away
    return said
