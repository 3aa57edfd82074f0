"""Workers on a real Kafka and a real PostgreSQL write what the embedded agents and `simulate` write, whoever dies.

Real commands in processes of their own. Each test has topics and a group of its own on the broker of the run.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from agents.kafka.topics import ARRIVED, Outgoing, event_records
from agents.rows import partition_of
from nofumble.faults import POINTS
from nofumble.kafka.broker import running_broker
from nofumble.postgres import Database
from nofumble.store.postgres_store import PostgresStore
from tests.broker import VARIABLE
from tests.database import DatabaseServer
from tests.integration.commands import Commands
from tests.integration.deployments import PARTITIONS, Deployment, ended, running, wait_until
from tests.integration.eventful import Quarter, eventful_quarter
from tests.integration.invariants import Dump, broken_invariants, differences, dump_of, oracle_of
from workflows.deeds import SOURCE
from workflows.people import OF_HOLDERS

pytestmark = [pytest.mark.database, pytest.mark.slow]

SEED = int(os.environ.get("NOFUMBLE_TEST_SEED", "11"))
ACCOUNTS = 30
BATCH_POINTS = sorted(point for point in POINTS if point.startswith("batch."))


class Case(NamedTuple):
    """The quarter as a file, what must come of it, and a database with the file taken in."""

    quarter: Quarter
    folder: Path
    file: Path
    oracle: Dump
    taken_in: Database


@pytest.fixture(scope="module")
def case(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("kafka")
    quarter = eventful_quarter(SEED, ACCOUNTS)
    file = quarter.write(folder)
    oracle = oracle_of(quarter, folder)
    with database_server.database() as taken_in:
        Commands(folder, taken_in.dsn).ingest(file)
        yield Case(quarter, folder, file, oracle, taken_in)


@pytest.fixture
def filled(case: Case, database_server: DatabaseServer, kafka: str) -> Iterator[Deployment]:
    """A deployment with the quarter taken in and nothing of it on a topic."""
    with database_server.copy_of(case.taken_in) as database:
        deployment = Deployment(case.folder, database, kafka)
        deployment.run("kafka", "topics")
        yield deployment
        deployment.close()


@pytest.fixture
def empty(case: Case, database_server: DatabaseServer, kafka: str) -> Iterator[Deployment]:
    with database_server.database() as database:
        deployment = Deployment(case.folder, database, kafka)
        deployment.run("kafka", "topics")
        yield deployment
        deployment.close()


def check(case: Case, deployment: Deployment) -> None:
    """Count every invariant on the tables as they stand."""
    with deployment.database.connect() as connection:
        assert broken_invariants(connection, case.oracle, case.quarter.rows, view=Dump.side_by_side) == {}
    connection.close()


def check_rows(case: Case, deployment: Deployment) -> None:
    """Compare the tables alone: the topic holds more than the table of the log, or in another order of partitions."""
    with deployment.database.connect() as connection:
        assert differences(dump_of(connection).side_by_side(), case.oracle.side_by_side()) == []
    connection.close()


def check_after_a_death(case: Case, deployment: Deployment) -> None:
    """Count every invariant; the tables alone where a relay died before its note and sent records again (F19)."""
    _, ends = deployment.kafka.reach(deployment.topics.events, PARTITIONS)
    ((rows,),) = rows_of(deployment, "SELECT sum(next_off) FROM nofumble.log_partition")
    (check_rows if sum(ends) > rows else check)(case, deployment)


def rows_of(deployment: Deployment, statement: str) -> list[tuple]:
    with deployment.database.connect(autocommit=True) as connection:
        rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


def taken_in(entries: Iterable[tuple]) -> Counter:
    """Count the events that came in from outside, out of kind, source, id and type of each entry."""
    return Counter(
        (source, event_id)
        for kind, source, event_id, event_type in entries
        if kind == "event" and source != SOURCE and event_type not in OF_HOLDERS
    )


def records_of(deployment: Deployment, topic: str) -> list:
    """Read a topic from its beginning to its end with a reader that has nothing to do with us."""
    consumer = KafkaConsumer(
        bootstrap_servers=deployment.bootstrap, auto_offset_reset="earliest", max_poll_records=5000
    )
    places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    found: list = []
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=1000).values():
            found += records
    consumer.close()
    return found


class TestSameRows:
    def test_one_worker_writes_what_simulate_says(self, case, empty):
        tally = empty.run("kafka", "emit", str(case.file))
        # What accounts hear of each other through the log comes on top, as much of it as timing has it.
        assert tally["sent"] == sum(state[0] for state in rows_of(empty, "SELECT relayed FROM nofumble.log_partition"))
        empty.work_it_off()

        check(case, empty)

    def test_so_do_two_that_are_fed_while_they_work(self, case, empty):
        workers = [empty.worker(), empty.worker()]
        with running(*workers):
            empty.wait_for_members(2, *workers)

            # when
            empty.run("ingest", str(case.file))
            empty.wait_until_at_rest(*workers)

        # then
        assert empty.owners() == 2
        check(case, empty)

    def test_what_goes_out_is_on_the_topic_of_work_under_its_account(self, filled):
        filled.work_it_off()

        told = rows_of(filled, "SELECT id::text, account_id FROM nofumble.outbox WHERE sent_at IS NOT NULL")
        sent = [(dict(one.headers)["id"].decode(), one.key.decode()) for one in records_of(filled, filled.topics.work)]
        assert len(sent) > 100
        assert sorted(sent) == sorted(told)

    def test_what_was_refused_is_on_the_topic_of_the_quarantine_with_its_reason(self, filled):
        filled.work_it_off()

        kept = rows_of(filled, "SELECT id::text, reason, raw FROM nofumble.quarantine")
        sent = [
            (said["id"].decode(), said["reason"].decode(), one.value)
            for one in records_of(filled, filled.topics.quarantine)
            for said in [dict(one.headers)]
        ]
        assert len(sent) > 10
        assert sorted(sent) == sorted(kept)

    def test_a_store_that_was_embedded_goes_on_where_it_stood(self, case, filled):
        # given: half of the time was lived through without Kafka
        filled.run("run", "--once", "--until", "2026-03-01")
        handled = rows_of(filled, "SELECT sum(next) FROM nofumble.cursor")

        # when
        filled.run("ingest", str(case.file))
        filled.work_it_off()

        # then: and the embedded agents leave it alone from now on
        assert handled[0][0] > 0
        check(case, filled)
        assert "nofumble worker" in ended(filled.start("run", "--once"), code=2)


class TestDeaths:
    @pytest.mark.parametrize("point", BATCH_POINTS)
    def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(self, case, filled, point):
        filled.run("kafka", "emit", str(case.file))

        for passage in (1, Random(f"{SEED} {point}").randint(2, 4)):
            worker = filled.worker("--once", fault=f"{point}:{passage}")
            ended(worker, code=-signal.SIGKILL)
        filled.work_it_off()

        check_after_a_death(case, filled)

    def test_of_two_the_other_one_takes_over(self, case, filled):
        filled.run("kafka", "emit", str(case.file))
        victim = filled.worker(fault="batch.before_commit:2")
        ended(victim, code=-signal.SIGKILL)
        other = filled.worker()

        with running(other):
            filled.wait_until_at_rest(other)

        check_after_a_death(case, filled)

    def test_one_that_slept_while_another_took_over_changes_nothing(self, case, empty):
        """SIGSTOP beyond the session, then SIGCONT: it rejoins, or is fenced and ends (F17)."""
        # given: two at work, with half of the quarter
        sleeper, other = empty.worker(), empty.worker()
        half = case.folder / "half.jsonl"
        half.write_bytes(b"\n".join(case.quarter.rows[: len(case.quarter.rows) // 2]) + b"\n")
        try:
            empty.wait_for_members(2, sleeper, other)
            empty.run("ingest", str(half))
            empty.wait_until_at_rest(sleeper, other)
            sleeper.send_signal(signal.SIGSTOP)

            # when
            empty.run("ingest", str(case.file))
            empty.wait_until_at_rest(other)
            sleeper.send_signal(signal.SIGCONT)
            empty.run("ingest", str(case.file))
        finally:
            for worker in (sleeper, other):
                worker.send_signal(signal.SIGCONT)
                worker.terminate()
                worker.communicate()
        empty.work_it_off()

        # then: files in another order of arrival than the oracle's, so that only what was taken in is compared, not
        # what an account hears because of what is open there when it is folded (W03, W21)
        entries = "SELECT kind, source, event_id, type FROM nofumble.events"
        assert taken_in(rows_of(empty, entries)) == taken_in([(row[2], *row[5:8]) for row in case.oracle.entries])


class TestOffsets:
    @pytest.mark.parametrize("to", ["the beginning", "the end", "nothing"])
    def test_what_the_group_has_committed_decides_nothing(self, case, filled, to):
        """F20 to F22: the cursor says where to go on."""
        # given: half of it handled, and the group's offsets set elsewhere
        filled.run("kafka", "emit", str(case.file))
        ended(filled.worker("--once", fault="batch.after_commit:5"), code=-signal.SIGKILL)
        client = filled.kafka._client
        filled.wait_for_members(0)
        _, ends = filled.kafka.reach(filled.topics.events, PARTITIONS)
        if to == "nothing":
            client.delete_groups([filled.prefix])
        else:
            wanted = ends if to == "the end" else [0] * PARTITIONS
            client.alter_group_offsets(
                filled.prefix,
                {
                    TopicPartition(filled.topics.events, partition): OffsetAndMetadata(offset, "", -1)
                    for partition, offset in enumerate(wanted)
                },
            )

        # when
        filled.work_it_off()

        # then
        check_after_a_death(case, filled)

    def test_records_that_are_sent_again_change_nothing(self, case, filled):
        """A relay that dies between the broker's word and its own note sends again (F19)."""
        filled.run("kafka", "emit", str(case.file))
        filled.work_it_off()
        store = PostgresStore(filled.database)
        for state in store.partitions():
            filled.publisher.publish(filled.topics.events, event_records(store.read_log(state.partition, 0, 10_000)))
        store.close()

        filled.work_it_off()

        check_rows(case, filled)

    def test_kafkas_own_offsets_follow_the_cursors(self, filled):
        worker = filled.worker()
        with running(worker):
            filled.wait_until_at_rest(worker)
            cursors = dict(rows_of(filled, "SELECT partition, next - base FROM nofumble.cursor"))

            def told() -> dict[int, int]:
                offsets = filled.kafka._client.list_group_offsets([filled.prefix])[filled.prefix]
                return {place.partition: at.offset for place, at in offsets.items()}

            wait_until(lambda: told() == cursors, worker)


