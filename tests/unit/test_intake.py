"""What becomes of rows at intake: each counts once, and what is known already has no second effect (R3, F19)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.intake import Incoming, Intake, Tally
from nofumble.store.memory_store import MemoryStore
from workflows.directory import directory_from

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
    intake = Intake(store, directory_from(COMPANY))
    return intake.take([Incoming("file", number, raw) for number, raw in enumerate(rows)], now=NOW)


def linked(event_id: str, time: str, account: str) -> bytes:
    return row(event_id, time, "account.linked", account, system="desk", external_id="77")


def subjects(store: MemoryStore) -> list[str]:
    """The accounts of the log, in order of arrival."""
    return [one.account_id for one in sorted((r for log in store._log.values() for r in log), key=lambda r: r.arrived_at)]


class TestDuplicates:
    def test_the_same_rows_again_are_all_known(self, store):
        rows = [row("m-1", "03-02 09:00"), linked("l-1", "03-02 10:00", "acme"), row("m-2", "03-02 11:00", subject="x:1")]
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
