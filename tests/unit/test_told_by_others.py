"""What another worker folds at the same time, this one is told of afterwards, through the log (W03, D1)."""

import json
from datetime import UTC, datetime, timedelta

from agents.conduct import tell_others
from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.rows import Batch, StartRow, partition_of
from agents.world import World
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import load_definitions
from workflows.directory import DirectoryTimeline, directory_from
from workflows.library import Library
from workflows.watermarks import Watermarks

TUESDAY = datetime(2026, 3, 3, 10, tzinfo=UTC)
WORKFLOW = "sales_contact_without_csm"
PARTITIONS = 2


def event(number: int, event_type: str, at: datetime, **data: object) -> bytes:
    envelope = {"specversion": "1.0", "id": f"e-{number}", "source": "/crm", "type": event_type, "subject": "acme"}
    return json.dumps(envelope | {"time": at.isoformat(), "data": data}).encode()


def agents_with_an_attempt(store: MemoryStore) -> EmbeddedAgents:
    rows = [
        event(1, "account.registered", TUESDAY - timedelta(days=9), lifecycle="live", roles={"csm": "dana"}),
        event(2, "sales.upsell.attempted", TUESDAY, opportunity_id="O-1", actor="sam"),
    ]
    intake = Intake(store, directory_from({}))
    intake.take([Incoming("file", number, raw) for number, raw in enumerate(rows)], now=TUESDAY)
    world = World({0: Library(load_definitions())}, 0, DirectoryTimeline(directory_from({})), Watermarks())
    agents = EmbeddedAgents(store, world, worker="ours")
    agents.catch_up()
    return agents


def started_by_another_worker(store: MemoryStore, *accounts: str) -> None:
    other = 1 - partition_of("acme", PARTITIONS)
    at = TUESDAY - timedelta(days=3)
    starts = [StartRow(f"{WORKFLOW}/{name}/sam/O-9", WORKFLOW, "sam", name, at, at) for name in accounts]
    store.save(Batch(other, 0, 0, "theirs", starts=starts))


def severities(store: MemoryStore) -> list[tuple[str, str]]:
    lines = [(row.type, json.loads(row.body)["data"]) for row in store.unsent(99)]
    return [(kind, data["severity"]) for kind, data in lines if kind.startswith("alert.") and data["ref"] == "A1"]


def test_a_start_that_another_worker_wrote_at_the_same_time_comes_through_the_log_and_counts():
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    agents = agents_with_an_attempt(store)
    assert severities(store) == [("alert.raised", "warn")]

    started_by_another_worker(store, "birch", "cedar")
    agents.catch_up()

    assert severities(store) == [("alert.raised", "warn"), ("alert.updated", "urgent")]


def test_what_was_told_is_told_once():
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    agents = agents_with_an_attempt(store)
    started_by_another_worker(store, "birch")

    assert [tell_others(store), tell_others(store)] == [1, 0]
    agents.catch_up()
    assert [entry.type for entry in store.entries("acme")].count("conduct.noted") == 1


def test_agents_that_learn_of_it_first_note_it_themselves_and_the_log_brings_nothing_new():
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    started_by_another_worker(store, "birch", "cedar")

    agents_with_an_attempt(store)

    assert severities(store) == [("alert.raised", "urgent")]
    assert tell_others(store) == 0
    assert [entry.type for entry in store.entries("acme")].count("conduct.noted") == 2