@pytest.mark.usefixtures("kafka")
class TestBrokerDies:
    def test_a_broker_that_is_killed_and_comes_back_loses_nothing_and_doubles_nothing(
        self, case, database_server, tmp_path
    ):
        """F14; and what is accepted meanwhile waits in the store (F28)."""
        if VARIABLE in os.environ:
            pytest.skip(f"the broker of {VARIABLE} is not ours to kill")
        with running_broker(tmp_path) as broker, database_server.database() as database:
            deployment = Deployment(case.folder, database, broker.address, is_small=True)
            deployment.run("kafka", "topics")
            worker = deployment.worker()
            try:
                # when: it dies while the worker is at it, and comes back after events were accepted
                deployment.wait_for_members(1, worker)
                deployment.close()
                broker.kill()
                tally = deployment.run("ingest", str(case.file))
                broker.start()
                worker = deployment.supervised_until_at_rest(worker)
            finally:
                worker.terminate()
                worker.communicate()

            # then
            assert tally["accepted"] > 1000
            check_rows(case, deployment)


class TestOthersWriteToo:
    def test_what_is_no_event_of_its_account_is_set_aside_and_the_rest_goes_on(self, case, filled):
        # given: between good ones, in every way in which a record can be wrong
        good = partition_of("ferro", PARTITIONS)
        bad = [
            Outgoing(good, b"ferro", b"{", []),
            Outgoing(good, b"ferro", b"", []),
            Outgoing((good + 1) % PARTITIONS, b"ferro", b"{}", []),
            Outgoing(good, b"", b"{}", []),
            Outgoing(good, b"ferro", b"\xef\xbb\xbf\xff", [(ARRIVED, b"x")]),
        ]
        filled.publisher.publish(filled.topics.events, bad)

        # when
        filled.work_it_off()

        # then
        refused = rows_of(filled, "SELECT path FROM nofumble.quarantine WHERE origin LIKE 'log/%' ORDER BY path")
        assert [path for (path,) in refused] == ["", "", "headers", "key", "key"]
        check_rows(case, filled)


