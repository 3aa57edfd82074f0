"""A worker folds what it is handed, wakes who is due, and touches nothing that is not its own; no broker is needed."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.kafka.chunks import Chunk, LogJumped
from agents.kafka.worker import LogRefused, Worker
from agents.owner import Owner
from agents.rows import IntakeChunk, IntakeRecord, partition_of
from nofumble.catalogue import open_world
from nofumble.store.memory_store import MemoryStore
from tests.unit.kafka.test_chunks import Record
from workflows.directory import Directory

PARTITIONS = 4
ACME = partition_of("acme", PARTITIONS)
NEIGHBOUR = next(name for name in map(str, range(99)) if partition_of(name, PARTITIONS) == ACME)
ELSEWHERE = next(name for name in map(str, range(99)) if partition_of(name, PARTITIONS) != ACME)
MONDAY = datetime(2026, 2, 2, 9, tzinfo=UTC)
LATER = MONDAY + timedelta(days=30)


def signature(contract: str, account: str = "acme") -> bytes:
    body = {"specversion": "1.0", "id": f"e-{contract}", "source": "/x", "type": "sales.contract.signed"}
    data = {"contract_id": contract, "kind": "new"}
    return json.dumps(body | {"subject": account, "time": MONDAY.isoformat(), "data": data}).encode()


def chunk(first: int, *values: bytes, partition: int = ACME) -> Chunk:
    records = [Record(first + place, value=value) for place, value in enumerate(values)]
    return Chunk(partition, first, first + len(values), records)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    store.follow("topic")
    return store


@pytest.fixture
def worker(store: MemoryStore) -> Worker:
    world = open_world(store, Directory(), now=MONDAY)
    return Worker(Owner(store, world, worker="w"), "events", lambda: LATER)


async def take_up(worker: Worker, end: int = 0, begin: int = 0) -> dict[int, int]:
    return await worker.take_up(dict.fromkeys(range(PARTITIONS), begin), dict.fromkeys(range(PARTITIONS), end))


def ends(worker: Worker) -> Callable[[], Coroutine[Any, Any, dict[int, int]]]:
    async def found() -> dict[int, int]:
        return worker.written()

    return found


class TestFolding:
    def test_a_chunk_is_written_with_its_cursor(self, store, worker):
        async def run():
            await take_up(worker)
            await worker.handle([chunk(0, signature("C-1"), signature("C-2"))])
            await worker.release()

        asyncio.run(run())

        assert store.cursor(ACME) == 2
        assert len(store.unsent(99)) > 2

    def test_chunks_that_waited_together_are_one_transaction(self, store, worker):
        saved = []
        save = MemoryStore.save

        async def run():
            await take_up(worker)
            of_another = chunk(0, signature("C-3", ELSEWHERE), partition=partition_of(ELSEWHERE, PARTITIONS))
            await worker.handle([chunk(0, signature("C-1")), of_another, chunk(1, signature("C-2"))])
            await worker.release()

        store.save = lambda *batches: (saved.append(len(batches)), save(store, *batches))
        asyncio.run(run())

        assert saved == [2]
        assert (store.cursor(ACME), store.cursor(partition_of(ELSEWHERE, PARTITIONS))) == (2, 1)
        assert worker.written() == {}

    def test_of_chunks_that_waited_together_each_must_follow_on_the_one_before(self, store, worker):
        async def run():
            await take_up(worker)
            await worker.handle([chunk(0, signature("C-1")), chunk(2, signature("C-2"))])

        with pytest.raises(LogJumped, match="is folded to 1, and was handed offsets 2 to 3"):
            asyncio.run(run())
        assert store.cursor(ACME) == 0

    def test_offsets_of_the_topic_stand_behind_what_was_handled_before(self, worker):
        """The store was embedded, and had handled three records of this partition."""
        embedded = MemoryStore()
        embedded.ensure_partitions(PARTITIONS)
        embedded._cursors[ACME] = 3
        embedded.follow("topic")
        worker.owner = Owner(embedded, worker.owner.world, worker="w")

        async def run():
            offsets = await take_up(worker)
            await worker.handle([chunk(0, signature("C-1"))])
            await worker.release()
            return offsets

        assert asyncio.run(run())[ACME] == 0
        assert embedded.cursor(ACME) == 4

    def test_a_chunk_of_a_partition_that_was_given_away_is_left_to_its_owner(self, store, worker):
        async def run():
            await take_up(worker)
            await worker.release()
            await worker.handle([chunk(0, signature("C-1"))])

        asyncio.run(run())

        assert store.cursor(ACME) == 0

    def test_one_that_does_not_follow_is_refused(self, worker):
        async def run():
            await take_up(worker)
            await worker.handle([chunk(5, signature("C-1"))])

        with pytest.raises(LogJumped, match="is folded to 0, and was handed offsets 5 to 6"):
            asyncio.run(run())

    def test_partitions_that_are_given_away_while_they_are_taken_up_are_not_ours(self, store, worker):
        async def run():
            taking = asyncio.ensure_future(take_up(worker))
            await asyncio.sleep(0)
            await worker.release()
            offsets = await taking
            await worker.handle([chunk(0, signature("C-1"))])
            return offsets

        assert (asyncio.run(run()), store.cursor(ACME)) == ({}, 0)


class TestTime:
    def test_who_is_due_is_woken_when_everything_before_is_folded(self, store, worker):
        async def run():
            await take_up(worker)
            await worker.handle([chunk(0, signature("C-1"))])
            while not worker.is_at_rest:
                await worker.let_time_pass(ends(worker))
            await worker.release()

        asyncio.run(run())

        assert "alert.raised" in {row.type for row in store.unsent(99)}

    def test_it_is_said_up_to_when_time_has_passed_when_everybody_was_woken(self, store, worker):
        async def run():
            await take_up(worker)
            await worker.handle([chunk(0, signature("C-1"))])
            await worker.let_time_pass(ends(worker))
            busy = store.passed()
            while not worker.is_at_rest:
                await worker.let_time_pass(ends(worker))
            await worker.release()
            return busy

        assert (asyncio.run(run()), store.passed()) == (None, LATER)

    def test_no_time_passes_while_the_topic_holds_more(self, store, worker):
        async def more() -> dict[int, int]:
            return dict.fromkeys(range(PARTITIONS), 2)

        async def run():
            await take_up(worker)
            await worker.handle([chunk(0, signature("C-1"))])
            for _ in range(3):
                await worker.let_time_pass(more)
            await worker.release()

        asyncio.run(run())

        assert "alert.raised" not in {row.type for row in store.unsent(99)}
        assert not worker.is_at_rest
        assert store.passed() is None

    def test_nor_while_an_accepted_event_is_not_in_the_topic_yet(self, store, worker):
        store.take(IntakeChunk(records=[IntakeRecord("acme", MONDAY, "/x", "e-C-9", signature("C-9"))]))

        async def run():
            await take_up(worker)
            await worker.handle([chunk(0, signature("C-1"))])
            for _ in range(3):
                await worker.let_time_pass(ends(worker))
            await worker.release()

        asyncio.run(run())

        assert "alert.raised" not in {row.type for row in store.unsent(99)}

    def test_it_is_not_at_rest_while_a_partition_may_have_grown_since_its_end_was_asked_for(self, worker):
        def reaching(end: int) -> Callable[[], Coroutine[Any, Any, dict[int, int]]]:
            async def found() -> dict[int, int]:
                return worker.written() | {ACME: end}

            return found

        async def run():
            rested = []
            await take_up(worker)
            await worker.let_time_pass(reaching(1))
            await worker.handle([chunk(0, signature("C-1"))])
            for _ in range(6):
                await worker.let_time_pass(reaching(2))  # somebody was told something meanwhile
                rested.append(worker.is_at_rest)
            await worker.release()
            return rested

        assert not any(asyncio.run(run()))

    def test_a_timer_that_waits_its_turn_behind_a_chunk_stands_where_the_chunk_ended(self, store, worker):
        async def run():
            await worker.take_up({ACME: 0}, {ACME: 0})
            await worker.handle([chunk(0, signature("C-1"))])
            assert await worker.let_time_pass(ends(worker))
            of_another = Chunk(ACME, 1, 2, [Record(1, key=NEIGHBOUR.encode(), value=signature("C-2", NEIGHBOUR))])
            await asyncio.gather(worker.handle([of_another]), worker.let_time_pass(ends(worker)))
            while not worker.is_at_rest:
                await worker.let_time_pass(ends(worker))
            await worker.release()

        asyncio.run(run())

        assert (worker.failure, store.cursor(ACME)) == (None, 2)


class TestAnotherLog:
    @pytest.mark.parametrize(
        ("begin", "end", "said"), [(1, 5, "begins at offset 1 .* F23"), (0, 0, "ends at offset 0 .* F24")]
    )
    def test_a_log_that_does_not_reach_the_cursor_is_refused(self, store, worker, begin, end, said):
        # given: one record handled, or none
        if end == 0:
            store._cursors[ACME] = 1

        with pytest.raises(LogRefused, match=said.replace(" .* ", ".*")):
            asyncio.run(take_up(worker, begin=begin, end=end))

    def test_so_is_a_partition_that_the_store_does_not_have(self, worker):
        with pytest.raises(LogRefused, match="F26"):
            asyncio.run(worker.take_up({PARTITIONS: 0}, {PARTITIONS: 0}))
