"""How is a person taken out of every table? In one transaction, with everybody else who writes locked out or fenced.

Agents keep accounts folded in memory, and would write back what they know: their turn is over, they forget it and read
again. What is on a topic of Kafka, in a backup or in another system is not reached, and the report says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from nofumble.erasing.tombstones import Tombstones, needles
from nofumble.store.queries import queries
from nofumble.store.web_store import WebStore

ROWS_AT_ONCE = 1_000


class Table(NamedTuple):
    """A table: what names a row, and the columns that may hold a person, by how they are written."""

    name: str
    key: Sequence[str]
    json: Sequence[str] = ()
    msgpack: Sequence[str] = ()
    raw: Sequence[str] = ()
    text: Sequence[str] = ()
    raws: Sequence[str] = ()
    texts: Sequence[str] = ()
    """Arrays of raw bodies, and of texts."""

    @property
    def columns(self) -> Sequence[str]:
        """All columns that are looked at."""
        return [*self.json, *self.msgpack, *self.raw, *self.text, *self.raws, *self.texts]


TABLES = (
    Table("log", ("partition", "off"), raw=("body",)),
    Table("parked", ("event_id", "source"), raw=("body",), text=("ref",)),
    Table("directory_log", ("seq",), raw=("body",)),
    Table("events", ("account_id", "seq"), raw=("body",)),
    Table("accounts", ("id",), msgpack=("base",)),
    Table("work", ("id",), json=("body",), text=("title", "key")),
    Table("outbox", ("id",), json=("body",)),
    Table("notices", ("id",), json=("body",)),
    Table("desks", ("person",), msgpack=("body",)),
    Table("quarantine", ("id",), raw=("raw",), text=("reason",)),
    Table("interest", ("event_id", "source"), raw=("body",)),
    Table("contacts", ("name",), text=("name",)),
    Table("drafts", ("name",), text=("text", "note")),
    Table("campaigns", ("event_id", "source"), raw=("whole",), raws=("parts",), texts=("unknown",)),
)
"""Every table that may hold somebody. Facts of accounts hold ids of ours, which stay."""


_BYTES = SQL("lower(encode({}, 'escape'))")
_TEXT = SQL("lower(encode(convert_to({}, 'UTF8'), 'escape'))")
_OF_ARRAY = SQL("array_to_string(ARRAY(SELECT {} FROM unnest({}) AS one), ' ')")


@dataclass(frozen=True, slots=True)
class Erased:
    """The proof for one table: rows before and after, how many were rewritten, and in how many something is left."""

    table: str
    rows: int
    rows_after: int
    rewritten: int
    left: int


def erase(store: WebStore, stones: Tombstones) -> list[Erased]:
    """Put tombstones into every table, and look again; one transaction."""
    return store.in_transaction(lambda connection: _erase(connection, stones))


def named_in(store: WebStore, stones: Tombstones) -> dict[str, int]:
    """Return in how many rows of each table somebody is named; tables that do not name her are left out."""

    def look(connection: Connection[TupleRow]) -> dict[str, int]:
        connection.execute(queries()["unbounded"])
        return {table.name: _named_rows(connection, table, stones) for table in TABLES}

    return {name: rows for name, rows in store.in_transaction(look).items() if rows}


def _erase(connection: Connection[TupleRow], stones: Tombstones) -> list[Erased]:
    connection.execute(queries()["unbounded"])
    connection.execute(queries()["lock_intake"])
    connection.execute(queries()["lock_cursors"])
    connection.execute(queries()["turn_all"])
    connection.execute(queries()["turn_attention"])
    return [_rewrite(connection, table, stones) for table in TABLES]


def _rewrite(connection: Connection[TupleRow], table: Table, stones: Tombstones) -> Erased:
    before = _count(connection, table)
    rewritten = 0
    for row in _suspects(connection, table, stones):
        key, was = row[: len(table.key)], row[len(table.key) :]
        now = [_with_stones(table, column, value, stones) for column, value in zip(table.columns, was, strict=True)]
        if now != list(was):
            connection.execute(_update(table), [*now, *key])
            rewritten += 1
    left = _named_rows(connection, table, stones)
    return Erased(table.name, before, _count(connection, table), rewritten, left)


def _named_rows(connection: Connection[TupleRow], table: Table, stones: Tombstones) -> int:
    """Return how many rows of a table would be rewritten."""
    return sum(
        any(
            _with_stones(table, column, value, stones) != value
            for column, value in zip(table.columns, row[len(table.key) :], strict=True)
        )
        for row in _suspects(connection, table, stones)
    )


def _with_stones(table: Table, column: str, value: Any, stones: Tombstones) -> Any:
    if value is None or value == b"":
        return value
    if column in table.raws:
        return [stones.in_raw(one) for one in value]
    if column in table.texts:
        return [stones.in_text(one) for one in value]
    if column in table.text:
        return stones.in_text(value)
    if column in table.json:
        return stones.in_json(value)
    return stones.in_msgpack(value) if column in table.msgpack else stones.in_raw(value)


def _suspects(connection: Connection[TupleRow], table: Table, stones: Tombstones) -> list[TupleRow]:
    """Return the rows that may hold somebody: keys, then columns."""
    columns = SQL(", ").join(map(Identifier, [*table.key, *table.columns]))
    bodies = [_BYTES.format(Identifier(name)) for name in (*table.json, *table.msgpack, *table.raw)]
    texts = [_TEXT.format(Identifier(name)) for name in table.text]
    arrays = [_OF_ARRAY.format(_BYTES.format(Identifier("one")), Identifier(name)) for name in table.raws]
    arrays += [_OF_ARRAY.format(_TEXT.format(Identifier("one")), Identifier(name)) for name in table.texts]
    tests = [SQL("position(needle IN {}) > 0").format(one) for one in (*bodies, *texts, *arrays)]
    statement = SQL("SELECT {} FROM {} WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS needle WHERE {})").format(
        columns, Identifier(table.name), SQL(" OR ").join(tests)
    )
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(statement, [needles(stones)]).fetchall()


def _update(table: Table) -> Composed:
    sets = SQL(", ").join(SQL("{} = %s").format(Identifier(name)) for name in table.columns)
    keys = SQL(" AND ").join(SQL("{} = %s").format(Identifier(name)) for name in table.key)
    return SQL("UPDATE {} SET {} WHERE {}").format(Identifier(table.name), sets, keys)


def _count(connection: Connection[TupleRow], table: Table) -> int:
    row = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table.name))).fetchone()
    assert row is not None, "a count is a row"
    return int(row[0])
