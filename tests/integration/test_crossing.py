"""What crosses accounts at intake gives what it gives in `simulate`, id for id: who is behind product requests (W08),
and whose the contacts of a campaign are (W17).

However the rows are split into chunks and files, in whatever order these come, and whoever else takes rows meanwhile.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random

import pytest

from agents import embedded, handle, intake
from agents.embedded import EmbeddedAgents
from agents.handle import Handler
from agents.intake import Incoming, Intake, Tally
from agents.ports import Outdated, Store
from agents.rows import IntakeChunk, IntakeResult, LogSlice
from agents.telling import tell_accounts
from nofumble.catalogue import open_world
from nofumble.postgres import Database
from nofumble.prove.oracle import read_rows
from nofumble.prove.tables import Dump, differences
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore
from nofumble.wiring import load_definitions
from tests.integration.invariants import dump_in, dump_of_memory, dump_of_simulation
from tests.integration.mailings import mailings
from tests.integration.requests import START, UNTIL, envelope, season
from workflows.directory import Directory
from workflows.library import Library

LIBRARY = Library(load_definitions())


@pytest.fixture
def memory() -> MemoryStore:
    return fresh()


@pytest.fixture
def postgres(database: Database) -> Iterator[PostgresStore]:
    store = PostgresStore(database)
    store.ensure_partitions(8)
    yield store
    store.close()


def fresh() -> MemoryStore:
    store = MemoryStore()
    store.ensure_partitions(8)
    return store


def simulated(rows: Iterable[bytes]) -> Dump:
    return dump_of_simulation(read_rows(rows, UNTIL), LIBRARY, Directory(), until=UNTIL)


def oracle(rows: Iterable[bytes]) -> Dump:
    return simulated(rows).without_frontier()


def take(store: Store, rows: Iterable[bytes]) -> Tally:
    rows = [Incoming("season", number, raw) for number, raw in enumerate(rows)]
    return Intake(store, Directory()).take(rows, now=UNTIL)


def work(store: Store, until: datetime = UNTIL) -> None:
    agents = EmbeddedAgents(store, open_world(store, Directory(), now=UNTIL), worker="w")
    agents.run_until_idle(until)
    agents.close()


def arrives(row: bytes) -> datetime:
    told = json.loads(row)
    return datetime.fromisoformat(told.get("recordedtime", told["time"]))


def told_of(dump: Dump) -> set[tuple[str, str]]:
    """The events of other accounts that reached each account."""
    return {(row[0], row[6]) for row in dump.entries if "/" in row[6]}


class TestSeason:
    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("chunk", [1, 7, 5_000])
    def test_the_season_gives_what_simulate_gives_whatever_the_chunks(self, memory, monkeypatch, seed, chunk):
        monkeypatch.setattr(intake, "CHUNK_ROWS", chunk)
        rows = season(seed)

        take(memory, rows)
        work(memory)

        expected = oracle(rows)
        assert len(told_of(expected)) > 10
        assert differences(dump_of_memory(memory).without_frontier(), expected) == []

    @pytest.mark.database
    @pytest.mark.parametrize(("seed", "chunk"), [(0, 3), (1, 5_000), (2, 20)])
    def test_so_it_does_on_postgresql(self, postgres, database, monkeypatch, seed, chunk):
        monkeypatch.setattr(intake, "CHUNK_ROWS", chunk)
        rows = season(seed)

        take(postgres, rows)
        work(postgres)

        assert differences(dump_in(database).without_frontier(), oracle(rows)) == []

    @pytest.mark.parametrize("seed", range(4))
    def test_files_taken_one_after_the_other_give_what_one_gives(self, memory, seed):
        rows = sorted(season(seed), key=arrives)
        ends = sorted(Random(seed).sample(range(1, len(rows)), 5))
        for first, last in zip([0, *ends], [*ends, len(rows)], strict=True):
            if any(arrives(row) == arrives(rows[last - 1]) for row in rows[last:]):
                continue
            take(memory, rows[:last])
            work(memory, arrives(rows[last - 1]))
            assert first < last
        take(memory, rows)
        work(memory)

        assert differences(dump_of_memory(memory).without_frontier(), oracle(rows)) == []

    @pytest.mark.parametrize("seed", range(8))
    def test_who_is_told_of_what_does_not_depend_on_the_order_of_the_files(self, memory, seed):
        """Links are known from the beginning: what a name means is a matter of arrival, and no matter of interest."""
        rows = [row for row in season(seed) if b'"account.merged"' not in row and b"desk:" not in row]
        first = {json.loads(row)["id"]: row for row in sorted(rows, key=arrives)}
        rows = list(first.values())
        expected = told_of(oracle(rows))
        Random(seed).shuffle(rows)

        for row in rows:
            take(memory, [row])
        work(memory)

        assert told_of(dump_of_memory(memory)) == expected

    def test_the_season_again_changes_nothing(self, memory):
        rows = season(0)
        take(memory, rows)
        before = [len(log) for log in memory._log.values()], memory.interest_seq()

        tally = take(memory, rows)

        assert ([len(log) for log in memory._log.values()], memory.interest_seq()) == before
        assert tally.accepted == tally.released == 0


class TestMailings:
    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize(("chunk", "batch"), [(1, 2_000), (9, 1), (5_000, 5), (5_000, 2_000)])
    def test_the_mailings_give_what_simulate_gives_whatever_the_chunks_and_batches(
        self, memory, monkeypatch, seed, chunk, batch
    ):
        monkeypatch.setattr(intake, "CHUNK_ROWS", chunk)
        monkeypatch.setattr(embedded, "BATCH_RECORDS", batch)
        monkeypatch.setattr(handle, "ACCOUNTS_CACHED_MAX", 0 if batch == 1 else 20_000)
        rows = mailings(seed)

        take(memory, rows)
        work(memory)

        expected = oracle(rows)
        assert len(told_of(expected)) > 4
        assert differences(dump_of_memory(memory).without_frontier(), expected) == []
        assert memory.untold_campaigns(9) == []

    @pytest.mark.database
    @pytest.mark.parametrize(("seed", "chunk"), [(0, 3), (1, 5_000)])
    def test_so_they_do_on_postgresql(self, postgres, database, monkeypatch, seed, chunk):
        monkeypatch.setattr(intake, "CHUNK_ROWS", chunk)
        rows = mailings(seed)

        take(postgres, rows)
        work(postgres)

        assert differences(dump_in(database).without_frontier(), oracle(rows)) == []

    @pytest.mark.parametrize("seed", range(3))
    def test_files_taken_and_worked_on_one_after_the_other_give_what_one_gives(self, memory, seed):
        rows = sorted(mailings(seed), key=arrives)
        for end in [*sorted(Random(seed).sample(range(1, len(rows)), 6)), len(rows)]:
            take(memory, rows[:end])
            work(memory, arrives(rows[end - 1]))
        work(memory)

        assert differences(dump_of_memory(memory).without_frontier(), oracle(rows)) == []

    @pytest.mark.parametrize("seed", range(4))
    def test_rows_that_arrive_at_one_time_are_judged_in_the_order_in_which_they_stand(self, memory, seed):
        rows = mailings(seed, is_tied=True)

        take(memory, rows)
        work(memory)

        assert differences(dump_of_memory(memory).without_frontier(), oracle(rows)) == []

    @pytest.mark.parametrize("seed", range(6))
    def test_workers_that_fold_side_by_side_come_to_the_same_work_through_the_log(self, memory, seed):
        """Nobody sees two partitions: the whole of a campaign comes when its parts are written, and rewinds."""
        rows = mailings(seed)
        take(memory, rows)

        work_side_by_side(memory)
        work(memory)

        found, expected = dump_of_memory(memory).side_by_side(), simulated(rows).side_by_side()
        assert (found.work, found.entries, found.problems) == (expected.work, expected.entries, expected.problems)
        assert memory.untold_campaigns(9) == []


def work_side_by_side(store: MemoryStore) -> None:
    """Fold each partition by a handler of its own, as workers on Kafka do, until nobody has to be told of anything."""
    world = open_world(store, Directory(), now=UNTIL)
    handlers = [Handler(store, world, worker=f"w{number}") for number in range(8)]
    is_more = True
    while is_more:
        is_more = False
        for state, handler in zip(store.partitions(), handlers, strict=True):
            handler.take_up(state)
            records = store.read_log(state.partition, state.next, 10_000)
            if records:
                for batch in handler.fold([LogSlice(state.partition, records, state.next, state.end)]):
                    store.save(batch)
                is_more = True
        is_more |= tell_accounts(store, world) > 0


REQUESTED, RELEASED = "product.request.submitted", "product.release.published"
ASKED = json.dumps(envelope("ask", REQUESTED, "acme", START, request_id="R")).encode()
MEANWHILE = json.dumps(envelope("ask-2", REQUESTED, "beta", START, request_id="R")).encode()
RELEASE = json.dumps(
    envelope("V", RELEASED, "", START.replace(hour=12), release_id="V", request_ids=["R", "S"])
).encode()


class TestRelease:
    def test_one_that_names_requests_and_no_account_goes_to_who_asked(self, memory):
        take(memory, [ASKED])

        tally = take(memory, [RELEASE])

        assert (tally.accepted, tally.quarantined) == (1, 0)
        assert logged(memory) == {("acme", "ask"), ("acme", "V/acme/R")}

    def test_one_that_nobody_is_known_to_have_asked_for_is_kept_for_who_is_known_later(self, memory):
        assert take(memory, [RELEASE]).accepted == 1
        assert take(memory, [RELEASE]).duplicate == 1

        take(memory, [ASKED])

        assert logged(memory) == {("acme", "ask"), ("acme", "V/acme/R")}

    def test_one_that_names_nothing_is_refused_still(self, memory):
        tally = take(memory, [json.dumps(envelope("V", RELEASED, "", START)).encode()])

        assert tally.quarantined == 1

    def test_who_is_known_later_to_have_asked_is_told_and_nobody_twice(self, memory):
        take(memory, [ASKED, RELEASE])

        take(memory, [MEANWHILE])

        assert logged(memory) == {("acme", "ask"), ("acme", "V/acme/R"), ("beta", "ask-2"), ("beta", "V/beta/R")}

    def test_who_asked_under_a_name_that_is_linked_later_is_told_then(self, memory):
        asked = json.dumps(envelope("ask", REQUESTED, "desk:7", START, request_id="R")).encode()
        link = json.dumps(
            envelope("link", "account.linked", "acme", START.replace(hour=14), system="desk", external_id="7")
        ).encode()

        assert take(memory, [asked, RELEASE]).parked == 1
        assert take(memory, [link]).released == 2

        assert logged(memory) == {("acme", "link"), ("acme", "ask"), ("acme", "V/desk:7/R")}


class TestBesideAnother:
    def test_a_chunk_that_another_intake_has_overtaken_is_worked_out_again(self, memory):
        """Both have read before either writes: who is second sees what the first one brought."""
        take(memory, [ASKED])
        slow = Overtaken(memory, [MEANWHILE])

        tally = Intake(slow, Directory()).take([Incoming("f", 0, RELEASE)], now=UNTIL)

        assert tally.as_json() | {"supporting": 0} == {
            "rows": 1, "accepted": 1, "duplicate": 0, "parked": 0, "quarantined": 0, "supporting": 0
        }  # fmt: skip
        assert {("acme", "V/acme/R"), ("beta", "V/beta/R")} <= logged(memory)

    def test_one_that_is_overtaken_every_time_gives_up_and_keeps_nothing(self, memory, monkeypatch):
        monkeypatch.setattr(intake, "TRIES_MAX", 3)
        rows = [json.dumps(envelope(f"a{n}", REQUESTED, "beta", START, request_id="R")).encode() for n in range(3)]

        with pytest.raises(Outdated):
            Intake(Overtaken(memory, rows), Directory()).take([Incoming("f", 0, RELEASE)], now=UNTIL)

        assert {name for _, name in logged(memory)} == {"a0", "a1", "a2"}


class TestComingBack:
    def test_who_is_back_is_offered_what_was_held_for_her_as_simulate_says_whenever_the_agents_run(self, memory):
        rows = absence_of_four_weeks()
        for row in rows:
            take(memory, [row])
            work(memory, arrives(row))
        work(memory)

        expected = oracle(rows)
        assert holders_of_loops(expected) == ["dana"]
        assert differences(dump_of_memory(memory).without_frontier(), expected) == []


def absence_of_four_weeks() -> list[bytes]:
    """Dana is away, Lou accepts what she has open, and four weeks later she takes it back."""
    facts = {"name": "Acme", "tier": 3, "lifecycle": "live", "roles": {"csm": "dana", "cs_manager": "kim"}}
    absence = {"person": "dana", "from": "2026-03-03", "to": "2026-03-27", "delegate": "lou"}
    asked = {"thread_id": "th", "from": "jo", "to": ["dana"], "expects_reply": True}
    told = [
        envelope("acme", "account.registered", "acme", START, **facts),
        envelope("asked", "customer.message.received", "acme", START.replace(hour=10), **asked),
        envelope("away", "people.user.away_set", "dana", START.replace(hour=11), **absence),
    ]
    for workflow, person, at in (
        ("owner_change_continuity", "lou", START.replace(day=4)),
        ("owner_return", "dana", START.replace(day=31)),
    ):
        known = simulated(json.dumps(row).encode() for row in told).work
        (bundle,) = (row[0] for row in known if workflow in row and "B1" in row)
        told.append(envelope(person, "task.accepted", "acme", at, id=str(bundle), actor={"person": person}))
    return [json.dumps(row).encode() for row in told]


def holders_of_loops(dump: Dump) -> list[str]:
    bodies = [json.loads(one) for row in dump.work if "loop" in row for one in row if isinstance(one, bytes)]
    return [body["holder"]["person"] for body in bodies]


class Overtaken:
    """A store into which somebody else puts a row, just before a chunk is taken, as long as there are any."""

    def __init__(self, store: MemoryStore, rows: list[bytes]) -> None:
        self._store, self._rows = store, rows

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def take(self, chunk: IntakeChunk) -> IntakeResult:
        if self._rows:
            take(self._store, [self._rows.pop(0)])
        return self._store.take(chunk)


def logged(store: MemoryStore) -> set[tuple[str, str]]:
    return {(row.account_id, json.loads(row.body)["id"]) for log in store._log.values() for row in log}
