"""What does one batch write, and in which order?

Cursor, entries, work, outbox, accounts, in one transaction (D3). The cursor comes first: whoever is fenced learns it
before it sent a row, and whoever is not holds the row of the partition until the commit, so that two writers of a
partition stand in line and none of the later locks can cross (F62).
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from agents.ports import Fenced
from agents.rows import AccountRow, Batch, QuarantineRow, StartRow, WorkRow
from nofumble.faults import crash_point
from nofumble.store.copying import ACCOUNT, ENTRY, OUTBOX, OUTBOX_NEW, WORK, WORK_OPENED, copy_rows, with_raw_id
from nofumble.store.queries import queries


class AlreadyThere(Exception):
    """Something that was given as new is there: the transaction is lost; write the batch again with `is_known`."""


def save_batch(connection: Connection[TupleRow], batch: Batch, *, is_known: bool = False) -> None:
    """Write a batch within the caller's transaction; raise Fenced when this worker is no longer the one.

    What is new, opened work and the outbox, is copied straight into its table, which costs half of a merge. If some
    of it was there after all (an item that a rewind withdrew and brought back), PostgreSQL refuses with AlreadyThere:
    write again with `is_known`.
    """
    crash_point("batch.before_cursor")
    _move_cursor(connection, batch)
    _add_entries(connection, batch)
    crash_point("batch.after_events")
    if is_known:
        _merge_work(connection, [*batch.opened, *batch.work])
        _merge_outbox(connection, batch)
    else:
        _add_new(connection, batch)
        _merge_work(connection, batch.work)
    _merge_accounts(connection, batch.accounts)
    add_quarantine(connection, batch.quarantined)
    _add_starts(connection, batch.starts)
    crash_point("batch.before_commit")


def add_quarantine(connection: Connection[TupleRow], rows: Sequence[QuarantineRow]) -> None:
    """Put rows into quarantine; those that are there already stay as they are."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(queries()["add_quarantine"], rows)


def _add_starts(connection: Connection[TupleRow], rows: Sequence[StartRow]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(queries()["add_start"], [row[:-2] for row in rows])


def _move_cursor(connection: Connection[TupleRow], batch: Batch) -> None:
    where = {"partition": batch.partition, "from": batch.from_offset, "to": batch.to_offset, "turn": batch.turn}
    if connection.execute(queries()["move_cursor"], where).rowcount != 1:
        raise Fenced(
            f"partition {batch.partition} does not stand at {batch.from_offset}, or has had batches that this worker "
            "does not know of: another worker was here, and nothing of this batch was kept"
        )
    if batch.from_offset < batch.to_offset:
        connection.execute(queries()["add_batch"], where | {"worker": batch.worker})


def _add_entries(connection: Connection[TupleRow], batch: Batch) -> None:
    if not batch.entries:
        return
    try:
        copy_rows(connection, "copy_events", ENTRY, batch.entries)
    except UniqueViolation as error:
        # A batch of the timekeeper does not move the cursor: of two of them at the same offset the entries decide.
        raise Fenced(
            f"an entry of this batch of partition {batch.partition} is there already "
            f"({error.diag.message_detail}): another worker "
            "advanced that account, and nothing of this batch was kept"
        ) from error


def _add_new(connection: Connection[TupleRow], batch: Batch) -> None:
    try:
        if batch.opened:
            copy_rows(connection, "copy_opened", WORK_OPENED, map(with_raw_id, batch.opened))
        if batch.outbox:
            copy_rows(connection, "copy_outbox", OUTBOX_NEW, map(with_raw_id, batch.outbox))
    except UniqueViolation as error:
        raise AlreadyThere from error


def _merge_work(connection: Connection[TupleRow], rows: Sequence[WorkRow]) -> None:
    if rows:
        # Twice in one statement cannot be: the last word on an item holds.
        copy_rows(connection, "copy_work", WORK, {row.id: row for row in rows}.values())
        connection.execute(queries()["merge_work"])


def _merge_outbox(connection: Connection[TupleRow], batch: Batch) -> None:
    if batch.outbox:
        copy_rows(connection, "copy_outbox_again", OUTBOX, batch.outbox)
        connection.execute(queries()["merge_outbox"])


def _merge_accounts(connection: Connection[TupleRow], rows: Sequence[AccountRow]) -> None:
    if rows:
        last = {row.account_id: row for row in rows}
        copy_rows(connection, "copy_accounts", ACCOUNT, map(_account, last.values()))
        connection.execute(queries()["merge_accounts"])


def _account(row: AccountRow) -> tuple[Any, ...]:
    facts = None if row.facts is None else row.facts.decode()
    return (*row[:-2], facts, row.fired_at)
