"""How are accounts folded on all cores? In processes forked from this one, which have what it has read already."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from nofumble.backtest.histories import RecordedHistory
from nofumble.errors import ServiceUnavailable
from workflows.backtesting.course import Course, course_of
from workflows.backtesting.in_force import InForce
from workflows.backtesting.record import Surroundings
from workflows.backtesting.replay import Heard, replay

CHUNK_MAX = 64
"""Accounts that a process folds in one go: few enough that progress shows."""

CHUNKS_EACH = 8
"""Chunks that each process has at least, so that none waits long for the last."""

T = TypeVar("T")

Step = Callable[[int], None]
"""Is told of each account that was folded."""


class Job(NamedTuple):
    """What is the same for all accounts of one side."""

    history: RecordedHistory
    in_force: InForce
    around: Surroundings

    def course(self, account: str, heard: Heard) -> Course:
        """Fold one account."""
        log = self.history.log(account)
        return course_of(log, replay(log, self.in_force, self.around, heard))


def crew_of(processes: int | None) -> int:
    """Return how many processes fold: as many as are wanted, else one a core; one where there is no fork."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return processes or cores()


def cores() -> int:
    """Return how many cores are ours."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def folding(job: Job, processes: int) -> Iterator[Callable[[Mapping[str, Heard], Step], Iterator[Course]]]:
    """Give the fold of a side: accounts, each with what it has heard, folded in so many processes.

    Which process folds which account cannot be seen in what comes out. An error or Ctrl-C ends the processes.

    Raises ServiceUnavailable when the system ends one of them.
    """
    if processes == 1:
        yield lambda wanted, step: _here(job, wanted, step)
        return
    context = multiprocessing.get_context("fork")
    with _unbroken(), ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(job,)) as pool:
        try:
            pool.submit(_nothing).result()  # all of them are forked now, before anything here has threads
            yield lambda wanted, step: _spread(pool, processes, wanted, step)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def both(first: Callable[[], T], second: Callable[[], T], processes: int) -> tuple[T, T]:
    """Return what two calls give; the first in a process of its own, which has all that this one has."""
    if processes == 1:
        return first(), second()
    context = multiprocessing.get_context("fork")
    with _unbroken(), ProcessPoolExecutor(1, mp_context=context, initializer=_begin_call, initargs=(first,)) as pool:
        waiting = pool.submit(_called)
        found = second()
        return waiting.result(), found


@contextmanager
def _unbroken() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as broken:
        raise ServiceUnavailable(
            "a process of the backtest was ended from outside, perhaps for want of memory; run it with --processes 1"
        ) from broken


def _here(job: Job, wanted: Mapping[str, Heard], step: Step) -> Iterator[Course]:
    for account, heard in wanted.items():
        yield job.course(account, heard)
        step(1)


def _spread(pool: ProcessPoolExecutor, processes: int, wanted: Mapping[str, Heard], step: Step) -> Iterator[Course]:
    size = max(1, min(CHUNK_MAX, len(wanted) // (processes * CHUNKS_EACH)))
    pairs = list(wanted.items())
    chunks = [pairs[first : first + size] for first in range(0, len(pairs), size)]
    for found in pool.map(_chunk, chunks):
        yield from found
        step(len(found))


_job: list[Job] = []
"""What this process folds, once it is one of the crew."""

_call: list[Callable[[], object]] = []
"""What this process was forked to call."""


def _begin(job: Job) -> None:
    """Begin as one of the crew."""
    _leave_alone()
    _job.append(job._replace(history=job.history.opened()))


def _begin_call(call: Callable[[], object]) -> None:
    _leave_alone()
    _call.append(call)


def _leave_alone() -> None:
    """End at once on Ctrl-C, for there is nothing to clean up, and leave what was inherited to itself."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.freeze()
    gc.disable()


def _chunk(wanted: Sequence[tuple[str, Heard]]) -> list[Course]:
    (job,) = _job
    return [job.course(account, heard) for account, heard in wanted]


def _called() -> Any:
    (call,) = _call
    return call()


def _nothing() -> None:
    """Do nothing, once there is somebody to do it."""
