"""How far are the agents behind the topic, and for how long has the oldest unread record waited?

The cursor of the store is what counts, not Kafka's committed offset, which only follows it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition

from agents.kafka.topics import addresses_of
from agents.rows import PartitionState
from nofumble.kafka.admin import Kafka

READ_MAX_MS = 10_000


class Lag(NamedTuple):
    """One partition: offsets of the topic, records of the table that are in no topic yet, and how old the oldest is."""

    partition: int
    cursor: int
    end: int
    unrelayed: int
    age_s: float | None

    @property
    def records(self) -> int:
        """Return how many records of the topic are not handled."""
        return max(0, self.end - self.cursor)


def lags(kafka: Kafka, topic: str, states: Sequence[PartitionState], *, now: datetime) -> list[Lag]:
    """Return the lag of every partition; raise ServiceUnavailable when no broker answers."""
    _, ends = kafka.reach(topic, len(states))
    behind = {
        state.partition: state.next - (state.base or 0)
        for state in states
        if state.next - (state.base or 0) < ends[state.partition]
    }
    times = dict(_times(kafka.bootstrap, topic, behind)) if behind else {}
    return [
        Lag(
            state.partition,
            state.next - (state.base or 0),
            ends[state.partition],
            state.end - state.relayed,
            (now - times[state.partition]) / timedelta(seconds=1) if state.partition in times else None,
        )
        for state in states
    ]


def _times(bootstrap: str, topic: str, offsets: dict[int, int]) -> Iterator[tuple[int, datetime]]:
    """Give the broker's time of the record at each offset; a partition that does not answer in time is left out."""
    places = {TopicPartition(topic, partition): offset for partition, offset in offsets.items()}
    consumer = KafkaConsumer(
        bootstrap_servers=addresses_of(bootstrap),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=1,
    )
    try:
        for place, offset in places.items():
            consumer.assign([place])
            consumer.seek(place, offset)
            for record in consumer.poll(timeout_ms=READ_MAX_MS).get(place, ())[:1]:
                yield place.partition, datetime.fromtimestamp(record.timestamp / 1000, UTC)
    finally:
        consumer.close()
