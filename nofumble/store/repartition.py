"""How does a store get more partitions? In one transaction, when everything that the topic holds has been handled.

Accounts move to the partition that is now theirs, cursors and offsets stay where they are, and the new partitions begin
at 0. What was accepted and is in no topic yet is taken out of the table of the log and appended again, where it belongs
now; within an account its order stays. Whoever still works on this store is fenced by the turn.
"""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.ports import StoreError
from agents.rows import IntakeRecord, partition_of
from nofumble.store.copying import copy_rows
from nofumble.store.postgres_intake import append
from nofumble.store.queries import queries


def repartition(connection: Connection[TupleRow], count: int, ends: Sequence[int]) -> int:
    """Give the store `count` partitions within the caller's transaction; return how many accounts moved.

    `ends` is how far each partition of the topic reaches.

    Raises:
        StoreError: the topic holds what was not handled, or the store has as many partitions or more.
    """
    connection.execute(queries()["unbounded"])
    connection.execute(queries()["lock_intake"])
    cursors = connection.execute(queries()["lock_cursors"]).fetchall()
    if count <= len(cursors):
        raise StoreError(f"this store has {len(cursors)} partitions, and {count} are no more: their number only rises")
    for (partition, at), end in zip(cursors, ends, strict=False):
        if at != end:
            raise StoreError(f"partition {partition} was handled up to {at}, and the topic reaches to {end}")
    connection.execute(queries()["raise_partitions"], {"count": str(count)})
    waiting = [IntakeRecord(*row) for row in connection.execute(queries()["take_unrelayed"])]
    connection.execute(queries()["end_at_relayed"])
    connection.execute(queries()["turn_all"])
    connection.execute(queries()["add_partitions"], {"count": count})
    connection.execute(queries()["base_of_new"])
    append(connection, waiting)
    return _move_accounts(connection, count)


def _move_accounts(connection: Connection[TupleRow], count: int) -> int:
    rows = connection.execute(queries()["homes"]).fetchall()
    moved = [(name, home) for name, was in rows if (home := partition_of(name, count)) != was]
    connection.execute(queries()["moved"])
    copy_rows(connection, "copy_moved", ("text", "int4"), moved)
    connection.execute(queries()["move_accounts"])
    return len(moved)
