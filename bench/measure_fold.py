"""How fast is the fold in memory, on one core: the peers' work, and the standard mix with four workflows and all?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
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

COSTLIEST = 6
"""Workflows whose cost is named."""


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
    return Findings([_Mix(sizes, "fold_four_workflows").measured(four_workflows())])


def measure_all_workflows(sizes: Sizes) -> Findings:
    """Fold the standard mix with every shipped workflow, then with none and with each alone: what does it cost?"""
    mix, shipped = _Mix(sizes, "fold_all_workflows"), load_definitions()
    found = mix.measured(shipped)
    tell("fold_all_workflows: each alone")
    none, _ = mix.fold([])
    alone = {one.name: mix.us_of(mix.fold([one])[0]) - mix.us_of(none) for one in shipped}
    costliest = sorted(alone.items(), key=itemgetter(1), reverse=True)[:COSTLIEST]
    named = ", ".join(f"{name} {us:.1f}" for name, us in costliest)
    note = f"{found.note}; us an event without any {mix.us_of(none):.1f}, and on top of it alone: {named}"
    return Findings([Measured(found.name, found.runs, note)])


class _Mix:
    """The standard mix, which is folded with some definitions or others."""

    def __init__(self, sizes: Sizes, figure: str) -> None:
        tell(f"{figure}: making {sizes.mix_copies} quarters")
        self._sizes, self._figure = sizes, figure
        self._people, self._arrivals = people_of(arrivals_of(standard_mix(sizes.mix_copies)))
        self._directory = load_directory()

    def measured(self, definitions: Sequence[Definition]) -> Measured:
        """Fold it as often as the sizes say."""
        tell(f"{self._figure}: folding {len(self._arrivals):,} events")
        lines: list[int] = []

        def run() -> Stopwatch:
            watch, told = self.fold(definitions)
            lines.append(told)
            return watch

        found, events = repeated(run, self._sizes), len(self._arrivals)
        note = f"{events:,} events at {ACCOUNTS * self._sizes.mix_copies:,} accounts gave {lines[0]:,} lines"
        return Measured(f"{self._figure}_events_per_s", rates(found, events), f"{note}; {said_of(found, events)}")

    def fold(self, definitions: Sequence[Definition]) -> tuple[Stopwatch, int]:
        """Fold it once; give how long it took and how many lines went out."""
        world = MemoryFold(definitions, self._directory, self._people)
        with without_collector(), timed() as watch:
            world.fold(self._arrivals)
            world.finish(self._arrivals)
        return watch, world.lines

    def us_of(self, watch: Stopwatch) -> float:
        """Give the processor time of an event in microseconds."""
        return watch.cpu_s / len(self._arrivals) * 1e6


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
