"""Where does a measurement keep its store? In a throw-away home, with a PostgreSQL of its own, gone at the end.

The server is the embedded one with the settings that it always has, never that of NOFUMBLE_DATABASE_URL: a bench
must not fill anybody's database.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from config.settings import Settings
from nofumble.postgres import Database, open_database
from nofumble.postgres.supervisor import EmbeddedDatabase
from nofumble.store.migrate import migrate
from nofumble.store.postgres_store import PostgresStore

PARTITIONS = 8
"""The default of the product."""

# What came of the log is forgotten, the log stays: the same events can be handled again.
_FORGET = """
TRUNCATE nofumble.events, nofumble.accounts, nofumble.work, nofumble.outbox, nofumble.batch, nofumble.quarantine,
    nofumble.desks, nofumble.notices;
UPDATE nofumble.attention SET until = NULL;
UPDATE nofumble.cursor SET next = 0;
"""


@contextmanager
def throwaway_home() -> Iterator[Settings]:
    """Give the settings of a home in a temporary folder, which is deleted at the end, however that comes."""
    folder = Path(tempfile.mkdtemp(prefix="nofumble-bench-"))
    try:
        yield settings_of(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(folder: Path) -> Settings:
    """Give the settings of a home: nothing of the caller's own is used but NOFUMBLE_PG_BIN."""
    return Settings(home=folder, database_url=None, partitions=PARTITIONS)


@contextmanager
def open_bench_store(settings: Settings) -> Iterator[tuple[Database, PostgresStore]]:
    """Give the store of a home, its server started and its schema made; both are stopped at the end."""
    with open_database(settings) as database:
        with database.connect(autocommit=True) as connection:
            migrate(connection)
        store = PostgresStore(database)
        try:
            store.ensure_partitions(PARTITIONS)
            yield database, store
        finally:
            store.close()


def forget_all_but_the_log(database: Database) -> None:
    """Set every cursor back to the start of the log, and drop what came of it."""
    with database.connect(autocommit=True) as connection:
        connection.execute(_FORGET)
        connection.execute("CHECKPOINT")


def server_cpu_s(database: Database) -> float:
    """Give the processor time that the server's living processes have used; 0 where it is not ours."""
    if not isinstance(database, EmbeddedDatabase):
        return 0.0
    found = 0.0
    for one in (database.server, *database.server.children(recursive=True)):
        try:
            spent = one.cpu_times()
        except psutil.Error:
            continue
        found += spent.user + spent.system
    return found
