"""What do the agents ask of a store?

One interface: PostgreSQL in a running system, memory in tests. Both pass `tests/contracts/test_store_contract.py`.
What goes in and out are the rows of `agents/rows.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from agents.crossing_rows import CampaignRow, InterestRow
from agents.desk_rows import NoticeRow, StoredDesks, Told
from agents.page_rows import Backlog, WorkCounts, WorkPage
from agents.rows import (
    Batch,
    DirectoryRecord,
    DueAccount,
    EntryRow,
    IntakeChunk,
    IntakeResult,
    LogRecord,
    OutboxRow,
    PartitionState,
    QuarantinedEvent,
    QuarantineRow,
    SentRow,
    StartRow,
    StoredAccount,
    StoredCatalogue,
    StoredFacts,
    Watermark,
    WorkFilter,
    WorkRow,
)

# --------------------------------------------------------------------------------------------------------------- errors


class StoreError(Exception):
    """A store did not do what it was asked; nothing of it was kept, unless the class says otherwise."""


class Fenced(StoreError):
    """Another worker has moved this partition on: drop every cache and start from the cursor. Nothing was kept."""


class FollowsTopic(StoreError):
    """The log of this store is a topic of Kafka: agents that read the table must not run on it."""


class OutcomeUnknown(StoreError):
    """The connection was lost during the commit: read the cursor to learn whether the transaction was kept (F4)."""


class StoreUnavailable(StoreError):
    """The store could not be reached, or was too busy, for as long as we are willing to try. Nothing was kept."""


class Outdated(StoreUnavailable):
    """Another intake was faster, and what the chunk follows from is not all any more: work it out again."""


# ------------------------------------------------------------------------------------------------------------- the port


Enveloped = tuple[str, str, str, bytes]
"""An envelope as a log has it: account, source, event id, and its bytes."""


class Store(Protocol):
    """Everything that is kept. One object for one thread: open one each.

    Every method is one transaction. Any of them may raise StoreUnavailable; those that write may raise OutcomeUnknown.
    """

    # the log

    def take(self, chunk: IntakeChunk) -> IntakeResult:
        """Apply a chunk of intake; the same again changes nothing. Offsets have no gaps and follow the records.

        Raises Outdated when the chunk follows from less than what is known by now.
        """
        ...

    def taken(self, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of the (source, event id) that were taken before: in the log, parked, or about our people."""
        ...

    def interest(self, keys: Sequence[str]) -> list[InterestRow]:
        """Return what was taken that names one of these requests or releases, in order of seq (W08)."""
        ...

    def interest_seq(self) -> int:
        """Return the number of the last row that names product requests or releases; 0 when there is none."""
        ...

    def contacts(self, names: Sequence[str]) -> dict[str, str]:
        """Return the account, or the reference to it, of each contact whose id or address is known (W17)."""
        ...

    def campaign(self, key: tuple[str, str]) -> CampaignRow | None:
        """Return the campaign of this (source, event id) whose list was given in parts to other accounts (W17)."""
        ...

    def untold_campaigns(self, limit: int) -> list[CampaignRow]:
        """Return such campaigns that the account which they name has not got yet, in order of arrival."""
        ...

    def mark_campaigns_told(self, keys: Sequence[tuple[str, str]]) -> None:
        """Note that their accounts have them."""
        ...

    def read_log(self, partition: int, from_offset: int, limit: int) -> list[LogRecord]:
        """Return the records of a partition from an offset on, in order."""
        ...

    def logged(self, envelopes: Sequence[Enveloped]) -> set[Enveloped]:
        """Return those that the log's table has for their account, under their (source, event id) or again (F39)."""
        ...

    def partitions(self) -> list[PartitionState]:
        """Return the state of every partition, in order."""
        ...

    def ensure_partitions(self, count: int) -> None:
        """Make the partitions of a new store; raise StoreError when the store has another number of them (F26)."""
        ...

    def fix(self, key: str, value: str) -> str:
        """Return a fact about this store that never changes, stored now if it is new; compare it with yours (F24)."""
        ...

    def follow(self, topic: str) -> str:
        """Let the log be a topic from now on, and return which one it is: this one, or the one that it was before.

        Whatever the agents have not handled yet is then to be relayed; agents that read the table are fenced.
        """
        ...

    def lead_relay(self, relay: str) -> bool:
        """Tell whether this relay is the one that relays for the next seconds; ask before each round.

        One that has stopped to ask, dead or asleep, is soon followed by another (F17).
        """
        ...

    def leave_relay(self, relay: str) -> None:
        """Let another relay lead at once."""
        ...

    def relayed(self, partition: int, to_offset: int) -> None:
        """Note that the table's records before an offset are in the topic; it never goes back."""
        ...

    def cursor(self, partition: int) -> int:
        """Return the next offset to handle; raise KeyError for a partition that there is not."""
        ...

    def resolve(self, refs: Iterable[str]) -> dict[str, str]:
        """Return the account of each reference or merged account id; those that nothing resolves are left out."""
        ...

    # batches

    def load_accounts(self, account_ids: Sequence[str]) -> dict[str, StoredAccount]:
        """Return the accounts that are known by a row or by entries."""
        ...

    def entries(self, account_id: str) -> list[EntryRow]:
        """Return the whole log of an account, in order of seq."""
        ...

    def known_events(self, account_id: str, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of the (source, event id) that the account's entries already hold."""
        ...

    def due_accounts(self, partition: int, until: datetime, limit: int) -> list[DueAccount]:
        """Return accounts with a timer due at `until` or before, in order of (due, id)."""
        ...

    def save(self, *batches: Batch) -> None:
        """Keep batches of different partitions together, all of them or none.

        Raises:
            Fenced: a cursor or a turn is not where its batch says, or an entry is there already.
        """
        ...

    # what people of ours did, at any account (W03)

    def starts_since(self, seq: int) -> list[StartRow]:
        """Return the starts after a seq, in its order; one that is being written beside others may be missed."""
        ...

    def starts_of(self, workflow: str, actor: str) -> list[StartRow]:
        """Return every start of a workflow by a person."""
        ...

    def untold_starts(self, limit: int) -> list[StartRow]:
        """Return starts of which the other accounts of their actors have not been told yet."""
        ...

    def mark_told(self, seqs: Sequence[int]) -> None:
        """Note that the other accounts were told of these starts."""
        ...

    # the outbox

    def unsent(self, limit: int) -> list[SentRow]:
        """Return what is to be sent, in order."""
        ...

    def mark_sent(self, seqs: Sequence[int], at: datetime) -> None:
        """Note that rows of the outbox were delivered."""
        ...

    # who is told

    def pass_time(self, until: Mapping[int, datetime]) -> None:
        """Note up to when time has passed for all accounts of some partitions; it never goes back."""
        ...

    def passed(self) -> datetime | None:
        """Return up to when time has passed for all accounts; None where a partition has not said so yet."""
        ...

    def unheard(self, until: datetime, limit: int) -> list[OutboxRow]:
        """Return lines up to a time that may concern desks and were not heard, in order of (at, account, decision)."""
        ...

    def desks(self) -> StoredDesks:
        """Return what lies on the desks of all people, in order of person."""
        ...

    def save_told(self, told: Told) -> None:
        """Keep what was heard and told, or raise Fenced: desks were written since they were read."""
        ...

    def notices(self, person: str | None = None, *, limit: int = 1000) -> list[NoticeRow]:
        """Return what people were told, or one of them, newest first by (at, order of telling)."""
        ...

    # the quarantine, the directory

    def quarantine(
        self, *, status: Literal["open", "released"] | None = "open", limit: int = 1000
    ) -> list[QuarantinedEvent]:
        """Return what is in quarantine, oldest first."""
        ...

    def quarantined(self, quarantine_id: str) -> QuarantinedEvent | None:
        """Return one of them."""
        ...

    def release(self, quarantine_id: str, at: datetime) -> bool:
        """Note that an event was given to intake again; return False when it was already, or is unknown (F39)."""
        ...

    def unsent_quarantine(self, limit: int) -> list[QuarantineRow]:
        """Return what is in quarantine and was not told outside yet, oldest first."""
        ...

    def mark_quarantine_sent(self, ids: Sequence[str], at: datetime) -> None:
        """Note that rows of the quarantine were told outside."""
        ...

    def forget(self, stones: Mapping[bytes, str]) -> None:
        """Keep tombstones by the hashes of what they stand for; one that is there stays."""
        ...

    def erased(self) -> Mapping[bytes, str]:
        """Return every tombstone by the hash of what it stands for."""
        ...

    def directory_since(self, seq: int) -> list[DirectoryRecord]:
        """Return the records about our people after a seq, in order of arrival."""
        ...

    def watermarks(self, after: int = 0) -> list[Watermark]:
        """Return the steps of the sources behind a seq, in order; what did not rise was not kept."""
        ...

    def register_catalogue(self, hash_: str, body: bytes, at: datetime) -> int:
        """Return the id of the catalogue of a key, stored now if it is new; what has the key already stays as it is."""
        ...

    def catalogues(self, after: int = 0) -> list[StoredCatalogue]:
        """Return the catalogues that came into force after that of an id, in order of id."""
        ...

    # queries

    def work(self, wanted: WorkFilter) -> list[WorkRow]:
        """Return work items in order of (due, id), those without a due time last."""
        ...

    def work_item(self, work_id: str) -> WorkRow | None:
        """Return one work item."""
        ...

    def work_page(self, wanted: WorkPage) -> list[WorkRow]:
        """Return a page of work, in order of `page_rows.Place`."""
        ...

    def work_counts(self, wanted: WorkPage, now: datetime, soon: datetime) -> WorkCounts:
        """Return how much work there is in all pages: what is late at `now`, and what is due before `soon`."""
        ...

    def accounts_named(self, account_ids: Sequence[str]) -> list[StoredFacts]:
        """Return some accounts for a listing, in order of id; those that there are not are left out."""
        ...

    def accounts_of(self, names: Sequence[str]) -> list[str]:
        """Return the accounts where people or queues have a role or hold something open, in order of id."""
        ...

    def holders_of(self, account_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return who has a role or holds something open at each of some accounts."""
        ...

    def accounts(self, *, after: str = "", limit: int = 1000) -> list[StoredFacts]:
        """Return accounts for a listing, in order of id, from the one after `after` on."""
        ...

    def account(self, account_id: str) -> StoredFacts | None:
        """Return one account for a listing."""
        ...

    def timeline(self, account_id: str, limit: int, *, before: tuple[datetime, int] | None = None) -> list[EntryRow]:
        """Return the newest entries of an account, or those before an (at, seq), newest first by it."""
        ...

    def happened(self, types: Sequence[str], since: datetime, until: datetime, limit: int) -> list[EntryRow]:
        """Return the events of some types, of all accounts, from a time on and before another, by (at, account, seq).

        No index serves it: it is for reports, and takes as long as the log is long.
        """
        ...

    def told(self, types: Sequence[str], since: datetime, until: datetime, limit: int) -> list[SentRow]:
        """Return the lines of some types that went out from a time on and before another, in order of (at, seq)."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many rows there are of what, for `nofumble doctor`."""
        ...

    def backlog(self, now: datetime) -> Backlog:
        """Return what waits at a time; of due accounts no more than a bound are counted in a partition."""
        ...

    def twin(self) -> "Store | None":
        """Return another connection to the same store, for another thread; None when there can be none."""
        ...

    def close(self) -> None:
        """Give the connection up."""
        ...
