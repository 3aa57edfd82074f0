"""What is written when somebody is told? Lines that were heard, desks and notices, in one transaction (R13, R14).

The turn comes first: whoever is fenced learns it before it sent a row, and whoever is not holds it until the commit.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.desk_rows import Told
from agents.ports import Fenced
from nofumble.faults import crash_point
from nofumble.store.queries import queries


def save_told(connection: Connection[TupleRow], told: Told) -> None:
    """Write what was heard and told within the caller's transaction; raise Fenced when somebody else was faster."""
    turn = connection.execute(queries()["move_attention"], {"turn": told.turn, "until": told.until})
    if turn.rowcount != 1:
        raise Fenced(
            f"desks were written more than {told.turn} times: another worker tells people, and nothing was kept"
        )
    connection.execute(queries()["mark_heard"], {"ids": list(told.heard)})
    crash_point("attention.after_heard")
    if told.desks:
        _put(connection, "put_desks", ("people", "bodies"), told.desks)
    if told.notices:
        _put(connection, "add_notices", ("ids", "at", "people", "accounts", "types", "bodies"), told.notices)
    crash_point("attention.before_commit")


def _put(connection: Connection[TupleRow], name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows by a statement that takes a list for each column."""
    lists = (list(column) for column in zip(*rows, strict=True))
    connection.execute(queries()[name], dict(zip(columns, lists, strict=True)))
