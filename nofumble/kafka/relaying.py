"""Who carries events and lines to the topics and tells people, while a worker runs? A thread beside the agents.

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
from agents.ports import Fenced, OutcomeUnknown, Store, StoreUnavailable
from agents.teller import Teller
from agents.world import learn_people
from nofumble.clock import Clock, SystemClock, new_id
from nofumble.measuring import Measuring
from workflows.directory import Directory, DirectoryTimeline
from workflows.library import Library

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
        organisation: Directory,
        *,
        measures_for: Library | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Begin with nothing; `measures_for` is the library for which loads are measured, if they are (W20)."""
        self._open_store, self._open_publisher = open_store, open_publisher
        self._topics, self._partitions = topics, partitions
        self._directories, self._people_seq = DirectoryTimeline(organisation), 0
        self._measures_for = measures_for
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
        teller = Teller(store, self._directories)
        wanted = self._measures_for
        measuring = None if wanted is None else Measuring(store, self._directories, wanted)
        try:
            while not self._stop.is_set():
                self._stop.wait(self._round(store, publisher, teller, measuring))
        finally:
            publisher.close()
            with suppress(StoreUnavailable, OutcomeUnknown):
                store.leave_relay(self._name)
            store.close()

    def _round(self, store: Store, publisher: Publisher, teller: Teller, measuring: Measuring | None) -> float:
        """Relay what there is, and tell people; return how long to wait before the next round."""
        try:
            if not store.lead_relay(self._name):
                self.is_idle = not is_left(store)  # somebody else relays, or soon we do
                return FOLLOWER_WAIT_S
            count = relay_events(store, publisher, self._topics.events)
            count += relay_work(store, publisher, self._topics, self._partitions, self._clock.now)
            count += relay_quarantine(store, publisher, self._topics, self._partitions, self._clock.now)
            count += self._tell(store, teller)
            if count == 0 and measuring is not None:
                count += self._measure(store, measuring)
        except (Unpublished, Fenced, StoreUnavailable, OutcomeUnknown) as error:
            self.is_idle = False
            log.warning("relay.delayed", reason=str(error))
            return RETRY_WAIT_S
        self.is_idle = count == 0
        return IDLE_WAIT_S if count == 0 else 0.0

    def _measure(self, store: Store, measuring: Measuring) -> int:
        """Measure the load of our people when it is time for it, and everything that went in was passed (W20)."""
        until, now = store.passed(), self._clock.now()
        return measuring.measure(min(until, now)) if until is not None else 0

    def _tell(self, store: Store, teller: Teller) -> int:
        """Tell people of what went out up to the time that has passed for all accounts, whoever has them."""
        until = store.passed()
        if until is None:
            return 0
        said = learn_people(store, self._directories, self._people_seq)
        self._people_seq = said[-1][0] if said else self._people_seq
        return teller.tell(until)
