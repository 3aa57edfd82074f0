"""The agents without Kafka: the log is a table, one process owns every partition (D5).

Each round: what the log holds, then what is due. The timekeeper never runs ahead of the log: an account
is advanced only to the time up to which everything that arrived has been folded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agents.log import read_ahead
from agents.owner import OnBatch, Owner
from agents.ports import FollowsTopic, Store
from agents.progress import Progress
from agents.rows import PartitionState
from agents.teller import Teller
from agents.telling import tell_accounts
from agents.world import World

BATCH_RECORDS = 500
"""Records of one partition in one transaction: large enough to share its cost, and with those of the other partitions
small enough to be done within a second."""


class EmbeddedAgents(Owner):
    """The agents of one process over one store, whose every partition they own."""

    def __init__(self, store: Store, world: World, *, worker: str, is_telling: bool = True) -> None:
        """Begin with nothing folded and nobody told; without `is_telling` nobody is, and lines wait for who does."""
        super().__init__(store, world, worker=worker)
        self._teller = Teller(store, world.directories) if is_telling else None
        self._horizon: datetime | None = None
        """The time that is passing: who is due then is woken before anybody is told of it."""

    def round(self, until: datetime, on_batch: OnBatch = None) -> bool:
        """Work through what the log holds and what is due at `until`; tells whether there was anything.

        People are told when a time has passed for all accounts, however many rounds that takes; what comes due
        meanwhile belongs to the next one, so that busy agents tell, too.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: every folded account is forgotten; the next round begins
                at the cursors, which know what was kept.
            FollowsTopic: the log is a topic, and workers have taken over.
        """
        self.learn()
        with self.forgetting():
            states = self._states()
            worked = self._drain(states, on_batch)
            is_passing = tell_accounts(self.store, self.world) > 0
            horizon = self._horizon = min(until, self._horizon or until)
            for state in self.store.partitions():
                is_passing |= self.wake(state.partition, state.next, horizon, on_batch)
            if is_passing:
                return True
            self._horizon = None
            told = 0 if self._teller is None else self._teller.tell(horizon)
            self.progress.notices += told
        return worked or told > 0 or horizon < until

    def run_until_idle(self, until: datetime, on_batch: OnBatch = None) -> Progress:
        """Work until the log is empty and nothing is due at `until`."""
        while self.round(until, on_batch):
            pass
        return self.progress

    def catch_up(self, on_batch: OnBatch = None) -> None:
        """Fold what the log holds, and let no time pass: what a person has just done counts at once.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable, FollowsTopic: as `round`.
        """
        self.learn()
        with self.forgetting():
            self._drain(self._states(), on_batch)
            if tell_accounts(self.store, self.world):
                self._drain(self._states(), on_batch)

    def _states(self) -> Sequence[PartitionState]:
        states = self.store.partitions()
        if any(state.base is not None for state in states):
            raise FollowsTopic("the log of this store is a topic of Kafka: `nofumble worker` works on it")
        return states

    def _drain(self, states: Sequence[PartitionState], on_batch: OnBatch) -> bool:
        """Fold what the log holds behind the cursors; what comes next is folded while batches are written."""
        for state in states:
            self.handler.take_up(state)
        worked = False
        for slices in read_ahead(self.store, states, BATCH_RECORDS):
            worked = True
            self.fold(slices, on_batch=on_batch)
        self.settle()
        return worked
