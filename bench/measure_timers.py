"""How fast are timers drained that are all due at once, and do events starve meanwhile?

Ten contracts an account each wait for something, one of the ten until now. The agents' ordinary rounds work through
what is due; after the first batch of the timekeeper, fresh events are put into the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from agents.ports import Store
from agents.progress import Progress
from bench.figures import Check, Findings, Measured
from bench.homes import open_bench_store, throwaway_home
from bench.measure_embedded import agents_over, sent, take_in
from bench.measuring import tell, timed
from bench.sizes import Sizes
from bench.stored_accounts import DUE_AT, WAITING, account_name, signature, waiting_state, write_accounts
from nofumble.wiring import load_definitions

TIMERS_AN_ACCOUNT = 10
FRESH = 1_000
"""Events that come in while timers are drained."""


@dataclass(slots=True)
class _Watcher:
    """Puts fresh events into the log after the first batch of the timekeeper, and notes when all were handled."""

    store: Store
    fresh: list[bytes]
    until: datetime
    spent_s: float = 0.0
    given_at: float | None = None
    handled_at: float | None = None

    def look(self, progress: Progress) -> None:
        """Look at each batch of the agents; its own time is no part of theirs."""
        began = perf_counter()
        if self.given_at is None and progress.woken > 0:
            take_in(self.store, self.fresh, now=self.until)
            self.given_at = perf_counter()
        self.look_at_cursors()
        self.spent_s += perf_counter() - began

    def look_at_cursors(self) -> None:
        """Note the time once what was put into the log is handled and saved."""
        if self.given_at is None or self.handled_at is not None:
            return
        if all(one.next == one.end for one in self.store.partitions()):
            self.handled_at = perf_counter()

    @property
    def delay_s(self) -> float:
        """Give how long the fresh events waited."""
        assert self.given_at is not None, "the timekeeper had nothing to do"
        assert self.handled_at is not None, "the fresh events were not handled"
        return self.handled_at - self.given_at


def measure_timers(sizes: Sizes) -> Findings:
    """Write accounts that wait, and drain what is due."""
    accounts, until = sizes.waiting_accounts, DUE_AT + timedelta(minutes=1)
    with throwaway_home() as settings, open_bench_store(settings) as (database, store):
        tell(f"timers: writing {accounts:,} accounts with {TIMERS_AN_ACCOUNT} open timers each")
        with timed() as prepared:
            write_accounts(store, accounts, waiting_state(TIMERS_AN_ACCOUNT))
        tell(f"timers: draining {accounts:,} that are due")
        agents, second = agents_over(store, load_definitions(WAITING)), store.twin()
        watcher = _Watcher(second, [signature(account_name(i), "fresh", DUE_AT) for i in range(FRESH)], until)
        with timed() as watch:
            agents.run_until_idle(until, watcher.look)
        watcher.look_at_cursors()
        agents.close()
        second.close()
        raised = sent(database, ["alert.raised"])
    note = (
        f"{accounts:,} due of {accounts * TIMERS_AN_ACCOUNT:,} open, one an account, none in the cache; "
        f"{watch.cpu_s / accounts * 1e6:.0f} us each of our process; written beforehand in {prepared.wall_s:.0f} s"
    )
    waited = f"{FRESH:,} events were put into the log after the first batch of timers, and waited so long"
    return Findings(
        [
            Measured("timers_drained_per_s", [accounts / (watch.wall_s - watcher.spent_s)], note),
            Measured("timers_event_delay_s", [watcher.delay_s], waited),
        ],
        [Check("timers, an alert for each that was due", raised, accounts)],
    )
