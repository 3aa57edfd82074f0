"""What is in the tables at the end, and what differs from what should be: rows that are lost, rows that are too many.

Rows are compared whole, and as bags: what should be there and is not is lost, what is there and should not be is
doubled or made up. A row that is there with other words is both.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.rows import OutboxRow
from workflows.deeds import SOURCE

Row = tuple[Any, ...]


COUNTS_ACTORS = "sales_contact_without_csm"
"""The workflow that counts what somebody did at other accounts."""


class Dump(NamedTuple):
    """The business tables, in one order: work by id, lines as each account's were decided, entries by number."""

    work: Sequence[Row]
    lines: Sequence[Row]
    entries: Sequence[Row]
    accounts: Sequence[Row]
    problems: Sequence[Row]

    def digest(self) -> str:
        """Return the hash of everything (I7)."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()

    def without_frontier(self) -> "Dump":
        """Leave out how far an account was advanced: it tells when somebody looked, not what happened."""
        return self._replace(accounts=[row[:-1] for row in self.accounts])

    def without_numbers(self) -> "Dump":
        """Leave out in which order an account came to know, and what of other accounts: sooner or later (W03)."""
        events = sorted((row[0], *row[2:]) for row in self.entries if row[2] == "event" and SOURCE not in row)
        entries = [(row[0], place, *row[1:]) for place, row in enumerate(events)]
        return self._replace(entries=entries, accounts=[(*row[:3], *row[4:]) for row in self.accounts])

    def side_by_side(self) -> "Dump":
        """Leave out what depends on which partition was ahead: when a third time was known, not that it was (0006).

        An alarm that was taken back before it was known stays as it was told.
        """
        said = f'"workflow":"{COUNTS_ACTORS}"'.encode()
        lines = [row for row in self.lines if not (row[3].startswith("alert.") and said in row[4])]
        taken_back = (COUNTS_ACTORS, "retracted")
        work = [(*row[:7], *(None for _ in row[7:])) if (row[3], row[6]) == taken_back else row for row in self.work]
        return self._replace(work=work, lines=lines).without_frontier().without_numbers()


def differences(one: Dump, other: Dump, *, shown: int = 4) -> list[str]:
    """Say where two dumps differ, table by table, the first rows of each; nothing for equal dumps."""
    said = []
    for name in Dump._fields:
        ours, theirs = list(getattr(one, name)), list(getattr(other, name))
        if ours == theirs:
            continue
        mine, yours = _by_key(name, ours), _by_key(name, theirs)
        odd = [key for key in {**mine, **yours} if mine.get(key) != yours.get(key)]
        said += [f"{name} {key}: {_difference(mine.get(key), yours.get(key))}" for key in odd[:shown]]
        said.append(
            f"{name}: {len(odd)} of {len(ours)} and {len(theirs)} rows differ" if odd else f"{name}: other order"
        )
    return said


_KEYS = {"work": 1, "lines": 2, "entries": 2, "accounts": 1, "problems": 4}
"""How many of the first columns of a table name a row."""


def _by_key(name: str, rows: Iterable[Row]) -> dict[Row, Row]:
    return {row[: _KEYS[name]]: row for row in rows}


def _difference(one: Row | None, other: Row | None) -> str:
    """Say which columns of a row differ, and which fields of its body."""
    if one is None or other is None:
        return f"only in the {'second' if one is None else 'first'}: {(one or other)!r}"[:600]
    said = []
    for ours, theirs in zip(one, other, strict=True):
        if isinstance(ours, bytes) and isinstance(theirs, bytes) and ours != theirs:
            mine, yours = json.loads(ours), json.loads(theirs)
            odd = [name for name in {**mine, **yours} if mine.get(name) != yours.get(name)]
            said += [f"{name} {mine.get(name)!r:.300} != {yours.get(name)!r:.300}" for name in odd] or ["bytes"]
        elif ours != theirs:
            said.append(f"{ours} != {theirs}")
    return "; ".join(said)


# ------------------------------------------------------------------------------------------------------------ the dumps

_WORK = """SELECT id::text, account_id, kind, workflow, key, ref, status, person, role, queue, severity, title, due_at,
    opened_at, closed_at, confirmed, body, receivers, snoozed_until FROM nofumble.work ORDER BY id::text"""
_LINES = "SELECT account_id, id::text, at, type, body FROM nofumble.outbox ORDER BY account_id, seq"
_ENTRIES = """SELECT account_id, seq, kind, at, arrived_at, source, event_id, type, too_late, body
    FROM nofumble.events ORDER BY account_id, seq"""
_ACCOUNTS = """SELECT a.id, a.partition, a.next_due_at, greatest(a.seq, max(e.seq)), a.fired_at, a.facts::text,
    greatest(a.frontier, max(e.arrived_at)) FROM nofumble.accounts a LEFT JOIN nofumble.events e ON e.account_id = a.id
    GROUP BY a.id ORDER BY a.id"""
_PROBLEMS = """SELECT account_id, coalesce(event_id, ''), coalesce(workflow, ''), reason FROM nofumble.quarantine
    WHERE origin LIKE 'account/%' ORDER BY 1, 2, 3, 4"""


def dump_of(connection: Connection[TupleRow]) -> Dump:
    """Read the business tables of a database."""
    with connection.cursor(binary=True) as cursor:
        work, lines, entries, accounts, problems = (
            cursor.execute(statement).fetchall() for statement in (_WORK, _LINES, _ENTRIES, _ACCOUNTS, _PROBLEMS)
        )
    work = [(*row[:-2], tuple(row[-2]), row[-1]) for row in work]
    return Dump(work, lines, entries, [account_row(row) for row in accounts], problems)


def line_row(row: OutboxRow) -> Row:
    """Write a line as `dump_of` reads it."""
    return (row.account_id, row.id, row.at, row.type, row.body)


def account_row(row: Row) -> Row:
    """Compare the facts of an account as JSON; PostgreSQL orders its keys in its own way."""
    facts = json.dumps(json.loads(row[5] or "{}"), sort_keys=True)
    return (*row[:5], facts, *row[6:])


class Verdict(NamedTuple):
    """How many rows are missing, how many are too many, and the first differences in words."""

    lost: int
    doubled: int
    said: Sequence[str]


def judge(expected: Dump, found: Dump) -> Verdict:
    """Compare work, lines and entries, each as a bag of whole rows."""
    lost = doubled = 0
    for name in ("work", "lines", "entries"):
        there, wanted = (Counter(map(tuple, getattr(one, name))) for one in (found, expected))
        lost += (wanted - there).total()
        doubled += (there - wanted).total()
    return Verdict(lost, doubled, differences(found, expected) if lost or doubled else [])
