"""The agents without Kafka: the log is a table, one process owns every partition (D5).

Each round: what the log holds, then what is due. The timekeeper never runs ahead of the log: an account
is advanced only to the time up to which everything that arrived has been folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from agents.conduct import tell_others
from agents.handle import Handler
from agents.log import read_ahead
from agents.ports import Store
from agents.rows import Batch, PartitionState
from agents.saving import Saver
from agents.world import World

BATCH_RECORDS = 2_000
"""Records of one transaction: large enough to share its cost, small enough to be done within a second."""

BATCH_DUE = 1_000
"""Accounts that one batch of the timekeeper wakes; events come in between (F54)."""


@dataclass(slots=True)
class Progress:
    """What a run has done so far."""

    records: int = 0
    lines: int = 0
    woken: int = 0
    batches: int = 0


class EmbeddedAgents:
    """The agents of one process over one store."""

    def __init__(self, store: Store, world: World, *, worker: str) -> None:
        """Take over every partition of the store."""
        self.store, self.world = store, world
        self.saver = Saver(store)
        self.handler = Handler(store, world, worker=worker, settle=self.saver.wait)
        self.progress = Progress()
        self._waiting: dict[int, set[str]] = {}
        self._being_written: frozenset[str] = frozenset()

    def round(self, until: datetime, on_batch: Callable[[Progress], None] | None = None) -> bool:
        """Work through what the log holds and what is due at `until`; tells whether there was anything.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: every folded account is forgotten; the next round begins
                at the cursors, which know what was kept.
        """
        self.world.learn(self.store)
        worked = False
        with self._forgetting():
            states = self.store.partitions()
            worked |= self._drain(states, on_batch)
            worked |= tell_others(self.store) > 0
            for state in states:
                worked |= self._wake(state.partition, until, on_batch)
        return worked

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Forget every folded account when something fails: the store alone knows then."""
        try:
            yield
        except BaseException:
            self.handler.forget()
            self.saver.drop()
            self._being_written = frozenset()
            raise

    def run_until_idle(self, until: datetime, on_batch: Callable[[Progress], None] | None = None) -> Progress:
        """Work until the log is empty and nothing is due at `until`."""
        while self.round(until, on_batch):
            pass
        return self.progress

    def catch_up(self, on_batch: Callable[[Progress], None] | None = None) -> None:
        """Fold what the log holds, and let no time pass: what a person has just done counts at once.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: as `round`.
        """
        self.world.learn(self.store)
        with self._forgetting():
            self._drain(self.store.partitions(), on_batch)
            if tell_others(self.store):
                self._drain(self.store.partitions(), on_batch)

    def close(self) -> None:
        """End what runs beside; what was handed over is written first."""
        self.saver.close()

    def _drain(self, states: Sequence[PartitionState], on_batch: Callable[[Progress], None] | None) -> bool:
        """Fold what the log holds behind the cursors; what comes next is folded while batches are written."""
        for state in states:
            self.handler.take_up(state)
        worked = False
        for chunks in read_ahead(self.store, states, BATCH_RECORDS):
            worked = True
            for batch in self.handler.fold(chunks):
                self.saver.submit(batch)
                self.progress.records += batch.to_offset - batch.from_offset
                self._report(batch, on_batch)
        self.handler.settle()
        return worked

    def _wake(self, partition: int, until: datetime, on_batch: Callable[[Progress], None] | None) -> bool:
        """Fire what is due, one batch in order of due times: events come in between (F54).

        What the batch before this one woke is still being written, and is not due any more. Accounts that are due only
        because they wait for a proof (R7) are looked at when nobody else is.
        """
        waiting = self._waiting.setdefault(partition, set())
        passed = waiting | self._being_written
        due = [one.account_id for one in self.store.due_accounts(partition, until, BATCH_DUE + len(passed))]
        fresh = [one for one in due if one not in passed][:BATCH_DUE]
        if not fresh and self._being_written:
            return self._written()
        if not due:
            return False
        awake = fresh or due
        batch, still_due = self.handler.advance(partition, self.store.cursor(partition), awake, until)
        waiting.difference_update(awake)
        waiting.update(still_due)
        self.progress.woken += len(awake)
        if batch is None:
            return bool(fresh)
        self.saver.wait()
        self.saver.submit(batch)
        self._being_written = frozenset(awake)
        self._report(batch, on_batch)
        return True

    def _written(self) -> bool:
        """Wait for what is on its way; there may be more to do then."""
        self.saver.wait()
        self._being_written = frozenset()
        return True

    def _report(self, batch: Batch, on_batch: Callable[[Progress], None] | None) -> None:
        self.progress.batches += 1
        self.progress.lines += len(batch.outbox)
        if on_batch is not None:
            on_batch(self.progress)
