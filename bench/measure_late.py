"""What does a late event cost, compared with one in order?

A share of the peers' work arrives up to 48 hours late. Each call is timed; an event counts as late when its account
has taken in a newer one before, which is when the fold must go back. Both costs come from the same run, so that a
busy machine touches both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from statistics import median
from time import perf_counter

from bench.figures import Findings, Measured
from bench.measure_fold import PEERS, arrivals_of
from bench.measuring import tell, without_collector
from bench.memory_fold import BATCH, MemoryFold
from bench.peers_work import peers_work, registrations
from bench.sizes import EVENTS_AN_ACCOUNT, Sizes
from nofumble.wiring import load_definitions, load_directory
from workflows.simulation import Arrival

LATE_MAX = timedelta(hours=48)
_SEED = 11


@dataclass(slots=True)
class _Cost:
    """Time spent on events, and how many they were."""

    seconds: float = 0.0
    events: int = 0

    @property
    def each_s(self) -> float:
        return self.seconds / self.events if self.events else 0.0


def measure_late(sizes: Sizes) -> Findings:
    """Measure the ratio with one and with five percent of late events."""
    accounts = sizes.late_events // EVENTS_AN_ACCOUNT
    known = list(arrivals_of(registrations(accounts)))
    arrivals = list(arrivals_of(peers_work(sizes.late_events, accounts=accounts)))
    found = []
    for percent, name in ((1, "late_event_cost_ratio"), (5, "late_event_cost_ratio_5")):
        tell(f"late: {percent} % of {sizes.late_events:,} events come up to 48 hours late")
        mixed = make_late(arrivals, percent)
        runs = [_costs(known, mixed) for _ in range(sizes.repeats)]
        in_order = median(one.each_s for one, _ in runs)
        late = median(two.each_s for _, two in runs)
        note = (
            f"{percent} % of the peers' work came late: {runs[0][1].events:,} events went back, "
            f"at {late * 1e6:.0f} us each; in order {in_order * 1e6:.0f} us"
        )
        found.append(Measured(name, [two.each_s / one.each_s for one, two in runs], note))
    return Findings(found)


def make_late(arrivals: list[Arrival], percent: int) -> list[Arrival]:
    """Let a share of events arrive up to LATE_MAX after the others, and give all in order of arrival."""
    draw = Random(_SEED)
    mixed = [
        Arrival(one.event, one.arrived_at + LATE_MAX * draw.random()) if draw.random() * 100 < percent else one
        for one in arrivals
    ]
    return sorted(mixed, key=lambda one: one.arrived_at)


def _costs(known: list[Arrival], arrivals: list[Arrival]) -> tuple[_Cost, _Cost]:
    """Give the cost of events in order, and of late ones."""
    world = MemoryFold(load_definitions(PEERS), load_directory())
    world.fold(known)
    newest: dict[str, datetime] = {}
    in_order, late = _Cost(), _Cost()
    with without_collector():
        for first in range(0, len(arrivals), BATCH):
            touched = {}
            for one in arrivals[first : first + BATCH]:
                subject, time = one.event.subject, one.event.time
                cost = late if time < newest.get(subject, time) else in_order
                newest[subject] = max(time, newest.get(subject, time))
                began = perf_counter()
                touched[subject] = world.receive(one)
                cost.seconds += perf_counter() - began
                cost.events += 1
            world.drain(touched)
    return in_order, late
