"""A fault of our own code stops the event or the account over which it failed, and nobody else's (F13, F38, I9)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.rows import QuarantineRow, SentRow
from agents.world import World
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import load_definitions
from workflows.directory import DirectoryTimeline, directory_from
from workflows.library import Library
from workflows.watermarks import Watermarks

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = MONDAY + timedelta(days=30)
POISON = "x.poison"


class Faulty(Library):
    """Definitions in which something is broken: they fail over one type of event, and over every timer when armed."""

    def __init__(self) -> None:
        super().__init__(load_definitions())
        self.is_mended = False
        self.remembering = FailsOver(self, POISON, self.remembering)
        self.by_hash = FailsOver(self, "", self.by_hash)


class FailsOver(dict[str, Any]):
    """A table of the library that fails over one key; over every key while `is_armed`."""

    def __init__(self, library: Faulty, key: str, table: dict[str, Any]) -> None:
        super().__init__(table)
        self.library, self.key, self.is_armed = library, key, False

    def get(self, key: str, default: Any = None) -> Any:
        if not self.library.is_mended and (self.is_armed or key == self.key):
            raise ZeroDivisionError
        return super().get(key, default)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.ensure_partitions(1)
    return store


def event(event_id: str, event_type: str, account: str, *, minutes: int = 0, **data: Any) -> bytes:
    time = (MONDAY + timedelta(minutes=minutes)).isoformat()
    envelope = {"specversion": "1.0", "id": event_id, "source": "/x", "type": event_type, "subject": account}
    return json.dumps(envelope | {"time": time, "data": data}).encode()


def signed(account: str, *, minutes: int = 0) -> bytes:
    return event(f"signed-{account}", "sales.contract.signed", account, minutes=minutes, contract_id="C-1", kind="new")


def agents_of(store: MemoryStore, library: Library, rows: Iterable[bytes]) -> EmbeddedAgents:
    intake = Intake(store, directory_from({}))
    intake.take([Incoming("file", number, raw) for number, raw in enumerate(rows)], now=LATER)
    world = World({0: library}, 0, DirectoryTimeline(directory_from({})), Watermarks())
    return EmbeddedAgents(store, world, worker="w")


def lines(store: MemoryStore, account: str) -> list[tuple[datetime, str, bytes]]:
    return [(row.at, row.type, row.body) for row in all_lines(store) if row.account_id == account]


def all_lines(store: MemoryStore) -> list[SentRow]:
    return store.unsent(10_000)


def quarantined(store: MemoryStore) -> list[QuarantineRow]:
    return [one.row for one in store.quarantine()]


@pytest.fixture
def healthy() -> MemoryStore:
    """What comes of the same rows without the poison."""
    store = MemoryStore()
    store.ensure_partitions(1)
    rows = [signed("acme"), signed("umber"), event("k-1", "cs.kickoff.scheduled", "acme", minutes=9, contract_id="C-1")]
    agents_of(store, Library(load_definitions()), rows).run_until_idle(LATER)
    return store


def test_an_event_that_fails_goes_to_quarantine_and_the_account_goes_on_without_it(store, healthy):
    # given: the poison stands between two events of its account, in one batch with another one
    poison = event("p-1", POISON, "acme", minutes=5)
    kickoff = event("k-1", "cs.kickoff.scheduled", "acme", minutes=9, contract_id="C-1")

    # when
    agents_of(store, Faulty(), [signed("acme"), signed("umber"), poison, kickoff]).run_until_idle(LATER)

    # then
    (row,) = quarantined(store)
    assert (row.event_id, row.account_id, row.raw) == ("p-1", "acme", poison)
    assert row.reason.startswith("a fault of nofumble itself: ZeroDivisionError at ")
    assert [lines(store, name) for name in ("acme", "umber")] == [lines(healthy, name) for name in ("acme", "umber")]
    assert store.cursor(0) == 4


def test_an_event_that_failed_is_let_through_once_when_the_fault_is_mended(store):
    # given
    library = Faulty()
    agents = agents_of(store, library, [signed("acme"), event("p-1", POISON, "acme", minutes=5)])
    agents.run_until_idle(LATER)
    library.is_mended = True
    (row,) = quarantined(store)

    # when
    intake = Intake(store, directory_from({}))
    tallies = [intake.again(row, now=LATER), intake.again(row, now=LATER)]
    agents.run_until_idle(LATER)

    # then
    assert [tally.accepted for tally in tallies] == [1, 0]
    assert [entry.event_id for entry in store.entries("acme") if entry.kind == "event"] == ["signed-acme", "p-1"]


def test_an_account_whose_timers_fail_is_told_of_once_and_goes_on_when_they_are_mended(store):
    # given
    library = Faulty()
    agents = agents_of(store, library, [signed("acme")])
    agents.catch_up()
    before = lines(store, "acme")
    library.by_hash.is_armed = True

    # when
    agents.run_until_idle(LATER)

    # then: it is told once, and waits
    (row,) = quarantined(store)
    assert (row.account_id, row.event_id) == ("acme", None)
    assert lines(store, "acme") == before
    assert store.due_accounts(0, LATER, 9)

    # when: the fault is mended
    library.is_mended = True
    agents.run_until_idle(LATER)

    # then
    assert not store.due_accounts(0, LATER, 9)
    assert len(lines(store, "acme")) > len(before)
