"""What does the owner of partitions do? Fold what the log holds, wake who is due, one batch ahead of the store.

Shared by the embedded agents, who own every partition of a table, and by a worker on Kafka, who owns those that its
group gave to it. Who feeds it says where a partition stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from agents.handle import Handler
from agents.ports import Store
from agents.progress import Progress
from agents.rows import Batch, LogSlice
from agents.saving import OnWritten, Saver, written_silently
from agents.world import World

BATCH_DUE = 1_000
"""Accounts that one batch of the timekeeper wakes; events come in between (F54)."""


OnBatch = Callable[[Progress], None] | None


class Owner:
    """Folds and wakes for the partitions of one worker. Not safe for two threads."""

    def __init__(self, store: Store, world: World, *, worker: str) -> None:
        """Begin with nothing folded."""
        self.store, self.world = store, world
        self.progress = Progress()
        self.saver = Saver(store, self.progress)
        self.handler = Handler(store, world, worker=worker, settle=self.saver.wait)
        self._waiting: dict[int, set[str]] = {}
        self._being_written: frozenset[str] = frozenset()
        self._is_log_being_written = False

    def learn(self) -> None:
        """Learn what all accounts share; where other definitions came into force, accounts are folded under those."""
        if self.world.learn(self.store):
            self.settle()
            self.handler.fold_anew()

    def fold(
        self, slices: Sequence[LogSlice], *, on_written: OnWritten = written_silently, on_batch: OnBatch = None
    ) -> None:
        """Fold what lies next in some partitions, and hand over what is to be saved together, a batch for each."""
        with self.progress.folds.measured():
            batches = self.handler.fold(slices)
        if not batches:
            return
        self.saver.submit(batches, on_written)
        self._is_log_being_written = True
        self.progress.records += sum(batch.to_offset - batch.from_offset for batch in batches)
        self._report(batches, on_batch)

    def wake(self, partition: int, position: int, until: datetime, on_batch: OnBatch = None) -> bool:
        """Fire what is due, one batch in order of due times: events come in between (F54). Tells whether it may go on.

        `position` is where the log was folded to. What the batch before this one woke is still being written, and is
        not due any more. Accounts that are due only because they wait for a proof (R7) are looked at when nobody else
        is.
        """
        if self._is_log_being_written:
            self.settle()
        waiting = self._waiting.setdefault(partition, set())
        passed = waiting | self._being_written
        due = [one.account_id for one in self.store.due_accounts(partition, until, BATCH_DUE + len(passed))]
        fresh = [one for one in due if one not in passed][:BATCH_DUE]
        if not fresh and self._being_written:
            self.settle()
            return True
        if not due:
            return False
        awake = fresh or due
        with self.progress.folds.measured():
            batch, still_due = self.handler.advance(partition, position, awake, until)
        waiting.difference_update(awake)
        waiting.update(still_due)
        self.progress.woken += len(awake)
        if batch is None:
            return bool(fresh)
        self.saver.wait()
        self.saver.submit([batch])
        self._being_written = frozenset(awake)
        self._report([batch], on_batch)
        return True

    def settle(self) -> None:
        """Wait for what is on its way; there may be more to do then."""
        self.handler.settle()
        self._being_written = frozenset()
        self._is_log_being_written = False

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Forget every folded account when something fails: the store alone knows then."""
        try:
            yield
        except BaseException:
            self.handler.forget()
            self.saver.drop()
            self._being_written = frozenset()
            self._is_log_being_written = False
            raise

    def close(self) -> None:
        """End what runs beside; what was handed over is written first."""
        self.saver.close()

    def _report(self, batches: Sequence[Batch], on_batch: OnBatch) -> None:
        self.progress.batches += 1
        self.progress.lines += sum(len(batch.outbox) for batch in batches)
        if on_batch is not None:
            on_batch(self.progress)
