"""How does Faust hand over batches, from offsets that our store knows? By a transport of its own.

Everything that is overridden here is semi-private to Faust, and faust-streaming is pinned for it:
`tests/contracts/test_faust_contract.py` fails when an upgrade changes what this module leans on.

- `Consumer.getmany` yields one message a partition and fetch, whose value is a Chunk: 30 times the throughput of one
  message an event. The chunk is checked here, before Faust may drop anything (d.2).
- `Consumer.seek_to_committed` is the one place whose seek is not overwritten (d.1): it seeks to the cursors of the
  store. What raises there ends the process, and that is meant (F23, F24).
- The client reads committed records only: what a producer of others wrote in a transaction that it aborted is no event.
- `Consumer.on_partitions_revoked` waits until what is folded is written, before the group gives partitions away.
- `App._on_rebalance_when_stopped` does nothing: of two that leave together the later one stops during a rebalance.

The topic has Faust's acks switched off, and with them its book-keeping of gaps and its commits: Kafka's committed
offsets follow the cursors as a hint, which `hint` commits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, Protocol, cast

import faust
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from agents.kafka.chunks import Chunk, LogJumped, Reading

HOLES_EVERY_S = 1.0
POSITION_MAX_S = 1.0

ANSWER_MAX_S = 30.0
"""How long a broker may take to say how far its log reaches; aiokafka alone asks one that is gone for ever."""


class BrokerSilent(Exception):
    """The broker did not say how far its log reaches: start the worker again when it does."""


class Runtime(Protocol):
    """What the transport asks of the worker, always in the main loop."""

    topic: str

    async def take_up(self, begins: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
        """Return where each of these partitions goes on; raise when the log cannot hold that offset (F23, F24).

        Nothing where they were released meanwhile: another assignment follows, with a seek of its own.
        """
        ...

    async def release(self) -> None:
        """Write what is folded, and touch no partition until the next `take_up`."""
        ...

    def failed(self, error: BaseException) -> None:
        """Remember why the process is about to end."""
        ...


class BatchThread(driver.AIOKafkaConsumerThread):
    """The thread of the client, which reads what was committed."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        client = super()._create_worker_consumer(transport)
        client._isolation_level = "read_committed"  # noqa: SLF001 - Faust ties it to transactions of its own
        return client


