"""Who writes a batch while the next one is folded? One thread with a connection of its own.

Batches are written one after the other, in the order in which they were handed over, and at most one
is on its way: folding runs one batch ahead of the store, never more. What fails is told at the next
call; the caller then forgets what it has folded, since that ran ahead of the store.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from agents.ports import Store
from agents.rows import Batch


class Saver:
    """Writes batches to a store, beside the folding where the store has a second connection to give."""

    def __init__(self, store: Store) -> None:
        """Take a twin of the store; one that has none is written to at once."""
        self._store = store
        self._twin = store.twin()
        self._thread = None if self._twin is None else ThreadPoolExecutor(1, "nofumble-saver")
        self._under_way: Future[None] | None = None

    def submit(self, batch: Batch, on_written: Callable[[], None] = lambda: None) -> None:
        """Hand a batch over, after the one before it was written; what is called then runs on the writer's thread.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: of the batch before, or of this one where there is no twin.
        """
        self.wait()
        if self._thread is None or self._twin is None:
            self._store.save(batch)
            on_written()
        else:
            self._under_way = self._thread.submit(_save, self._twin, batch, on_written)

    def wait(self) -> None:
        """Wait until what was handed over is written.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: it was not, or nobody knows.
        """
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def drop(self) -> None:
        """Wait for what is on its way, whatever becomes of it: the cursor will tell."""
        with suppress(Exception):
            self.wait()

    def close(self) -> None:
        """End the thread, after what is on its way; its outcome no longer matters to anybody."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
        if self._twin is not None:
            self._twin.close()


def _save(store: Store, batch: Batch, on_written: Callable[[], None]) -> None:
    store.save(batch)
    on_written()
