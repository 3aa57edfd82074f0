"""What has a run done so far? Counts and times that only rise, for who watches it.

One thread writes each of them and others may read: a number that is a moment old does no harm. Nothing here knows who
reads, and in which format.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agents.rows import Batch

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the classes in which times are counted: from one small batch to the patience with a database."""


@dataclass(slots=True)
class Durations:
    """How long something took, counted in classes; the last one has no bound."""

    total_s: float = 0.0
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))

    def add(self, seconds: float) -> None:
        """Count one.

        >>> taken = Durations()
        >>> taken.add(0.005)
        >>> taken.counts[:2]
        [1, 0]
        """
        self.total_s += seconds
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count how long the body takes, whatever becomes of it."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(time.monotonic() - began)


@dataclass(slots=True)
class Progress:
    """What a run has done so far.

    `records`, `lines` and `woken` count what was folded, `batches` what was handed over to be written at once,
    `retracted` and `quarantined` what was written, `notices` what people were told. `fenced` counts what was refused
    because another worker had been faster.
    """

    records: int = 0
    lines: int = 0
    notices: int = 0
    woken: int = 0
    batches: int = 0
    fenced: int = 0
    retracted: int = 0
    quarantined: int = 0
    folds: Durations = field(default_factory=Durations)
    writes: Durations = field(default_factory=Durations)

    def written(self, batch: Batch) -> None:
        """Count what a batch holds, now that it is kept."""
        self.retracted += sum(row.type.endswith(".retracted") for row in batch.outbox)
        self.quarantined += len(batch.quarantined)
