"""What every store does: the one on PostgreSQL and the one in memory are held to the same sentences."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest

from agents.ports import Fenced, Store, StoreError
from agents.rows import (
    AccountRow,
    Batch,
    DirectoryRecord,
    EntryRow,
    IntakeChunk,
    IntakeRecord,
    Link,
    Merge,
    OutboxRow,
    ParkedRow,
    QuarantineRow,
    StartRow,
    Watermark,
    WorkFilter,
    WorkRow,
    partition_of,
)
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore

PARTITIONS = 4
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.database)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else PostgresStore(request.getfixturevalue("database"))
    made.ensure_partitions(PARTITIONS)
    yield made
    made.close()


def record(event_id: str, account_id: str = "acme", arrived_at: datetime = NOON, source: str = "/crm") -> IntakeRecord:
    return IntakeRecord(account_id, arrived_at, source, event_id, f"body of {event_id}".encode())


def parked(event_id: str, ref: str = "salesforce:1", arrived_at: datetime = NOON, position: int = 0) -> ParkedRow:
    return ParkedRow(ref, arrived_at, "/crm", event_id, f"body of {event_id}".encode(), position)


def entry(seq: int, account_id: str = "acme", event_id: str | None = None, at: datetime = NOON) -> EntryRow:
    event_id = event_id or f"e{seq}"
    return EntryRow(
        account_id, seq, "event", at, at, "/crm", event_id, "sales.contract.signed", too_late=False, body=b"\x00\xff"
    )


def work_row(name: str, **changes: object) -> WorkRow:
    row = WorkRow(
        id=uuid_of(name), account_id="acme", kind="task", workflow="handoff", key="C-1", ref="T1", status="offered",
        person="dana", role="csm", queue=None, severity=None, title="Call the customer — “today”", due_at=NOON + HOUR,
        opened_at=NOON, closed_at=None, confirmed=True, body=b"{}",
    )  # fmt: skip
    return row._replace(**changes)


def uuid_of(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def outbox_row(name: str) -> OutboxRow:
    return OutboxRow(uuid_of(name), "acme", NOON, "task.offered", name.encode())


def quarantine_row(name: str) -> QuarantineRow:
    return QuarantineRow(
        uuid_of(name), NOON, "events.jsonl", 7, "data.arr.amount", "must be an integer", b"\xff{", None, "e1"
    )


def logged(store: Store, account_id: str = "acme") -> list[str]:
    partition = partition_of(account_id, PARTITIONS)
    return [row.body.decode().removeprefix("body of ") for row in store.read_log(partition, 0, 100)]


class TestIntake:
    def test_records_get_offsets_without_gaps_in_the_order_in_which_they_came(self, store: Store) -> None:
        # given
        names = [f"account-{number}" for number in range(20)]

        # when
        for chunk in (names[:7], names[7:]):
            store.take(IntakeChunk(records=[record(f"of {name}", name) for name in chunk]))

        # then
        for partition in range(PARTITIONS):
            rows = store.read_log(partition, 0, 100)
            assert [row.offset for row in rows] == list(range(len(rows)))
            assert [row.account_id for row in rows] == [
                name for name in names if partition_of(name, PARTITIONS) == partition
            ]
        assert sum(state.end for state in store.partitions()) == len(names)

    def test_a_record_comes_back_as_it_was_given(self, store: Store) -> None:
        given = IntakeRecord("acme", NOON + timedelta(microseconds=1), "/crm", "e1", bytes(range(256)))

        store.take(IntakeChunk(records=[given]))

        (row,) = store.read_log(partition_of("acme", PARTITIONS), 0, 10)
        assert (row.account_id, row.arrived_at, row.body) == (given.account_id, given.arrived_at, given.body)

    def test_the_table_knows_what_intake_brought_by_account_and_bytes(self, store: Store) -> None:
        given = record("e1")
        store.take(IntakeChunk(records=[given]))

        mine = ("acme", "/crm", "e1", given.body)
        forged = ("acme", "/crm", "e1", b"forged")
        elsewhere = ("globex", "/crm", "e1", given.body)
        assert store.logged([forged, mine, elsewhere]) == {mine}
        assert store.logged([]) == set()

    def test_a_stretch_of_the_log_begins_where_it_is_asked_for_and_has_no_more_than_it_is_asked_for(
        self, store: Store
    ) -> None:
        store.take(IntakeChunk(records=[record(f"e{number}") for number in range(10)]))

        rows = store.read_log(partition_of("acme", PARTITIONS), 3, 4)

        assert [row.offset for row in rows] == [3, 4, 5, 6]

    def test_the_same_chunk_again_changes_nothing_and_says_that_all_of_it_is_known(self, store: Store) -> None:
        # given
        chunk = IntakeChunk(
            records=[record("e1"), record("e2")],
            parked=[parked("e3")],
            directory=[DirectoryRecord(NOON, "/hr", "p1", b"{}")],
            quarantined=[quarantine_row("q1")],
        )
        store.take(chunk)
        before = (store.counts(), store.directory_since(0))

        # when
        result = store.take(chunk)

        # then
        assert list(result.taken) == [False, False]
        assert (result.accepted, result.duplicate, result.parked, result.quarantined) == (0, 4, 0, 1)
        assert (store.counts(), store.directory_since(0)) == before

    def test_of_an_event_that_occurs_twice_in_a_chunk_the_first_counts(self, store: Store) -> None:
        result = store.take(IntakeChunk(records=[record("e1"), record("e2"), record("e1")]))

        assert list(result.taken) == [True, True, False]
        assert logged(store) == ["e1", "e2"]

    def test_the_same_id_from_another_source_is_another_event(self, store: Store) -> None:
        result = store.take(IntakeChunk(records=[record("e1", source="/crm"), record("e1", source="/desk")]))

        assert list(result.taken) == [True, True]

    def test_the_counts_add_up_to_what_the_chunk_brought(self, store: Store) -> None:
        store.take(IntakeChunk(records=[record("old")]))

        result = store.take(
            IntakeChunk(
                records=[record("old"), record("e1")],
                parked=[parked("e2"), parked("e1")],
                quarantined=[quarantine_row("q")],
            )
        )

        assert (result.accepted, result.duplicate, result.parked, result.quarantined) == (1, 2, 1, 1)

    def test_what_was_taken_before_is_told_wherever_it_went(self, store: Store) -> None:
        directory = [DirectoryRecord(NOON, "/hr", "p1", b"{}")]
        store.take(IntakeChunk(records=[record("e1")], parked=[parked("e2")], directory=directory))
        source = record("e1").source

        known = store.taken(
            [(source, "e1"), (parked("e2").source, "e2"), ("/hr", "p1"), (source, "p1"), (source, "e3")]
        )

        assert known == {(source, "e1"), (parked("e2").source, "e2"), ("/hr", "p1")}

    def test_an_empty_chunk_does_nothing(self, store: Store) -> None:
        assert store.take(IntakeChunk()).accepted == 0


class TestLinks:
    def test_a_parked_event_goes_to_the_log_when_its_link_appears_and_arrives_with_it(self, store: Store) -> None:
        # given
        store.take(IntakeChunk(parked=[parked("p1"), parked("p2"), parked("other", ref="zendesk:8")]))
        later = NOON + HOUR

        # when
        chunk = IntakeChunk(
            records=[record("before"), record("link"), record("after")],
            links=[Link("salesforce:1", "acme", later, position=2)],
        )
        result = store.take(chunk)

        # then
        assert logged(store) == ["before", "link", "p1", "p2", "after"]
        rows = store.read_log(partition_of("acme", PARTITIONS), 2, 2)
        assert [(row.account_id, row.arrived_at) for row in rows] == [("acme", later)] * 2
        assert (result.accepted, result.released, store.counts()["parked"]) == (3, 2, 1)

    def test_a_released_event_is_still_known(self, store: Store) -> None:
        store.take(IntakeChunk(parked=[parked("p1")]))
        store.take(IntakeChunk(links=[Link("salesforce:1", "acme", NOON)]))

        result = store.take(IntakeChunk(records=[record("p1")]))

        assert (result.duplicate, logged(store)) == (1, ["p1"])

    def test_an_event_is_not_parked_when_its_link_came_meanwhile(self, store: Store) -> None:
        # given: another intake added the link after this one had looked
        store.take(IntakeChunk(links=[Link("salesforce:1", "acme", NOON - HOUR)]))

        # when
        result = store.take(IntakeChunk(records=[record("e1"), record("e2")], parked=[parked("p1", position=1)]))

        # then
        assert (result.accepted, result.parked) == (3, 0)
        assert logged(store) == ["e1", "p1", "e2"]

    def test_references_are_resolved_and_unknown_ones_left_out(self, store: Store) -> None:
        store.take(IntakeChunk(links=[Link("salesforce:1", "acme", NOON), Link("domain:acme.example", "acme", NOON)]))

        assert store.resolve(["salesforce:1", "zendesk:9"]) == {"salesforce:1": "acme"}

    def test_the_last_word_on_a_reference_holds(self, store: Store) -> None:
        store.take(IntakeChunk(links=[Link("salesforce:1", "acme", NOON)]))

        store.take(IntakeChunk(links=[Link("salesforce:1", "globex", NOON)]))

        assert store.resolve(["salesforce:1"]) == {"salesforce:1": "globex"}

    def test_after_a_merge_the_old_account_and_its_references_mean_the_new_one(self, store: Store) -> None:
        store.take(IntakeChunk(links=[Link("salesforce:1", "acme", NOON)]))

        store.take(IntakeChunk(merges=[Merge("acme", "globex", NOON)], links=[Link("zendesk:8", "acme", NOON)]))

        assert store.resolve(["acme", "salesforce:1", "zendesk:8"]) == dict.fromkeys(
            ["acme", "salesforce:1", "zendesk:8"], "globex"
        )

    def test_a_merge_of_a_merged_account_is_followed_through(self, store: Store) -> None:
        store.take(IntakeChunk(merges=[Merge("a", "b", NOON)]))

        store.take(IntakeChunk(merges=[Merge("b", "c", NOON)], links=[Link("salesforce:1", "a", NOON)]))

        assert store.resolve(["a", "b", "salesforce:1"]) == {"a": "c", "b": "c", "salesforce:1": "c"}

    def test_a_merge_that_closes_a_cycle_is_refused(self, store: Store) -> None:
        store.take(IntakeChunk(merges=[Merge("a", "b", NOON)]))

        result = store.take(IntakeChunk(merges=[Merge("b", "a", NOON), Merge("c", "c", NOON)]))

        assert list(result.refused_merges) == ["b", "c"]
        assert store.resolve(["a", "b", "c"]) == {"a": "b"}


class TestDirectory:
    def test_records_about_people_are_numbered_in_order_of_arrival(self, store: Store) -> None:
        store.take(
            IntakeChunk(directory=[DirectoryRecord(NOON, "/hr", "p1", b"1"), DirectoryRecord(NOON, "/hr", "p2", b"2")])
        )
        store.take(IntakeChunk(directory=[DirectoryRecord(NOON, "/hr", "p3", b"3")]))

        assert [(row.seq, row.event_id) for row in store.directory_since(1)] == [(2, "p2"), (3, "p3")]

    def test_the_steps_of_a_source_rise_and_what_does_not_is_dropped(self, store: Store) -> None:
        # given
        steps = [Watermark("/crm", NOON, NOON), Watermark("/desk", NOON, NOON), Watermark("/crm", NOON + HOUR, NOON)]
        store.take(IntakeChunk(watermarks=steps))

        # when: heard further, by an intake that is behind in arrivals
        store.take(IntakeChunk(watermarks=[Watermark("/crm", NOON - HOUR, NOON + HOUR)]))

        # then
        assert store.watermarks() == [
            *[step._replace(seq=seq) for seq, step in enumerate(steps[:2], 1)],
            *store.watermarks(2),
        ]
        assert store.watermarks(after=2) == [Watermark("/crm", NOON, NOON + HOUR, 3)]


class TestBatches:
    def test_a_batch_moves_the_cursor_of_its_partition_alone(self, store: Store) -> None:
        store.save(Batch(1, 0, 5, "w1", entries=[entry(1)]))

        assert [(state.partition, state.next) for state in store.partitions()] == [(0, 0), (1, 5), (2, 0), (3, 0)]
        assert store.cursor(1) == 5

    def test_batches_of_several_partitions_are_kept_together(self, store: Store) -> None:
        store.save(Batch(2, 0, 1, "w1", entries=[entry(1, "globex")]), Batch(1, 0, 5, "w1", entries=[entry(1)]))

        assert (store.cursor(1), store.cursor(2)) == (5, 1)
        assert (len(store.entries("acme")), len(store.entries("globex"))) == (1, 1)

    def test_of_batches_that_are_saved_together_none_is_kept_when_one_is_fenced(self, store: Store) -> None:
        with pytest.raises(Fenced):
            store.save(Batch(1, 0, 5, "w1", entries=[entry(1)]), Batch(2, 7, 8, "w1", entries=[entry(1, "globex")]))

        assert (store.cursor(1), store.cursor(2)) == (0, 0)
        assert (store.entries("acme"), store.entries("globex")) == ([], [])

    def test_there_is_no_cursor_of_a_partition_that_there_is_not(self, store: Store) -> None:
        with pytest.raises(KeyError):
            store.cursor(99)

    @pytest.mark.parametrize(
        ("partition", "start"), [(1, 0), (1, 6), (99, 0)], ids=["behind", "ahead", "no such partition"]
    )
    def test_a_batch_that_does_not_begin_at_the_cursor_is_fenced_and_leaves_nothing(
        self, store: Store, partition: int, start: int
    ) -> None:
        # given
        store.save(Batch(1, 0, 5, "w1"))

        # when
        with pytest.raises(Fenced):
            store.save(
                Batch(
                    partition,
                    start,
                    start + 1,
                    "zombie",
                    entries=[entry(1)],
                    opened=[work_row("w")],
                    outbox=[outbox_row("o")],
                )
            )

        # then
        assert store.cursor(1) == 5
        assert (store.timeline("acme", 9), store.work(WorkFilter()), store.unsent(9)) == ([], [], [])

    def test_of_two_timekeepers_at_the_same_offset_the_second_is_fenced_by_the_entry(self, store: Store) -> None:
        # given
        wake_up = entry(1)._replace(kind="wake_up")
        store.save(Batch(1, 0, 0, "w1", entries=[wake_up]))

        # when
        with pytest.raises(Fenced):
            store.save(Batch(1, 0, 0, "zombie", entries=[entry(1, "globex"), wake_up], opened=[work_row("w")]))

        # then
        assert (store.timeline("globex", 9), store.work(WorkFilter())) == ([], [])

    def test_a_timekeeper_that_missed_a_batch_of_another_is_fenced_even_if_no_cursor_moved(self, store: Store) -> None:
        # given
        seen = store.partitions()[1].turn
        store.save(Batch(1, 0, 0, "w1", opened=[work_row("w")], turn=seen))

        # when
        with pytest.raises(Fenced):
            store.save(Batch(1, 0, 0, "zombie", work=[work_row("w", status="done")], turn=seen))

        # then
        assert [row.status for row in store.work(WorkFilter())] == [work_row("w").status]
        assert [state.turn for state in store.partitions()] == [0, 1, 0, 0]

    def test_a_store_that_fenced_goes_on(self, store: Store) -> None:
        with pytest.raises(Fenced):
            store.save(Batch(1, 3, 4, "w1"))

        store.save(Batch(1, 0, 4, "w1"))

        assert store.cursor(1) == 4

    def test_an_account_is_its_base_and_the_entries_after_it(self, store: Store) -> None:
        # given
        entries = [entry(seq) for seq in range(1, 6)]
        due = NOON + HOUR
        store.save(
            Batch(
                0, 0, 5, "w1", entries=entries, accounts=[AccountRow("acme", 0, due, NOON, 5, b"\x00state", 3, b"{}")]
            )
        )

        # when
        (account,) = store.load_accounts(["acme", "unknown"]).values()

        # then
        assert (account.base, account.base_seq, account.seq, account.next_due_at) == (b"\x00state", 3, 5, due)
        assert list(account.recent) == entries[3:]

    def test_the_whole_log_of_an_account_is_to_be_had(self, store: Store) -> None:
        entries = [entry(seq)._replace(catalogue=seq) for seq in range(1, 4)]
        store.save(Batch(0, 0, 3, "w1", entries=entries, accounts=[AccountRow("acme", 0, None, NOON, 3, b"state", 3)]))

        assert (store.entries("acme"), store.entries("unknown")) == (entries, [])

    def test_when_an_account_last_fired_is_as_it_was_last_said(self, store: Store) -> None:
        row = AccountRow("acme", 0, None, NOON, 3, fired_at=NOON)
        store.save(Batch(0, 0, 0, "w1", accounts=[row]))
        assert store.load_accounts(["acme"])["acme"].fired_at == NOON

        store.save(Batch(0, 0, 0, "w1", accounts=[row._replace(fired_at=NOON + HOUR)]))
        assert store.load_accounts(["acme"])["acme"].fired_at == NOON + HOUR

    def test_an_account_without_a_row_is_known_by_its_entries(self, store: Store) -> None:
        store.save(Batch(0, 0, 2, "w1", entries=[entry(1, at=NOON + HOUR), entry(2, at=NOON)]))

        account = store.load_accounts(["acme"])["acme"]

        assert (account.base, account.base_seq, account.seq, account.frontier) == (None, 0, 2, NOON + HOUR)
        assert account.partition == partition_of("acme", PARTITIONS)

    def test_entries_that_are_newer_than_the_row_of_their_account_count(self, store: Store) -> None:
        store.save(Batch(0, 0, 1, "w1", entries=[entry(1)], accounts=[AccountRow("acme", 0, None, NOON, 1)]))
        store.save(Batch(0, 1, 2, "w1", entries=[entry(2, at=NOON + HOUR)]))

        account = store.load_accounts(["acme"])["acme"]

        assert (account.seq, account.frontier) == (2, NOON + HOUR)

    def test_a_base_and_facts_that_are_not_given_stay(self, store: Store) -> None:
        store.save(
            Batch(0, 0, 0, "w1", accounts=[AccountRow("acme", 0, NOON, NOON, 4, b"base", 3, b'{"name": "Acme"}')])
        )

        store.save(Batch(0, 0, 0, "w1", accounts=[AccountRow("acme", 0, None, NOON + HOUR, 5)]))

        account = store.load_accounts(["acme"])["acme"]
        assert (account.base, account.base_seq, account.seq, account.next_due_at) == (b"base", 3, 5, None)
        listed = store.account("acme")
        assert listed is not None
        assert json.loads(listed.facts) == {"name": "Acme"}

    def test_events_are_known_by_source_and_id_within_their_account(self, store: Store) -> None:
        store.save(Batch(0, 0, 2, "w1", entries=[entry(1, event_id="e1"), entry(1, "globex", event_id="e2")]))

        assert store.known_events("acme", [("/crm", "e1"), ("/desk", "e1"), ("/crm", "e2")]) == {("/crm", "e1")}

    def test_due_accounts_come_in_order_of_due_and_id_and_only_of_their_partition(self, store: Store) -> None:
        # given
        dues = [
            ("d", 1, NOON),
            ("c", 1, NOON),
            ("b", 1, NOON - HOUR),
            ("later", 1, NOON + HOUR),
            ("none", 1, None),
            ("other", 2, NOON),
        ]
        store.save(Batch(1, 0, 0, "w1", accounts=[AccountRow(name, part, due, NOON, 1) for name, part, due in dues]))

        # then
        assert [due.account_id for due in store.due_accounts(1, NOON, 10)] == ["b", "c", "d"]
        assert [due.account_id for due in store.due_accounts(1, NOON, 2)] == ["b", "c"]
        assert store.due_accounts(1, NOON, 1)[0].next_due_at == NOON - HOUR

    def test_the_backlog_counts_due_accounts_by_partition(self, store: Store) -> None:
        dues = [("a", 1, NOON), ("b", 1, NOON - HOUR), ("later", 1, NOON + HOUR), ("other", 2, NOON)]
        store.save(Batch(1, 0, 0, "w1", accounts=[AccountRow(name, part, due, NOON, 1) for name, part, due in dues]))

        assert list(store.backlog(NOON).due) == [0, 2, 1, 0]

    def test_the_backlog_says_whether_a_line_waits_and_not_since_when_it_tells_of(self, store: Store) -> None:
        assert store.backlog(NOON).unsent_for is None
        store.save(Batch(0, 0, 0, "w1", outbox=[outbox_row("o1")]))

        waiting = store.backlog(NOON).unsent_for
        assert waiting is not None
        assert timedelta(0) <= waiting < timedelta(minutes=1)

        store.mark_sent([row.seq for row in store.unsent(9)], NOON)
        assert store.backlog(NOON).unsent_for is None

    def test_an_account_that_was_advanced_is_due_no_more(self, store: Store) -> None:
        store.save(Batch(1, 0, 0, "w1", accounts=[AccountRow("acme", 1, NOON, NOON, 1)]))

        store.save(Batch(1, 0, 0, "w1", accounts=[AccountRow("acme", 1, None, NOON, 2)]))

        assert store.due_accounts(1, NOON + HOUR, 10) == []


class TestWork:
    def test_an_item_comes_back_as_it_was_given(self, store: Store) -> None:
        row = work_row("w", body=b"\x00\xff", severity="warn", queue="cs.unassigned", closed_at=NOON)

        store.save(Batch(0, 0, 0, "w1", opened=[row]))

        assert store.work_item(row.id) == row
        assert store.work_item(uuid_of("unknown")) is None

    def test_an_item_that_changed_replaces_itself(self, store: Store) -> None:
        store.save(Batch(0, 0, 0, "w1", opened=[work_row("w")]))

        changed = work_row("w", status="done", person="sam", due_at=None, closed_at=NOON + HOUR, body=b"2")
        store.save(Batch(0, 0, 0, "w1", work=[changed]))

        assert store.work_item(changed.id) == changed

    @pytest.mark.parametrize("place", ["opened", "work"])
    def test_an_item_in_the_wrong_place_of_a_batch_is_kept_all_the_same(self, store: Store, place: str) -> None:
        # given: one item is there, the other is not
        store.save(Batch(0, 0, 3, "w1", opened=[work_row("old")], outbox=[outbox_row("o1")]))
        rows = [work_row("old", status="accepted"), work_row("new")]

        # when
        store.save(Batch(0, 3, 4, "w1", entries=[entry(1)], outbox=[outbox_row("o2")])._replace(**{place: rows}))

        # then
        assert {row.id: row.status for row in store.work(WorkFilter())} == {
            rows[0].id: "accepted",
            rows[1].id: "offered",
        }
        assert (store.cursor(0), [row.body for row in store.unsent(9)]) == (4, [b"o1", b"o2"])

    def test_of_an_item_that_occurs_twice_in_a_batch_the_last_counts(self, store: Store) -> None:
        store.save(Batch(0, 0, 0, "w1", work=[work_row("w", status="offered"), work_row("w", status="accepted")]))

        assert [row.status for row in store.work(WorkFilter())] == ["accepted"]

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            (WorkFilter(), ["mine", "queued", "alert", "undated"]),
            (WorkFilter(kind="alert"), ["alert"]),
            (WorkFilter(person="dana"), ["mine", "undated"]),
            (WorkFilter(queue="cs.unassigned"), ["queued"]),
            (WorkFilter(account_id="globex"), ["alert"]),
            (WorkFilter(workflow="stall"), ["queued"]),
            (WorkFilter(is_open=False), ["closed"]),
            (WorkFilter(is_open=None, person="dana"), ["closed", "mine", "undated"]),
            (WorkFilter(limit=1), ["mine"]),
            (WorkFilter(person="nobody"), []),
        ],
    )
    def test_a_filter_narrows_and_the_order_is_by_due_time(
        self, store: Store, wanted: WorkFilter, expected: list[str]
    ) -> None:
        rows = [
            work_row("undated", due_at=None, title="undated"),
            work_row("alert", kind="alert", account_id="globex", person="sam", due_at=NOON + 3 * HOUR, title="alert"),
            work_row(
                "queued", person=None, queue="cs.unassigned", workflow="stall", due_at=NOON + 2 * HOUR, title="queued"
            ),
            work_row("mine", queue="cs.unassigned", due_at=NOON + HOUR, title="mine"),
            work_row("closed", closed_at=NOON, due_at=NOON, title="closed"),
        ]
        store.save(Batch(0, 0, 0, "w1", opened=rows))

        assert [row.title for row in store.work(wanted)] == expected


class TestOutbox:
    def test_rows_come_in_the_order_in_which_they_were_decided_until_they_are_sent(self, store: Store) -> None:
        # given
        store.save(Batch(0, 0, 0, "w1", outbox=[outbox_row("b"), outbox_row("a")]))
        store.save(Batch(1, 0, 0, "w2", outbox=[outbox_row("c")]))
        first, *others = store.unsent(10)
        assert [row.body for row in (first, *others)] == [b"b", b"a", b"c"]

        # when
        store.mark_sent([first.seq], NOON)

        # then
        assert store.unsent(10) == others
        assert store.unsent(1) == others[:1]

    def test_a_row_with_a_known_id_is_dropped(self, store: Store) -> None:
        store.save(Batch(0, 0, 0, "w1", outbox=[outbox_row("a")]))
        store.mark_sent([row.seq for row in store.unsent(1)], NOON)

        store.save(Batch(0, 0, 0, "w1", outbox=[outbox_row("a"), outbox_row("b"), outbox_row("b")]))

        assert [row.body for row in store.unsent(10)] == [b"b"]


class TestQuarantine:
    def test_it_keeps_the_bytes_and_the_reason(self, store: Store) -> None:
        row = quarantine_row("q")

        store.save(Batch(0, 0, 1, "w1", quarantined=[row]))

        (event,) = store.quarantine()
        assert (event.row, event.status) == (row, "open")
        assert store.quarantined(row.id) == event
        assert store.quarantined(uuid_of("unknown")) is None

    def test_the_same_line_twice_is_one_row(self, store: Store) -> None:
        store.take(IntakeChunk(quarantined=[quarantine_row("q")]))
        store.take(IntakeChunk(quarantined=[quarantine_row("q"), quarantine_row("r")]))

        assert [event.row.id for event in store.quarantine()] == [uuid_of("q"), uuid_of("r")]

    def test_an_event_is_released_once(self, store: Store) -> None:
        store.take(IntakeChunk(quarantined=[quarantine_row("q"), quarantine_row("r")]))

        assert [store.release(uuid_of(name), NOON) for name in ("q", "q", "unknown")] == [True, False, False]

        assert [event.row.id for event in store.quarantine()] == [uuid_of("r")]
        (released,) = store.quarantine(status="released")
        assert (released.row.id, released.released_at) == (uuid_of("q"), NOON)
        assert len(store.quarantine(status=None)) == 2
        assert len(store.quarantine(status=None, limit=1)) == 1


class TestTheRest:
    def test_a_catalogue_keeps_its_id(self, store: Store) -> None:
        ids = [store.register_catalogue(hash_, hash_.encode(), NOON) for hash_ in ("one", "two", "one")]

        assert ids == [1, 2, 1]
        assert [row.id for row in store.catalogues(1)] == [2]
        assert store.catalogues(2) == []
        assert [(row.id, row.hash, row.at, row.body) for row in store.catalogues()] == [
            (1, "one", NOON, b"one"),
            (2, "two", NOON, b"two"),
        ]

    def test_accounts_are_listed_by_pages(self, store: Store) -> None:
        rows = [AccountRow(name, 0, None, NOON, 1, facts=b'{"tier": 1}') for name in ("c", "a", "b")]
        store.save(Batch(0, 0, 0, "w1", accounts=rows))

        assert [row.account_id for row in store.accounts(limit=2)] == ["a", "b"]
        assert [row.account_id for row in store.accounts(after="b")] == ["c"]
        assert store.account("unknown") is None

    def test_a_tombstone_is_kept_by_its_hash_and_the_first_one_stays(self, store: Store) -> None:
        assert store.erased() == {}

        store.forget({b"one": "a", b"two": "b"})
        store.forget({b"two": "c", b"three": "d"})

        assert store.erased() == {b"one": "a", b"two": "b", b"three": "d"}

    def test_a_timeline_begins_with_the_newest_entry(self, store: Store) -> None:
        # by the time at which it happened, not by arrival
        store.save(Batch(0, 0, 3, "w1", entries=[entry(1, at=NOON), entry(2, at=NOON + HOUR), entry(3, at=NOON)]))

        assert [row.seq for row in store.timeline("acme", 2)] == [2, 3]
        (_, last) = store.timeline("acme", 2)
        assert [row.seq for row in store.timeline("acme", 2, before=(last.at, last.seq))] == [1]

    def test_the_number_of_partitions_is_fixed(self, store: Store) -> None:
        store.ensure_partitions(PARTITIONS)

        with pytest.raises(StoreError, match="4 partitions and 8 were asked for"):
            store.ensure_partitions(8)

    def test_a_fact_about_the_store_stays_as_it_was_first_given(self, store: Store) -> None:
        assert [store.fix("cluster", "k1"), store.fix("cluster", "k2")] == ["k1", "k1"]

    def test_a_log_that_becomes_a_topic_goes_on_where_the_cursors_stand(self, store: Store) -> None:
        # given: two records, one of them handled
        store.take(IntakeChunk(records=[record("e1"), record("e2")]))
        partition = partition_of("acme", PARTITIONS)
        store.save(Batch(partition, 0, 1, "w1", turn=0))

        # when
        names = [store.follow("topic one"), store.follow("topic two")]

        # then: the first word holds, and what was not handled is not in the topic yet
        assert names == ["topic one", "topic one"]
        states = store.partitions()
        assert [state.base for state in states] == [state.next for state in states]
        assert (states[partition].base, states[partition].relayed, states[partition].end) == (1, 1, 2)

    def test_agents_that_still_read_the_table_are_fenced_when_the_log_becomes_a_topic(self, store: Store) -> None:
        store.take(IntakeChunk(records=[record("e1")]))
        partition = partition_of("acme", PARTITIONS)
        turn = store.partitions()[partition].turn

        store.follow("topic one")

        with pytest.raises(Fenced):
            store.save(Batch(partition, 0, 1, "w1", turn=turn))

    def test_what_was_relayed_never_goes_back(self, store: Store) -> None:
        store.follow("topic one")

        for offset in (2, 7, 5):
            store.relayed(1, offset)

        assert [state.relayed for state in store.partitions()] == [0, 7, 0, 0]

    def test_the_quarantine_is_told_once(self, store: Store) -> None:
        store.take(IntakeChunk(quarantined=[quarantine_row("q1"), quarantine_row("q2")]))

        first = store.unsent_quarantine(1)
        store.mark_quarantine_sent([row.id for row in first], NOON)

        assert [*first, *store.unsent_quarantine(9)] == [quarantine_row("q1"), quarantine_row("q2")]

    def test_counts_say_what_there_is(self, store: Store) -> None:
        store.take(
            IntakeChunk(records=[record("e1"), record("e2")], parked=[parked("p")], quarantined=[quarantine_row("q")])
        )
        partition = partition_of("acme", PARTITIONS)
        store.save(Batch(partition, 0, 1, "w1", opened=[work_row("w")], outbox=[outbox_row("o")]))

        assert store.counts() == {
            "accounts": 0,
            "logged": 2,
            "handled": 1,
            "work_open": 1,
            "outbox_unsent": 1,
            "parked": 1,
            "quarantine_open": 1,
            "catalogues": 0,
        }


class TestReports:
    """What happened, what went out and what was opened between two times, at all accounts."""

    def test_events_of_some_types_are_found_at_all_accounts_in_order_of_time(self, store: Store) -> None:
        # given: noon belongs to the period, one o'clock no more
        mine = [entry(1, at=NOON + HOUR), entry(2, at=NOON), entry(3, at=NOON)._replace(type="cs.time.logged")]
        theirs = [entry(1, "globex", at=NOON), entry(2, "globex", at=NOON - HOUR)]
        store.save(Batch(0, 0, 3, "w", entries=mine))
        store.save(Batch(1, 0, 2, "w", entries=theirs))

        found = store.happened(["sales.contract.signed"], NOON, NOON + HOUR, 9)

        assert found == [mine[1], theirs[0]]
        assert store.happened(["sales.contract.signed", "cs.time.logged"], NOON, NOON + HOUR, 2) == mine[1:]
        assert store.happened([], NOON, NOON + HOUR, 9) == []

    def test_what_a_rewind_does_again_is_no_second_event(self, store: Store) -> None:
        store.save(Batch(0, 0, 1, "w", entries=[entry(1), entry(2)._replace(kind="again")]))

        assert [row.seq for row in store.happened(["sales.contract.signed"], NOON, NOON + HOUR, 9)] == [1]

    def test_lines_of_some_types_are_found_whether_they_are_sent_or_not(self, store: Store) -> None:
        # given
        later = outbox_row("later")._replace(at=NOON + HOUR)
        other = outbox_row("other")._replace(type="workflow.started")
        store.save(Batch(0, 0, 1, "w", outbox=[later, outbox_row("one"), other, outbox_row("two")]))
        store.mark_sent([row.seq for row in store.unsent(9) if row.body == b"one"], NOON)

        found = store.told(["task.offered"], NOON, NOON + HOUR, 9)

        assert [row.body for row in found] == [b"one", b"two"]
        assert [row.sent_at for row in found] == [NOON, None]
        assert [row.body for row in store.told(["task.offered", "workflow.started"], NOON, NOON + 2 * HOUR, 3)] == [
            b"one",
            b"other",
            b"two",
        ]

    def test_work_is_found_by_when_it_was_opened_and_by_its_ids(self, store: Store) -> None:
        rows = [work_row(str(hour), opened_at=NOON + hour * HOUR) for hour in range(3)]
        store.save(Batch(0, 0, 1, "w", opened=rows))

        opened = store.work(WorkFilter(opened_from=NOON, opened_until=NOON + 2 * HOUR))
        named = store.work(WorkFilter(ids=[rows[2].id, uuid_of("nothing")]))

        assert sorted(opened) == sorted(rows[:2])
        assert named == [rows[2]]
        assert store.work(WorkFilter(ids=[])) == []


class TestStarts:
    """What people of ours did, at any account (W03)."""

    def start(self, name: str, actor: str = "sam", account: str = "acme") -> StartRow:
        return StartRow(name, "sales_contact_without_csm", actor, account, NOON, NOON + HOUR)

    def test_starts_come_back_in_order_by_seq_and_by_actor(self, store: Store) -> None:
        store.save(Batch(0, 0, 1, "w", starts=[self.start("a"), self.start("b", "tom")]))
        store.save(Batch(1, 0, 1, "w", starts=[self.start("c")]))

        rows = store.starts_since(0)

        assert [row._replace(seq=0) for row in rows] == [self.start("a"), self.start("b", "tom"), self.start("c")]
        assert store.starts_since(rows[1].seq) == [rows[2]]
        assert store.starts_of("sales_contact_without_csm", "sam") == [rows[0], rows[2]]
        assert store.starts_of("another", "sam") == []

    def test_a_start_that_a_rewind_brings_again_is_there_once(self, store: Store) -> None:
        store.save(Batch(0, 0, 1, "w", starts=[self.start("a")]))
        store.save(Batch(0, 1, 2, "w", starts=[self.start("a", "tom"), self.start("b")]))

        assert [(row.id, row.actor) for row in store.starts_since(0)] == [("a", "sam"), ("b", "sam")]

    def test_starts_are_untold_until_they_are_told(self, store: Store) -> None:
        store.save(Batch(0, 0, 1, "w", starts=[self.start("a"), self.start("b"), self.start("c")]))
        first, second, third = store.untold_starts(9)

        store.mark_told([first.seq, third.seq])

        assert store.untold_starts(9) == [second]
        assert store.untold_starts(0) == []

    def test_a_batch_that_is_fenced_leaves_no_start(self, store: Store) -> None:
        with pytest.raises(Fenced):
            store.save(Batch(0, 5, 6, "w", starts=[self.start("a")]))

        assert store.starts_since(0) == []


class TestRelay:
    """Whose turn it is to carry rows to the topics."""

    def test_one_relay_leads_and_goes_on_leading(self, store: Store) -> None:
        assert [store.lead_relay("ours"), store.lead_relay("theirs"), store.lead_relay("ours")] == [True, False, True]

    def test_another_one_leads_when_it_left(self, store: Store) -> None:
        store.lead_relay("ours")
        store.leave_relay("theirs")
        assert not store.lead_relay("theirs")

        store.leave_relay("ours")
        assert store.lead_relay("theirs")
