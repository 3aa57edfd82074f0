"""The proof: a made-up quarter goes in, piece by piece, under disasters; in the end the tables are compared.

The clock of the agents never runs beyond what was fed, as in life. All chance comes from one seed; only how far a
process had come when it was struck is the machine's.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from config.settings import PREFIX, embedded_default
from nofumble.errors import ServiceUnavailable
from nofumble.opening import bring_up
from nofumble.postgres import open_database
from nofumble.prove.arena import Arena, Runtime
from nofumble.prove.cluster import some_cluster
from nofumble.prove.crew import Crew, Tell
from nofumble.prove.embedded import EmbeddedAgents
from nofumble.prove.oracle import dump_of_simulation, read_rows
from nofumble.prove.tables import Dump, Verdict, dump_of, judge
from nofumble.prove.workers import Workers
from nofumble.sample import quarter
from nofumble.signals import ended_by_signals, undisturbed_end
from nofumble.wiring import load_definitions, load_directory
from workflows.library import Library

REST_S, REST_SHARE = 4.0, 0.1
"""The part of the time that is kept for coming to rest and for the comparison: the latter grows with the quarter."""

TURN_S = 3.0
"""How long the first turn may take; each later one is taken to last as long as the one before it."""

ACCOUNTS_PER_S, ACCOUNTS_MIN, ACCOUNTS_MAX = 2, 40, 400
PIECES_MIN = 3
"""However short the time is, the quarter comes in so many pieces at least, with a disaster after each."""

AFTERWARDS = timedelta(days=60)
"""How far the clock runs on after the last event: every ladder is climbed to its end."""


class Proof(NamedTuple):
    """What came of it."""

    events: int
    kills: int
    verdict: Verdict
    seed: int

    @property
    def holds(self) -> bool:
        """Whether nothing was lost and nothing doubled."""
        return not self.verdict.lost and not self.verdict.doubled


class Task(NamedTuple):
    """What is to be fed: rows in order of arrival, when each arrives, and how far the clock runs in the end."""

    rows: Sequence[bytes]
    arrivals: Sequence[datetime]
    until: datetime


def prove(*, seconds: float, seed: int, tell: Tell) -> Proof:
    """Prove the embedded agents."""
    end = _end_of_attack(seconds)
    task = make_task(seconds, seed)
    with _folder() as folder, arena(folder, seed, {}, tell) as place, undisturbed_end():
        attack(place, EmbeddedAgents(place), task, end=end, tell=tell)
        return _judged(place, task, seed, Dump.without_frontier, tell)


def prove_on_kafka(bootstrap: str | None, *, seconds: float, seed: int, tell: Tell) -> Proof:
    """Prove workers on the Kafka of an address, or on a broker of its own; raise ServiceUnavailable without any."""
    end = _end_of_attack(seconds)
    task = make_task(seconds, seed)
    with (
        _folder() as folder,
        some_cluster(folder, bootstrap, tell) as cluster,
        arena(folder, seed, cluster.settings, tell) as place,
        undisturbed_end(),
    ):
        attack(place, Workers(place, cluster), task, end=end, tell=tell)
        return _judged(place, task, seed, Dump.side_by_side, tell)


def _end_of_attack(seconds: float) -> float:
    """Return the monotonic time at which everything is to be fed."""
    return time.monotonic() + seconds - REST_S - seconds * REST_SHARE


def make_task(seconds: float, seed: int) -> Task:
    """Draw the quarter: as many accounts as can be attacked in the time."""
    accounts = min(ACCOUNTS_MAX, max(ACCOUNTS_MIN, int(seconds * ACCOUNTS_PER_S)))
    told = quarter(seed=seed, accounts=accounts)
    arrivals = [datetime.fromisoformat(str(one["recordedtime"])) for one in told]
    return Task([msgspec.json.encode(one) for one in told], arrivals, arrivals[-1] + AFTERWARDS)


@contextmanager
def arena(folder: Path, seed: int, settings: Mapping[str, str], tell: Tell) -> Iterator[Arena]:
    """Give a database and a crew in a folder; no process of them is left at the end."""
    home = folder / "home"
    tell("making a database")
    with open_database(embedded_default(home)) as database:
        bring_up(database)
        try:
            with closing(Crew(folder, {f"{PREFIX}HOME": str(home)} | dict(settings), Random(seed))) as crew:
                yield Arena(folder, crew, database)
        finally:
            # A process that was killed may have been starting the server: only one that is known can be stopped.
            with suppress(ServiceUnavailable):
                database.connect().close()


def attack(place: Arena, runtime: Runtime, task: Task, *, end: float, tell: Tell) -> None:
    """Feed everything by `end`, a monotonic time, with a disaster after each piece; then let all come to rest."""
    began, turn_s = time.monotonic(), TURN_S
    fed, count = 0, len(task.rows)
    while fed < count:
        turn = time.monotonic()
        share = (turn + turn_s - began) / max(end - began, turn_s)
        upto = min(count, fed + 1 + count // PIECES_MIN, max(fed + 1, int(count * share)))
        place.feed(task.rows[fed:upto])
        fed = upto
        until = task.until if fed == count else task.arrivals[fed] - timedelta(microseconds=1)
        tell(f"{fed:,} of {count:,} events; {runtime.strike(until)}")
        turn_s = time.monotonic() - turn
    tell(f"{place.crew.kills} kills; coming to rest")
    runtime.rest(task.until)


def _judged(place: Arena, task: Task, seed: int, view: Callable[[Dump], Dump], tell: Tell) -> Proof:
    tell("comparing with what `simulate` gives")
    read = read_rows(task.rows, task.until)
    expected = dump_of_simulation(read, Library(load_definitions()), load_directory(), until=task.until)
    with closing(place.database.connect()) as connection:
        found = dump_of(connection)
    return Proof(len(task.rows), place.crew.kills, judge(view(expected), view(found)), seed)


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder that is removed again, whatever the end is."""
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="nofumble-prove-") as folder:
        yield Path(folder)
