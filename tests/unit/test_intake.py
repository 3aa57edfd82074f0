"""What becomes of rows at intake: each counts once, and what is known already has no second effect (R3, F19)."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from agents import intake
from agents.intake import Incoming, Intake, Tally
from events.parsing import parse_event
from nofumble.store.memory_store import MemoryStore
from workflows.directory import directory_from
from workflows.library import Library
from workflows.simulation import Arrival, World

NOW = datetime(2026, 3, 10, tzinfo=UTC)
MAIL = "/mail"
COMPANY = {"sources": {MAIL: {"produces": ["cs.contact.*"], "every": "1h"}}}


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.ensure_partitions(2)
    return store


def row(event_id: str, time: str, event_type: str = "cs.contact.logged", subject: str = "acme", **data: Any) -> bytes:
    """An event of March 2026 at `03-02 09:00`."""
    at = f"2026-{time.replace(' ', 'T')}:00Z"
    envelope = {"specversion": "1.0", "id": event_id, "source": MAIL, "type": event_type, "time": at, "data": data}
    return json.dumps(envelope | ({"subject": subject} if subject else {})).encode()


def take(store: MemoryStore, rows: Iterable[bytes]) -> Tally:
    taking = Intake(store, directory_from(COMPANY))
    return taking.take([Incoming("file", number, raw) for number, raw in enumerate(rows)], now=NOW)


def linked(event_id: str, time: str, account: str) -> bytes:
    return row(event_id, time, "account.linked", account, system="desk", external_id="77")


def subjects(store: MemoryStore) -> list[str]:
    """The accounts of the log, in order of arrival."""
    return [
        one.account_id for one in sorted((r for log in store._log.values() for r in log), key=lambda r: r.arrived_at)
    ]


class TestDuplicates:
    def test_the_same_rows_again_are_all_known(self, store):
        rows = [
            row("m-1", "03-02 09:00"),
            linked("l-1", "03-02 10:00", "acme"),
            row("m-2", "03-02 11:00", subject="x:1"),
        ]
        take(store, rows)

        again = take(store, rows)

        assert (again.rows, again.duplicate, again.accepted, again.parked) == (3, 3, 0, 0)

    def test_an_id_that_comes_again_with_a_later_time_proves_no_life_of_its_source(self, store):
        take(store, [row("m-1", "03-02 09:00")])

        take(store, [row("m-1", "03-05 09:00")])

        assert [step.watermark.day for step in store.watermarks()] == [2]

    def test_nor_does_it_within_one_file(self, store):
        take(store, [row("m-1", "03-02 09:00"), row("m-1", "03-05 09:00")])

        assert [step.watermark.day for step in store.watermarks()] == [2]

    def test_an_older_file_fed_again_does_not_turn_a_link_back(self, store):
        # given: the desk's 77 was acme, and is umber since the 3rd
        take(store, [linked("l-1", "03-02 09:00", "acme")])
        take(store, [linked("l-2", "03-03 09:00", "umber")])

        # when
        take(store, [linked("l-1", "03-02 09:00", "acme")])

        # then
        assert store.resolve(["desk:77"]) == {"desk:77": "umber"}

    def test_a_link_that_is_told_again_within_one_file_does_not_turn_it_back(self, store):
        first, second = linked("l-1", "03-02 09:00", "acme"), linked("l-2", "03-03 09:00", "umber")
        again = linked("l-1", "03-04 09:00", "acme")

        take(store, [first, second, again, row("m-1", "03-05 09:00", subject="desk:77")])

        assert subjects(store) == ["acme", "umber", "umber"]

    def test_an_event_of_many_accounts_counts_once(self, store):
        opened = row("i-1", "03-02 09:00", "product.incident.opened", "", incident_id="I-1", accounts=["acme", "umber"])

        tally = take(store, [opened, opened])

        assert (tally.rows, tally.accepted, tally.duplicate) == (2, 1, 1)
        assert sorted(subjects(store)) == ["acme", "umber"]

    def test_a_heartbeat_that_comes_again_is_known(self, store):
        beat = row("b-1", "03-02 09:00", "source.heartbeat", "", source=MAIL)

        tally = take(store, [beat, beat])

        assert (tally.accepted, tally.duplicate) == (1, 1)


TICKET = row("t-1", "03-02 09:00", "support.ticket.opened", "desk:77", ticket_id="T-1", severity=3)
MERGE = "account.merged"
STORIES = {
    "linked": [TICKET, linked("l-1", "03-03 09:00", "acme")],
    "linked, and merged afterwards": [
        TICKET,
        linked("l-1", "03-03 09:00", "acme-2"),
        row("x-1", "03-04 09:00", MERGE, "acme-2", into="acme"),
    ],
    "merged, and linked afterwards": [
        TICKET,
        row("x-1", "03-03 09:00", MERGE, "acme-2", into="acme"),
        linked("l-1", "03-04 09:00", "acme-2"),
    ],
    "linked to two, one after the other": [
        TICKET,
        linked("l-1", "03-03 09:00", "acme"),
        linked("l-2", "03-04 09:00", "umber"),
        row("m-1", "03-05 09:00", subject="desk:77"),
    ],
    "merged in a row": [
        linked("l-1", "03-02 09:00", "acme-3"),
        row("x-1", "03-03 09:00", MERGE, "acme-3", into="acme-2"),
        row("m-1", "03-03 10:00", subject="desk:77"),
        row("x-2", "03-04 09:00", MERGE, "acme-2", into="acme"),
        row("m-2", "03-05 09:00", subject="desk:77"),
        row("m-3", "03-05 10:00", subject="acme-3"),
    ],
    "merged in a circle": [
        row("x-1", "03-03 09:00", MERGE, "acme-2", into="acme"),
        row("x-2", "03-04 09:00", MERGE, "acme", into="acme-2"),
        row("m-1", "03-05 09:00", subject="acme"),
        row("m-2", "03-05 10:00", subject="acme-2"),
    ],
}


class TestLinks:
    @pytest.mark.parametrize("chunk", [1, 2, 100])
    @pytest.mark.parametrize("story", STORIES)
    def test_events_go_to_the_accounts_of_simulate_however_they_are_taken(self, store, monkeypatch, story, chunk):
        # given
        world = World(Library([]), directory_from({}))
        for raw in STORIES[story]:
            event = parse_event(raw, now=NOW)
            world.receive(Arrival(event, event.time))

        # when
        monkeypatch.setattr(intake, "CHUNK_ROWS", chunk)
        take(store, STORIES[story])

        # then
        simulated = {name: len(history.entries) for name, history in world.histories.items()}
        assert Counter(subjects(store)) == Counter(simulated)
