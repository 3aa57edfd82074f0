"""A store for tests and for whatever needs no database: everything in this object, nothing on disk.

It behaves as the store on PostgreSQL does, fence and duplicates included: one conformance suite holds both to it. A
method checks everything before it changes anything, which is all that a transaction is when there is one thread.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from agents.page_rows import Backlog
from agents.ports import Enveloped, Fenced, StoreError
from agents.rows import (
    AccountRow,
    Batch,
    DirectoryRecord,
    DueAccount,
    EntryRow,
    IntakeChunk,
    IntakeResult,
    LogRecord,
    ParkedRow,
    PartitionState,
    QuarantinedEvent,
    QuarantineRow,
    SentRow,
    StoredAccount,
    StoredCatalogue,
    StoredFacts,
    Watermark,
    WorkFilter,
    WorkRow,
    partition_of,
)
from nofumble.store.accounts import facts_row, stored_account
from nofumble.store.intake import Key, Known, check_is_current, keys_of, plan_intake, refs_given
from nofumble.store.memory_crossing import MemoryCrossing
from nofumble.store.memory_desks import MemoryDesks
from nofumble.store.memory_erased import MemoryErased
from nofumble.store.memory_pages import MemoryPages
from nofumble.store.memory_starts import MemoryStarts
from nofumble.store.wanted_work import is_wanted

LATEST = datetime.max.replace(tzinfo=UTC)


class MemoryStore(MemoryPages, MemoryDesks, MemoryCrossing, MemoryErased, MemoryStarts):
    """Implements agents.ports.Store."""

    def __init__(self) -> None:
        super().__init__()
        self._log: dict[int, list[LogRecord]] = {}
        self._turns: Counter[int] = Counter()
        self._keys: set[Key] = set()
        self._parked: list[ParkedRow] = []
        self._links: dict[str, str] = {}
        self._directory: list[DirectoryRecord] = []
        self._watermarks: list[Watermark] = []
        self._entries: dict[str, dict[int, EntryRow]] = {}
        self._outbox: dict[str, SentRow] = {}
        self._quarantine: dict[str, QuarantinedEvent] = {}
        self._quarantine_sent: set[str] = set()
        self._catalogues: dict[str, StoredCatalogue] = {}
        self._facts_about_us: dict[str, str] = {}
        self._bases: dict[int, int] = {}
        self._relayed: dict[int, int] = {}
        self._relay: str | None = None

    # the log

    def take(self, chunk: IntakeChunk) -> IntakeResult:
        """Apply a chunk of intake."""
        check_is_current(chunk, self.interest_seq())
        given = refs_given(chunk)
        plan = plan_intake(
            chunk,
            Known(
                keys=frozenset(self._keys),
                directory=frozenset(keys_of(self._directory)),
                links=self._links,
                waiting=[row for row in self._parked if row.ref in given],
            ),
        )
        for old, into in plan.repoint:
            self._links = {ref: into if account == old else account for ref, account in self._links.items()}
        self._links |= {link.ref: link.account_id for link in plan.links}
        self._parked = [row for row in self._parked if row.ref not in plan.unpark] + list(plan.park)
        for record in plan.records:
            partition = partition_of(record.account_id, len(self._log))
            log = self._log[partition]
            log.append(LogRecord(partition, len(log), record.arrived_at, record.account_id, record.body))
        self._keys.update(keys_of(plan.records), keys_of(plan.park))
        for row in plan.directory:
            self._directory.append(row._replace(seq=len(self._directory) + 1))
        self._add_watermarks(chunk.watermarks)
        self._add_crossing(chunk.crossing)
        self._add_quarantine(chunk.quarantined)
        return plan.result

    def taken(self, keys: Sequence[Key]) -> set[Key]:
        """Return those of the keys that were taken before."""
        return set(keys) & self._keys.union(self._campaigns, keys_of(self._directory), keys_of(self._interest))

    def read_log(self, partition: int, from_offset: int, limit: int) -> list[LogRecord]:
        """Return the records of a partition from an offset on, in order."""
        return self._log[partition][from_offset : from_offset + limit]

    def logged(self, envelopes: Sequence[Enveloped]) -> set[Enveloped]:
        """Return those that the log's table has for their account; a body names its source and id."""
        known = {(row.account_id, row.body) for log in self._log.values() for row in log}
        return {one for one in envelopes if (one[0], one[3]) in known}

    def partitions(self) -> list[PartitionState]:
        """Return the state of every partition, in order."""
        return [
            PartitionState(
                partition,
                self._cursors[partition],
                len(log),
                self._turns[partition],
                self._bases.get(partition),
                self._relayed.get(partition, 0),
            )
            for partition, log in self._log.items()
        ]

    def ensure_partitions(self, count: int) -> None:
        """Make the partitions of a new store; raise StoreError when the store has another number of them (F26)."""
        if self._log and len(self._log) != count:
            raise StoreError(
                f"this store has {len(self._log)} partitions and {count} were asked for: an account stays on its "
                "partition, so their number is fixed when the store is made"
            )
        for partition in range(count):
            self._log.setdefault(partition, [])
            self._cursors.setdefault(partition, 0)

    def fix(self, key: str, value: str) -> str:
        """Return a fact about this store that never changes, stored now if it is new."""
        return self._facts_about_us.setdefault(key, value)

    def follow(self, topic: str) -> str:
        """Let the log be a topic from now on, and return which one it is."""
        if "log" not in self._facts_about_us:
            self._bases, self._relayed = dict(self._cursors), dict(self._cursors)
            self._turns.update(list(self._cursors))
        return self.fix("log", topic)

    def lead_relay(self, relay: str) -> bool:
        """Tell whether this relay is the one that relays; within one process none is lost."""
        self._relay = self._relay or relay
        return self._relay == relay

    def leave_relay(self, relay: str) -> None:
        """Let another relay lead at once."""
        if self._relay == relay:
            self._relay = None

    def relayed(self, partition: int, to_offset: int) -> None:
        """Note that the table's records before an offset are in the topic; it never goes back."""
        self._relayed[partition] = max(self._relayed.get(partition, 0), to_offset)

    def cursor(self, partition: int) -> int:
        """Return the next offset to handle; raise KeyError for a partition that there is not."""
        return self._cursors[partition]

    def resolve(self, refs: Iterable[str]) -> dict[str, str]:
        """Return the account of each reference or merged account id."""
        return {ref: self._links[ref] for ref in refs if ref in self._links}

    # batches

    def load_accounts(self, account_ids: Sequence[str]) -> dict[str, StoredAccount]:
        """Return the accounts that are known by a row or by entries."""
        known = (
            account_id for account_id in account_ids if account_id in self._accounts or account_id in self._entries
        )
        return {account_id: self._load(account_id) for account_id in known}

    def entries(self, account_id: str) -> list[EntryRow]:
        """Return the whole log of an account, in order of seq."""
        return [entry for _, entry in sorted(self._entries.get(account_id, {}).items())]

    def known_events(self, account_id: str, keys: Sequence[Key]) -> set[Key]:
        """Return those of the (source, event id) that the account's entries already hold."""
        held = {(entry.source, entry.event_id) for entry in self._entries.get(account_id, {}).values()}
        return held & set(keys)

    def due_accounts(self, partition: int, until: datetime, limit: int) -> list[DueAccount]:
        """Return accounts with a timer due at `until` or before, in order of (due, id)."""
        due = [
            DueAccount(row.account_id, row.next_due_at)
            for row in self._accounts.values()
            if row.partition == partition and row.next_due_at is not None and row.next_due_at <= until
        ]
        return sorted(due, key=lambda account: (account.next_due_at, account.account_id))[:limit]

    def save(self, *batches: Batch) -> None:
        """Keep batches, all of them or none, or raise Fenced."""
        for batch in batches:
            self._check_is_next(batch)
        for batch in batches:
            self._keep(batch)

    def _check_is_next(self, batch: Batch) -> None:
        if self._cursors.get(batch.partition) != batch.from_offset:
            raise Fenced(
                f"partition {batch.partition} stands at {self._cursors.get(batch.partition)}, not at "
                f"{batch.from_offset}"
            )
        turn = self._turns[batch.partition]
        if batch.turn not in (None, turn):
            raise Fenced(f"partition {batch.partition} has had {turn} batches, not {batch.turn}")
        for entry in batch.entries:
            if entry.seq in self._entries.get(entry.account_id, {}):
                raise Fenced(f"entry {entry.seq} of {entry.account_id} is there already")

    def _keep(self, batch: Batch) -> None:
        self._cursors[batch.partition] = batch.to_offset
        self._turns[batch.partition] += 1
        for entry in batch.entries:
            self._entries.setdefault(entry.account_id, {})[entry.seq] = entry
        for row in batch.accounts:
            self._accounts[row.account_id] = _merged(self._accounts.get(row.account_id), row)
        self._work |= {row.id: row for row in (*batch.opened, *batch.work)}
        self._expect(row for row in batch.outbox if row.id not in self._outbox)
        for line in batch.outbox:
            self._outbox.setdefault(line.id, SentRow(len(self._outbox) + 1, *line[:5], sent_at=None))
        self._add_quarantine(batch.quarantined)
        self._add_starts(batch.starts)

    # the outbox, the quarantine, the directory

    def unsent(self, limit: int) -> list[SentRow]:
        """Return what is to be sent, in order."""
        return [row for row in self._outbox.values() if row.sent_at is None][:limit]

    def mark_sent(self, seqs: Sequence[int], at: datetime) -> None:
        """Note that rows of the outbox were delivered."""
        for row in [row for row in self._outbox.values() if row.seq in seqs and row.sent_at is None]:
            self._outbox[row.id] = row._replace(sent_at=at)

    def quarantine(
        self, *, status: Literal["open", "released"] | None = "open", limit: int = 1000
    ) -> list[QuarantinedEvent]:
        """Return what is in quarantine, oldest first."""
        return [event for event in self._quarantine.values() if status in (None, event.status)][:limit]

    def quarantined(self, quarantine_id: str) -> QuarantinedEvent | None:
        """Return one of them."""
        return self._quarantine.get(quarantine_id)

    def release(self, quarantine_id: str, at: datetime) -> bool:
        """Note that an event was given to intake again; return False when it was already, or is unknown."""
        event = self._quarantine.get(quarantine_id)
        if event is None or event.status == "released":
            return False
        self._quarantine[quarantine_id] = QuarantinedEvent(event.row, "released", at)
        return True

    def unsent_quarantine(self, limit: int) -> list[QuarantineRow]:
        """Return what is in quarantine and was not told outside yet, oldest first."""
        return [one.row for name, one in self._quarantine.items() if name not in self._quarantine_sent][:limit]

    def mark_quarantine_sent(self, ids: Sequence[str], at: datetime) -> None:  # noqa: ARG002 - only whether is kept
        """Note that rows of the quarantine were told outside."""
        self._quarantine_sent.update(ids)

    def directory_since(self, seq: int) -> list[DirectoryRecord]:
        """Return the records about our people after a seq, in order of arrival."""
        return self._directory[seq:]

    def watermarks(self, after: int = 0) -> list[Watermark]:
        """Return the steps of the sources behind a seq, in order; what did not rise was not kept."""
        return self._watermarks[after:]

    def register_catalogue(self, hash_: str, body: bytes, at: datetime) -> int:
        """Return the id of the catalogue of a key, stored now if it is new."""
        return self._catalogues.setdefault(hash_, StoredCatalogue(len(self._catalogues) + 1, hash_, at, body)).id

    def catalogues(self, after: int = 0) -> list[StoredCatalogue]:
        """Return the catalogues that came into force after that of an id, in order of id."""
        return list(self._catalogues.values())[after:]

    # queries

    def work(self, wanted: WorkFilter) -> list[WorkRow]:
        """Return work items in order of (due, id), those without a due time last."""
        found = [row for row in self._work.values() if is_wanted(row, wanted)]
        return sorted(found, key=lambda row: (row.due_at or LATEST, row.id))[: wanted.limit]

    def work_item(self, work_id: str) -> WorkRow | None:
        """Return one work item."""
        return self._work.get(work_id)

    def accounts(self, *, after: str = "", limit: int = 1000) -> list[StoredFacts]:
        """Return accounts for a listing, in order of id."""
        return [
            facts_row(self._accounts[name]) for name in sorted(name for name in self._accounts if name > after)[:limit]
        ]

    def account(self, account_id: str) -> StoredFacts | None:
        """Return one account for a listing."""
        row = self._accounts.get(account_id)
        return None if row is None else facts_row(row)

    def timeline(self, account_id: str, limit: int, *, before: tuple[datetime, int] | None = None) -> list[EntryRow]:
        """Return the newest entries of an account, or those before an (at, seq), newest first by it."""
        entries = self._entries.get(account_id, {}).values()
        found = (entry for entry in entries if before is None or (entry.at, entry.seq) < before)
        return sorted(found, key=lambda entry: (entry.at, entry.seq), reverse=True)[:limit]

    def happened(self, types: Sequence[str], since: datetime, until: datetime, limit: int) -> list[EntryRow]:
        """Return the events of some types, of all accounts, between two times."""
        entries = (entry for of_account in self._entries.values() for entry in of_account.values())
        found = [row for row in entries if row.kind == "event" and row.type in types and since <= row.at < until]
        return sorted(found, key=lambda row: (row.at, row.account_id, row.seq))[:limit]

    def told(self, types: Sequence[str], since: datetime, until: datetime, limit: int) -> list[SentRow]:
        """Return the lines of some types that went out between two times."""
        found = [row for row in self._outbox.values() if row.type in types and since <= row.at < until]
        return sorted(found, key=lambda row: (row.at, row.seq))[:limit]

    def counts(self) -> Mapping[str, int]:
        """Return how many rows there are of what."""
        return {
            "accounts": len(self._accounts),
            "logged": sum(len(log) for log in self._log.values()),
            "handled": sum(self._cursors.values()),
            "work_open": sum(row.closed_at is None for row in self._work.values()),
            "outbox_unsent": sum(row.sent_at is None for row in self._outbox.values()),
            "parked": len(self._parked),
            "quarantine_open": sum(event.status == "open" for event in self._quarantine.values()),
            "catalogues": len(self._catalogues),
        }

    def backlog(self, now: datetime) -> Backlog:
        """Return what waits at a time; here nothing waits for long."""
        due = [len(self.due_accounts(partition, now, len(self._accounts))) for partition in self._log]
        return Backlog(due, timedelta(0) if self.unsent(1) else None)

    def twin(self) -> None:
        """Return nothing: this store is one object, for one thread."""

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _load(self, account_id: str) -> StoredAccount:
        row = self._accounts.get(account_id)
        base_seq = 0 if row is None else row.base_seq
        entries = self._entries.get(account_id, {})
        recent = [entries[seq] for seq in sorted(entries) if seq > base_seq]
        return stored_account(account_id, row, recent, partition_of(account_id, len(self._log)))

    def _add_watermarks(self, watermarks: Iterable[Watermark]) -> None:
        for new in watermarks:
            last = next((step for step in reversed(self._watermarks) if step.source == new.source), None)
            if last is None or last.watermark < new.watermark:
                arrived_at = new.arrived_at if last is None else max(last.arrived_at, new.arrived_at)
                self._watermarks.append(new._replace(arrived_at=arrived_at, seq=len(self._watermarks) + 1))

    def _add_quarantine(self, rows: Iterable[QuarantineRow]) -> None:
        for row in rows:
            self._quarantine.setdefault(row.id, QuarantinedEvent(row, "open", None))


def _merged(old: AccountRow | None, new: AccountRow) -> AccountRow:
    if old is None:
        return new
    keeps_base = new.base is None
    return AccountRow(
        account_id=new.account_id,
        partition=old.partition,
        next_due_at=new.next_due_at,
        frontier=max(old.frontier, new.frontier),
        seq=max(old.seq, new.seq),
        base=old.base if keeps_base else new.base,
        base_seq=old.base_seq if keeps_base else new.base_seq,
        facts=old.facts if new.facts is None else new.facts,
        fired_at=new.fired_at,
    )
