"""What is in an account's log, what does a store know of it, and what comes out of it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from events.envelope import Event
from workflows.account import Work
from workflows.moment import Line, Problem
from workflows.snapshots import Place, Snapshot


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry of an account's log; `number` counts from 1 in the order of arrival."""

    number: int
    kind: Literal["event", "wake_up", "kept", "again"]
    at: datetime
    arrived_at: datetime
    event: Event | None = None
    too_late: bool = False
    catalogue: int = 0
    watermarks: dict[str, datetime] | None = None
    kept: list[Work] | None = None

    @property
    def place(self) -> Place:
        """Where the entry belongs in the fold; at one time, events come before wake-ups."""
        return (self.at, 0 if self.kind == "event" else 1, self.arrived_at, self.number)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store knows of an account: a base, the entries behind it, and how far time had passed."""

    base: Snapshot | None = None
    recent: tuple[Entry, ...] = ()
    number: int = 0
    frontier: datetime | None = None
    fired: datetime | None = None


NOTHING = Stored()
"""An account of which nothing is known yet."""


@dataclass(slots=True)
class Outcome:
    """What came out of an account since it was last drained."""

    lines: list[Line] = field(default_factory=list)
    work: dict[str, Work] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Before anything that can happen (F43)."""


def state_time(entries: list[Entry], snapshot: Snapshot | None) -> datetime:
    """Tell at which time a fold begins."""
    if snapshot is not None:
        return snapshot.place[0]
    return entries[0].at if entries else EPOCH