class BatchConsumer(driver.Consumer):
    """Yields chunks, from the cursors of the store."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading = Reading()
        self._looked_at = 0.0

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def runtime(self) -> Runtime:
        """Return the worker that this consumer reads for."""
        return cast("KafkaApp", self.app).runtime

    def ours(self) -> set[TP]:
        """Return the partitions of the log that the group has given to us."""
        return {tp for tp in self.assignment() if tp.topic == self.runtime.topic}

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every partition to its cursor in the store; Faust calls this after each rebalance."""
        tps = sorted(self.ours())
        if not tps:
            return {}
        try:
            begins = await _offsets(self._thread.earliest_offsets(*tps))
            ends = await _offsets(self._thread.highwaters(*tps))
            offsets = await self.runtime.take_up(begins, ends)
        except Exception as error:
            self.runtime.failed(error)
            raise
        if not offsets:
            return {}
        wanted = {tp: offsets[tp.partition] for tp in tps}
        await self.seek_wait(wanted)
        self.reading.sought(offsets)
        return wanted

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the worker write what it has folded, then go on as Faust does."""
        self.reading.drop()
        await self.runtime.release()
        await super().on_partitions_revoked(revoked)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 - Faust's signature
        """Yield a message a partition, whose value is a Chunk.

        What was fetched while the group was rebalancing is dropped: a seek follows.
        """
        seeks = self.reading.seeks
        records, _ = await self._wait_next_records(timeout)
        if self.should_stop or not self.flow_active:
            return
        try:
            for tp, found in (records or {}).items():
                if self.reading.is_beyond(tp.partition, found, seeks=seeks):
                    await self._ask_again(tp)
                elif (chunk := self.reading.chunk(tp.partition, found, seeks=seeks)) is not None:
                    yield tp, self._chunk_message(tp, chunk)
            for tp, chunk in await self._holes(seeks, set(records or ())):
                yield tp, self._chunk_message(tp, chunk)
        except Exception as error:
            self.runtime.failed(error)
            raise

    async def _ask_again(self, tp: TP) -> None:
        """Ask for the very offset that we expect: if it is not given again, the log has a hole there (F25)."""
        expected = self.reading.doubt(tp.partition)
        begin = (await self._thread.earliest_offsets(tp))[tp]
        if begin > expected:
            raise LogJumped(f"{tp.topic}/{tp.partition} lost its records {expected} to {begin} while it was read (F23)")
        await self.seek_wait({tp: expected})

    async def _holes(self, seeks: int, given: set[TP]) -> list[tuple[TP, Chunk]]:
        """Return holes at the ends of partitions that gave nothing: the client went on over what is no record."""
        now = time.monotonic()
        if self.should_stop or now - self._looked_at < HOLES_EVERY_S:
            return []
        self._looked_at = now
        found = []
        positions = await self._thread.call_thread(self._positions, self.ours() - given)
        for tp, position in positions.items():
            if seeks != self.reading.seeks or not self.reading.is_before(tp.partition, position):
                continue
            chunk = self.reading.hole(tp.partition, position)
            if chunk is None:
                await self._ask_again(tp)
            else:
                found.append((tp, chunk))
        return found

    async def _positions(self, wanted: set[TP]) -> dict[TP, int]:
        client = self._thread._ensure_consumer()  # noqa: SLF001 - the client lives in Faust's thread
        held = client.assignment()
        try:
            return {tp: await asyncio.wait_for(client.position(tp), POSITION_MAX_S) for tp in wanted if tp in held}
        except (TimeoutError, KafkaError):
            return {}

    async def ends(self) -> dict[int, int]:
        """Return how far each of our partitions reaches now; raise BrokerSilent when nobody says so in time.

        Nothing once the worker stops: the thread of the client is about to end, or has ended.
        """
        tps = [] if self.should_stop else sorted(self.ours())
        return await _offsets(self._thread.highwaters(*tps)) if tps else {}

    async def hint(self, offsets: Mapping[int, int]) -> None:
        """Let Kafka's committed offsets follow the cursors, for tools that show the lag; nothing depends on it."""
        if self.should_stop:
            return
        topic = self.runtime.topic
        wanted = {TopicPartition(topic, partition): OffsetAndMetadata(at, "") for partition, at in offsets.items()}
        await self._thread.call_thread(self._commit_hint, wanted)

    async def _commit_hint(self, wanted: dict[TopicPartition, OffsetAndMetadata]) -> None:
        client = self._thread._ensure_consumer()  # noqa: SLF001 - the client lives in Faust's thread
        held = client.assignment()
        mine = {tp: at for tp, at in wanted.items() if tp in held}
        try:
            if mine:
                await client.commit(mine)
        except KafkaError as error:
            self.log.debug("the hint was not committed: %r", error)

    def _chunk_message(self, tp: TP, chunk: Chunk) -> ConsumerMessage:
        size = len(chunk.records)
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            chunk.end - 1,
            0.0,
            0,
            [],
            b"",
            cast("bytes", chunk),  # Faust passes it on as it is
            None,
            0,
            size,
            tp,
            generation_id=self.app.consumer_generation_id,
        )


class BatchTransport(driver.Transport):
    """The transport whose consumer yields chunks."""

    Consumer = BatchConsumer


class KafkaApp(faust.App):
    """The app whose transport reads from the cursors of the store."""

    runtime: Runtime

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self)

    def _on_rebalance_when_stopped(self) -> None:
        """Leave the client to its own thread, which ends it in order.

        Faust would close it here, in another loop than its own: that of a worker whose group was given out anew while
        it stopped hung until it was killed.
        """


async def _offsets(answer: Awaitable[Mapping[Any, int]]) -> dict[int, int]:
    try:
        offsets = await asyncio.wait_for(answer, ANSWER_MAX_S)
    except (TimeoutError, KafkaError) as error:
        raise BrokerSilent(f"the broker did not say how far its log reaches ({error!r})") from error
    return {tp.partition: offset for tp, offset in offsets.items()}
