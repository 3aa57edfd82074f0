"""What every store keeps of what crosses accounts at intake: who is behind product requests."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agents.crossing_rows import CampaignRow, ContactRow, Crossing, InterestRow
from agents.ports import Outdated, Store
from agents.rows import IntakeChunk, IntakeRecord, partition_of
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.database)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else PostgresStore(request.getfixturevalue("database"))
    made.ensure_partitions(2)
    yield made
    made.close()


def row(event_id: str, *keys: str, accounts: tuple[str, ...] = ("acme",)) -> InterestRow:
    return InterestRow(list(keys), "/x", event_id, list(accounts), b"{}")


def take(store: Store, *rows: InterestRow, known_to: int | None = None) -> None:
    store.take(IntakeChunk(crossing=Crossing(rows, known_to)))


def test_rows_are_found_by_each_of_their_keys_in_the_order_in_which_they_came(store: Store) -> None:
    take(store, row("e-1", "request:R", "request:S"), row("e-2", "request:T"))
    take(store, row("e-3", "request:S", accounts=()))

    assert store.interest(["request:S"]) == [
        row("e-1", "request:R", "request:S")._replace(seq=1),
        row("e-3", "request:S", accounts=())._replace(seq=3),
    ]
    assert [one.event_id for one in store.interest(["request:R", "request:T"])] == ["e-1", "e-2"]
    assert store.interest([]) == []


def test_the_same_row_again_is_dropped_and_its_event_is_known(store: Store) -> None:
    take(store, row("e-1", "request:R"))
    take(store, row("e-1", "request:R"), row("e-2", "request:R"))

    assert [one.event_id for one in store.interest(["request:R"])] == ["e-1", "e-2"]
    assert store.taken([("/x", "e-1"), ("/y", "e-1"), ("/x", "e-9")]) == {("/x", "e-1")}


def test_a_chunk_that_follows_from_less_than_is_known_is_refused_whole(store: Store) -> None:
    assert store.interest_seq() == 0
    take(store, row("e-1", "request:R"), known_to=0)

    record = IntakeRecord("acme", NOON, "/x", "e-2", b"{}")
    with pytest.raises(Outdated):
        store.take(IntakeChunk(records=[record], crossing=Crossing([row("e-2", "request:R")], known_to=0)))

    assert (store.interest_seq(), store.read_log(partition_of("acme", 2), 0, 10)) == (1, [])
    take(store, row("e-2", "request:R"), known_to=1)
    assert store.interest_seq() == 2


def test_whose_a_contact_is_is_what_was_said_last(store: Store) -> None:
    def say(*rows: ContactRow) -> None:
        store.take(IntakeChunk(crossing=Crossing(contacts=rows)))

    say(ContactRow("jo", "acme"), ContactRow("al", "acme"), ContactRow("al", "beta"), ContactRow("vi", "acme"))
    say(ContactRow("vi", None), ContactRow("jo", None), ContactRow("jo", "gamma"), ContactRow("nobody", None))

    assert store.contacts(["jo", "al", "vi", "nobody"]) == {"jo": "gamma", "al": "beta"}
    assert store.contacts([]) == {}


def test_a_campaign_in_parts_waits_until_it_is_told_and_its_event_is_known(store: Store) -> None:
    def campaign(event_id: str) -> CampaignRow:
        return CampaignRow("/x", event_id, NOON, b"{}", [b"\x00", b"{}"], ["jo"])

    store.take(IntakeChunk(crossing=Crossing(campaigns=[campaign("e-1"), campaign("e-2")])))
    store.take(IntakeChunk(crossing=Crossing(campaigns=[campaign("e-1")])))
    assert store.untold_campaigns(9) == [campaign("e-1"), campaign("e-2")]
    assert store.untold_campaigns(1) == [campaign("e-1")]

    store.mark_campaigns_told([("/x", "e-1")])
    store.take(IntakeChunk(crossing=Crossing(campaigns=[campaign("e-1")])))

    assert store.untold_campaigns(9) == [campaign("e-2")]
    assert store.campaign(("/x", "e-1")) == campaign("e-1")._replace(is_told=True)
    assert store.campaign(("/y", "e-1")) is None
    assert store.taken([("/x", "e-1"), ("/y", "e-1")]) == {("/x", "e-1")}
