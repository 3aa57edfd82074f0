"""How fast is nofumble durable, end to end: from the log to committed work items, on a real PostgreSQL?

The log is filled by intake, which is a figure of its own. Then the agents of one process work until it is empty, with
the settings of the product: each commit waits for the disk. Runs are repeated on the same log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Store
from agents.world import World
from bench.figures import Check, Findings, Measured
from bench.homes import forget_all_but_the_log, open_bench_store, server_cpu_s, throwaway_home
from bench.measure_fold import PEERS, arrivals_of, four_workflows, rates
from bench.measuring import Stopwatch, repeated, said_of, tell, timed
from bench.memory_fold import OUTPUTS
from bench.peers_work import peers_work, reference_counts, registrations
from bench.sizes import Sizes
from bench.standard_mix import standard_mix
from nofumble.postgres import Database
from nofumble.wiring import known_directory, load_definitions, load_directory
from workflows.directory import DirectoryTimeline
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.watermarks import Watermarks

_CATALOGUE = 1


@dataclass(slots=True)
class _Run:
    """One run of the agents, and the processor time of the server in it."""

    watch: Stopwatch
    server_s: float


def measure_embedded(sizes: Sizes) -> Findings:
    """Take the peers' work in, and let the agents work through it."""
    tell(f"embedded: making {sizes.events:,} events and counting what must come of them")
    raws = list(peers_work(sizes.events, accounts=sizes.accounts))
    expected = reference_counts(raws).outputs
    (last,) = arrivals_of(raws[-1:])
    with throwaway_home() as settings, open_bench_store(settings) as (database, store):
        take_in(store, registrations(sizes.accounts), now=last.arrived_at)
        tell("embedded: intake")
        with timed() as intake:
            take_in(store, raws, now=last.arrived_at)
        del raws
        runs = _runs(database, store, load_definitions(PEERS), last.arrived_at, sizes, "embedded")
        outputs = sent(database, OUTPUTS)
    return Findings(
        [
            Measured("intake_events_per_s", [sizes.events / intake.wall_s], said_of([intake], sizes.events)),
            _figure("embedded_events_per_s", runs, sizes.events + sizes.accounts),
        ],
        [Check("embedded, the peers' work", outputs, expected)],
    )


def measure_four_workflows(sizes: Sizes) -> Findings:
    """Take the standard mix in, and let the agents work through it with the four workflows."""
    tell(f"embedded_four_workflows: making {sizes.mix_copies} quarters")
    raws = list(standard_mix(sizes.mix_copies))
    (last,) = arrivals_of(raws[-1:])
    with throwaway_home() as settings, open_bench_store(settings) as (database, store):
        tell("embedded_four_workflows: intake")
        take_in(store, raws, now=last.arrived_at)
        runs = _runs(database, store, four_workflows(), last.arrived_at, sizes, "embedded_four_workflows")
    return Findings([_figure("embedded_four_workflows_events_per_s", runs, len(raws))])


def take_in(store: Store, raws: Iterable[bytes], *, now: datetime) -> None:
    """Take envelopes into the log, as `nofumble ingest` does; each must be accepted."""
    rows = [Incoming("bench", position, raw) for position, raw in enumerate(raws)]
    tally = Intake(store, load_directory()).take(rows, now=now)
    assert tally.accepted == len(rows), f"of {len(rows)} events, intake accepted {tally.accepted}"


def agents_over(store: Store, definitions: Sequence[Definition]) -> EmbeddedAgents:
    """Make the agents of one process, who tell nobody: the figures are of committed work, as those of the peers."""
    directory = known_directory(store, load_directory())
    world = World({_CATALOGUE: Library(definitions)}, _CATALOGUE, DirectoryTimeline(directory), Watermarks())
    return EmbeddedAgents(store, world, worker="bench", is_telling=False)


def sent(database: Database, types: Iterable[str]) -> int:
    """Count the lines of these types in the outbox."""
    with database.connect() as connection:
        counted = connection.execute("SELECT count(*) FROM nofumble.outbox WHERE type = ANY(%s)", [list(types)])
        (found,) = counted.fetchone() or (0,)
    return int(found)


def _runs(
    database: Database, store: Store, definitions: Sequence[Definition], until: datetime, sizes: Sizes, name: str
) -> list[_Run]:
    found: list[_Run] = []

    def run() -> Stopwatch:
        tell(f"{name}: from the log to committed work, run {len(found) + 1}")
        forget_all_but_the_log(database)
        agents = agents_over(store, definitions)
        server = server_cpu_s(database)
        with timed() as watch:
            agents.run_until_idle(until)
        found.append(_Run(watch, server_cpu_s(database) - server))
        agents.close()
        return watch

    repeated(run, sizes)
    return found


def _figure(name: str, runs: list[_Run], events: int) -> Measured:
    each = [
        f"{one.watch.wall_s / events * 1e6:.0f} us by the clock, {one.watch.cpu_s / events * 1e6:.0f} of our process, "
        f"{one.server_s / events * 1e6:.0f} of the server"
        for one in runs
    ]
    return Measured(name, rates([one.watch for one in runs], events), f"an event took {'; '.join(each)}")
