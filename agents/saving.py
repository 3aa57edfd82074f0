"""Who writes batches while the next ones are folded? One thread with a connection of its own.

What was folded together is written together, one after the other in the order in which it was handed over, and little
is on its way: folding runs a little ahead of the store. What fails is told at the next call; the caller then forgets
what it has folded. Batches behind one that failed may be written still: their cursors and turns tell whether they may.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress

from agents.ports import Fenced, Store
from agents.progress import Progress
from agents.rows import Batch

AHEAD_MAX = 2
"""What may be on its way: while one is written, another one waits, and the next is folded."""

OnWritten = Callable[[Batch], None]


def written_silently(_: Batch) -> None:
    """Tell nobody that a batch is kept."""


class Saver:
    """Writes batches to a store, beside the folding where the store has a second connection to give."""

    def __init__(self, store: Store, progress: Progress) -> None:
        """Take a twin of the store; one that has none is written to at once."""
        self._store, self._progress = store, progress
        self._twin = store.twin()
        self._thread = None if self._twin is None else ThreadPoolExecutor(1, "nofumble-saver")
        self._under_way: deque[Future[None]] = deque()

    def submit(self, batches: Sequence[Batch], on_written: OnWritten = written_silently) -> None:
        """Hand batches over, for one transaction; wait while too much is on its way.

        `on_written` is called for each on the writer's thread when it is kept.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: of a batch before, or of these where there is no twin.
        """
        if self._thread is None or self._twin is None:
            _save(self._store, batches, on_written, self._progress)
            return
        while len(self._under_way) >= AHEAD_MAX:
            self._under_way.popleft().result()
        self._under_way.append(self._thread.submit(_save, self._twin, batches, on_written, self._progress))

    def wait(self) -> None:
        """Wait until what was handed over is written.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: it was not, or nobody knows.
        """
        while self._under_way:
            self._under_way.popleft().result()

    def drop(self) -> None:
        """Call back what is not on its way yet, wait for the rest, whatever becomes of it: the cursors will tell."""
        for one in self._under_way:
            one.cancel()
        while self._under_way:
            with suppress(Exception, CancelledError):
                self._under_way.popleft().result()

    def close(self) -> None:
        """End the thread, after what is on its way; its outcome no longer matters to anybody."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
        if self._twin is not None:
            self._twin.close()


def _save(store: Store, batches: Sequence[Batch], on_written: OnWritten, progress: Progress) -> None:
    try:
        with progress.writes.measured():
            store.save(*batches)
    except Fenced:
        progress.fenced += 1
        raise
    for batch in batches:
        progress.written(batch)
        on_written(batch)
