"""What does one batch of one partition do? Load, fold, difference, save: one transaction, or nothing (D3).

The same ``Handler`` serves the embedded agents and those on Kafka; only where the records come from
differs. It keeps the accounts that it has folded; after any failure to save it forgets them all, since
their memory has run ahead of the store.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from agents.ports import Store
from agents.rows import (
    AccountRow,
    Batch,
    EntryRow,
    LogRecord,
    OutboxRow,
    PartitionState,
    QuarantineRow,
    StoredAccount,
    WorkRow,
)
from agents.world import World
from events.envelope import Event, Refused
from events.parsing import reread_event
from workflows.account import Alert, Hold, Loop, Task, Work
from workflows.entries import Entry, Stored
from workflows.history import History
from workflows.lines import envelope_of
from workflows.moment import Line, Problem, work_id
from workflows.snapshots import Snapshot

ACCOUNTS_CACHED_MAX = 20_000
"""Accounts kept folded by one worker; an older one is loaded again when it is needed."""

_json = msgspec.json.Encoder()
_snapshot_encoder = msgspec.msgpack.Encoder()
_snapshot_decoder = msgspec.msgpack.Decoder(Snapshot)


class _Noted(msgspec.Struct):
    """The body of an entry that is no event: what a wake-up heard, what a rewind kept."""

    watermarks: dict[str, datetime] | None = None
    kept: list[Work] | None = None


_noted_decoder = msgspec.json.Decoder(_Noted)


@dataclass(slots=True)
class _Cached:
    history: History
    partition: int
    saved: tuple[datetime | None, datetime | None] | None = None
    bodies: dict[int, bytes] = field(default_factory=dict)
    fresh: set[tuple[str, str]] = field(default_factory=set)


class Handler:
    """Folds batches of one worker. Not safe for two threads."""

    def __init__(
        self,
        store: Store,
        world: World,
        *,
        worker: str,
        settle: Callable[[], None] = lambda: None,
        read: Callable[[bytes], Event] = reread_event,
    ) -> None:
        """Begin with an empty cache.

        ``settle`` waits until the last batch that was given out is written. ``read`` reads a record of the log: one
        that our own intake wrote need not be checked again, one of a topic that others write to must be.
        """
        self.store, self.world, self.worker = store, world, worker
        self._settle, self._read = settle, read
        self._given_out: frozenset[str] = frozenset()
        self._cache: OrderedDict[str, _Cached] = OrderedDict()
        self._turns: dict[int, int] = {}

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

    def fold(self, partition: int, records: Sequence[LogRecord], from_offset: int, to_offset: int) -> Batch:
        """Fold the records of one partition, in order of offset, and give what is to be saved.

        The folded accounts now run ahead of the store: who cannot save the batch must ``forget``.
        """
        cached = self._load(partition, [record.account_id for record in records])
        quarantined: list[QuarantineRow] = []
        for record in records:
            self._receive(cached[record.account_id], record, quarantined)
        return self._batch(partition, from_offset, to_offset, self._rows(cached, quarantined))

    def advance(
        self, partition: int, cursor: int, accounts: Iterable[str], until: datetime
    ) -> tuple[Batch | None, set[str]]:
        """Let time pass for accounts that are due (the timekeeper's batch).

        Gives what is to be saved, if anything, and the accounts that are due still, since they wait for a proof (R7).
        """
        cached = self._load(partition, accounts)
        waiting = set()
        for account, one in cached.items():
            one.history.advance(until)
            due = one.history.next_due()
            if due is not None and due <= until:
                waiting.add(account)
        rows = self._rows(cached, [])
        return (self._batch(partition, cursor, cursor, rows) if rows else None), waiting

    def forget(self) -> None:
        """Drop every folded account: the store alone knows now."""
        self._cache.clear()
        self._turns.clear()

    # ------------------------------------------------------------ load

    def _load(self, partition: int, accounts: Iterable[str]) -> dict[str, _Cached]:
        accounts = dict.fromkeys(accounts)
        missing = [one for one in accounts if one not in self._cache]
        if not self._given_out.isdisjoint(missing):
            self._settle()
        stored = self.store.load_accounts(missing) if missing else {}
        for account in missing:
            self._cache[account] = self._restore(account, partition, stored.get(account))
        for account in accounts:
            self._cache.move_to_end(account)
        loaded = {account: self._cache[account] for account in accounts}
        while len(self._cache) > ACCOUNTS_CACHED_MAX + len(loaded):
            self._cache.popitem(last=False)
        return loaded

    def _restore(self, account: str, partition: int, stored: StoredAccount | None) -> _Cached:
        world = self.world
        older = self._older(account)
        if stored is None:
            history = History(account, world.libraries, world.directories, world.watermarks, older=older)
            return _Cached(history, partition)
        history = History(
            account,
            world.libraries,
            world.directories,
            world.watermarks,
            stored=history_of(stored),
            older=older,
        )
        return _Cached(history, partition, (stored.next_due_at, stored.fired_at))

    def _older(self, account: str) -> Callable[[], list[Entry]]:
        def load() -> list[Entry]:
            self._settle()
            return [entry_of(row) for row in self.store.entries(account)]

        return load

    # ------------------------------------------------------------ fold

    def _receive(self, cached: _Cached, record: LogRecord, quarantined: list[QuarantineRow]) -> None:
        try:
            event = self._read(record.body)
        except Refused as refused:
            quarantined.append(_refused(record, refused))
            return
        history = cached.history
        if self._is_known(cached, event, record.arrived_at):
            return
        if history.receive(event, record.arrived_at, self.world.catalogue):
            cached.bodies[history.number_of(event)] = record.body
            cached.fresh.add((event.source, event.id))

    def _is_known(self, cached: _Cached, event: Event, arrived_at: datetime) -> bool:
        """Look for an event that may have left the recent ones: in this batch, and in the store (R3, F19)."""
        base = cached.history.base
        if base is None or min(event.time, event.recorded_at or event.time, arrived_at) > base.place[0]:
            return False
        key = (event.source, event.id)
        if key in cached.fresh:
            return True
        self._settle()
        return key in self.store.known_events(cached.history.account_id, [key])

    # ------------------------------------------------------------ what is to be saved

    def _rows(self, cached: dict[str, _Cached], quarantined: list[QuarantineRow]) -> _Rows:
        rows = _Rows(quarantined)
        for account, one in cached.items():
            rows.add(account, one)
        self._given_out = frozenset(cached)
        return rows

    def _batch(self, partition: int, from_offset: int, to_offset: int, rows: _Rows) -> Batch:
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
        )


class _Rows:
    """The rows of one batch, collected account by account."""

    def __init__(self, quarantined: list[QuarantineRow]) -> None:
        self.accounts: list[AccountRow] = []
        self.entries: list[EntryRow] = []
        self.opened: list[WorkRow] = []
        self.work: list[WorkRow] = []
        self.outbox: list[OutboxRow] = []
        self.quarantined = quarantined

    def __bool__(self) -> bool:
        """Tell whether there is anything to save."""
        return any((self.accounts, self.entries, self.opened, self.work, self.outbox, self.quarantined))

    def add(self, account: str, cached: _Cached) -> None:
        history = cached.history
        facts_changed = history.facts_changed
        out = history.drain()
        self.entries += [entry_row(account, entry, cached.bodies) for entry in out.entries]
        cached.bodies.clear()
        cached.fresh.clear()
        for item in out.work.values():
            (self.opened if item.id in out.opened else self.work).append(work_row(account, item))
        self.outbox += [outbox_row(account, line) for line in out.lines]
        self.quarantined += [_problem(account, problem, history.frontier) for problem in out.problems]
        self._account(account, cached, facts_changed=facts_changed)

    def _account(self, account: str, cached: _Cached, *, facts_changed: bool) -> None:
        history = cached.history
        times = (history.next_due(), history.fired)
        base = history.take_base()
        if times == cached.saved and base is None and not facts_changed:
            return
        cached.saved = times
        assert history.frontier is not None
        self.accounts.append(
            AccountRow(
                account,
                cached.partition,
                times[0],
                history.frontier,
                history.number,
                None if base is None else _snapshot_encoder.encode(base),
                0 if base is None else base.number,
                _facts(history) if facts_changed else None,
                times[1],
            )
        )


def history_of(stored: StoredAccount) -> Stored:
    """Read what the store knows of an account."""
    return Stored(
        base=None if stored.base is None else _snapshot_decoder.decode(stored.base),
        recent=tuple(entry_of(row) for row in stored.recent),
        number=stored.seq,
        frontier=stored.frontier,
        fired=stored.fired_at,
    )


def entry_of(row: EntryRow) -> Entry:
    """Read an entry of an account's log back."""
    if row.kind != "event":
        noted = _noted_decoder.decode(row.body)
        return Entry(
            row.seq,
            row.kind,
            row.at,
            row.arrived_at,
            catalogue=row.catalogue,
            watermarks=noted.watermarks,
            kept=noted.kept,
        )
    event = reread_event(row.body)
    return Entry(row.seq, "event", row.at, row.arrived_at, event, row.too_late, row.catalogue)


def entry_row(account: str, entry: Entry, bodies: dict[int, bytes]) -> EntryRow:
    """Write an entry of an account's log; an event keeps the bytes in which it came."""
    if entry.event is None:
        source, event_id, entry_type = "nofumble", f"{entry.kind}-{entry.number}", str(entry.kind)
        body = _json.encode(_Noted(entry.watermarks, entry.kept))
    else:
        source, event_id, entry_type = entry.event.source, entry.event.id, entry.event.type
        body = bodies[entry.number]
    return EntryRow(
        account,
        entry.number,
        entry.kind,
        entry.at,
        entry.arrived_at,
        source,
        event_id,
        entry_type,
        entry.too_late,
        body,
        entry.catalogue,
    )


def work_row(account: str, item: Work) -> WorkRow:
    """Write a work item as it is now."""
    kind, to, severity, title, due = _shown(item)
    return WorkRow(
        item.id,
        account,
        kind,
        item.workflow,
        item.key,
        item.ref,
        item.status,
        to.person if to else None,
        to.role if to else None,
        to.queue if to else None,
        severity,
        title,
        due,
        item.opened_at,
        item.closed_at,
        item.confirmed if isinstance(item, Alert) else True,
        _json.encode(item),
    )


def _shown(item: Work) -> tuple[Any, Any, str | None, str, datetime | None]:
    match item:
        case Task():
            return "task", item.to, None, item.title, item.due
        case Alert():
            return "alert", item.to[0] if item.to else None, item.severity, item.because, None
        case Hold():
            return "hold", item.speak_to, None, f"{item.scope}: {item.reason}", None
        case Loop():
            return "loop", item.holder, None, item.name, None


def outbox_row(account: str, line: Line) -> OutboxRow:
    """Write a line as it goes out; its id is the idempotency key of its delivery (R3)."""
    assert line.at is not None
    line_id, body = envelope_of(account, line)
    return OutboxRow(line_id, account, line.at, line.type, body)


def _facts(history: History) -> bytes:
    state = history.state
    shown = ("name", "tier", "lifecycle", "health", "country", "industry", "renewal_date", "roles")
    return json.dumps({name: getattr(state, name) for name in shown}, sort_keys=True).encode()


def _refused(record: LogRecord, refused: Refused) -> QuarantineRow:
    origin = f"log/{record.partition}"
    return QuarantineRow(
        work_id(f"{origin}/{record.offset}"),
        record.arrived_at,
        origin,
        record.offset,
        refused.path,
        refused.reason,
        record.body,
        record.account_id,
    )


def _problem(account: str, problem: Problem, at: datetime | None) -> QuarantineRow:
    assert at is not None
    return QuarantineRow(
        work_id(f"{account}/{problem.event_id}/{problem.workflow}/{problem.reason}"),
        at,
        f"account/{account}",
        0,
        "",
        problem.reason,
        b"",
        account,
        problem.event_id or None,
        problem.workflow or None,
    )
