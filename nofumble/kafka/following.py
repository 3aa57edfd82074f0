"""Which log does this store follow? Its own table, or one topic of one cluster, and never another one after that.

From the embedded default to Kafka nothing is copied: the cursors stand where they stood, offset 0 of the topic is put
at each of them, and what the agents had not handled yet goes from the table to the topic.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event as Flag
from time import monotonic

from agents.kafka.topics import Topics, topics_of
from agents.ports import Store
from agents.rows import PartitionState
from config.settings import Settings
from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.kafka.admin import Kafka, LogIdentity, check_log

AUDIT_MAX_S = 20.0
"""How long the audit of a running worker asks a broker that is about to come back; less than a rebalance may take."""

RETRY_WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class Followed:
    """A store whose log is a topic."""

    bootstrap: str
    topics: Topics
    partitions: int
    group: str

    def audit(self, store: Store, *, patience_s: float = AUDIT_MAX_S) -> Callable[[], None]:
        """Return a check that raises WrongUse when the topic is not the one that the store follows (F24, F26).

        A broker that does not answer, as one that is just started again, is asked for so long.
        """

        def look() -> LogIdentity:
            with open_kafka(self.bootstrap) as kafka:
                return check_log(kafka, self.topics, self.partitions)

        return lambda: _agree(store, _answered(look, patience_s))


def bootstrap_of(settings: Settings) -> str:
    """Return the address of the brokers; raise WrongUse when the settings name none."""
    if not settings.kafka_bootstrap:
        raise WrongUse("NOFUMBLE_KAFKA_BOOTSTRAP is not set: name the brokers of the Kafka, as host:port")
    return settings.kafka_bootstrap


def check_follows(states: Sequence[PartitionState]) -> None:
    """Raise WrongUse when the log of a store is its table still."""
    if any(state.base is None for state in states):
        raise WrongUse("the log of this store is its own table, and no topic: `nofumble worker` changes that")


def follow_topic(store: Store, settings: Settings) -> Followed:
    """Let the log of the store be the topic of the settings; raise WrongUse where it cannot be."""
    followed = Followed(
        bootstrap_of(settings), topics_of(settings.kafka_prefix), settings.partitions, settings.kafka_prefix
    )
    followed.audit(store, patience_s=0)()
    return followed


def _answered(look: Callable[[], LogIdentity], patience_s: float) -> LogIdentity:
    """Look until a broker answers; raise ServiceUnavailable when none does in time."""
    give_up, pause = monotonic() + patience_s, Flag()
    while True:
        try:
            return look()
        except ServiceUnavailable:
            if monotonic() >= give_up:
                raise
        pause.wait(RETRY_WAIT_S)


def _agree(store: Store, found: LogIdentity) -> None:
    known = store.follow(found.as_text())
    if known != found.as_text():
        raise WrongUse(
            f"this store follows the log {known}, and the settings lead to {found.as_text()}: another cluster, or "
            "a topic that was made anew, holds other events (F24); mend NOFUMBLE_KAFKA_BOOTSTRAP, or restore the topic"
        )


@contextmanager
def open_kafka(bootstrap: str) -> Iterator[Kafka]:
    """Give a connection to the cluster."""
    kafka = Kafka(bootstrap)
    try:
        yield kafka
    finally:
        kafka.close()