class TestAnotherLog:
    def test_a_log_that_lost_its_head_stops_the_worker(self, case, filled):
        """F23: aiokafka alone would go on behind the hole."""
        filled.run("kafka", "emit", str(case.file))
        _, ends = filled.kafka.reach(filled.topics.events, PARTITIONS)
        partition = max(range(PARTITIONS), key=lambda one: ends[one])
        filled.kafka._client.delete_records({TopicPartition(filled.topics.events, partition): 3})

        said = ended(filled.worker("--once"), code=2)

        assert "begins at offset 3 and was handled up to 0: 3 records were deleted before they were read (F23)" in said

    def test_a_topic_that_was_made_anew_stops_it(self, case, filled):
        """F24."""
        filled.run("kafka", "emit", str(case.file))
        filled.work_it_off()
        filled.kafka._client.delete_topics([filled.topics.events])
        wait_until(lambda: filled.topics.events not in filled.kafka._client.list_topics())
        filled.run("kafka", "topics")

        said = ended(filled.worker("--once"), code=2)

        assert "a topic that was made anew" in said

    def test_a_raised_number_of_partitions_stops_it(self, filled):
        """F26."""
        filled.kafka._client.create_partitions({filled.topics.events: PARTITIONS + 1})

        said = ended(filled.worker("--once"), code=2)

        assert f"has {PARTITIONS + 1} partitions and the store has {PARTITIONS}" in said


