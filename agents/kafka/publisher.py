"""How does a worker put records on topics? In batches that are filled here, by an idempotent producer (acks=all).

A record costs a tenth of one that is sent alone: it is appended to its partition's batch in C, and one answer of the
broker stands for all of them. The producer lives in a loop of its own, on the thread that publishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.kafka.topics import Outgoing, Unpublished, addresses_of

BATCH_BYTES = 256 * 1024
REQUEST_MAX_MS = 30_000


class BatchPublisher:
    """Implements agents.kafka.topics.Publisher. Not safe for two threads."""

    def __init__(self, bootstrap: str) -> None:
        """Connect when something is first published."""
        self._bootstrap = addresses_of(bootstrap)
        self._loop = asyncio.new_event_loop()
        self._producer: Any = None

    def publish(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Return when the broker has all of them."""
        try:
            self._loop.run_until_complete(self._publish(topic, records))
        except (KafkaError, OSError) as error:
            self._drop()
            raise Unpublished(f"the broker did not take {len(records)} records for {topic}: {error!r}") from error

    def close(self) -> None:
        """Give the connection up."""
        self._drop()
        self._loop.close()

    async def _publish(self, topic: str, records: Sequence[Outgoing]) -> None:
        producer = await self._started()
        of_partition: dict[int, list[Outgoing]] = {}
        for record in records:
            of_partition.setdefault(record.partition, []).append(record)
        filled = [(one, batch) for one, rows in of_partition.items() for batch in _batches(producer, rows)]
        answers = [await producer.send_batch(batch, topic, partition=partition) for partition, batch in filled]
        await asyncio.gather(*answers)

    async def _started(self) -> Any:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                enable_idempotence=True,
                max_batch_size=BATCH_BYTES,
                request_timeout_ms=REQUEST_MAX_MS,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    def _drop(self) -> None:
        """Give up a producer that failed: what it may still have in hand would come out of order."""
        producer, self._producer = self._producer, None
        if producer is not None:
            self._loop.run_until_complete(producer.stop())


def _batches(producer: Any, rows: Sequence[Outgoing]) -> Iterator[Any]:
    """Fill batches with records, in order."""
    batch = producer.create_batch()
    for row in rows:
        if _append(batch, row) is None:
            batch.close()
            yield batch
            batch = producer.create_batch()
            if _append(batch, row) is None:
                raise Unpublished(f"a record of {len(row.value)} bytes is larger than a batch of {BATCH_BYTES}")
    batch.close()
    yield batch


def _append(batch: Any, row: Outgoing) -> Any:
    return batch.append(timestamp=None, key=row.key, value=row.value, headers=list(row.headers))
