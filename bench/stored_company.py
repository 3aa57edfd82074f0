"""How does a store come to have ten thousand customers with all their past, without folding each of them?

A quarter of the sample company is folded once, in memory. Its rows are then written again and again under other names,
of the same length, so that they fit into every body; ids of work are made anew, the same for the same copy. One crew
of our people looks after ten copies of the customers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Store
from agents.rows import (
    AccountRow,
    Batch,
    EntryRow,
    OutboxRow,
    StoredAccount,
    StoredFacts,
    WorkFilter,
    WorkRow,
    partition_of,
)
from bench.homes import PARTITIONS
from nofumble.catalogue import open_world
from nofumble.sample.quarter import quarter
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import load_directory
from workflows.moment import iso
from workflows.people import DIRECTORY_EVENTS

CUSTOMERS = 40
"""Customers of one quarter."""

COPIES_A_CREW = 10
"""A crew has eight customer success managers, so that each looks after fifty customers."""

NOTES_BEFORE = 30
"""Notes of the year before the quarter: with them an account has a hundred events."""

_ACCOUNT, _CREW = "a000", "p000"
_ALL = 1_000_000
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Template(NamedTuple):
    """The rows of one quarter of one crew, the events about its people, and when it ended."""

    accounts: list[AccountRow]
    entries: list[EntryRow]
    work: list[WorkRow]
    outbox: list[OutboxRow]
    people: list[bytes]
    ends_at: datetime


def folded_quarter() -> Template:
    """Fold a quarter of the sample company, with a year of notes before it, in memory."""
    told = sorted(_marked(list(_with_notes(list(quarter(seed=1))))), key=lambda one: str(one["recordedtime"]))
    ends_at = datetime.fromisoformat(told[-1]["recordedtime"])
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    raws = [json.dumps(one).encode() for one in told]
    rows = [Incoming("bench", place, raw) for place, raw in enumerate(raws)]
    tally = Intake(store, load_directory()).take(rows, now=ends_at)
    assert tally.accepted == len(rows), f"of {len(rows)} events, intake accepted {tally.accepted}"
    world = open_world(store, load_directory(), now=ends_at)
    with closing(EmbeddedAgents(store, world, worker="bench", is_telling=False)) as agents:
        agents.run_until_idle(ends_at)
    people = [raw for one, raw in zip(told, raws, strict=True) if one["type"] in DIRECTORY_EVENTS]
    return Template(*_rows_of(store), people, ends_at)


def write_company(store: Store, template: Template, copies: int) -> None:
    """Write so many copies of a quarter, with their crews; the store has its partitions, and nothing else."""
    people = [raw for crew in range(-(-copies // COPIES_A_CREW)) for raw in _people(template, crew)]
    rows = [Incoming("bench", place, raw) for place, raw in enumerate(people)]
    tally = Intake(store, load_directory()).take(rows, now=template.ends_at)
    assert tally.accepted == len(rows), f"of {len(rows)} events about people, intake accepted {tally.accepted}"
    for copy in range(copies):
        store.save(*_batches(template, _Names(copy)))


def account_of(copy: int, name: str = "hazel") -> str:
    """Return the id of a customer of a copy."""
    return f"{name}-a{copy:03d}"


def person_of(copy: int, name: str) -> str:
    """Return the id of one of those who look after a copy."""
    return f"{name}-p{copy // COPIES_A_CREW:03d}"


class _Names:
    """Writes rows of the template under the names of a copy."""

    def __init__(self, copy: int) -> None:
        self._copy = copy
        self._marks = ((_ACCOUNT, f"a{copy:03d}"), (_CREW, f"p{copy // COPIES_A_CREW:03d}"))
        self._ids: dict[bytes, bytes] = {}

    def of(self, value: Any) -> Any:
        """Return a value of a row with the names of the copy in it."""
        if isinstance(value, str):
            return self.of(value.encode()).decode()
        if isinstance(value, bytes):
            for old, new in self._marks:
                value = value.replace(f"-{old}".encode(), f"-{new}".encode())
            return _UUID.sub(self._id, value)
        return [self.of(one) for one in value] if isinstance(value, list | tuple) else value

    def _id(self, found: re.Match[bytes]) -> bytes:
        old = found.group()
        new = self._ids.get(old)
        if new is None:
            new = self._ids[old] = str(uuid5(NAMESPACE_OID, f"{old.decode()}/{self._copy}")).encode()
        return new


def _batches(template: Template, names: _Names) -> Iterator[Batch]:
    """Give the rows of a copy, each account's on its partition."""
    found: dict[int, tuple[list[Any], ...]] = {}
    kinds: tuple[Sequence[Any], ...] = (template.accounts, template.entries, template.work, template.outbox)
    for place, rows in enumerate(kinds):
        for row in rows:
            account = names.of(row[1] if place in (2, 3) else row[0])
            partition = partition_of(account, PARTITIONS)
            named = type(row)(*map(names.of, row))
            if isinstance(named, AccountRow):
                named = named._replace(partition=partition)
            found.setdefault(partition, ([], [], [], []))[place].append(named)
    for partition, (accounts, entries, work, outbox) in sorted(found.items()):
        yield Batch(partition, 0, 0, "bench", accounts, entries, opened=work, outbox=outbox)


