"""Is the process alive, has it partitions, does the store answer? Kept by a thread that asks the store now and then.

Who probes is answered from what was found last, so that a probe costs the database nothing and waits for nobody.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import Event as Flag
from threading import Thread
from typing import NamedTuple

import structlog

from agents.page_rows import Backlog
from agents.ports import OutcomeUnknown, Store, StoreUnavailable
from agents.progress import Progress
from agents.rows import PartitionState
from nofumble.clock import Clock, SystemClock
from nofumble.errors import ServiceUnavailable

SAMPLE_EVERY_S = 2.0
SAMPLE_OLD_S = 15.0
"""A store that has not answered for so long counts as one that does not: a statement may take ten."""

STILL_MAX_S = 60.0
"""How long the loop may be silent: longer than any retry of a batch (30 s)."""

log = structlog.get_logger()


class Sample(NamedTuple):
    """What the store said, and when by the monotonic clock."""

    at: float
    states: Sequence[PartitionState]
    backlog: Backlog


class Pulse:
    """What a loop that works shows of itself; it beats, and others look.

    `lags` tells of each partition that is ours how many records wait in it; it is called on the looker's thread.
    """

    def __init__(self, progress: Progress, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.progress = progress
        self.lags: Callable[[Sequence[PartitionState]], Mapping[int, int]] = lambda _: {}
        self._monotonic = monotonic
        self._beaten_at = monotonic()

    def beat(self) -> None:
        """Say that the loop goes on."""
        self._beaten_at = self._monotonic()

    def still_s(self) -> float:
        """Return for how long the loop has been silent."""
        return self._monotonic() - self._beaten_at


class Watching:
    """Samples the store until it is closed; `open_store` is called on its thread, which has a connection of its own."""

    def __init__(
        self,
        pulse: Pulse,
        open_store: Callable[[], Store],
        *,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pulse = pulse
        self._open_store, self._clock, self._monotonic = open_store, clock or SystemClock(), monotonic
        self.sample: Sample | None = None
        self._has_failed = False
        self._stop = Flag()
        self._thread = Thread(target=self._run, name="nofumble-monitor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End soon; a question that is under way is left to itself."""
        self._stop.set()
        self._thread.join(SAMPLE_EVERY_S)

    def lags(self) -> Mapping[int, int]:
        """Return how many records wait in each partition that is ours."""
        return self.pulse.lags(self.sample.states if self.sample else ())

    def sample_age_s(self) -> float | None:
        """Return how long ago the store answered; None when it never did."""
        return None if self.sample is None else self._monotonic() - self.sample.at

    def why_not_alive(self) -> str | None:
        """Return why this process should be started again; None when it should not."""
        still_s = self.pulse.still_s()
        return f"the loop has been silent for {still_s:.0f} s" if still_s > STILL_MAX_S else None

    def why_not_ready(self) -> str | None:
        """Return why this process does no work now; None when it does."""
        age_s = self.sample_age_s()
        if self._has_failed or age_s is None or age_s > SAMPLE_OLD_S:
            return "the store does not answer"
        return None if self.lags() else "no partition is ours"

    def look(self, store: Store) -> None:
        """Ask the store once."""
        try:
            states, backlog = store.partitions(), store.backlog(self._clock.now())
        except (StoreUnavailable, OutcomeUnknown, ServiceUnavailable) as error:
            self._has_failed = True
            log.warning("monitor.store_silent", reason=str(error))
            return
        self.sample, self._has_failed = Sample(self._monotonic(), states, backlog), False

    def _run(self) -> None:
        store = self._open_store()
        try:
            while not self._stop.is_set():
                self.look(store)
                self._stop.wait(SAMPLE_EVERY_S)
        finally:
            store.close()


def lags_of_table(states: Sequence[PartitionState]) -> Mapping[int, int]:
    """Return how far who reads the log's table is behind, in every partition of it."""
    return {state.partition: max(0, state.end - state.next) for state in states}


def seconds(age: timedelta | None) -> float:
    """Return an age in seconds; what is not there is not old."""
    return 0.0 if age is None else age.total_seconds()
