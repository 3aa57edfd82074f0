"""How is something timed so that the figure can be trusted, and what did the run have of the machine?"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.sizes import Sizes


@dataclass(slots=True)
class Stopwatch:
    """The time of a stretch of work: by the clock, and of this process on a core."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def share(self) -> float:
        """Give how much of a core the process had; well below one means that it waited, or that others were at work."""
        return self.cpu_s / self.wall_s if self.wall_s else 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Time what happens inside; the values are there at its end."""
    watch = Stopwatch()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield watch
    finally:
        watch.wall_s, watch.cpu_s = time.perf_counter() - wall, time.process_time() - cpu


@contextmanager
def without_collector() -> Iterator[None]:
    """Run without the cycle collector, as `nofumble simulate` does."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def repeated(run: Callable[[], Stopwatch], sizes: Sizes) -> list[Stopwatch]:
    """Repeat a measurement as often as the sizes say, and no more once it has taken long enough."""
    found: list[Stopwatch] = []
    began = time.perf_counter()
    while len(found) < sizes.repeats:
        found.append(run())
        if time.perf_counter() - began > sizes.repeat_while_s:
            break
    return found


def said_of(runs: list[Stopwatch], events: int) -> str:
    """Say what an event took of the processor, which others at work disturb less, and how much of a core there was."""
    each = ", ".join(f"{one.cpu_s / events * 1e6:.1f}" for one in runs)
    shares = ", ".join(f"{one.share:.0%}" for one in runs)
    return f"an event took {each} us of processor time; the process had {shares} of a core"


def tell(text: str) -> None:
    """Say on standard error what is being done."""
    print(f"  {text}", file=sys.stderr, flush=True)
