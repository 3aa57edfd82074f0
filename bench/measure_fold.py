"""How fast is the fold in memory, on one core: the peers' work, and the four workflows on the standard mix?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from bench.figures import Check, Findings, Measured
from bench.measuring import Stopwatch, repeated, said_of, tell, timed, without_collector
from bench.memory_fold import MemoryFold, people_of
from bench.peers_work import peers_work, reference_counts, registrations
from bench.sizes import Sizes
from bench.standard_mix import FOUR_WORKFLOWS, standard_mix
from events.parsing import LATEST, parse_event
from nofumble.sample.quarter import ACCOUNTS
from nofumble.wiring import load_definitions, load_directory
from workflows.language.plans import Definition
from workflows.simulation import Arrival

PEERS = Path(__file__).with_name("definitions")
"""The three rules of the peers' work."""


def measure_fold(sizes: Sizes) -> Findings:
    """Fold the peers' work: from parsed events, and from raw bytes; count what goes out."""
    tell(f"fold: making {sizes.events:,} events and counting what must come of them")
    raws = list(peers_work(sizes.events, accounts=sizes.accounts))
    with timed() as plain:
        expected = reference_counts(raws).outputs
    known = list(arrivals_of(registrations(sizes.accounts)))
    arrivals = list(arrivals_of(raws))
    outputs: list[int] = []

    def from_events() -> Stopwatch:
        return _fold(known, arrivals, arrivals, outputs)

    def from_bytes() -> Stopwatch:
        return _fold(known, arrivals_of(raws), arrivals, outputs)

    tell("fold: from parsed events")
    parsed = repeated(from_events, sizes)
    tell("fold: from raw bytes")
    raw = repeated(from_bytes, sizes)
    beside = f"the plain reference loop, from bytes: {plain.cpu_s / sizes.events * 1e6:.1f} us"
    return Findings(
        [
            Measured("fold_events_per_s", rates(parsed, sizes.events), f"{said_of(parsed, sizes.events)}; {beside}"),
            Measured("fold_with_parsing_events_per_s", rates(raw, sizes.events), said_of(raw, sizes.events)),
        ],
        [Check("fold of the peers' work", found, expected) for found in sorted(set(outputs))],
    )


def measure_four_workflows(sizes: Sizes) -> Findings:
    """Fold the standard mix with the four workflows."""
    tell(f"fold_four_workflows: making {sizes.mix_copies} quarters")
    people, arrivals = people_of(arrivals_of(standard_mix(sizes.mix_copies)))
    definitions, directory = four_workflows(), load_directory()
    lines = [0]

    def run() -> Stopwatch:
        world = MemoryFold(definitions, directory, people)
        with without_collector(), timed() as watch:
            world.fold(arrivals)
            world.finish(arrivals)
        lines[0] = world.lines
        return watch

    tell(f"fold_four_workflows: folding {len(arrivals):,} events")
    found = repeated(run, sizes)
    note = f"{len(arrivals):,} events at {ACCOUNTS * sizes.mix_copies:,} accounts gave {lines[0]:,} lines"
    note = f"{note}; {said_of(found, len(arrivals))}"
    return Findings([Measured("fold_four_workflows_events_per_s", rates(found, len(arrivals)), note)])


def four_workflows() -> list[Definition]:
    """Load the four workflows of the standard mix."""
    return [one for one in load_definitions() if one.name in FOUR_WORKFLOWS]


def arrivals_of(raws: Iterable[bytes], *, now: datetime = LATEST) -> Iterator[Arrival]:
    """Parse envelopes, each with its arrival."""
    for raw in raws:
        event = parse_event(raw, now=now)
        yield Arrival(event, event.recorded_at or event.time)


def rates(runs: list[Stopwatch], events: int) -> list[float]:
    """Give the events a second of each run, by the clock."""
    return [events / one.wall_s for one in runs]


def _fold(known: list[Arrival], given: Iterable[Arrival], arrivals: list[Arrival], outputs: list[int]) -> Stopwatch:
    """Fold `given`, which are `arrivals` or become them, at accounts that are registered; note what went out."""
    world = MemoryFold(load_definitions(PEERS), load_directory())
    world.fold(known)
    with without_collector(), timed() as watch:
        world.fold(given)
        world.finish(arrivals)
    outputs.append(world.outputs)
    return watch
