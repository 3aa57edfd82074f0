"""How workers on a real Kafka end when they are told to, and what producers of others may do to them."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.ports import Fenced, StoreError
from agents.rows import Batch, IntakeChunk, IntakeRecord, partition_of
from nofumble.store.postgres_store import PostgresStore
from tests.database import DatabaseServer
from tests.integration.deployments import PARTITIONS, Deployment, ended, running, wait_until
from tests.integration.eventful import eventful_quarter
from tests.integration.invariants import Dump, broken_invariants, differences, dump_of, oracle_of

pytestmark = [pytest.mark.database, pytest.mark.slow]

LEAVES_WITHIN_S = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("operating")


@pytest.fixture
def deployment(folder: Path, database_server: DatabaseServer, kafka: str) -> Iterator[Deployment]:
    quarter = eventful_quarter(5, 10)
    quarter.write(folder)
    with database_server.database() as database:
        deployment = Deployment(folder, database, kafka)
        deployment.run("kafka", "topics")
        yield deployment
        deployment.close()


def one_of(deployment: Deployment, statement: str):
    with deployment.database.connect(autocommit=True) as connection:
        (value,) = connection.execute(statement).fetchone()
    connection.close()
    return value


class TestSigterm:
    """F7: what is at work is finished or rolled back, and the worker is gone within 30 s."""

    def leave(self, worker) -> tuple[int, float]:
        told_at = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=LEAVES_WITHIN_S)
        return worker.returncode, time.monotonic() - told_at

    def check(self, deployment: Deployment) -> None:
        quarter = eventful_quarter(5, 10)
        oracle = oracle_of(quarter, deployment.folder)
        deployment.work_it_off()
        with deployment.database.connect() as connection:
            assert broken_invariants(connection, oracle, quarter.rows, view=Dump.side_by_side) == {}
        connection.close()

    def test_one_that_is_told_in_the_middle_of_its_work_leaves_in_order(self, folder, deployment):
        deployment.run("kafka", "emit", str(folder / "quarter.jsonl"))
        worker = deployment.worker()
        wait_until(lambda: one_of(deployment, "SELECT count(*) > 0 FROM nofumble.batch"), worker)

        code, took_s = self.leave(worker)

        assert (code, took_s < LEAVES_WITHIN_S) == (0, True)
        self.check(deployment)

    def test_one_whose_batch_hangs_in_the_database_leaves_too_and_nothing_of_the_batch_is_kept(
        self, folder, deployment
    ):
        # given: somebody holds a lock on a table that every batch writes to
        deployment.run("kafka", "emit", str(folder / "quarter.jsonl"))
        with deployment.database.connect() as holder:
            holder.execute("LOCK TABLE nofumble.events IN SHARE MODE")
            worker = deployment.worker()
            waits = "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'nofumble.events'::regclass AND NOT granted"
            wait_until(lambda: one_of(deployment, waits), worker)

            # when
            code, took_s = self.leave(worker)

            # then
            assert (code, took_s < LEAVES_WITHIN_S) == (3, True)
        holder.close()
        assert one_of(deployment, "SELECT sum(next) FROM nofumble.cursor") == 0
        self.check(deployment)


def signature(number: int, account: str = "acme") -> bytes:
    body = {"specversion": "1.0", "id": f"outside-{number}", "source": "/outside", "type": "sales.contract.signed"}
    data = {"contract_id": f"C-{number}", "kind": "new"}
    return json.dumps(body | {"subject": account, "time": "2026-02-02T09:00:00Z", "data": data}).encode()


def produce(deployment: Deployment, *transactions: tuple[bool, list[bytes]]) -> None:
    """Write transactions of records of one account, each committed or aborted."""

    async def run() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=deployment.bootstrap, transactional_id=deployment.prefix)
        await producer.start()
        try:
            for is_committed, values in transactions:
                await producer.begin_transaction()
                for value in values:
                    await producer.send_and_wait(
                        deployment.topics.events, value, b"acme", partition=partition_of("acme", PARTITIONS)
                    )
                await (producer.commit_transaction() if is_committed else producer.abort_transaction())
        finally:
            await producer.stop()

    asyncio.run(run())


class TestTransactionsOfOthers:
    KNOWN = "SELECT array_agg(event_id ORDER BY seq) FROM nofumble.events WHERE source = '/outside' AND kind = 'event'"

    def test_what_was_aborted_is_no_event_and_holes_at_the_end_hold_nobody_up(self, deployment):
        """F25: markers and what was aborted leave offsets without a record, the last ones included."""
        produce(deployment, (True, [signature(1)]), (False, [signature(2), signature(3)]), (True, [signature(4)]))
        produce(deployment, (False, [signature(5)]))

        deployment.work_it_off()

        assert one_of(deployment, self.KNOWN) == ["outside-1", "outside-4"]
        _, ends = deployment.kafka.reach(deployment.topics.events, PARTITIONS)
        at = partition_of("acme", PARTITIONS)
        assert one_of(deployment, f"SELECT next FROM nofumble.cursor WHERE partition = {at}") == ends[at]

    def test_a_worker_that_reads_along_goes_over_each_marker(self, deployment):
        worker = deployment.worker()
        deployment.wait_for_members(1, worker)
        for number in (1, 2, 3):
            produce(deployment, (True, [signature(number)]))
            wait_until(lambda number=number: len(one_of(deployment, self.KNOWN) or ()) == number, worker)

        worker.terminate()
        ended(worker)


class TestMorePartitions:
    """F26: the number of partitions is raised by a command, and nothing is lost, doubled or read twice by it."""

    RAISED = PARTITIONS + 5

    def faults(self, deployment: Deployment) -> list[str]:
        """Compare the tables with what `simulate` says, every account on the partition that is its own now."""
        quarter = eventful_quarter(5, 10)
        oracle = oracle_of(quarter, deployment.folder)
        moved = [(row[0], partition_of(row[0], self.RAISED), *row[2:]) for row in oracle.accounts]
        oracle = oracle._replace(accounts=moved)
        with deployment.database.connect() as connection:
            found = differences(dump_of(connection).side_by_side(), oracle.side_by_side())
        connection.close()
        return found

    def test_a_store_with_more_of_them_goes_on_where_it_stood(self, folder, deployment):
        # given: all events are read, and half of the time has passed
        deployment.run("kafka", "emit", str(folder / "quarter.jsonl"))
        ended(deployment.start("worker", "--once", "--until", "2026-03-01", "--session", "6"))
        deployment.wait_for_members(0)

        # when
        told = deployment.run("kafka", "repartition", str(self.RAISED))
        ended(deployment.worker("--once", NOFUMBLE_PARTITIONS=str(self.RAISED)))

        # then
        assert told["moved"] > 0
        assert self.faults(deployment) == []
        assert one_of(deployment, "SELECT count(*) FROM nofumble.cursor") == self.RAISED

    def test_what_was_accepted_meanwhile_goes_to_the_partition_that_is_its_own_now(self, folder, deployment):
        # given: a store that follows its topic, and a file that is in the table alone
        deployment.work_it_off()
        deployment.run("ingest", str(folder / "quarter.jsonl"))
        deployment.wait_for_members(0)

        # when
        deployment.run("kafka", "repartition", str(self.RAISED))
        ended(deployment.worker("--once", NOFUMBLE_PARTITIONS=str(self.RAISED)))

        # then
        assert self.faults(deployment) == []
        assert one_of(deployment, "SELECT count(*) FROM nofumble.quarantine WHERE reason LIKE 'wrong_partition%'") == 0

    def test_it_is_refused_while_the_topic_holds_what_was_not_handled(self, folder, deployment):
        deployment.run("kafka", "emit", str(folder / "quarter.jsonl"))

        said = ended(deployment.start("kafka", "repartition", str(self.RAISED)), code=2)

        assert "let `nofumble worker --once` work it off" in said
        assert not [one for one in deployment.kafka.look_at(deployment.topics, PARTITIONS) if one.findings]

    def test_it_is_refused_while_a_worker_is_there_and_for_fewer(self, deployment):
        worker = deployment.worker()
        with running(worker):
            deployment.wait_for_members(1, worker)
            said = ended(deployment.start("kafka", "repartition", str(self.RAISED)), code=2)
        fewer = ended(deployment.start("kafka", "repartition", str(PARTITIONS)), code=2)

        assert "1 workers are at work: stop all of them" in said
        assert "their number only rises" in fewer

    def test_one_that_died_between_topic_and_store_is_run_again(self, folder, deployment):
        deployment.run("kafka", "emit", str(folder / "quarter.jsonl"))
        deployment.work_it_off()
        deployment.wait_for_members(0)
        deployment.kafka.raise_partitions(deployment.topics, self.RAISED)
        assert "nofumble kafka repartition" in ended(deployment.worker("--once"), code=2)

        deployment.run("kafka", "repartition", str(self.RAISED))

        ended(deployment.worker("--once", NOFUMBLE_PARTITIONS=str(self.RAISED)))
        assert self.faults(deployment) == []


class TestStoreWithMorePartitions:
    """What the store itself holds to, whoever calls it."""

    @pytest.fixture
    def store(self, database_server: DatabaseServer) -> Iterator[PostgresStore]:
        with database_server.database() as database:
            store = PostgresStore(database)
            store.ensure_partitions(2)
            store.follow("topic")
            yield store
            store.close()

    def test_a_worker_that_has_slept_through_it_is_fenced(self, store):
        turn = store.partitions()[0].turn

        store.repartition(3, [0, 0])

        with pytest.raises(Fenced):
            store.save(Batch(0, 0, 0, "slept", turn=turn))

    @pytest.mark.parametrize(("count", "ends"), [(3, [0, 1]), (2, [0, 0])])
    def test_a_refusal_changes_nothing(self, store, count, ends):
        before = store.partitions()

        with pytest.raises(StoreError):
            store.repartition(count, ends)

        assert store.partitions() == before

    def test_new_partitions_begin_at_the_begin_of_the_topic(self, store):
        store.repartition(4, [0, 0])

        assert [(one.next, one.base, one.end, one.relayed) for one in store.partitions()] == [(0, 0, 0, 0)] * 4

    def test_what_is_in_no_topic_yet_stands_where_it_belongs_and_in_its_order(self, store):
        names = [f"account-{number % 5}" for number in range(20)]
        at = datetime(2026, 3, 3, tzinfo=UTC)
        rows = [IntakeRecord(name, at, "/x", str(number), b"{}") for number, name in enumerate(names)]
        store.take(IntakeChunk(records=rows))

        store.repartition(5, [0, 0])

        for partition in range(5):
            found = store.read_log(partition, 0, 99)
            assert [one.offset for one in found] == list(range(len(found)))
            assert all(partition_of(one.account_id, 5) == partition for one in found)
        assert sum(one.end for one in store.partitions()) == len(names)
