"""Where everything is kept in a running system: PostgreSQL 15 to 18.

The statements are in `queries.sql`; a batch and a chunk of intake have modules of their own. Every method is one
transaction, tried again on a fresh connection when the database failed it before the commit (transactions.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.desk_rows import DeskRow, NoticeRow, StoredDesks, Told
from agents.page_rows import Backlog
from agents.ports import Enveloped, StoreError
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
from nofumble.faults import crash_point
from nofumble.postgres.supervisor import Database
from nofumble.store.postgres_accounts import load_accounts
from nofumble.store.postgres_batch import AlreadyThere, save_batches
from nofumble.store.postgres_crossing import PostgresCrossing
from nofumble.store.postgres_desks import save_told
from nofumble.store.postgres_intake import take_chunk, taken_keys
from nofumble.store.postgres_pages import PostgresPages, facts_row, work_row
from nofumble.store.queries import queries, select
from nofumble.store.repartition import repartition
from nofumble.store.transactions import Session

STATEMENT_MAX_MS = 10_000
LOCK_MAX_MS = 5_000
IDLE_IN_TRANSACTION_MAX_MS = 60_000
"""A process that hangs in a transaction must not keep the vacuum from the outbox (F64)."""


DUE_COUNTED_MAX = 10_000
"""Due accounts that are counted in a partition: the question is asked every few seconds."""


class PostgresStore(PostgresCrossing, PostgresPages):
    """Implements agents.ports.Store on a database whose schema is up to date; one connection, for one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session = Session(self._connect)
        self._partitions: int | None = None

    # the log

    def take(self, chunk: IntakeChunk) -> IntakeResult:
        """Apply a chunk of intake."""
        result = self._session.run(lambda connection: take_chunk(connection, chunk))
        crash_point("intake.after_commit")
        return result

    def taken(self, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of the keys that were taken before."""
        return self._session.run(lambda connection: taken_keys(connection, keys))

    def read_log(self, partition: int, from_offset: int, limit: int) -> list[LogRecord]:
        """Return the records of a partition from an offset on, in order."""
        return [
            LogRecord(*row)
            for row in self._rows("read_log", {"partition": partition, "from": from_offset, "limit": limit})
        ]

    def logged(self, envelopes: Sequence[Enveloped]) -> set[Enveloped]:
        """Return those that the log's table has for their account."""
        names = ("accounts", "sources", "ids", "bodies")
        wanted = {name: [one[column] for one in envelopes] for column, name in enumerate(names)}
        return {envelopes[row[0] - 1] for row in self._rows("logged", wanted)}

    def partitions(self) -> list[PartitionState]:
        """Return the state of every partition, in order."""
        return [PartitionState(*row) for row in self._rows("partitions")]

    def ensure_partitions(self, count: int) -> None:
        """Make the partitions of a new store; raise StoreError when the store has another number of them (F26)."""
        fixed = self.fix("partitions", str(count))
        if fixed != str(count):
            raise StoreError(
                f"this store has {fixed} partitions and {count} were asked for: an account stays on its partition, "
                "so their number is fixed when the store is made"
            )
        self._change("add_partitions", {"count": count})

    def fix(self, key: str, value: str) -> str:
        """Return a fact about this store that never changes, stored now if it is new."""

        def work(connection: Connection[TupleRow]) -> str:
            connection.execute(queries()["fix"], {"key": key, "value": value})
            return str(_only(connection.execute(queries()["fixed"], {"key": key}).fetchone()))

        return self._session.run(work)

    def follow(self, topic: str) -> str:
        """Let the log be a topic from now on, and return which one it is."""

        def work(connection: Connection[TupleRow]) -> str:
            if connection.execute(queries()["fix"], {"key": "log", "value": topic}).rowcount:
                connection.execute(queries()["turn_to_topic"])
                connection.execute(queries()["relay_from_cursor"])
            return str(_only(connection.execute(queries()["fixed"], {"key": "log"}).fetchone()))

        return self._session.run(work)

    def repartition(self, count: int, ends: Sequence[int]) -> int:
        """Give this store more partitions; return how many accounts moved. `ends` is how far the topic reaches.

        Raises StoreError when the topic holds what was not handled, or there are as many already.
        """
        self._partitions = None
        return self._session.run(lambda connection: repartition(connection, count, ends))

    def lead_relay(self, relay: str) -> bool:
        """Tell whether this relay is the one that relays for the next seconds."""
        return self._change("lead_relay", {"relay": relay}) == 1

    def leave_relay(self, relay: str) -> None:
        """Let another relay lead at once."""
        self._change("leave_relay", {"relay": relay})

    def relayed(self, partition: int, to_offset: int) -> None:
        """Note that the table's records before an offset are in the topic; it never goes back."""
        self._change("relayed", {"partition": partition, "to": to_offset})

    def cursor(self, partition: int) -> int:
        """Return the next offset to handle; raise KeyError for a partition that there is not."""
        rows = self._rows("cursor", {"partition": partition})
        if not rows:
            raise KeyError(partition)
        return int(rows[0][0])

    def resolve(self, refs: Iterable[str]) -> dict[str, str]:
        """Return the account of each reference or merged account id."""
        return dict(self._rows("resolve", {"refs": list(refs)}))

    # batches

    def load_accounts(self, account_ids: Sequence[str]) -> dict[str, StoredAccount]:
        """Return the accounts that are known by a row or by entries."""
        return self._session.run(lambda connection: self._load(connection, list(dict.fromkeys(account_ids))))

    def entries(self, account_id: str) -> list[EntryRow]:
        """Return the whole log of an account, in order of seq."""
        return [EntryRow(*row) for row in self._rows("entries", {"account": account_id})]

    def known_events(self, account_id: str, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those of the (source, event id) that the account's entries already hold."""
        ids = [event_id for _, event_id in keys]
        return set(keys) & {(row[0], row[1]) for row in self._rows("known_events", {"account": account_id, "ids": ids})}

    def due_accounts(self, partition: int, until: datetime, limit: int) -> list[DueAccount]:
        """Return accounts with a timer due at `until` or before, in order of (due, id)."""
        return [
            DueAccount(*row)
            for row in self._rows("due_accounts", {"partition": partition, "until": until, "limit": limit})
        ]

    def save(self, *batches: Batch) -> None:
        """Keep batches, all of them or none, or raise Fenced."""
        crash_point("batch.before_begin")
        try:
            self._session.run(lambda connection: save_batches(connection, batches))
        except AlreadyThere:
            self._session.run(lambda connection: save_batches(connection, batches, is_known=True))
        crash_point("batch.after_commit")

    # what people of ours did

    def starts_since(self, seq: int) -> list[StartRow]:
        """Return the starts after a seq, in its order."""
        return [StartRow(*row) for row in self._rows("starts_since", {"seq": seq})]

    def starts_of(self, workflow: str, actor: str) -> list[StartRow]:
        """Return every start of a workflow by a person."""
        return [StartRow(*row) for row in self._rows("starts_of", {"workflow": workflow, "actor": actor})]

    def untold_starts(self, limit: int) -> list[StartRow]:
        """Return starts of which the other accounts of their actors have not been told yet."""
        return [StartRow(*row) for row in self._rows("untold_starts", {"limit": limit})]

    def mark_told(self, seqs: Sequence[int]) -> None:
        """Note that the other accounts were told of these starts."""
        self._change("mark_told", {"seqs": list(seqs)})

    # the outbox, the quarantine, the directory

    def unsent(self, limit: int) -> list[SentRow]:
        """Return what is to be sent, in order."""
        return [SentRow(*row) for row in self._rows("unsent", {"limit": limit})]

    def mark_sent(self, seqs: Sequence[int], at: datetime) -> None:
        """Note that rows of the outbox were delivered."""
        self._change("mark_sent", {"seqs": list(seqs), "at": at})

    def pass_time(self, until: Mapping[int, datetime]) -> None:
        """Note up to when time has passed for all accounts of some partitions; it never goes back."""
        self._change("pass_time", {"partitions": list(until), "until": list(until.values())})

    def passed(self) -> datetime | None:
        """Return up to when time has passed for all accounts; None where a partition has not said so yet."""
        found: datetime | None = self._rows("passed")[0][0]
        return found

    def unheard(self, until: datetime, limit: int) -> list[OutboxRow]:
        """Return lines up to a time that may concern desks and were not heard, in order of (at, account, decision)."""
        return [OutboxRow(*row) for row in self._rows("unheard", {"until": until, "limit": limit})]

    def desks(self) -> StoredDesks:
        """Return what lies on the desks of all people."""
        rows = self._rows("desks")
        (turn, until, *_), *_ = rows
        return StoredDesks(turn, until, [DeskRow(*row) for _, _, *row in rows if row[0] is not None])

    def save_told(self, told: Told) -> None:
        """Keep what was heard and told, or raise Fenced."""
        self._session.run(lambda connection: save_told(connection, told))
        crash_point("attention.after_commit")

    def notices(self, person: str | None = None, *, limit: int = 1000) -> list[NoticeRow]:
        """Return what people were told, or one of them, newest first."""
        name = "notices" if person is None else "notices_of"
        return [NoticeRow(*row) for row in self._rows(name, {"person": person, "limit": limit})]

    def quarantine(
        self, *, status: Literal["open", "released"] | None = "open", limit: int = 1000
    ) -> list[QuarantinedEvent]:
        """Return what is in quarantine, oldest first."""
        is_open = None if status is None else status == "open"
        return [_quarantined(row) for row in self._rows("quarantine", {"is_open": is_open, "limit": limit})]

    def quarantined(self, quarantine_id: str) -> QuarantinedEvent | None:
        """Return one of them."""
        return next(map(_quarantined, self._rows("quarantined", {"id": quarantine_id})), None)

    def release(self, quarantine_id: str, at: datetime) -> bool:
        """Note that an event was given to intake again; return False when it was already, or is unknown."""
        return self._change("release", {"id": quarantine_id, "at": at}) == 1

    def unsent_quarantine(self, limit: int) -> list[QuarantineRow]:
        """Return what is in quarantine and was not told outside yet, oldest first."""
        return [QuarantineRow(*row) for row in self._rows("unsent_quarantine", {"limit": limit})]

    def mark_quarantine_sent(self, ids: Sequence[str], at: datetime) -> None:
        """Note that rows of the quarantine were told outside."""
        self._change("mark_quarantine_sent", {"ids": list(ids), "at": at})

    def forget(self, stones: Mapping[bytes, str]) -> None:
        """Keep tombstones by the hashes of what they stand for."""
        self._change("forget", {"hashes": list(stones), "stones": list(stones.values())})

    def erased(self) -> Mapping[bytes, str]:
        """Return every tombstone by the hash of what it stands for."""
        return dict(self._rows("erased"))

    def directory_since(self, seq: int) -> list[DirectoryRecord]:
        """Return the records about our people after a seq, in order of arrival."""
        return [DirectoryRecord(*row) for row in self._rows("directory_since", {"seq": seq})]

    def watermarks(self, after: int = 0) -> list[Watermark]:
        """Return the steps of the sources behind a seq, in order; what did not rise was not kept."""
        return [Watermark(*row) for row in self._rows("watermarks", {"after": after})]

    def register_catalogue(self, hash_: str, body: bytes, at: datetime) -> int:
        """Return the id of the catalogue of a key, stored now if it is new."""

        def work(connection: Connection[TupleRow]) -> int:
            connection.execute(queries()["lock_catalogues"])
            connection.execute(queries()["register_catalogue"], {"hash": hash_, "body": body, "at": at})
            return int(_only(connection.execute(queries()["catalogue_id"], {"hash": hash_}).fetchone()))

        return self._session.run(work)

    def catalogues(self, after: int = 0) -> list[StoredCatalogue]:
        """Return the catalogues that came into force after that of an id, in order of id."""
        return [StoredCatalogue(*row) for row in self._rows("catalogues", {"after": after})]

    # queries

    def work(self, wanted: WorkFilter) -> list[WorkRow]:
        """Return work items in order of (due, id), those without a due time last."""
        return [work_row(row) for row in self._rows("work", wanted._asdict())]

    def work_item(self, work_id: str) -> WorkRow | None:
        """Return one work item."""
        return next(map(work_row, self._rows("work_item", {"id": work_id})), None)

    def accounts(self, *, after: str = "", limit: int = 1000) -> list[StoredFacts]:
        """Return accounts for a listing, in order of id."""
        return [facts_row(row) for row in self._rows("accounts", {"after": after, "limit": limit})]

    def account(self, account_id: str) -> StoredFacts | None:
        """Return one account for a listing."""
        return next(map(facts_row, self._rows("account", {"id": account_id})), None)

    def timeline(self, account_id: str, limit: int, *, before: tuple[datetime, int] | None = None) -> list[EntryRow]:
        """Return the newest entries of an account, or those before an (at, seq), newest first by it."""
        at, seq = before or (None, None)
        wanted = {"account": account_id, "limit": limit, "at": at, "seq": seq}
        return [EntryRow(*row) for row in self._rows("timeline", wanted)]

    def happened(self, types: Sequence[str], since: datetime, until: datetime, limit: int) -> list[EntryRow]:
        """Return the events of some types, of all accounts, between two times."""
        return [EntryRow(*row) for row in self._reported("happened", types, since, until, limit)]

    def told(self, types: Sequence[str], since: datetime, until: datetime, limit: int) -> list[SentRow]:
        """Return the lines of some types that went out between two times."""
        return [SentRow(*row) for row in self._reported("told", types, since, until, limit)]

    def counts(self) -> Mapping[str, int]:
        """Return how many rows there are of what."""
        return dict(self._rows("counts"))

    def backlog(self, now: datetime) -> Backlog:
        """Return what waits at a time."""

        def work(connection: Connection[TupleRow]) -> Backlog:
            due = select(connection, "count_due", {"now": now, "limit": DUE_COUNTED_MAX})
            return Backlog([count for (count,) in due], _only(select(connection, "unsent_for")[0]))

        return self._session.run(work)

    def twin(self) -> "PostgresStore":
        """Return another connection to the same database."""
        return PostgresStore(self._database)

    def close(self) -> None:
        """Give the connection up; it is made again when it is needed again."""
        self._session.close()

    def _connect(self) -> Connection[TupleRow]:
        connection = self._database.connect()
        limits = {
            "statement_ms": str(STATEMENT_MAX_MS),
            "lock_ms": str(LOCK_MAX_MS),
            "idle_ms": str(IDLE_IN_TRANSACTION_MAX_MS),
        }
        connection.execute(queries()["session"], limits)
        connection.execute(queries()["staging"])
        connection.commit()
        return connection

    def _rows(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
        def work(connection: Connection[TupleRow]) -> list[TupleRow]:
            return select(connection, name, parameters)

        return self._session.run(work)

    def _reported(
        self, name: str, types: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> list[TupleRow]:
        wanted = {"types": list(types), "since": since, "until": until, "limit": limit}

        def work(connection: Connection[TupleRow]) -> list[TupleRow]:
            connection.execute(queries()["unbounded"])
            return select(connection, name, wanted)

        return self._session.run(work)

    def _change(self, name: str, parameters: Mapping[str, Any]) -> int:
        return self._session.run(lambda connection: connection.execute(queries()[name], parameters).rowcount)

    def _load(self, connection: Connection[TupleRow], account_ids: list[str]) -> dict[str, StoredAccount]:
        if self._partitions is None:
            self._partitions = len(select(connection, "next_offsets"))
        return load_accounts(connection, account_ids, self._partitions)


def _only(row: TupleRow | None) -> Any:
    assert row is not None, "a row that was written in this transaction is there"
    return row[0]


def _quarantined(row: TupleRow) -> QuarantinedEvent:
    *columns, released_at = row
    return QuarantinedEvent(QuarantineRow(*columns), "open" if released_at is None else "released", released_at)