class TestCommands:
    def test_topics_are_made_once_and_looked_at_each_time(self, empty):
        process = empty.start("kafka", "topics", "--check", "--json")
        answer, _ = process.communicate()

        assert [json.loads(line)["findings"] for line in answer.splitlines()] == [[], [], []]

    def test_one_that_deletes_by_age_is_found(self, empty):
        from kafka.admin import ConfigResource

        empty.kafka._client.alter_configs([ConfigResource("TOPIC", empty.topics.events, {"retention.ms": "1000"})])

        assert "has retention.ms=1000, and a fold needs its whole log" in ended(empty.start("kafka", "topics"), code=1)

    def test_lag_is_told_with_its_age_until_there_is_none(self, case, filled):
        # given
        filled.run("kafka", "emit", str(case.file))
        process = filled.start("kafka", "lag", "--json")
        before = [json.loads(line) for line in process.communicate()[0].splitlines()]

        # when
        filled.work_it_off()
        process = filled.start("kafka", "lag", "--json")
        after = [json.loads(line) for line in process.communicate()[0].splitlines()]

        # then
        assert all(one["lag"] == one["end"] > 0 and one["age_s"] > 0 for one in before)
        assert [(one["lag"], one["age_s"]) for one in after] == [(0, None)] * PARTITIONS

    def test_no_broker_is_one_sentence(self, empty):
        process = empty.start("worker", "--once", NOFUMBLE_KAFKA_BOOTSTRAP="127.0.0.1:1")

        assert "the broker at 127.0.0.1:1 does not answer" in ended(process, code=3)

    def test_no_address_of_a_broker_is_wrong_use(self, empty):
        assert "NOFUMBLE_KAFKA_BOOTSTRAP is not set" in ended(
            empty.start("worker", "--once", NOFUMBLE_KAFKA_BOOTSTRAP=""), code=2
        )
