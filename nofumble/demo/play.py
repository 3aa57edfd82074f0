"""How does the made-up quarter get into a store, and through the agents, on a virtual clock?

The same intake, the same agents and the same database as in a real installation; only the time is not the machine's.
The clock is moved to the end of the quarter, and the agents work until nothing is due before it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake, Tally
from agents.ports import Store
from config.settings import embedded_default
from nofumble.catalogue import open_world
from nofumble.cli.when import long_day
from nofumble.collector import spare_collector
from nofumble.opening import open_store
from nofumble.sample import quarter
from nofumble.sample.script import Envelope
from nofumble.signals import ended_by_signals
from nofumble.wiring import known_directory, load_directory
from workflows.directory import Directory
from workflows.library import Library

ORIGIN = "sample"
"""The name of the made-up events in messages, where a file would have its path."""

WORKER = "demo"

EVENING = 18
"""The hour at which the last day of the quarter is over: everything that was due on it has been told."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """The quarter after it was played: where everything is, who is who, and when it began and ended."""

    store: Store
    directory: Directory
    library: Library
    began: datetime
    until: datetime
    tally: Tally
    lines: int
    seconds: float


@contextmanager
def played(home: Path | None, progress: Progress) -> Iterator[Played]:
    """Play the quarter in the embedded database of `home`, and give what came of it.

    Without a home it is a folder that is removed again at the end, whatever the end is. A home that was played before
    is left as it was: every event is known there. Raises ServiceUnavailable and WrongUse as `open_store` does.
    """
    with _folder(home) as folder, open_store(embedded_default(folder), progress=progress) as store:
        yield _play(store, quarter(), progress)


def _play(store: Store, envelopes: Sequence[Envelope], progress: Progress) -> Played:
    began, until = period(envelopes)
    organisation = load_directory()
    started = time.monotonic()
    progress(f"taking in {len(envelopes):,} events")
    rows = [Incoming(ORIGIN, place, msgspec.json.encode(one)) for place, one in enumerate(envelopes, start=1)]
    tally = Intake(store, organisation).take(rows, now=until)
    progress(f"folding them, and firing what is due until {long_day(until)}")
    world = open_world(store, organisation, now=until)
    spare_collector()
    with closing(EmbeddedAgents(store, world, worker=WORKER)) as agents:
        done = agents.run_until_idle(until)
    seconds = time.monotonic() - started
    directory = known_directory(store, organisation)
    return Played(store, directory, world.libraries[world.catalogue], began, until, tally, done.lines, seconds)


def period(envelopes: Sequence[Envelope]) -> tuple[datetime, datetime]:
    """Return when the first of them happened, and the evening of the day on which the last of them arrived."""
    began = min(datetime.fromisoformat(str(one["time"])) for one in envelopes)
    last = max(datetime.fromisoformat(str(one["recordedtime"])) for one in envelopes)
    return began, max(last, last.replace(hour=EVENING, minute=0, second=0, microsecond=0))


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is not None:
        yield home
        return
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="nofumble-demo-") as folder:
        yield Path(folder)
