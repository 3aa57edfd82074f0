"""Each is told once of what concerns her, as `simulate --notices` says: in memory, on PostgreSQL, after any death.

The oracle of every comparison is the simulation; notices are compared whole, in the order in which they were told.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from agents import teller
from agents.desk_rows import NoticeRow, Told
from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Fenced, Store
from agents.rows import AccountRow, Batch, OutboxRow
from agents.teller import Teller
from agents.written import notice_row
from nofumble.catalogue import open_world
from nofumble.cli.simulate import fold, with_notices
from nofumble.postgres import Database
from nofumble.store.memory_store import MemoryStore
from nofumble.store.postgres_batch import save_batches
from nofumble.store.postgres_store import PostgresStore
from nofumble.wiring import known_directory, load_definitions, load_directory
from tests.database import DatabaseServer
from tests.integration.commands import AGENTS, PATIENCE_S, Commands
from tests.integration.deployments import Deployment, running, wait_until
from tests.integration.eventful import UNTIL, Quarter, Read, eventful_quarter, read_rows
from workflows.attention.matters import HEARD_TYPES
from workflows.directory import Directory
from workflows.library import Library
from workflows.simulation import World

PARTITIONS = 8
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


class Case(NamedTuple):
    """A quarter, who works there, and what people must be told."""

    quarter: Quarter
    read: Read
    folder: Path
    file: Path
    directory: Directory
    expected: list[NoticeRow]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("notices")
    quarter = eventful_quarter(3, 6)
    file = quarter.write(folder)
    read, directory = read_rows(quarter.rows), load_directory(folder / "organisation.yaml")
    world = World(Library(load_definitions()), directory)
    told = with_notices(fold(read.events, world, UNTIL).lines, world, UNTIL)
    rows = [notice_row(out.account, out.line) for out in told if out.line.type.startswith(("notice.", "digest."))]
    return Case(quarter, read, folder, file, directory, rows)


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


def take(store: Store, case: Case, rows: list[bytes]) -> None:
    taking = Intake(store, known_directory(store, case.directory))
    taking.take([Incoming("quarter", number, raw) for number, raw in enumerate(rows)], now=UNTIL)


def agents_of(store: Store, case: Case) -> EmbeddedAgents:
    return EmbeddedAgents(store, open_world(store, case.directory, now=UNTIL), worker="w")


def told_in(store: Store) -> list[NoticeRow]:
    return store.notices(limit=1_000_000)[::-1]


def parts_of(case: Case, count: int) -> Iterator[tuple[list[bytes], datetime]]:
    """Split the rows by arrival, each part with the time of its last one."""
    good = [(read_rows([row]).events[0].arrived_at, row) for row in case.quarter.rows if row not in case.read.bad]
    times = sorted({at for at, _ in good})
    ends = [times[len(times) * number // count - 1] for number in range(1, count + 1)]
    start = times[0] - timedelta(days=1)
    for end in ends:
        yield [row for at, row in good if start < at <= end], end
        start = end


class TestTheSameEverywhere:
    def test_a_quarter_tells_of_everything_that_can_be_told(self, case):
        types = {row.type for row in case.expected}
        reasons = {json.loads(row.body)["data"].get("why") for row in case.expected}

        assert types == {"notice.sent", "notice.deferred", "digest.sent"}
        assert reasons >= {"new", "changed", "repeat", "ended"}

    def test_memory_tells_what_simulate_tells(self, memory, case):
        take(memory, case, case.quarter.rows)
        agents_of(memory, case).run_until_idle(UNTIL)

        assert told_in(memory) == case.expected

    @pytest.mark.parametrize("count", [3, 20])
    def test_whoever_takes_the_desks_up_again_goes_on_with_them_as_they_were(self, memory, case, count, monkeypatch):
        monkeypatch.setattr(teller, "LINES_AT_ONCE", 7)
        for rows, end in parts_of(case, count):
            take(memory, case, rows)
            agents_of(memory, case).run_until_idle(end)
        agents_of(memory, case).run_until_idle(UNTIL)

        assert told_in(memory) == case.expected

    def test_time_alone_tells(self, memory, case):
        """Repeats and digests come due without a new line."""
        take(memory, case, case.quarter.rows)
        agents = agents_of(memory, case)
        agents.run_until_idle(UNTIL)
        lines, notices = len(memory.unsent(1_000_000)), len(told_in(memory))

        last = max(row.at for row in told_in(memory))
        teller_alone = Teller(memory, agents.world.directories)
        assert teller_alone.tell(UNTIL + timedelta(days=14)) > 0

        assert len(memory.unsent(1_000_000)) == lines
        assert {row.at > last for row in told_in(memory)[notices:]} == {True}

    def test_agents_that_never_come_to_rest_tell_all_the_same(self, memory, case):
        """Whenever they look, somebody is due again."""
        take(memory, case, case.quarter.rows)
        agents = agents_of(memory, case)
        agents.catch_up()

        for _ in range(20):
            rows = memory._accounts.values()  # who waits for a proof is due at what fired last, and has nothing to do
            soonest = min(row.next_due_at for row in rows if row.next_due_at not in (None, row.fired_at))
            assert agents.round(soonest + timedelta(hours=1))

        assert told_in(memory)


@pytest.mark.database
@pytest.mark.slow
class TestTheRealCommands:
    def test_what_run_once_told_is_what_simulate_says(self, case, database, postgres):
        commands = Commands(case.folder, database.dsn)
        process = commands.start("simulate", str(case.file), "--until", f"{UNTIL:%Y-%m-%d}", "--notices", "--json")
        answer, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said.decode()

        commands.ingest(case.file)
        done = commands.work()

        expected = [row for row in answer.splitlines() if json.loads(row)["type"].startswith(("notice.", "digest."))]
        assert [row.body for row in told_in(postgres)] == expected
        assert done["notices"] == len(expected)

    @pytest.mark.parametrize("point", ["attention.after_heard", "attention.before_commit", "attention.after_commit"])
    def test_each_is_told_once_wherever_the_agents_die(self, case, database_server: DatabaseServer, point):
        with database_server.database() as database:
            commands = Commands(case.folder, database.dsn, is_small=True)
            commands.ingest(case.file)

            for passage in (1, 2, 5):
                assert commands.die(f"{point}:{passage}", *AGENTS)
            commands.work()

            store = PostgresStore(database)
            assert told_in(store) == case.expected
            store.close()


@pytest.mark.database
@pytest.mark.slow
class TestOnKafka:
    """Which lines go out may depend on which partition was ahead (0006): what was told follows from the lines."""

    @pytest.fixture
    def deployment(self, case, database_server: DatabaseServer, kafka: str) -> Iterator[Deployment]:
        with database_server.database() as database:
            Commands(case.folder, database.dsn).ingest(case.file)
            deployment = Deployment(case.folder, database, kafka, is_small=True)
            deployment.run("kafka", "topics")
            yield deployment
            deployment.close()

    def test_a_worker_that_is_done_has_told_everybody(self, case, deployment):
        deployment.work_it_off()

        assert_told(case, deployment.database)

    def test_of_two_workers_one_tells_and_the_other_goes_on_when_it_dies(self, case, deployment):
        dying, other = deployment.worker(fault="attention.before_commit:3"), deployment.worker()
        with running(other):
            wait_until(lambda: dying.poll() is not None or is_told(deployment.database), other)
            wait_until(lambda: is_told(deployment.database), other)
        dying.kill()
        dying.communicate()
        deployment.work_it_off()

        assert_told(case, deployment.database)


def is_told(database: Database) -> bool:
    """Tell whether everything that went out was heard."""
    store = PostgresStore(database)
    found = store.passed() == UNTIL and not store.unheard(UNTIL, 1)
    store.close()
    return found


def assert_told(case: Case, database: Database) -> None:
    """Compare what was told with what a teller says who hears the same lines at once."""
    store, again = PostgresStore(database), MemoryStore()
    lines = [row._replace(is_for_desks=row.type in HEARD_TYPES) for row in sent_rows(database)]
    again.ensure_partitions(1)
    accounts = [
        AccountRow(one.account_id, 0, None, one.frontier, one.seq, facts=one.facts)
        for one in store.accounts(limit=1_000)
    ]
    again.save(Batch(0, 0, 1, "w", accounts=accounts, outbox=lines))
    Teller(again, open_world(store, case.directory, now=UNTIL).directories).tell(UNTIL)
    assert told_in(store) == told_in(again) != []
    store.close()


def sent_rows(database: Database) -> list[OutboxRow]:
    with database.connect() as connection, connection.cursor(binary=True) as cursor:
        statement = "SELECT id::text, account_id, at, type, body FROM nofumble.outbox ORDER BY seq"
        rows = [OutboxRow(*row) for row in cursor.execute(statement)]
    connection.close()
    return rows


class TestOneAtATime:
    def test_of_two_tellers_the_slower_one_is_fenced_and_goes_on_with_what_the_other_did(self, memory, case):
        # given: both have read the desks
        take(memory, case, case.quarter.rows)
        agents = agents_of(memory, case)
        agents.catch_up()
        slow, fast = (Teller(memory, agents.world.directories) for _ in range(2))
        ends = sorted(one.at for one in memory.unheard(UNTIL, 1_000_000))
        slow.tell(ends[10])
        fast.tell(ends[20])

        # when
        with pytest.raises(Fenced):
            slow.tell(ends[-1])
        slow.tell(ends[-1])

        # then
        told = told_in(memory)
        assert len({row.id for row in told}) == len(told) > 0
        assert memory.unheard(ends[-1], 1) == []

    @pytest.mark.database
    def test_a_line_of_a_slower_transaction_is_heard_though_what_was_written_behind_it_was_heard_before(self, postgres):
        # given: two workers write at the same time, and the one that began first ends last
        def batch_of(partition: int, account: str) -> Batch:
            name = f"00000000-0000-5000-8000-00000000000{partition}"
            return Batch(
                partition, 0, 1, "w", outbox=[OutboxRow(name, account, NOON, "alert.raised", b"{}", is_for_desks=True)]
            )

        slow = postgres.twin()
        connection = slow._connect()
        save_batches(connection, [batch_of(1, "slow")])
        postgres.save(batch_of(2, "fast"))

        # when: what can be seen is heard
        seen = postgres.unheard(NOON, 10)
        postgres.save_told(Told(0, NOON, [row.id for row in seen]))
        connection.commit()
        connection.close()

        # then
        assert [row.account_id for row in seen] == ["fast"]
        assert [row.account_id for row in postgres.unheard(NOON, 10)] == ["slow"]
