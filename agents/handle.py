"""What does one batch of one partition do? Load, fold, difference, save: one transaction, or nothing (D3).

The same ``Handler`` serves the embedded agents and those on Kafka; only where the records come from
differs. It keeps the accounts that it has folded; after any failure to save it forgets them all, since
their memory has run ahead of the store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from agents.campaigns import answer_to
from agents.folded import BatchRows, Folded
from agents.log import in_order_of_arrival
from agents.ports import Store, StoreError
from agents.rows import (
    Batch,
    LogRecord,
    LogSlice,
    PartitionState,
    QuarantineRow,
    StoredAccount,
)
from agents.world import World
from agents.written import (
    entry_of,
    failed_row,
    fault_of,
    history_of,
    problem_row,
    refused_row,
    start_row,
)
from events.envelope import Event, Refused
from events.parsing import reread_event
from workflows.conduct import Note, Start, is_noted, starts_in
from workflows.departures import parts_of
from workflows.entries import Entry
from workflows.history import History
from workflows.moment import Line, Problem
from workflows.versions import ACTIVATED

ACCOUNTS_CACHED_MAX = 20_000
"""Accounts kept folded by one worker; an older one is loaded again when it is needed."""


class Handler:
    """Folds batches of one worker. Not safe for two threads."""

    def __init__(
        self,
        store: Store,
        world: World,
        *,
        worker: str,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin with an empty cache.

        ``settle`` waits until the batches that were given out are written.
        """
        self.store, self.world, self.worker = store, world, worker
        self._wait = settle
        self._given_out: set[str] = set()
        self._cache: OrderedDict[str, Folded] = OrderedDict()
        self._turns: dict[int, int] = {}
        self._failing: set[str] = set()
        self._open: dict[int, dict[str, Folded]] = {}

    def take_up(self, state: PartitionState) -> None:
        """Begin or go on with a partition; what another worker has written meanwhile makes us forget what we folded.

        The last batch that was given out may be on its way still: should it fail, whoever wrote it must ``forget``.
        """
        turn = self._turns.get(state.partition)
        if turn is not None and state.turn in (turn, turn - 1):
            return
        self._turns[state.partition] = state.turn
        for account in [name for name, one in self._cache.items() if one.partition == state.partition]:
            del self._cache[account]

    def fold(self, slices: Sequence[LogSlice]) -> list[Batch]:
        """Fold records, each partition in order of offset, and give what is to be saved, a batch for each slice.

        Slices of several partitions are folded in order of arrival, as `simulate` does, so that what an actor did at
        one account is known at the next (W03). The folded accounts now run ahead of the store: who cannot save a batch
        must ``forget``.
        """
        self._open = {
            one.partition: self._load(one.partition, [record.account_id for record in one.records]) for one in slices
        }
        quarantined: dict[int, list[QuarantineRow]] = {one.partition: list(one.refused) for one in slices}
        for record in in_order_of_arrival(slices):
            for start in self.world.conduct.come(record.arrived_at):
                self._tell_others(start)
            cached = self._open[record.partition][record.account_id]
            self._receive(cached, record, quarantined[record.partition])
        return [
            self._batch(one.partition, one.from_offset, one.to_offset, rows)
            for one in slices
            if (rows := self._rows(self._open[one.partition], quarantined[one.partition])) or one.is_filled
        ]

    def advance(
        self, partition: int, cursor: int, accounts: Iterable[str], until: datetime
    ) -> tuple[Batch | None, set[str]]:
        """Let time pass for accounts that are due (the timekeeper's batch).

        Gives what is to be saved, if anything, and the accounts that are due still, since they wait for a proof (R7).
        """
        cached = self._load(partition, accounts)
        self._open = {partition: cached}
        waiting = set()
        quarantined: list[QuarantineRow] = []
        for account, one in list(cached.items()):
            self._pass_time(one, until, quarantined)
            self._count(one, one.history.out.lines)
            due = one.history.next_due()
            if due is not None and due <= until:
                waiting.add(account)
        rows = self._rows(cached, quarantined)
        return (self._batch(partition, cursor, cursor, rows) if rows else None), waiting

    def forget(self) -> None:
        """Drop every folded account: the store alone knows now."""
        self.fold_anew()
        self._turns.clear()
        self.world.forget()

    def fold_anew(self) -> None:
        """Drop every folded account, since other definitions came into force; what was given out must be written."""
        self._cache.clear()
        self._given_out.clear()

    def settle(self) -> None:
        """Wait until the batches that were given out are written, and the store knows what we know."""
        self._wait()
        self._given_out.clear()

    # ------------------------------------------------------------ load

    def _load(self, partition: int, accounts: Iterable[str]) -> dict[str, Folded]:
        accounts = dict.fromkeys(accounts)
        missing = [one for one in accounts if one not in self._cache]
        if not self._given_out.isdisjoint(missing):
            self.settle()
        stored = self.store.load_accounts(missing) if missing else {}
        for account in missing:
            self._cache[account] = self._restore(account, partition, stored.get(account))
        for account in accounts:
            self._cache.move_to_end(account)
        loaded = {account: self._cache[account] for account in accounts}
        while len(self._cache) > ACCOUNTS_CACHED_MAX + len(loaded):
            self._cache.popitem(last=False)
        return loaded

    def _restore(self, account: str, partition: int, stored: StoredAccount | None) -> Folded:
        world = self.world
        older = self._older(account)
        if stored is None:
            history = History(account, world.libraries, world.directories, world.watermarks, older=older)
            return Folded(history, partition)
        history = History(
            account,
            world.libraries,
            world.directories,
            world.watermarks,
            stored=history_of(stored),
            older=older,
        )
        return Folded(history, partition, (stored.next_due_at, stored.fired_at))

    def _older(self, account: str) -> Callable[[], list[Entry]]:
        def load() -> list[Entry]:
            self.settle()
            return [entry_of(row) for row in self.store.entries(account)]

        return load

    # ------------------------------------------------------------ fold

    def _receive(self, cached: Folded, record: LogRecord, quarantined: list[QuarantineRow]) -> None:
        try:
            event = record.event or reread_event(record.body)
        except Refused as refused:
            quarantined.append(refused_row(record, refused))
            return
        if self._is_known(cached, event, record.arrived_at):
            return
        try:
            self._hear_who_left(cached, record.arrived_at)
            for note in self.world.conduct.notes_before(
                event, cached.history.state, record.arrived_at, self.world.library
            ):
                self._fold(cached, note.event, note.arrived_at)
            is_new = self._fold(cached, event, record.arrived_at, record.body)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours stops one event, and not everybody's (F13, F38)
            quarantined.append(failed_row(record, event, error))
            self._go_back(cached)
            return
        if not is_new:
            return
        cached.records.append(record)
        whole = answer_to(self.store, event, record, self._ours)
        home = None if whole is None else self._ours(whole.account_id)
        if whole is not None and home is not None:
            self._receive(home, whole, quarantined)

    def _hear_who_left(self, cached: Folded, until: datetime) -> None:
        """Fold in who of ours has left or went away since the account was last folded, where it concerns it (W21).

        What came into force in between comes in its place, before it and after it.
        """
        world, history = self.world, cached.history
        for arrived_at, event in world.departures.since(history.frontier, until):
            library = world.libraries[self._adopt(cached, arrived_at)]
            for _, part in parts_of(event, arrived_at, [history], library):
                self._fold(cached, part, arrived_at)
        self._adopt(cached, until)

    def _fold(
        self, cached: Folded, event: Event, arrived_at: datetime, body: bytes | None = None, number: int = 0
    ) -> bool:
        """Fold one event under a catalogue, or under the one in force for it; tell whether it was new."""
        history = cached.history
        is_logged = body is not None and event.type != ACTIVATED
        number = number or self._adopt(cached, arrived_at, is_logged=is_logged)
        told = len(history.out.lines)
        if not history.receive(event, arrived_at, number):
            return False
        if body is not None:
            cached.bodies[history.number_of(event)] = body
        cached.fresh.add((event.source, event.id))
        if len(history.out.lines) > told:
            self._count(cached, history.out.lines[told:])
        return True

    def _adopt(self, cached: Folded, until: datetime, *, is_logged: bool = False) -> int:
        """Fold in which versions came into force since the account was last folded; give the catalogue now (R17)."""
        history, world = cached.history, self.world
        for part, arrived_at, number in world.activations.parts_for(history, until, is_logged=is_logged):
            self._fold(cached, part, arrived_at, number=number)
        return world.catalogue if is_logged else history.catalogue or world.catalogue

    def _count(self, cached: Folded, lines: list[Line]) -> None:
        """Keep the starts that count their actors, and tell the accounts that ought to have known already."""
        for start in starts_in(lines, cached.history.state, self.world.library):
            self.world.conduct.record(start)
            cached.starts.append(start_row(start))
            self._tell_others(start)

    def _tell_others(self, start: Start) -> None:
        for note in self.world.conduct.notes_about(start):
            self._tell(note)

    def _tell(self, note: Note) -> None:
        """Fold a note of what was done elsewhere, if its account is ours now; else it comes through the log (W03).

        Who had left by then is heard before it, as before anything else that is folded.
        """
        cached = self._ours(note.event.subject)
        if cached is None:
            return
        self._hear_who_left(cached, note.arrived_at)
        if not is_noted(note, cached.history.state):
            self._fold(cached, note.event, note.arrived_at)

    def _ours(self, account: str) -> Folded | None:
        """Give an account that is known, if its partition is being folded here."""
        opened = (accounts[account] for accounts in self._open.values() if account in accounts)
        cached = next(opened, None) or self._cache.get(account)
        if cached is None:
            if account in self._given_out:
                self.settle()
            stored = self.store.load_accounts([account]).get(account)
            if stored is None or stored.partition not in self._open:
                return None
            cached = self._cache[account] = self._restore(account, stored.partition, stored)
        if cached.partition not in self._open:
            return None
        self._open[cached.partition][account] = cached
        return cached

    def _pass_time(self, cached: Folded, until: datetime, quarantined: list[QuarantineRow]) -> None:
        """Let time pass for one account; where that fails it is told once, and tried again when nobody else is due."""
        account = cached.history.account_id
        try:
            self._hear_who_left(cached, until)
            cached.history.advance(until)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._go_back(cached)
            if account not in self._failing:
                self._failing.add(account)
                quarantined.append(problem_row(account, Problem("", "", fault_of(error)), until))

    def _go_back(self, cached: Folded) -> None:
        """Fold an account again as it was before something failed half way; what came before in its batch is kept."""
        self.settle()
        account, records = cached.history.account_id, cached.records
        before = self._restore(account, cached.partition, self.store.load_accounts([account]).get(account))
        cached.history, cached.saved = before.history, before.saved
        cached.bodies, cached.fresh, cached.records, cached.starts = {}, set(), [], []
        for record in records:
            self._receive(cached, record, [])

    def _is_known(self, cached: Folded, event: Event, arrived_at: datetime) -> bool:
        """Look for an event that may have left the recent ones: in this batch, and in the store (R3, F19)."""
        base = cached.history.base
        if base is None or min(event.time, event.recorded_at or event.time, arrived_at) > base.place[0]:
            return False
        key = (event.source, event.id)
        if key in cached.fresh:
            return True
        self.settle()
        return key in self.store.known_events(cached.history.account_id, [key])

    # ------------------------------------------------------------ what is to be saved

    def _rows(self, cached: dict[str, Folded], quarantined: list[QuarantineRow]) -> BatchRows:
        rows = BatchRows(quarantined)
        for account, one in cached.items():
            rows.add(account, one)
        self._given_out.update(cached)
        return rows

    def _batch(self, partition: int, from_offset: int, to_offset: int, rows: BatchRows) -> Batch:
        turn = self._turns.get(partition)
        if turn is not None:
            self._turns[partition] = turn + 1
        return Batch(
            partition,
            from_offset,
            to_offset,
            self.worker,
            rows.accounts,
            rows.entries,
            rows.opened,
            rows.work,
            rows.outbox,
            rows.quarantined,
            turn,
            rows.starts,
        )
