"""How workers on a real Kafka end when they are told to, and what producers of others may do to them."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.rows import partition_of
from nofumble.wiring import load_definitions, load_directory
from tests.database import DatabaseServer
from tests.integration.deployments import PARTITIONS, Deployment, ended, wait_until
from tests.integration.eventful import eventful_quarter, read_rows
from tests.integration.invariants import Dump, broken_invariants, dump_of_simulation
from workflows.library import Library

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
        oracle = dump_of_simulation(
            read_rows(quarter.rows),
            Library(load_definitions()),
            load_directory(deployment.folder / "organisation.yaml"),
        )
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
