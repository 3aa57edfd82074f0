"""What do all accounts share? Definitions by catalogue, our own people, and how far sources were heard.

People and watermarks grow by arrival; ``learn`` reads what the store has got since, and never the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from agents.catalogues import Catalogue, libraries_of, read_catalogues
from agents.ports import Store
from agents.written import start_of
from events.envelope import Event
from events.parsing import reread_event
from workflows.activations import Activations
from workflows.conduct import Conduct
from workflows.departures import Departures
from workflows.directory import DirectoryTimeline
from workflows.library import Library
from workflows.people import DIRECTORY_EVENTS
from workflows.watermarks import Watermarks


@dataclass(slots=True)
class World:
    """What all accounts share, as far as it has been learnt."""

    libraries: dict[int, Library]
    catalogue: int
    directories: DirectoryTimeline
    watermarks: Watermarks
    people_seq: int = 0
    watermark_seq: int = 0
    conduct: Conduct = field(default_factory=Conduct)
    start_seq: int = 0
    departures: Departures = field(default_factory=Departures)
    untold: list[tuple[Event, datetime]] = field(default_factory=list)
    """Departures of which accounts at rest have not been told yet."""
    catalogues: list[Catalogue] = field(default_factory=list)
    activations: Activations = field(default_factory=Activations)

    @property
    def library(self) -> Library:
        """The definitions that are active now."""
        return self.libraries[self.catalogue]

    def learn(self, store: Store) -> bool:
        """Read what was said of our people, how far sources were heard and what came into force since the last time.

        Tells whether other definitions are in force now: what was folded knows the former ones only, and is to be
        forgotten.
        """
        learnt = self._learn_catalogues(store)
        for seq, event, arrived_at in learn_people(store, self.directories, self.people_seq):
            self.people_seq = seq
            if self.departures.learn(event, arrived_at):
                self.untold.append((event, arrived_at))
        for step in store.watermarks(self.watermark_seq):
            self.watermark_seq = step.seq
            self.watermarks.record(step.source, step.arrived_at, step.watermark)
        for start in store.starts_since(self.start_seq):
            self.start_seq = start.seq
            known = start_of(start)
            if start.is_told:
                self.conduct.record(known)
            else:
                self.conduct.expect(known)
        return learnt

    def _learn_catalogues(self, store: Store) -> bool:
        rows = store.catalogues(self.catalogue)
        if not rows:
            return False
        self.catalogues = read_catalogues(rows, self.catalogues)
        for one in self.catalogues[-len(rows) :]:
            self.activations.learn(one.activation)
        self.libraries = libraries_of(self.catalogues)
        self.catalogue = self.catalogues[-1].number
        return True

    def forget(self) -> None:
        """Drop what was folded here and may not have been kept; the rest is learnt again."""
        self.conduct, self.start_seq = Conduct(), 0


def learn_people(store: Store, directories: DirectoryTimeline, after: int) -> list[tuple[int, Event, datetime]]:
    """Read what has been said of our people behind a seq; give each with its seq and its arrival."""
    said = [(row.seq, reread_event(row.body), row.arrived_at) for row in store.directory_since(after)]
    for _, event, arrived_at in said:
        if event.type in DIRECTORY_EVENTS:
            directories.record(arrived_at, event)
    return said
