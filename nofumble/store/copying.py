"""How do many rows get into a table fast?

By COPY in PostgreSQL's binary format: rows are encoded in C by psycopg, bodies go as they are, and the server parses
no text. The types of the columns must then be those of the table, and are named here, next to the rows that they
belong to.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from nofumble.store.queries import queries

ENTRY = ("text", "int8", "text", "timestamptz", "timestamptz", "text", "text", "text", "bool", "bytea", "int4")
WORK = (*["text"] * 12, *["timestamptz"] * 3, "bool", "bytea", "text[]", "timestamptz")
WORK_OPENED = ("bytea", *WORK[1:])
OUTBOX = ("text", "text", "timestamptz", "text", "bytea", "bool")
OUTBOX_NEW = ("bytea", *OUTBOX[1:])
ACCOUNT = ("text", "int4", "timestamptz", "timestamptz", "int8", "bytea", "int8", "text", "timestamptz")
LOG = ("int4", "int8", "timestamptz", "text", "text", "text", "bytea")
KEY = ("text", "text")


def with_raw_id(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row with its id, a uuid as text, in the 16 bytes of a uuid column.

    These are the same for COPY as a bytea of that length, and cost a fifth of making a UUID.
    """
    return bytes.fromhex(row[0].replace("-", "")), *row[1:]


def copy_rows(connection: Connection[TupleRow], name: str, types: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows by the statement `name`; `types` are those of its columns, in order."""
    with connection.cursor() as cursor, cursor.copy(queries()[name]) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
