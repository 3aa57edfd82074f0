"""How long from the start of a process to its first batch handled, with many accounts in the store?

The store is filled and its server stopped. Then a process of its own starts the server, checks the schema, loads the
shipped definitions, and folds what waits in the log; it says so on standard output, and its parent looks at the clock.
This module is that process, too: `python -m bench.measure_restart HOME`.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from agents.embedded import EmbeddedAgents
from agents.progress import Progress
from bench.figures import Findings, Measured
from bench.homes import open_bench_store, settings_of, throwaway_home
from bench.measure_embedded import take_in
from bench.measuring import tell, timed
from bench.sizes import Sizes
from bench.stored_accounts import DUE_AT, WAIT, account_name, signature, waiting_state, write_accounts
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.opening import open_store
from nofumble.wiring import known_directory, load_directory

HANDLED = "handled"
EVENTS = 40_000
"""Events that wait in the log: the first batch is a full one."""

NOW = DUE_AT - WAIT + timedelta(days=1)
"""Before any timer is due, so that the first batch is one of events."""


class _Enough(Exception):
    """The first batch was folded."""


def measure_restart(sizes: Sizes) -> Findings:
    """Fill a store, and begin on it with new processes."""
    accounts = sizes.stored_accounts
    with throwaway_home() as settings:
        with open_bench_store(settings) as (_, store):
            tell(f"restart: writing {accounts:,} accounts")
            with timed() as prepared:
                write_accounts(store, accounts, waiting_state(1))
            signed = [signature(account_name(i * 7 % accounts), f"N-{i}", NOW) for i in range(EVENTS)]
            take_in(store, signed, now=NOW)
        tell("restart: new processes on that store")
        runs = [_first_batch_s(settings) for _ in range(sizes.repeats)]
    note = f"{accounts:,} accounts in the store, written in {prepared.wall_s:.0f} s; the database was stopped, too"
    return Findings([Measured("restart_seconds", runs, note)])


def _first_batch_s(settings: Settings) -> float:
    """Start a process on the home, and give the time until it said that its first batch is handled."""
    began = perf_counter()
    command = [sys.executable, "-m", "bench.measure_restart", str(settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  our own program
        assert child.stdout is not None, "standard output is a pipe"
        said = child.stdout.readline().strip()
        took = perf_counter() - began
    if said != HANDLED or child.returncode != 0:
        raise RuntimeError(f"the new process ended with {child.returncode} before its first batch was handled")
    return took


def begin(home: Path) -> None:
    """Do what `nofumble run` does, up to the first batch that is saved."""
    with open_store(settings_of(home)) as store:
        world = open_world(store, known_directory(store, load_directory()), now=NOW)
        agents = EmbeddedAgents(store, world, worker="bench")
        try:
            agents.round(NOW, _stop)
        except _Enough:
            print(HANDLED, flush=True)
        finally:
            agents.close()


def _stop(_progress: Progress) -> None:
    """End the round after its first batch; the agents save what was folded before they give way."""
    raise _Enough


if __name__ == "__main__":
    begin(Path(sys.argv[1]))
