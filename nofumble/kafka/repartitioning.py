"""How do a store and its topics get more partitions? First the topics, then the store, and nothing may be at work.

Whoever dies in between runs the same command again: topics that have as many are left alone, and until the store has
them too, no worker starts.
"""

from threading import Event as Flag

from agents.kafka.topics import topics_of
from agents.ports import StoreError
from config.settings import Settings
from nofumble.clock import new_id
from nofumble.errors import WrongUse
from nofumble.kafka.admin import Kafka
from nofumble.kafka.following import check_follows
from nofumble.store.postgres_store import PostgresStore

LEASE_WAIT_S = 0.5


def repartition(store: PostgresStore, kafka: Kafka, settings: Settings, count: int) -> int:
    """Give the store and its topics `count` partitions; return how many accounts moved to another one.

    Raises:
        WrongUse: a worker runs, the topic holds what was not handled, or there are as many partitions already.
    """
    states, topics = store.partitions(), topics_of(settings.kafka_prefix)
    check_follows(states)
    if count <= len(states):
        raise WrongUse(f"this store has {len(states)} partitions, and {count} are no more: their number only rises")
    if members := kafka.members(settings.kafka_prefix):
        raise WrongUse(f"{members} workers are at work: stop all of them, and run this again")
    relay, pause = new_id(), Flag()
    while not store.lead_relay(relay):
        pause.wait(LEASE_WAIT_S)
    try:
        _, ends = kafka.reach(topics.events, len(states))
        for state, end in zip(store.partitions(), ends, strict=True):
            handled = state.next - (state.base or 0)
            if handled != end:
                raise WrongUse(
                    f"{topics.events}/{state.partition} was handled up to {handled} and reaches to {end}: let "
                    "`nofumble worker --once` work it off, and run this again"
                )
        kafka.raise_partitions(topics, count)
        return store.repartition(count, ends)
    except StoreError as error:
        raise WrongUse(f"{error}; nothing of the store was changed, run this again") from error
    finally:
        store.leave_relay(relay)
