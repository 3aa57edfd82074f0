"""The same rows give the same bytes: in simulate, in memory, on PostgreSQL, from the log again, in any process.

However the rows are split into files, chunks and batches, whatever a worker forgets in between, and whatever the clock
does. The oracle of every comparison is the simulation (D1, D5; R1 to R4 of the fault catalogue).
"""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from agents import embedded, handle, intake, owner
from agents.embedded import EmbeddedAgents
from agents.handle import Handler
from agents.intake import Incoming, Intake
from agents.ports import Fenced, Store
from agents.rows import Batch, LogSlice
from nofumble.catalogue import open_world
from nofumble.postgres import Database
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_store import PostgresStore
from nofumble.wiring import known_directory, load_definitions, load_directory
from tests.integration.commands import CHECKOUT, COMMAND, Commands
from tests.integration.eventful import UNTIL, Quarter, Read, eventful_quarter, read_rows
from tests.integration.invariants import (
    Dump,
    broken_invariants,
    differences,
    dump_in,
    dump_of_memory,
    dump_of_simulation,
)
from workflows import history
from workflows.account import encode
from workflows.directory import Directory
from workflows.library import Library

PARTITIONS = 8
NOW = UNTIL
ACCOUNTS = 8
"""Enough for every kind of trouble, and few enough for a transaction an event."""


class Case(NamedTuple):
    """A quarter, who works there, and what must come of it."""

    quarter: Quarter
    read: Read
    directory: Directory
    oracle: Dump


def case_of(seed: int, accounts: int, folder: Path) -> Case:
    quarter = eventful_quarter(seed, accounts)
    quarter.write(folder)
    directory = load_directory(folder / "organisation.yaml")
    read = read_rows(quarter.rows)
    return Case(quarter, read, directory, dump_of_simulation(read, Library(load_definitions()), directory))


@pytest.fixture(scope="module", params=[3, 4])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_of(request.param, ACCOUNTS, tmp_path_factory.mktemp("quarter"))


@pytest.fixture
def memory() -> MemoryStore:
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    return store


@pytest.fixture
def postgres(database: Database) -> Iterator[PostgresStore]:
    store = PostgresStore(database)
    store.ensure_partitions(PARTITIONS)
    yield store
    store.close()


def set_bounds(
    monkeypatch: pytest.MonkeyPatch,
    *,
    batch: int = embedded.BATCH_RECORDS,
    due: int = owner.BATCH_DUE,
    chunk: int = intake.CHUNK_ROWS,
    cached: int = handle.ACCOUNTS_CACHED_MAX,
    snapshot: int = history.SNAPSHOT_EVERY,
) -> None:
    """Set how much is done at once, and how much is remembered: none of it may be seen in what comes out."""
    monkeypatch.setattr(embedded, "BATCH_RECORDS", batch)
    monkeypatch.setattr(owner, "BATCH_DUE", due)
    monkeypatch.setattr(intake, "CHUNK_ROWS", chunk)
    monkeypatch.setattr(handle, "ACCOUNTS_CACHED_MAX", cached)
    monkeypatch.setattr(history, "SNAPSHOT_EVERY", snapshot)


def take(store: Store, case: Case, rows: Iterable[bytes]) -> None:
    taking = Intake(store, known_directory(store, case.directory))
    taking.take([Incoming("quarter", number, raw) for number, raw in enumerate(rows)], now=NOW)


def agents_of(store: Store, case: Case, worker: str = "w") -> EmbeddedAgents:
    return EmbeddedAgents(store, open_world(store, case.directory, now=NOW), worker=worker)


def work(store: Store, case: Case, until: datetime = UNTIL) -> EmbeddedAgents:
    """Let agents that know nothing work until nothing is due."""
    agents = agents_of(store, case)
    agents.run_until_idle(until)
    agents.close()
    return agents


def lived_through(store: Store, case: Case) -> EmbeddedAgents:
    take(store, case, case.quarter.rows)
    return work(store, case)


