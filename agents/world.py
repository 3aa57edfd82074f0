"""What do all accounts share? Definitions by catalogue, our own people, and how far sources were heard.

People and watermarks grow by arrival; ``learn`` reads what the store has got since, and never the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.ports import Store
from events.parsing import reread_event
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

    def learn(self, store: Store) -> None:
        """Read what has been said of our people, and how far sources were heard, since the last time."""
        for person in store.directory_since(self.people_seq):
            self.people_seq = person.seq
            event = reread_event(person.body)
            if event.type in DIRECTORY_EVENTS:
                self.directories.record(person.arrived_at, event)
        for step in store.watermarks(self.watermark_seq):
            self.watermark_seq = step.seq
            self.watermarks.record(step.source, step.arrived_at, step.watermark)
