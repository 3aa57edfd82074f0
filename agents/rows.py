"""What goes into a store and comes out of it? The rows, as named tuples.

A batch makes thousands of them, and a named tuple is made four times faster than a frozen dataclass. Times are aware
datetimes in UTC. Bodies are bytes that the store never looks into. A row knows no rule of the domain.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from zlib import crc32

from agents.crossing_rows import Crossing
from events.envelope import Event
from workflows.entries import EPOCH

PARTITIONS_DEFAULT = 8
"""Enough for eight workers; fixed when the store is made, because an account stays on its partition."""

EntryKind = Literal["event", "wake_up", "kept", "again"]
WorkKind = Literal["task", "alert", "hold", "loop"]


def partition_of(account_id: str, partitions: int) -> int:
    """Return the partition of an account: the same on every machine and in every process.

    >>> partition_of("acme", 8)
    6
    """
    return crc32(account_id.encode()) % partitions


# ------------------------------------------------------------------------------------------------------- one batch (D3)


class LogRecord(NamedTuple):
    """An event as it stands in the log: where, when it arrived, whose it is, and the bytes of its envelope."""

    partition: int
    offset: int
    arrived_at: datetime
    account_id: str
    body: bytes
    event: Event | None = None
    """What the bytes say, where they have been read already."""


class LogSlice(NamedTuple):
    """What lies one behind the other in one partition: records, and rows of what was none; `to_offset` is exclusive."""

    partition: int
    records: Sequence[LogRecord]
    from_offset: int
    to_offset: int
    refused: Sequence["QuarantineRow"] = ()
    known_at: datetime = EPOCH
    """When the latest of what stands before it in the partition arrived, as far as is known."""

    @property
    def is_filled(self) -> bool:
        """Tell whether the cursor moves."""
        return self.from_offset < self.to_offset


class EntryRow(NamedTuple):
    """One entry of an account's log: an event, a wake-up of the timekeeper, what a rewind kept or does again.

    `seq` counts from 1 within the account, without gaps. `at` is the position in the fold, `catalogue` the id of the
    definitions that were active on arrival (R17). The body of an event is its envelope.
    """

    account_id: str
    seq: int
    kind: EntryKind
    at: datetime
    arrived_at: datetime
    source: str
    event_id: str
    type: str
    too_late: bool
    body: bytes
    catalogue: int = 0


class WorkRow(NamedTuple):
    """A work item as it is now: open while `closed_at` is None. The body is the item as JSON, with its evidence.

    `receivers` names everybody that an alert goes to, as person, else queue, else role; of other kinds it is empty.
    """

    id: str
    account_id: str
    kind: WorkKind
    workflow: str
    key: str
    ref: str
    status: str
    person: str | None
    role: str | None
    queue: str | None
    severity: str | None
    title: str
    due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    confirmed: bool
    body: bytes
    receivers: Sequence[str] = ()
    snoozed_until: datetime | None = None


class OutboxRow(NamedTuple):
    """Something that goes out. The id is its idempotency key: a second row of the same id is dropped (R3)."""

    id: str
    account_id: str
    at: datetime
    type: str
    body: bytes
    is_for_desks: bool = False
    """Whether somebody may have to be told of it."""


class AccountRow(NamedTuple):
    """What is kept of an account beside its entries.

    `frontier` is the latest arrival or wake-up applied, `seq` that of the last entry. `base` is the state that the
    entries up to `base_seq` fold to; None leaves what is stored. `facts` is a small JSON object for listings; None
    leaves what is stored.
    """

    account_id: str
    partition: int
    next_due_at: datetime | None
    frontier: datetime
    seq: int
    base: bytes | None = None
    base_seq: int = 0
    facts: bytes | None = None
    fired_at: datetime | None = None


class QuarantineRow(NamedTuple):
    """An event that could not be taken or handled: the raw bytes, where they came from, and why (I1).

    `id` is uuid5 of where it came from, so that the same line twice is one row. `position` is the line or the offset.
    `workflow` is set when the event itself was good and this one definition failed on it.
    """

    id: str
    at: datetime
    origin: str
    position: int
    path: str
    reason: str
    raw: bytes
    account_id: str | None = None
    event_id: str | None = None
    workflow: str | None = None


class StartRow(NamedTuple):
    """A start of a workflow that counts who started it, at any account (W03); `id` is the instance.

    `seq` is 0 until it is stored, then rises.
    """

    id: str
    workflow: str
    actor: str
    account_id: str
    at: datetime
    arrived_at: datetime
    seq: int = 0
    is_told: bool = False


class Batch(NamedTuple):
    """What one batch of one partition changes, saved in one transaction or not at all.

    `from_offset` to `to_offset` (exclusive) are those of the records; a batch of the timekeeper has none, and both
    are the cursor. An account needs a row only when its due time, base or facts changed: its frontier and seq are
    also told by its entries. `opened` are work items that were not there before this batch, `work` those that were;
    an item that stands in the wrong one is kept all the same, but costs more. `turn` is how many batches of this
    partition were saved before, as far as its worker knows: a timekeeper's batch moves no cursor, and whoever missed
    one of another worker must not write what follows from less. None asks nothing.
    """

    partition: int
    from_offset: int
    to_offset: int
    worker: str
    accounts: Sequence[AccountRow] = ()
    entries: Sequence[EntryRow] = ()
    opened: Sequence[WorkRow] = ()
    work: Sequence[WorkRow] = ()
    outbox: Sequence[OutboxRow] = ()
    quarantined: Sequence[QuarantineRow] = ()
    turn: int | None = None
    starts: Sequence[StartRow] = ()


class StoredAccount(NamedTuple):
    """An account as it was saved: its base, and the entries after it in order of seq."""

    account_id: str
    partition: int
    next_due_at: datetime | None
    frontier: datetime | None
    seq: int
    base: bytes | None
    base_seq: int
    recent: Sequence[EntryRow]
    fired_at: datetime | None = None


class DueAccount(NamedTuple):
    """An account that has a timer to fire."""

    account_id: str
    next_due_at: datetime


# --------------------------------------------------------------------------------------------------------------- intake


class IntakeRecord(NamedTuple):
    """An event for the log, whose account is known. `source` and `event_id` together are taken once (R3)."""

    account_id: str
    arrived_at: datetime
    source: str
    event_id: str
    body: bytes


class ParkedRow(NamedTuple):
    """An event whose reference nothing resolves yet. It goes to the log when a link of that reference appears.

    `position` is how many records of the chunk come before it.
    """

    ref: str
    arrived_at: datetime
    source: str
    event_id: str
    body: bytes
    position: int = 0


class Link(NamedTuple):
    """A reference (`salesforce:0015g`) or the id of a merged account, and the account that it means from `since` on.

    `position` is how many records of the chunk come before it: what was parked for the reference is put there.
    """

    ref: str
    account_id: str
    since: datetime
    position: int = 0


class Merge(NamedTuple):
    """An account that goes on as another: its id and its references mean `into` from `since` on."""

    account_id: str
    into: str
    since: datetime


class DirectoryRecord(NamedTuple):
    """An event about our own people; `seq` is 0 until it is stored, then counts in order of arrival."""

    arrived_at: datetime
    source: str
    event_id: str
    body: bytes
    seq: int = 0


class Watermark(NamedTuple):
    """A step of a source: from `arrived_at` on it was known to have been heard up to `watermark` (R7).

    Both rise from step to step of a source. `seq` is 0 until it is stored, then counts up over all sources.
    """

    source: str
    arrived_at: datetime
    watermark: datetime
    seq: int = 0


class IntakeChunk(NamedTuple):
    """What one chunk of intake brings, applied in one transaction or not at all."""

    records: Sequence[IntakeRecord] = ()
    parked: Sequence[ParkedRow] = ()
    quarantined: Sequence[QuarantineRow] = ()
    links: Sequence[Link] = ()
    merges: Sequence[Merge] = ()
    directory: Sequence[DirectoryRecord] = ()
    watermarks: Sequence[Watermark] = ()
    crossing: Crossing = Crossing()


Fate = Literal["accepted", "duplicate", "parked"]
"""What became of an event that was to be parked: its link may have come at the same time."""


class IntakeResult(NamedTuple):
    """What became of a chunk. The counts add up to what it brought: records, parked, directory and quarantined.

    `taken` says of each record whether it was new. `released` counts parked events of earlier chunks that went to the
    log now; `refused_merges` are the accounts whose merge would have closed a cycle (F57).
    """

    taken: Sequence[bool]
    accepted: int
    duplicate: int
    parked: int
    quarantined: int
    released: int = 0
    refused_merges: Sequence[str] = ()
    parked_as: Sequence[Fate] = ()
    directory_taken: Sequence[bool] = ()


# -------------------------------------------------------------------------------------------------------------- queries


class WorkFilter(NamedTuple):
    """Which work items: each field narrows, None does not. They were opened from a time on, and before another."""

    kind: WorkKind | None = None
    person: str | None = None
    queue: str | None = None
    account_id: str | None = None
    workflow: str | None = None
    is_open: bool | None = True
    limit: int = 1000
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    ids: Sequence[str] | None = None
    id_prefix: str | None = None


class StoredFacts(NamedTuple):
    """An account for listings."""

    account_id: str
    partition: int
    next_due_at: datetime | None
    frontier: datetime | None
    seq: int
    facts: bytes


class SentRow(NamedTuple):
    """A row of the outbox, with its place in it and when it was sent."""

    seq: int
    id: str
    account_id: str
    at: datetime
    type: str
    body: bytes
    sent_at: datetime | None


class QuarantinedEvent(NamedTuple):
    """A row of the quarantine, and what became of it."""

    row: QuarantineRow
    status: Literal["open", "released"]
    released_at: datetime | None


class StoredCatalogue(NamedTuple):
    """A catalogue of definitions that was active from `at` on (R17); ids count up."""

    id: int
    hash: str
    at: datetime
    body: bytes


class PartitionState(NamedTuple):
    """How far one partition is: the next offset to handle, the end of the log's table, how many batches were saved.

    Where the log is a topic, `base` is where offset 0 of the topic stands on the axis of `next`, and rows of the table
    before `relayed` are in it.
    """

    partition: int
    next: int
    end: int
    turn: int = 0
    base: int | None = None
    relayed: int = 0
