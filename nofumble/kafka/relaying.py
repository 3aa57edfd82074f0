"""Who carries accepted events and what is to go out to the topics, while a worker runs? A thread beside the agents.

It has a connection and a producer of its own and knows nothing of the group: rebalances do not concern it. A broker or
a database that does not answer is waited for; rows stay where they are until then (F28).
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Event as Flag
from threading import Thread

import structlog

from agents.kafka.relays import is_left, relay_events, relay_quarantine, relay_work
from agents.kafka.topics import Publisher, Topics, Unpublished
from agents.ports import OutcomeUnknown, Store, StoreUnavailable
from nofumble.clock import Clock, SystemClock, new_id

IDLE_WAIT_S = 0.05
RETRY_WAIT_S = 1.0
FOLLOWER_WAIT_S = 0.5

log = structlog.get_logger()


class Relaying:
    """Relays until it is closed. `open_store` and `open_publisher` are called on the thread."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        open_publisher: Callable[[], Publisher],
        topics: Topics,
        partitions: int,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._open_store, self._open_publisher = open_store, open_publisher
        self._topics, self._partitions = topics, partitions
        self._clock = clock or SystemClock()
        self._name = new_id()
        self._stop = Flag()
        self.is_idle = False
        """Whether nothing was left to relay when last looked at."""
        self._thread = Thread(target=self._run, name="nofumble-relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after what is under way."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        store, publisher = self._open_store(), self._open_publisher()
        try:
            while not self._stop.is_set():
                self._stop.wait(self._round(store, publisher))
        finally:
            publisher.close()
            with suppress(StoreUnavailable, OutcomeUnknown):
                store.leave_relay(self._name)
            store.close()

    def _round(self, store: Store, publisher: Publisher) -> float:
        """Relay what there is; return how long to wait before the next round."""
        try:
            if not store.lead_relay(self._name):
                self.is_idle = not is_left(store)  # somebody else relays, or soon we do
                return FOLLOWER_WAIT_S
            count = relay_events(store, publisher, self._topics.events)
            count += relay_work(store, publisher, self._topics, self._partitions, self._clock.now)
            count += relay_quarantine(store, publisher, self._topics, self._partitions, self._clock.now)
        except (Unpublished, StoreUnavailable, OutcomeUnknown) as error:
            self.is_idle = False
            log.warning("relay.delayed", reason=str(error))
            return RETRY_WAIT_S
        self.is_idle = count == 0
        return IDLE_WAIT_S if count == 0 else 0.0
