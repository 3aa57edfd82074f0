"""How fast is a recorded history folded under two sets of definitions and compared, from the store, on two cores?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bench.figures import Check, Findings, Measured
from bench.homes import open_bench_store, throwaway_home
from bench.measure_embedded import agents_over, take_in
from bench.measure_fold import PEERS, arrivals_of, rates
from bench.measuring import Stopwatch, repeated, said_of, tell, timed
from bench.peers_work import peers_work, reference_counts, registrations
from bench.sizes import Sizes
from nofumble.backtest.backtest import Given, Question, answer
from nofumble.backtest.crew import cores, crew_of
from nofumble.backtest.histories import StoreHistory
from nofumble.collector import spare_collector
from nofumble.wiring import check_definitions, definition_files, load_directory, read_definitions
from workflows.backtesting.in_force import always
from workflows.backtesting.result import Result
from workflows.language.plans import Definition

CORES = 2
"""What the target is about: a million events over ten thousand accounts on two cores within a minute."""

EVENTS_AN_ACCOUNT = 100

DEADLINE, SHORTER = "within: 5d", "within: 4d"
"""What is tried: the kickoff of the first rule a day earlier."""


def measure_backtest(sizes: Sizes) -> Findings:
    """Record the peers' work in a store, and try a shorter deadline on it."""
    events, accounts = sizes.backtest_events, sizes.backtest_events // EVENTS_AN_ACCOUNT
    tell(f"backtest: making and recording {events:,} events")
    raws = list(peers_work(events, accounts=accounts))
    expected = reference_counts(raws).outputs
    (last,) = arrivals_of(raws[-1:])
    before, after = _definitions(DEADLINE), _definitions(SHORTER)
    with throwaway_home() as settings, open_bench_store(settings) as (_, store):
        take_in(store, registrations(accounts), now=last.arrived_at)
        take_in(store, raws, now=last.arrived_at)
        del raws
        agents = agents_over(store, before)
        agents.run_until_idle(last.arrived_at)
        agents.close()
        found: list[Result] = []

        def run() -> Stopwatch:
            tell(f"backtest: both sides, run {len(found) + 1}")
            spare_collector()
            asked = Question(StoreHistory(store, last.arrived_at), _given(before, DEADLINE), _given(after, SHORTER))
            with timed() as watch:
                found.append(_answer(asked, last.arrived_at))
            return watch

        runs = repeated(run, sizes)
    note = f"both sides on {_processes()} processes, and what people would be told; {said_of(runs, events)}"
    return Findings(
        [Measured("backtest_events_per_s", rates(runs, events), note)],
        [Check("backtest, the active side of the peers' work", found[0].before.work, expected)],
    )


def _definitions(deadline: str) -> list[Definition]:
    texts = read_definitions(definition_files([PEERS]))
    return check_definitions([(text.replace(DEADLINE, deadline), name) for text, name in texts])


def _given(definitions: list[Definition], deadline: str) -> Given:
    return Given(always(definitions), deadline, load_directory(), "the default", "")


def _answer(asked: Question, now: datetime) -> Result:
    return answer(asked, name="bench", now=now, processes=_processes(), progress=_silent)


def _processes() -> int:
    return crew_of(min(CORES, cores()))


@contextmanager
def _silent(_what: str, _total: int) -> Iterator[Callable[[int], None]]:
    yield lambda _: None
