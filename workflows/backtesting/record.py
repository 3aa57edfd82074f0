"""What is recorded of a history: the log of each account, and what all accounts share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from events.envelope import Event
from workflows import deeds, versions
from workflows.audience import Split
from workflows.departures import Departures
from workflows.directory import Directory, DirectoryTimeline
from workflows.people import OF_HOLDERS, DirectoryError
from workflows.watermarks import Watermarks

DERIVED = frozenset({deeds.SOURCE, versions.SOURCE})
"""What the engine says to accounts by itself: what was done elsewhere, and what came into force."""


class Recorded(NamedTuple):
    """An event of an account as it was taken in; of a campaign, `split` says which accounts were asked (W17).

    `catalogue` is the number of what was in force for it where that was recorded (R17).
    """

    event: Event
    arrived_at: datetime
    split: Split | None = None
    catalogue: int | None = None


class Log(NamedTuple):
    """What came in for one account, in that order."""

    account: str
    recorded: Sequence[Recorded]

    @property
    def is_in_order(self) -> bool:
        """Whether no event came later than one that happened after it."""
        return all(one.event.time <= other.event.time for one, other in pairwise(self.recorded))


class Sign(NamedTuple):
    """That a source was heard, up to when, and when we knew (R7); a heartbeat counts for a source of any name."""

    source: str
    arrived_at: datetime
    heard_at: datetime
    is_heartbeat: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all accounts share on one side of a backtest, and up to when time passes."""

    directories: DirectoryTimeline
    watermarks: Watermarks
    departures: Departures
    until: datetime


def is_derived(event: Event) -> bool:
    """Tell whether the engine put an event into the log of an account: under other definitions it may be another."""
    return event.source in DERIVED or event.type in OF_HOLDERS


def surroundings(base: Directory, people: Iterable[Recorded], signs: Iterable[Sign], until: datetime) -> Surroundings:
    """Give what accounts share under an organisation, from what was said of our people and heard of its sources.

    Both in order of arrival. What this organisation refuses of our people is left out, as intake does.
    """
    directories, departures, watermarks = DirectoryTimeline(base), Departures(), Watermarks()
    for one in people:
        try:
            directories.record(one.arrived_at, one.event)
        except DirectoryError:
            continue
        departures.learn(one.event, one.arrived_at)
    declared = {source.name for source in base.sources}
    for sign in signs:
        if sign.is_heartbeat or sign.source in declared:
            watermarks.record(sign.source, sign.arrived_at, sign.heard_at)
    return Surroundings(directories, watermarks, departures, until)
