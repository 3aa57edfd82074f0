"""How fast are timers drained that are all due at once, and do events starve meanwhile?

Ten contracts an account each wait for something, one of the ten until now. The state is folded once and written for
every account under its own id, by `Store.save`. Then the agents' ordinary rounds work through what is due; after the
first batch of the timekeeper, fresh events are put into the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import msgspec

from agents.embedded import Progress
from agents.ports import AccountRow, Batch, Store, partition_of
from bench.figures import Check, Findings, Measured
from bench.homes import PARTITIONS, open_bench_store, throwaway_home
from bench.measure_embedded import agents_over, sent, take_in
from bench.measure_fold import arrivals_of
from bench.measuring import tell, timed
from bench.sizes import Sizes
from nofumble.wiring import load_definitions, load_directory
from workflows.account import encode
from workflows.directory import DirectoryTimeline
from workflows.history import History, Snapshot
from workflows.library import Library
from workflows.watermarks import Watermarks

WAITING = Path(__file__).with_name("waiting")
"""The definition whose instances wait: an alert 30 days after a signature."""

TIMERS_AN_ACCOUNT = 10
FRESH = 1_000
"""Events that come in while timers are drained."""

DUE_AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
WAIT = timedelta(days=30)
ROWS = 5_000
"""Accounts of one batch that is written to the store beforehand."""

_TEMPLATE = "acct-0000000"
_snapshots = msgspec.msgpack.Encoder()


@dataclass(slots=True)
class _Watcher:
    """Puts fresh events into the log after the first batch of the timekeeper, and notes when all were handled."""

    store: Store
    fresh: list[bytes]
    until: datetime
    spent_s: float = 0.0
    given_at: float | None = None
    handled_at: float | None = None

    def look(self, progress: Progress) -> None:
        """Look at each batch of the agents; its own time is no part of theirs."""
        began = perf_counter()
        if self.given_at is None and progress.woken > 0:
            take_in(self.store, self.fresh, now=self.until)
            self.given_at = perf_counter()
        self.look_at_cursors()
        self.spent_s += perf_counter() - began

    def look_at_cursors(self) -> None:
        """Note the time once what was put into the log is handled and saved."""
        if self.given_at is None or self.handled_at is not None:
            return
        if all(one.next == one.end for one in self.store.partitions()):
            self.handled_at = perf_counter()

    @property
    def delay_s(self) -> float:
        """Give how long the fresh events waited."""
        assert self.given_at is not None, "the timekeeper had nothing to do"
        assert self.handled_at is not None, "the fresh events were not handled"
        return self.handled_at - self.given_at


def measure_timers(sizes: Sizes) -> Findings:
    """Write accounts that wait, and drain what is due."""
    accounts = sizes.waiting_accounts
    until = DUE_AT + timedelta(minutes=1)
    with throwaway_home() as settings, open_bench_store(settings) as (database, store):
        tell(f"timers: writing {accounts:,} accounts with {TIMERS_AN_ACCOUNT} open timers each")
        began = perf_counter()
        write_accounts(store, accounts, waiting_state())
        prepared_s = perf_counter() - began
        tell(f"timers: draining {accounts:,} that are due")
        agents = agents_over(store, load_definitions(WAITING))
        second = store.twin()
        watcher = _Watcher(second, [_signed(_name(i), "fresh", DUE_AT) for i in range(FRESH)], until)
        with timed() as watch:
            agents.run_until_idle(until, watcher.look)
        watcher.look_at_cursors()
        agents.close()
        second.close()
        raised = sent(database, ["alert.raised"])
    note = (
        f"{accounts:,} due of {accounts * TIMERS_AN_ACCOUNT:,} open, one an account, none in the cache; "
        f"{watch.cpu_s / accounts * 1e6:.0f} us each of our process; written beforehand in {prepared_s:.0f} s"
    )
    waited = f"{FRESH:,} events put into the log after the first batch of due timers"
    return Findings(
        [
            Measured("timers_drained_per_s", [accounts / (watch.wall_s - watcher.spent_s)], note),
            Measured("timers_event_delay_s", [watcher.delay_s], waited),
        ],
        [Check("timers, one alert each", raised, accounts)],
    )


def waiting_state() -> Snapshot:
    """Fold the state of one account whose contracts all wait, the first of them until DUE_AT."""
    libraries = {1: Library(load_definitions(WAITING))}
    history = History(_TEMPLATE, libraries, DirectoryTimeline(load_directory()), Watermarks())
    for number in range(TIMERS_AN_ACCOUNT):
        signed = _signed(_TEMPLATE, f"C-{number}", DUE_AT - WAIT + timedelta(hours=number))
        for one in arrivals_of([signed]):
            history.receive(one.event, one.arrived_at, 1)
    return Snapshot(encode(history.state), history.entries[-1].place, history.number, None)


def write_accounts(store: Store, accounts: int, snapshot: Snapshot, *, due: datetime | None = DUE_AT) -> None:
    """Write accounts that all have this state, each under its own name, which is as long as that of the template."""
    partitions: list[list[str]] = [[] for _ in range(PARTITIONS)]
    for number in range(accounts):
        name = _name(number)
        partitions[partition_of(name, PARTITIONS)].append(name)
    body = _snapshots.encode(snapshot)
    for partition, names in enumerate(partitions):
        for some in _in_parts(names):
            rows = [_row(name, partition, body, snapshot, due) for name in some]
            store.save(Batch(partition, 0, 0, "bench", accounts=rows))


def _row(name: str, partition: int, body: bytes, snapshot: Snapshot, due: datetime | None) -> AccountRow:
    base = body.replace(_TEMPLATE.encode(), name.encode())
    return AccountRow(name, partition, due, snapshot.place[2], snapshot.number, base, snapshot.number, b"{}")


def _name(number: int) -> str:
    return f"acct-{number:07d}"


def _in_parts(names: list[str]) -> Iterator[Iterable[str]]:
    for first in range(0, len(names), ROWS):
        yield names[first : first + ROWS]


def _signed(account: str, contract: str, at: datetime) -> bytes:
    data = {"contract_id": contract, "kind": "new", "arr": {"amount": 1_200_000, "currency": "EUR"}}
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{account}-{contract}",
            "source": "/bench/crm",
            "type": "sales.contract.signed",
            "subject": account,
            "time": at.isoformat(),
            "data": data,
        }
    ).encode()
