"""Are the topics there, and are they as the agents need them? Asked of the broker by kafka-python.

An account stays on its partition, so that a topic has as many partitions as the store. A fold needs its whole log, so
that nothing of it is deleted by age or size, and nothing is compacted.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Event as Flag
from typing import Any, NamedTuple

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, NewTopic
from kafka.errors import CoordinatorNotAvailableError, GroupIdNotFoundError, KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from agents.kafka.topics import Topics, addresses_of
from nofumble.errors import ServiceUnavailable, WrongUse

CONNECT_MAX_MS = 10_000
REQUEST_MAX_MS = 20_000
COORDINATOR_TRIES, COORDINATOR_WAIT_S = 40, 0.5

KEPT_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
"""How the log of events must be kept."""

KEPT_A_WHILE = {"cleanup.policy": "delete"}
"""What goes out may be deleted by age as the broker is set: the store has it."""

_EARLIEST, _LATEST = -2, -1


class LogIdentity(NamedTuple):
    """Which log it is: the same name on another cluster, or made anew, is another log (F24)."""

    cluster: str
    topic: str
    topic_id: str

    def as_text(self) -> str:
        """Write it as the store keeps it."""
        return json.dumps(self._asdict(), sort_keys=True)


class TopicState(NamedTuple):
    """A topic as the broker has it, and what is not as it must be, one sentence each."""

    name: str
    partitions: int
    topic_id: str
    findings: Sequence[str]


class Kafka:
    """Asks one cluster. Every method may raise ServiceUnavailable."""

    def __init__(self, bootstrap: str) -> None:
        """Connect; raise ServiceUnavailable when no broker answers."""
        self.bootstrap = bootstrap
        with _answering(bootstrap):
            self._client = KafkaAdminClient(
                bootstrap_servers=addresses_of(bootstrap),
                request_timeout_ms=REQUEST_MAX_MS,
                bootstrap_timeout_ms=CONNECT_MAX_MS,
            )

    def close(self) -> None:
        """Give the connection up."""
        self._client.close()

    def make(self, topics: Topics, partitions: int) -> list[str]:
        """Make the topics that are missing, with the broker's own number of replicas; return their names."""
        made = []
        there = self._topics(topics)
        for name in topics:
            if name in there:
                continue
            settings = KEPT_FOR_EVER if name == topics.events else KEPT_A_WHILE
            with _answering(self.bootstrap):
                try:
                    self._client.create_topics([NewTopic(name, partitions, -1, topic_configs=dict(settings))])
                except TopicAlreadyExistsError:
                    continue
                self._client.wait_for_topics([name])
            made.append(name)
        return made

    def raise_partitions(self, topics: Topics, count: int) -> None:
        """Give every topic that has fewer partitions `count` of them."""
        there = self._topics(topics)
        fewer = [name for name in topics if name in there and len(there[name]["partitions"]) < count]
        with _answering(self.bootstrap):
            if fewer:
                self._client.create_partitions(dict.fromkeys(fewer, count))
                self._client.wait_for_topics(fewer)

    def members(self, group: str) -> int:
        """Return how many workers a group has."""
        pause = Flag()
        with _answering(self.bootstrap):
            for _ in range(COORDINATOR_TRIES):
                try:
                    return len(self._client.describe_groups([group])[group]["members"])
                except CoordinatorNotAvailableError:  # a new broker makes its topic of groups when it is first asked
                    pause.wait(COORDINATOR_WAIT_S)
            raise CoordinatorNotAvailableError(f"nobody keeps the group {group}")

    def look_at(self, topics: Topics, partitions: int) -> list[TopicState]:
        """Return every topic with what is not as it must be."""
        there = self._topics(topics)
        settings = self._settings([name for name in topics if name in there])
        found = []
        for name in topics:
            topic = there.get(name)
            if topic is None:
                sentence = f"the topic {name} is not there: `nofumble kafka topics` makes it"
                found.append(TopicState(name, 0, "", [sentence]))
                continue
            count = len(topic["partitions"])
            wanted = KEPT_FOR_EVER if name == topics.events else KEPT_A_WHILE
            findings = [*_count(name, count, partitions), *_kept(name, settings[name], wanted)]
            found.append(TopicState(name, count, str(topic["topic_id"]), findings))
        return found

    def identity(self, topic: TopicState) -> LogIdentity:
        """Return which log it is."""
        with _answering(self.bootstrap):
            return LogIdentity(str(self._client.describe_cluster()["cluster_id"]), topic.name, topic.topic_id)

    def reach(self, topic: str, partitions: int) -> tuple[list[int], list[int]]:
        """Return the first and the next offset of every partition."""
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        with _answering(self.bootstrap):
            begins, ends = (
                self._client.list_partition_offsets(dict.fromkeys(places, spec)) for spec in (_EARLIEST, _LATEST)
            )
        return [begins[one].offset for one in places], [ends[one].offset for one in places]

    def settled_members(self, group: str) -> int | None:
        """Return how many share the partitions of a group; None while it is not settled, or not known yet."""
        with _answering(self.bootstrap):
            found = self._client.describe_groups([group])[group]
        return len(found["members"]) if found["group_state"] in {"Stable", "Empty", "Dead"} else None

    def put_committed(self, group: str, topic: str, offsets: Sequence[int]) -> None:
        """Set what a group without members has committed of each partition."""
        wanted = {TopicPartition(topic, one): OffsetAndMetadata(at, "", -1) for one, at in enumerate(offsets)}
        with _answering(self.bootstrap):
            self._client.alter_group_offsets(group, wanted)

    def remove(self, topics: Topics, group: str) -> None:
        """Delete the topics of a deployment, and what its group, without members, has committed."""
        with _answering(self.bootstrap):
            self._client.delete_topics(list(topics))
            with suppress(GroupIdNotFoundError):
                self._client.delete_groups([group])

    def _topics(self, topics: Topics) -> dict[str, Mapping[str, Any]]:
        with _answering(self.bootstrap):
            return {one["name"]: one for one in self._client.describe_topics(list(topics)) if not one["error_code"]}

    def _settings(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        asked = [ConfigResource("TOPIC", name) for name in names]
        with _answering(self.bootstrap):
            (answer,) = self._client.describe_configs(asked, config_filter="all").values()
        return {name: {key: str(one["value"]) for key, one in answer[name].items()} for name in names}


def check_log(kafka: Kafka, topics: Topics, partitions: int) -> LogIdentity:
    """Return which log the topic of events is; raise WrongUse for the first thing that is not as it must be."""
    events = kafka.look_at(topics, partitions)[0]
    for finding in events.findings:
        raise WrongUse(finding)
    return kafka.identity(events)


def _count(name: str, count: int, wanted: int) -> Iterator[str]:
    if count != wanted:
        yield (
            f"the topic {name} has {count} partitions and the store has {wanted}: accounts would change their "
            f"partition (F26); `nofumble kafka repartition` raises both, and only more than {wanted} can be"
        )


def _kept(name: str, settings: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[str]:
    for key, value in wanted.items():
        if settings.get(key) != value:
            yield f"the topic {name} has {key}={settings.get(key)}, and a fold needs its whole log: set it to {value}"


@contextmanager
def _answering(bootstrap: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ServiceUnavailable(
            f"the broker at {bootstrap} does not answer ({said}): start it, or mend NOFUMBLE_KAFKA_BOOTSTRAP"
        ) from error
