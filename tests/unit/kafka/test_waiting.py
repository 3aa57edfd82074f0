"""What waits is folded together, bounded by the records in it; who reads waits for room."""

import asyncio

from agents.kafka.chunks import Chunk
from agents.kafka.waiting import CHUNK_RECORDS_MAX, RECORDS_AHEAD_MAX, Waiting
from tests.unit.kafka.test_chunks import Record


def chunk(partition: int, records: int) -> Chunk:
    return Chunk(partition, 0, records, [Record(0)] * records)


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


class TestWaiting:
    def test_what_stands_in_line_is_taken_together_in_order(self):
        async def run():
            waiting = Waiting()
            for partition in (3, 1, 3):
                await waiting.put(chunk(partition, 2))
            return await waiting.take()

        assert [one.partition for one in asyncio.run(run())] == [3, 1, 3]

    def test_no_more_is_taken_than_one_transaction_bears(self):
        async def run():
            waiting = Waiting()
            for partition in range(3):
                await waiting.put(chunk(partition, CHUNK_RECORDS_MAX - 1))
            return [[one.partition for one in await waiting.take()] for _ in range(2)]

        assert asyncio.run(run()) == [[0, 1], [2]]

    def test_who_folds_waits_for_the_first_chunk(self):
        async def run():
            waiting = Waiting()
            taking = asyncio.ensure_future(waiting.take())
            await turns()
            is_waiting = not taking.done()
            await waiting.put(chunk(0, 0))
            return is_waiting, await taking

        is_waiting, taken = asyncio.run(run())
        assert is_waiting
        assert len(taken) == 1

    def test_who_reads_waits_when_too_many_records_stand_in_line_and_goes_on_when_there_is_room(self):
        async def run():
            waiting = Waiting()
            await waiting.put(chunk(0, RECORDS_AHEAD_MAX))
            putting = asyncio.ensure_future(waiting.put(chunk(1, 1)))
            await turns()
            was_waiting = not putting.done()
            first = await waiting.take()
            await putting
            return was_waiting, [one.partition for one in [*first, *await waiting.take()]]

        assert asyncio.run(run()) == (True, [0, 1])
