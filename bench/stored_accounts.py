"""How does a store come to have very many accounts, without folding each of them?

One account is folded; its state is written for all the others under their own names, which are as long as its own, so
that every id in the state fits. The rows go in by `Store.save`, as those of the agents do.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from agents.ports import Store
from agents.rows import AccountRow, Batch, partition_of
from bench.homes import PARTITIONS
from bench.measure_fold import arrivals_of
from nofumble.wiring import load_definitions, load_directory
from workflows.account import encode
from workflows.directory import DirectoryTimeline
from workflows.history import History
from workflows.library import Library
from workflows.snapshots import Snapshot
from workflows.watermarks import Watermarks

WAITING = Path(__file__).with_name("waiting")
"""The definition whose instances wait: an alert 30 days after a signature."""

DUE_AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
"""When the first contract of every account has waited long enough; the next one follows an hour later."""

WAIT = timedelta(days=30)
ROWS = 5_000
"""Accounts of one transaction."""

_snapshots = msgspec.msgpack.Encoder()


def account_name(number: int) -> str:
    """Name an account; all names are of one length."""
    return f"acct-{number:07d}"


def signature(account: str, contract: str, at: datetime) -> bytes:
    """Give the envelope of a signature."""
    told = {
        "specversion": "1.0",
        "id": f"{account}-{contract}",
        "source": "/bench/crm",
        "type": "sales.contract.signed",
        "subject": account,
        "time": at.isoformat(),
        "data": {"contract_id": contract, "kind": "new", "arr": {"amount": 1_200_000, "currency": "EUR"}},
    }
    return json.dumps(told).encode()


def waiting_state(contracts: int) -> Snapshot:
    """Fold the state of the account number 0 whose contracts all wait, the first of them until DUE_AT."""
    libraries, template = {1: Library(load_definitions(WAITING))}, account_name(0)
    history = History(template, libraries, DirectoryTimeline(load_directory()), Watermarks())
    signed = (signature(template, f"C-{i}", DUE_AT - WAIT + timedelta(hours=i)) for i in range(contracts))
    for one in arrivals_of(signed):
        history.receive(one.event, one.arrived_at, 1)
    place = history.entries[-1].place
    return Snapshot(state=encode(history.state), place=place, number=history.number, fired=None, catalogue=1)


def write_accounts(store: Store, accounts: int, snapshot: Snapshot) -> None:
    """Write so many accounts that are all in this state of the account number 0."""
    partitions: list[list[str]] = [[] for _ in range(PARTITIONS)]
    for number in range(accounts):
        name = account_name(number)
        partitions[partition_of(name, PARTITIONS)].append(name)
    body = _snapshots.encode(snapshot)
    for partition, names in enumerate(partitions):
        for first in range(0, len(names), ROWS):
            rows = [_row(name, partition, body, snapshot) for name in names[first : first + ROWS]]
            store.save(Batch(partition, 0, 0, "bench", accounts=rows))


def _row(name: str, partition: int, body: bytes, snapshot: Snapshot) -> AccountRow:
    base = body.replace(account_name(0).encode(), name.encode())
    return AccountRow(name, partition, DUE_AT, snapshot.place[2], snapshot.number, base, snapshot.number, b"{}")
