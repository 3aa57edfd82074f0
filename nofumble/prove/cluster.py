"""On which Kafka is a proof made? That of an address, with topics of its own, else a broker of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agents.kafka.topics import Topics, topics_of
from config.settings import PREFIX
from nofumble.clock import new_id
from nofumble.errors import ServiceUnavailable
from nofumble.kafka.broker import Broker, running_broker
from nofumble.kafka.following import open_kafka
from nofumble.prove.crew import Tell

PARTITIONS = 8
SESSION_S, SESSION_OWN_S = 6, 3
"""How long a dead worker keeps its partitions: 6 is the least that a broker allows by its default."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kafka, and the names of the proof in it; `broker` is there to be killed when it is ours."""

    bootstrap: str
    group: str
    broker: Broker | None

    @property
    def topics(self) -> Topics:
        """Return the topics of the proof."""
        return topics_of(self.group)

    @property
    def settings(self) -> Mapping[str, str]:
        """Return what tells a command of it."""
        return {f"{PREFIX}KAFKA_BOOTSTRAP": self.bootstrap, f"{PREFIX}KAFKA_PREFIX": self.group}

    @property
    def session_s(self) -> int:
        """Return how long a silent worker keeps its partitions."""
        return SESSION_S if self.broker is None else SESSION_OWN_S


@contextmanager
def some_cluster(folder: Path, bootstrap: str | None, tell: Tell) -> Iterator[Cluster]:
    """Give a Kafka with topics; nothing of the proof is left in it. Raise ServiceUnavailable when there is none."""
    group = f"nofumble-prove-{new_id()}"
    if bootstrap is None:
        tell("starting a broker")
        with running_broker(folder / "kafka") as broker:
            cluster = Cluster(broker.address, group, broker)
            _make_topics(cluster)
            yield cluster
        return
    cluster = Cluster(bootstrap, group, None)
    _make_topics(cluster)
    try:
        yield cluster
    finally:
        with suppress(ServiceUnavailable), open_kafka(bootstrap) as kafka:
            kafka.remove(cluster.topics, group)


def _make_topics(cluster: Cluster) -> None:
    with open_kafka(cluster.bootstrap) as kafka:
        kafka.make(cluster.topics, PARTITIONS)