def cuts(case: Case, count: int, seed: int) -> list[tuple[list[bytes], datetime]]:
    """Split the rows into so many files in order of arrival, each with the time of its last arrival."""
    times = sorted({arrival.arrived_at for arrival in case.read.events})
    ends = [*sorted(Random(seed).sample(times[:-1], count - 1)), times[-1]]
    parts: list[tuple[list[bytes], datetime]] = [([], end) for end in ends]
    for row in case.quarter.rows:
        if row not in case.read.bad:
            (arrival,) = read_rows([row]).events
            part = next(part for part, end in parts if arrival.arrived_at <= end)
            part.append(row)
    parts[-1][0].extend(case.read.bad)
    return parts


class TestStores:
    def test_memory_gives_what_simulate_gives(self, memory, case):
        lived_through(memory, case)

        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    def test_postgres_gives_what_memory_gives(self, memory, postgres, database, case):
        lived_through(memory, case)
        lived_through(postgres, case)

        assert differences(dump_in(database), dump_of_memory(memory)) == []
        with database.connect() as connection:
            assert broken_invariants(connection, case.oracle, case.quarter.rows) == {}
        connection.close()


class TestBounds:
    @pytest.mark.parametrize(("batch", "cached"), [(1, 0), (1, 20_000), (7, 3), (2000, 0), (2000, 20_000)])
    def test_no_size_of_batches_and_no_forgetting_is_seen(self, memory, case, monkeypatch, batch, cached):
        set_bounds(monkeypatch, batch=batch, due=max(1, batch // 3), cached=cached)

        lived_through(memory, case)

        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    @pytest.mark.parametrize(("snapshot", "cached"), [(1, 0), (5, 20_000), (23, 0)])
    def test_however_often_a_state_is_written_down(self, memory, case, monkeypatch, snapshot, cached):
        set_bounds(monkeypatch, batch=13, cached=cached, snapshot=snapshot)

        lived_through(memory, case)

        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    @pytest.mark.parametrize("chunk", [1, 10, 333])
    def test_no_size_of_chunks_is_seen(self, memory, case, monkeypatch, chunk):
        set_bounds(monkeypatch, chunk=chunk)

        lived_through(memory, case)

        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    def test_a_database_that_is_written_while_accounts_are_loaded_from_it_gives_the_same(
        self, postgres, database, case, monkeypatch
    ):
        set_bounds(monkeypatch, batch=11, due=3, cached=2, chunk=200, snapshot=6)

        lived_through(postgres, case)

        assert differences(dump_in(database).without_frontier(), case.oracle.without_frontier()) == []


class TestSplits:
    @pytest.mark.parametrize("count", [2, 5, 40])
    def test_files_taken_and_worked_on_one_after_the_other_give_what_one_file_gives(self, memory, case, count):
        for rows, end in cuts(case, count, seed=count):
            take(memory, case, rows)
            work(memory, case, end)
        work(memory, case)

        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    def test_so_do_agents_that_never_stop(self, memory, case, monkeypatch):
        set_bounds(monkeypatch, snapshot=9)
        agents = agents_of(memory, case)
        for rows, end in cuts(case, 25, seed=1):
            take(memory, case, rows)
            agents.run_until_idle(end)
        agents.run_until_idle(UNTIL)

        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    def test_files_in_the_wrong_order_give_the_same_however_they_are_worked_on(self, case, monkeypatch):
        """What arrived long before lies behind the base of an account: it is folded again from its first entry."""
        parts = cuts(case, 3, seed=5)
        dumps = []
        for batch, cached, snapshot in ((2000, 20_000, 4), (1, 0, 4), (9, 20_000, 16)):
            set_bounds(monkeypatch, batch=batch, cached=cached, snapshot=snapshot)
            store = MemoryStore()
            store.ensure_partitions(PARTITIONS)
            for rows, _ in reversed(parts):
                take(store, case, rows)
            work(store, case)
            dumps.append(dump_of_memory(store).side_by_side())

        assert differences(dumps[0], dumps[1]) == []
        assert differences(dumps[0], dumps[2]) == []

    def test_a_file_that_is_fed_again_changes_nothing(self, memory, case):
        lived_through(memory, case)
        before = dump_of_memory(memory)

        lived_through(memory, case)

        assert differences(dump_of_memory(memory), before) == []


class TestTies:
    @pytest.mark.parametrize("is_fresh", [False, True])
    def test_timers_of_one_time_fire_in_order_of_their_instances(self, memory, case, monkeypatch, is_fresh):
        # given: two contracts of one moment, the later name first, and enough behind them to make a base
        set_bounds(monkeypatch, snapshot=1)
        signed = [signature(name, time="2026-02-02T09:00:00Z") for name in ("C-2", "C-1")]
        signed += [envelope(f"later-{day}", time=f"2026-02-0{day}T12:00:00Z") for day in (6, 8)]

        # when
        take(memory, case, signed)
        agents = agents_of(memory, case)
        agents.catch_up()
        (agents_of(memory, case) if is_fresh else agents).run_until_idle(UNTIL)

        # then
        raised = [row for row in memory.unsent(999) if row.type == "alert.raised"]
        moments = sorted({row.at for row in raised})
        keys = [[json.loads(row.body)["data"]["key"] for row in raised if row.at == moment] for moment in moments]
        assert len(keys) > 1
        assert all(of_one_moment == sorted(of_one_moment) for of_one_moment in keys)
        assert ["C-1", "C-2"] in keys


class TestTwoWorkers:
    @pytest.mark.parametrize("seed", range(4))
    def test_two_that_take_turns_at_random_do_what_one_does(self, memory, case, seed):
        # given: both keep what they have folded, and neither knows what the other did meanwhile
        draw = Random(seed)
        workers = [agents_of(memory, case, worker=name) for name in ("one", "other")]

        # when
        for rows, end in cuts(case, 30, seed=seed):
            take(memory, case, rows)
            for _ in range(draw.randint(1, 3)):
                take_a_turn(draw.choice(workers), draw.choice((None, end)))
        for worker in workers:
            take_a_turn(worker, UNTIL)

        # then
        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []

    def test_one_that_only_lets_time_pass_is_noticed_by_the_other(self, memory, case):
        """The sleeper had folded its batch before the other one, who got further, and wants to write it now."""
        # given
        take(memory, case, case.quarter.rows)
        sleeper, other = agents_of(memory, case, worker="sleeper"), agents_of(memory, case, worker="other")
        sleeper.catch_up()
        handed = put_to_sleep(sleeper)
        dues = sorted(row.next_due_at for row in memory._accounts.values() if row.next_due_at is not None)
        sleeper.round(dues[len(dues) // 2])
        assert handed

        # when
        other.run_until_idle(UNTIL)
        before = dump_of_memory(memory)
        for batch in handed:
            with pytest.raises(Fenced):
                memory.save(batch)

        # then
        assert differences(dump_of_memory(memory), before) == []


def take_a_turn(worker: EmbeddedAgents, until: datetime | None) -> None:
    """Work until nothing is due, or only fold what is in the log; whoever is fenced begins anew."""
    for _ in range(3):
        try:
            worker.catch_up() if until is None else worker.run_until_idle(until)
        except Fenced:
            continue
        return
    raise AssertionError("fenced by nobody")


def put_to_sleep(agents: EmbeddedAgents) -> list[Batch]:
    """Let batches be handed over but not written; return where they wait."""
    handed: list[Batch] = []
    agents.saver.submit = handed.extend
    agents.saver.wait = lambda: None
    return handed


class TestFoldAgain:
    @pytest.mark.parametrize(("snapshot", "cached"), [(48, 20_000), (4, 20_000), (7, 5)])
    def test_what_the_log_folds_to_is_what_the_agents_have_in_memory(self, memory, case, monkeypatch, snapshot, cached):
        # given
        set_bounds(monkeypatch, batch=31, snapshot=snapshot, cached=cached)
        agents = lived_through(memory, case)

        # when
        fresh = Handler(memory, agents.world, worker="fresh")

        # then
        assert agents.handler._cache
        for name, kept in agents.handler._cache.items():
            again = fresh._load(kept.partition, [name])[name].history
            assert (again.number, again.next_due(), again.fired) == (
                kept.history.number,
                kept.history.next_due(),
                kept.history.fired,
            )
            assert encode(again.state) == encode(kept.history.state), name

    def test_records_that_are_delivered_again_change_nothing(self, memory, case, monkeypatch):
        # given
        set_bounds(monkeypatch, snapshot=3)
        agents = lived_through(memory, case)

        # then: in the running agents as in those that begin anew
        for handler in (agents.handler, Handler(memory, agents.world, worker="fresh")):
            for state in memory.partitions():
                records = memory.read_log(state.partition, 0, state.end)
                for batch in handler.fold([LogSlice(state.partition, records, state.next, state.next)]):
                    assert (batch.entries, batch.opened, batch.work, batch.outbox) == ([], [], [], [])

    @pytest.mark.parametrize(("batch", "snapshot"), [(2000, 2), (2000, 16), (10, 2)])
    def test_a_log_that_holds_every_record_twice_folds_as_one_that_holds_it_once(
        self, memory, case, monkeypatch, batch, snapshot
    ):
        # given: as a producer that tries again leaves it (F19)
        set_bounds(monkeypatch, batch=batch, snapshot=snapshot)
        take(memory, case, case.quarter.rows)
        for log in memory._log.values():
            log += [record._replace(offset=record.offset + len(log)) for record in log]

        # when
        work(memory, case)

        # then
        assert differences(dump_of_memory(memory).side_by_side(), case.oracle.side_by_side()) == []

    def test_an_event_that_came_before_its_time_is_known_when_it_comes_again(self, memory, case, monkeypatch):
        # given: it stands in the log at its arrival, which is as far as the base reaches (F44)
        set_bounds(monkeypatch, batch=1, snapshot=1)
        early = envelope("e-1", time="2026-02-02T09:04:00Z", recordedtime="2026-02-02T09:00:00Z")
        take(memory, case, [early, envelope("e-2", time="2026-02-06T09:00:00Z")])
        for log in memory._log.values():
            log += [record._replace(offset=len(log)) for record in log[:1]]

        # when
        work(memory, case)

        # then
        assert [row[6] for row in dump_of_memory(memory).entries] == ["e-1", "e-2"]


class TestClock:
    def test_a_clock_that_jumps_back_and_far_ahead_fires_each_timer_once(self, memory, case):
        # given
        take(memory, case, case.quarter.rows)

        # when
        for step in (timedelta(days=-30), timedelta(days=-31), timedelta(days=-30, hours=1), timedelta(0)):
            work(memory, case, UNTIL + step)
        work(memory, case, UNTIL - timedelta(days=365))

        # then
        assert differences(dump_of_memory(memory).without_frontier(), case.oracle.without_frontier()) == []


@pytest.mark.parametrize("case", [3], indirect=True)
class TestProcesses:
    PLACES = (
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8"},
    )

    def test_other_hash_seeds_zones_and_locales_give_the_same_bytes_of_simulate(self, case, tmp_path):
        file = case.quarter.write(tmp_path)
        words = ("simulate", str(file), "--until", f"{UNTIL:%Y-%m-%d}", "--json")
        own = {"PATH": os.environ["PATH"], "NOFUMBLE_ORGANISATION": str(tmp_path / "organisation.yaml")}

        answers = [
            subprocess.run([*COMMAND, *words], cwd=CHECKOUT, env=own | place, capture_output=True, check=True).stdout
            for place in self.PLACES
        ]

        assert answers[0] == answers[1]
        assert sorted(line_ids(answers[0])) == sorted(row[1] for row in case.oracle.lines)

    def test_and_the_same_tables(self, case, database_server, tmp_path):
        dumps = []
        for place in self.PLACES:
            with database_server.database() as database:
                commands = Commands(tmp_path, database.dsn)
                commands.ingest(case.quarter.write(tmp_path), **place)
                commands.work(**place)
                dumps.append(dump_in(database))

        assert dumps[0].digest() == dumps[1].digest()
        assert differences(dumps[0].without_frontier(), case.oracle.without_frontier()) == []


def envelope(event_id: str, **times: str) -> bytes:
    body = {"specversion": "1.0", "id": event_id, "source": "/x", "type": "x.y", "subject": "acme", "data": {}}
    return json.dumps(body | times).encode()


def signature(contract: str, **times: str) -> bytes:
    data = {"contract_id": contract, "kind": "new"}
    body = {"specversion": "1.0", "id": f"e-{contract}", "source": "/x", "type": "sales.contract.signed"}
    return json.dumps(body | {"subject": "acme", "data": data} | times).encode()


def line_ids(answer: bytes) -> Sequence[str]:
    return [line.split(b'"id":"', 1)[1].split(b'"', 1)[0].decode() for line in answer.splitlines()]
