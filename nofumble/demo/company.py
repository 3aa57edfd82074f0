"""How does the made-up company live on after its quarter? In the store of `nofumble up`, on a clock of its own."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Store
from nofumble.catalogue import open_world
from nofumble.clock import Clock, DemoClock
from nofumble.demo.play import ORIGIN, WORKER, period
from nofumble.errors import WrongUse
from nofumble.sample import quarter
from workflows.directory import Directory

CLOCK_FILE = "demo-clock.json"
"""In NOFUMBLE_HOME: how many seconds the demo's clock is ahead of the wall's; only `up` reads it."""

Progress = Callable[[str], None]


def open_company(store: Store, organisation: Directory, home: Path, wall: Clock, progress: Progress) -> Clock:
    """Return the clock of the demo; fill an empty store with the made-up quarter, and begin on its last evening.

    A store that holds something of somebody's own is left alone, and its clock is the wall's, which nobody moves.
    """
    file = home / CLOCK_FILE
    if not file.exists() and not any(state.end for state in store.partitions()) and not store.directory_since(0):
        _keep(file, play(store, organisation, progress) - wall.now())
    return DemoClock(wall, _kept(file), lambda ahead: _keep(file, ahead)) if file.exists() else wall


def play(store: Store, organisation: Directory, progress: Progress) -> datetime:
    """Take the quarter in and let the agents work until its last evening; return that evening."""
    envelopes = quarter()
    _, until = period(envelopes)
    progress(f"taking in {len(envelopes):,} events of a made-up company")
    rows = [Incoming(ORIGIN, place, msgspec.json.encode(one)) for place, one in enumerate(envelopes, start=1)]
    Intake(store, organisation).take(rows, now=until)
    progress("folding them")
    with closing(EmbeddedAgents(store, open_world(store, organisation, now=until), worker=WORKER)) as agents:
        agents.run_until_idle(until)
    return until


def _keep(file: Path, ahead: timedelta) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode({"ahead_s": ahead.total_seconds()}))


def _kept(file: Path) -> timedelta:
    if not file.exists():
        return timedelta(0)
    try:
        return timedelta(seconds=msgspec.json.decode(file.read_bytes(), type=dict[str, float])["ahead_s"])
    except (msgspec.DecodeError, KeyError, OverflowError) as error:
        raise WrongUse(f"{file} is not what `nofumble up` wrote; remove it to begin at the time of the wall") from error
