"""Is the schema the one that this code needs, and how does it become that?

Migrations are SQL files, `NNNN_name.sql`, numbered without gaps, applied in order, each in one transaction together
with its row in `nofumble.migration`. That row holds the checksum of the file: what was applied is never edited, a
change is a new file. Processes that start at the same time wait for one another by an advisory lock.

Everything is in the schema `nofumble`, so that a database of one's own may hold other things as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow

from nofumble.errors import WrongUse

FOLDER = Path(__file__).with_name("migrations")

LOCK = "SELECT pg_advisory_lock(7211, 1)"
UNLOCK = "SELECT pg_advisory_unlock(7211, 1)"
NO_TIMEOUTS = "SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)"
SEARCH_PATH = "SELECT set_config('search_path', 'nofumble', true)"
LEDGER = """
    CREATE SCHEMA IF NOT EXISTS nofumble;
    CREATE TABLE IF NOT EXISTS nofumble.migration (
        number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL
        DEFAULT now()
    )
"""
HAS_LEDGER = "SELECT to_regclass('nofumble.migration') IS NOT NULL"
APPLIED = "SELECT number, name, checksum FROM nofumble.migration ORDER BY number"
NOTE = "INSERT INTO nofumble.migration (number, name, checksum) VALUES (%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number from 1, its name, what it says, and the checksum of that."""

    number: int
    name: str
    text: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the schema that is not as this code needs it: one sentence with the remedy.

    `is_pending` says that `migrate` mends it; anything else stops `migrate`.
    """

    sentence: str
    is_pending: bool = False


def load_migrations(folder: Path = FOLDER) -> list[Migration]:
    """Return the migrations of a folder in order."""
    found = []
    for number, file in enumerate(sorted(folder.glob("*.sql")), start=1):
        assert file.name.startswith(f"{number:04}_"), (
            f"{file.name} should begin with {number:04}_: migrations have no gaps"
        )
        text = file.read_text(encoding="utf-8")
        found.append(Migration(number, file.name, text, sha256(text.encode()).hexdigest()))
    return found


def migrate(connection: Connection[TupleRow], *, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Bring the schema up to date, and return the names of the files that were applied; none the second time.

    The connection must be in autocommit mode. Raises WrongUse when an applied file was edited or the schema is newer
    than this code.
    """
    assert connection.autocommit, "migrations open their own transactions"
    known = load_migrations() if migrations is None else migrations
    connection.execute(NO_TIMEOUTS)
    connection.execute(LOCK)
    try:
        connection.execute(LEDGER)
        findings = _compare(known, _applied(connection))
        for finding in findings:
            if not finding.is_pending:
                raise WrongUse(finding.sentence)
        done = len(known) - len(findings)
        for migration in known[done:]:
            _apply(connection, migration)
        return [migration.name for migration in known[done:]]
    finally:
        if not connection.closed:
            connection.execute(UNLOCK)


def check(connection: Connection[TupleRow], *, migrations: Sequence[Migration] | None = None) -> list[Finding]:
    """Return what of the schema is not as this code needs it; changes nothing."""
    known = load_migrations() if migrations is None else migrations
    row = connection.execute(HAS_LEDGER).fetchone()
    applied = _applied(connection) if row and row[0] else []
    return _compare(known, applied)


def _applied(connection: Connection[TupleRow]) -> list[tuple[int, str, str]]:
    return [(number, name, checksum) for number, name, checksum in connection.execute(APPLIED)]


def _compare(known: Sequence[Migration], applied: Sequence[tuple[int, str, str]]) -> list[Finding]:
    findings = []
    for number, name, checksum in applied:
        if number > len(known):
            findings.append(
                Finding(
                    f"the schema of the database is newer than this nofumble: it has the migration {name}, and "
                    "this code knows "
                    f"{len(known)}; run the newer nofumble"
                )
            )
        elif known[number - 1].checksum != checksum:
            findings.append(
                Finding(
                    f"the migration {known[number - 1].name} was edited after it was applied to this database: "
                    "put the file back as it was, and make the change in a new file"
                )
            )
    pending = [
        Finding(f"the migration {migration.name} is not applied yet: run `nofumble db migrate`", is_pending=True)
        for migration in known[len(applied) :]
    ]
    return findings + pending


def _apply(connection: Connection[TupleRow], migration: Migration) -> None:
    with connection.transaction():
        connection.execute(SEARCH_PATH)
        connection.execute(migration.text.encode())
        connection.execute(NOTE, [migration.number, migration.name, migration.checksum])
