"""How are many accounts folded in memory, with what goes out drained batch by batch, and without a store?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from events.envelope import Event
from workflows.directory import Directory, DirectoryTimeline
from workflows.entries import Entry
from workflows.history import History
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.people import DIRECTORY_EVENTS
from workflows.simulation import Arrival
from workflows.watermarks import Watermarks

BATCH = 2_000
"""Events between two drains, as many as the agents take in one transaction."""

OUTPUTS = frozenset({"task.proposed", "task.offered", "alert.raised"})
"""The lines that count as output of the peers' work: a task or an alert goes out."""


class MemoryFold:
    """The accounts of one process."""

    def __init__(self, definitions: Sequence[Definition], directory: Directory, people: Iterable[Arrival] = ()) -> None:
        """Begin with no account; `people` are the events about our own people, which are no part of what is timed."""
        self._libraries = {0: Library(definitions)}
        self._directories = DirectoryTimeline(directory)
        for one in people:
            self._directories.record(one.arrived_at, one.event)
        self._watermarks = Watermarks()
        self.histories: dict[str, History] = {}
        self.outputs = 0
        self.lines = 0

    def fold(self, arrivals: Iterable[Arrival]) -> None:
        """Fold events in order of arrival, and drain the accounts that they touched after each batch."""
        rest = iter(arrivals)
        while batch := list(islice(rest, BATCH)):
            self.drain({one.event.subject: self.receive(one) for one in batch})

    def receive(self, arrival: Arrival) -> History:
        """Fold one event."""
        event = arrival.event
        history = self.histories.get(event.subject)
        if history is None:
            history = self.histories[event.subject] = self._begun(event)
        history.receive(event, arrival.arrived_at)
        return history

    def drain(self, touched: dict[str, History]) -> None:
        """Take what went out, and count it."""
        for history in touched.values():
            for line in history.drain().lines:
                self.lines += 1
                self.outputs += line.type in OUTPUTS

    def finish(self, arrivals: Sequence[Arrival]) -> None:
        """Let the clock run to the arrival of the last event, at every account."""
        until = arrivals[-1].arrived_at
        for history in self.histories.values():
            history.advance(until)
        self.drain(self.histories)

    def _begun(self, event: Event) -> History:
        return History(event.subject, self._libraries, self._directories, self._watermarks, older=_nothing)


def people_of(arrivals: Iterable[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
    """Part the events about our own people from those of accounts."""
    people: list[Arrival] = []
    accounts: list[Arrival] = []
    for one in arrivals:
        (people if one.event.type in DIRECTORY_EVENTS else accounts).append(one)
    return people, accounts


def _nothing() -> list[Entry]:
    """Say that nothing lies before the base: what left memory is in the store of a running system."""
    return []
