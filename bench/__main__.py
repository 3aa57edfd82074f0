"""`python -m bench`: measure the figures of this machine, print them beside their targets, write `bench/results.json`.

A target that is missed is told and is no failure. An answer that differs from that of the reference loop is: exit
code 1. Each measurement runs in a process of its own, so that none inherits the memory of another; what it starts it
stops, also on Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from types import FrameType
from typing import NoReturn

from bench import (
    measure_backtest,
    measure_embedded,
    measure_fold,
    measure_kafka,
    measure_late,
    measure_memory,
    measure_restart,
    measure_timers,
    measure_web,
)
from bench.figures import ABSENT, FIGURES, Figure, Findings, chosen
from bench.machine import machine, versions
from bench.results import FILE, line, notes, results, write
from bench.sizes import FULL, QUICK, Sizes
from config.settings import Settings

MEASUREMENTS: Mapping[str, Callable[[Sizes], Findings]] = {
    "fold": measure_fold.measure_fold,
    "fold_four_workflows": measure_fold.measure_four_workflows,
    "fold_all_workflows": measure_fold.measure_all_workflows,
    "late": measure_late.measure_late,
    "embedded": measure_embedded.measure_embedded,
    "embedded_four_workflows": measure_embedded.measure_four_workflows,
    "timers": measure_timers.measure_timers,
    "restart": measure_restart.measure_restart,
    "kafka": measure_kafka.measure_kafka,
    "latency": measure_kafka.measure_latency,
    "backtest": measure_backtest.measure_backtest,
    "web": measure_web.measure_web,
    "memory": measure_memory.measure_memory,
}
"""What is run for the figures that name it, in this order."""

WRONG_ANSWER = 1
WRONG_USE = 2
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_MAX_S = 30
"""How long a measurement may take to stop its server once it was told to."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; gives the exit code."""
    told = _arguments(arguments)
    sizes = QUICK if told.quick else FULL
    if told.measure:
        print(json.dumps(MEASUREMENTS[told.measure](sizes).as_json()))
        return 0
    try:
        wanted = chosen(told.only or [])
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    began, here = perf_counter(), machine()
    found = _measure(wanted, quick=told.quick, as_json=told.json)
    known = versions(Settings().pg_bin)
    said = results(found, machine=here, versions=known, is_quick=told.quick, took_s=perf_counter() - began)
    write(said)
    if told.json:
        print(json.dumps(said))
    else:
        _tell_the_rest(found, here, known)
    return exit_code(found)


def exit_code(found: Findings) -> int:
    """Tell 1 for an answer that is not that of the reference; a missed target is no failure."""
    return 0 if all(one.holds for one in found.checks) else WRONG_ANSWER


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description="Figures of this machine beside the targets.")
    parser.add_argument("--quick", action="store_true", help="small sizes, one run each: does it all work?")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="figures, or measurements, by name")
    parser.add_argument("--json", action="store_true", help="print what is written to bench/results.json")
    parser.add_argument("--measure", choices=list(MEASUREMENTS), help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _measure(wanted: Iterable[Figure], *, quick: bool, as_json: bool) -> Findings:
    """Run the measurements of the wanted figures, and print the line of each figure when it is there."""
    names = {one.name: one for one in wanted}
    found = Findings(absent=dict(ABSENT))
    for measurement in dict.fromkeys(one.measurement for one in names.values()):
        new = _in_its_own_process(measurement, quick=quick)
        found.checks += new.checks
        found.absent |= new.absent
        found.figures += [one for one in new.figures if one.name in names]
        if not as_json:
            _print_lines(new, names)
    measured = {one.name for one in found.figures}
    for figure in FIGURES:
        if figure.name not in measured:
            found.absent.setdefault(figure.name, "not asked for" if figure.name not in names else "not measured")
    return found


def _print_lines(new: Findings, names: Mapping[str, Figure]) -> None:
    for one in new.figures:
        if one.name in names:
            print(line(names[one.name], one), flush=True)


def _in_its_own_process(measurement: str, *, quick: bool) -> Findings:
    """Run one measurement; what it says on standard error passes through.

    In a session of its own: Ctrl-C reaches us alone, and what ends us tells it to end, once, so that it can clean up.
    """
    command = [sys.executable, "-m", "bench", "--measure", measurement, *(["--quick"] if quick else [])]
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            said, _ = child.communicate()
        except BaseException:
            child.terminate()
            child.wait(STOP_MAX_S)
            raise
    if child.returncode != 0:
        return _failed(measurement, child.returncode)
    return Findings.from_json(json.loads(said.splitlines()[-1]))


def _failed(measurement: str, code: int) -> Findings:
    reason = f"its measurement ended with exit code {code}; what it said is above"
    return Findings(absent={one.name: reason for one in FIGURES if one.measurement == measurement})


def _tell_the_rest(found: Findings, here: Mapping[str, object], known: Mapping[str, str]) -> None:
    print()
    for check in found.checks:
        print(check.sentence)
    for note in notes(found):
        print(f"  {note}")
    for name, reason in found.absent.items():
        print(f"  {name}: absent, {reason}")
    print(f"machine: {', '.join(f'{name} {value}' for name, value in here.items())}")
    print(f"versions: {', '.join(f'{name} {value}' for name, value in known.items())}")
    print(f"written to {FILE.parent.name}/{FILE.name}; the figures of a busy machine differ from run to run")


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End by way of `finally`, so that servers are stopped and folders deleted; a second signal disturbs no more."""
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    for ending in ENDING:
        signal.signal(ending, _end)
    sys.exit(main())