def _people(template: Template, crew: int) -> Iterator[bytes]:
    return (raw.replace(f"-{_CREW}".encode(), f"-p{crew:03d}".encode()) for raw in template.people)


def _with_notes(told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give a quarter, and behind the first word on each customer its notes of the year before."""
    began = datetime.fromisoformat(told[0]["time"])
    for one in told:
        yield one
        if one["type"] == "account.registered":
            for week in range(NOTES_BEFORE):
                yield _note(one["subject"], week, began - timedelta(weeks=NOTES_BEFORE - week))


def _note(account: str, week: int, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"note-{account}-{week}",
        "source": "/cs/notebook",
        "type": "cs.note.logged",
        "subject": account,
        "time": iso(at),
        "recordedtime": iso(at),
        "data": {"actor": {"person": "dana", "team": "cs"}, "text": "talked about how it goes"},
    }


def _marked(told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Write events down with marks behind their ids, and behind the names of customers and of our people."""
    mark_of = {
        one["subject"]: _CREW if one["type"] in DIRECTORY_EVENTS else _ACCOUNT
        for one in told
        if one["type"] in DIRECTORY_EVENTS or one["type"] == "account.registered"
    }
    named = re.compile(rf"(?<![\w-])(?:{'|'.join(mark_of)})(?![\w-])")
    for one in told:
        text = named.sub(lambda found: f"{found[0]}-{mark_of[found[0]]}", json.dumps(one))
        yield json.loads(text) | {"id": f"{one['id']}-{mark_of.get(one['subject'], _ACCOUNT)}"}


def _rows_of(store: MemoryStore) -> tuple[list[AccountRow], list[EntryRow], list[WorkRow], list[OutboxRow]]:
    """Give everything that a store holds of its customers; somebody's absence is on an account of her own."""
    listed = [one for one in store.accounts(limit=_ALL) if one.account_id.endswith(_ACCOUNT)]
    stored = store.load_accounts([one.account_id for one in listed])
    accounts = [_account_row(stored[one.account_id], one) for one in listed]
    entries = [row for one in listed for row in store.entries(one.account_id)]
    lines = [OutboxRow(row.id, row.account_id, row.at, row.type, row.body) for row in store.unsent(_ALL)]
    work = [row for row in store.work(WorkFilter(is_open=None, limit=_ALL)) if row.account_id in stored]
    return accounts, entries, work, [row for row in lines if row.account_id in stored]


def _account_row(one: StoredAccount, listed: StoredFacts) -> AccountRow:
    assert one.frontier is not None, "an account that was folded has heard something"
    return AccountRow(
        one.account_id,
        one.partition,
        one.next_due_at,
        one.frontier,
        one.seq,
        one.base,
        one.base_seq,
        listed.facts,
        one.fired_at,
    )
