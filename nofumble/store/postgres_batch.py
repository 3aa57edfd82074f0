"""What do batches write, and in which order?

Cursors, entries, work, outbox, accounts, in one transaction (D3). Cursors come first, in order of partition: whoever is
fenced learns it before it sent a row, and whoever is not holds the rows of the partitions until the commit, so that two
writers of a partition stand in line and none of the later locks can cross (F62). Batches of several partitions share
the commit and each statement: where few records come in each, these are what they cost.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from agents.ports import Fenced
from agents.rows import AccountRow, Batch, EntryRow, OutboxRow, QuarantineRow, StartRow, WorkRow
from nofumble.faults import crash_point
from nofumble.store.copying import ACCOUNT, ENTRY, OUTBOX, OUTBOX_NEW, WORK, WORK_OPENED, copy_rows, with_raw_id
from nofumble.store.queries import queries


class AlreadyThere(Exception):
    """Something that was given as new is there: the transaction is lost; write it again with `is_known`."""


def save_batches(connection: Connection[TupleRow], batches: Sequence[Batch], *, is_known: bool = False) -> None:
    """Write batches within the caller's transaction; raise Fenced when this worker is no longer the one.

    What is new, opened work and the outbox, is copied straight into its table, which costs half of a merge. If some
    of it was there after all (an item that a rewind withdrew and brought back), PostgreSQL refuses with AlreadyThere:
    write again with `is_known`.
    """
    opened = [row for batch in batches for row in batch.opened]
    work = [row for batch in batches for row in batch.work]
    outbox = [row for batch in batches for row in batch.outbox]
    crash_point("batch.before_cursor")
    for batch in sorted(batches, key=lambda batch: batch.partition):
        _move_cursor(connection, batch)
    _add_entries(connection, [row for batch in batches for row in batch.entries])
    crash_point("batch.after_events")
    if is_known:
        _merge_work(connection, [*opened, *work])
        _merge_outbox(connection, outbox)
    else:
        _add_new(connection, opened, outbox)
        _merge_work(connection, work)
    _merge_accounts(connection, [row for batch in batches for row in batch.accounts])
    add_quarantine(connection, [row for batch in batches for row in batch.quarantined])
    _add_starts(connection, [row for batch in batches for row in batch.starts])
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


def _add_entries(connection: Connection[TupleRow], rows: Sequence[EntryRow]) -> None:
    if not rows:
        return
    try:
        copy_rows(connection, "copy_events", ENTRY, rows)
    except UniqueViolation as error:
        # A batch of the timekeeper does not move the cursor: of two of them at the same offset the entries decide.
        raise Fenced(
            f"an entry of this batch is there already ({error.diag.message_detail}): another worker advanced that "
            "account, and nothing of this batch was kept"
        ) from error


def _add_new(connection: Connection[TupleRow], opened: Sequence[WorkRow], outbox: Sequence[OutboxRow]) -> None:
    try:
        if opened:
            copy_rows(connection, "copy_opened", WORK_OPENED, map(with_raw_id, map(_work, opened)))
        if outbox:
            copy_rows(connection, "copy_outbox", OUTBOX_NEW, map(with_raw_id, outbox))
    except UniqueViolation as error:
        raise AlreadyThere from error


def _merge_work(connection: Connection[TupleRow], rows: Sequence[WorkRow]) -> None:
    if rows:
        # Twice in one statement cannot be: the last word on an item holds.
        copy_rows(connection, "copy_work", WORK, map(_work, {row.id: row for row in rows}.values()))
        connection.execute(queries()["merge_work"])


def _work(row: WorkRow) -> tuple[Any, ...]:
    """Return a work item for COPY, which takes a list where the row has a tuple."""
    *columns, receivers, snoozed_until = row
    return (*columns, list(receivers), snoozed_until)


def _merge_outbox(connection: Connection[TupleRow], rows: Sequence[OutboxRow]) -> None:
    if rows:
        copy_rows(connection, "copy_outbox_again", OUTBOX, rows)
        connection.execute(queries()["merge_outbox"])


def _merge_accounts(connection: Connection[TupleRow], rows: Sequence[AccountRow]) -> None:
    if rows:
        last = {row.account_id: row for row in rows}
        copy_rows(connection, "copy_accounts", ACCOUNT, map(_account, last.values()))
        connection.execute(queries()["merge_accounts"])


def _account(row: AccountRow) -> tuple[Any, ...]:
    facts = None if row.facts is None else row.facts.decode()
    return (*row[:-2], facts, row.fired_at)
