"""How does the command line put records on a topic? By an idempotent producer of kafka-python, acks of all replicas."""

from collections.abc import Sequence

from kafka import KafkaProducer
from kafka.errors import KafkaError

from agents.kafka.topics import Outgoing, Unpublished, addresses_of

BATCH_BYTES = 256 * 1024
LINGER_MS = 5
DELIVERY_MAX_S = 120.0


class CommandPublisher:
    """Implements agents.kafka.topics.Publisher."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = KafkaProducer(
            bootstrap_servers=addresses_of(bootstrap),
            acks="all",
            enable_idempotence=True,
            batch_size=BATCH_BYTES,
            linger_ms=LINGER_MS,
        )

    def publish(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Return when the broker has all of them; raise Unpublished otherwise."""
        try:
            sent = [
                self._producer.send(
                    topic, key=row.key, value=row.value, headers=list(row.headers), partition=row.partition
                )
                for row in records
            ]
            self._producer.flush(DELIVERY_MAX_S)
            for one in sent:
                one.get(DELIVERY_MAX_S)
        except KafkaError as error:
            raise Unpublished(f"the broker did not take {len(records)} records for {topic}: {error}") from error

    def close(self) -> None:
        """Give the connection up."""
        self._producer.close()
