"""A database for a test: fresh, migrated, and gone afterwards.

The server is that of NOFUMBLE_TEST_DATABASE_URL when it is set (its user must be allowed to create databases), else
an embedded one that is started once for the run. `pytest_plugins = ["tests.database"]` in the root conftest makes the
fixtures known.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from config.settings import Settings
from nofumble.postgres import Database, open_database
from nofumble.store.migrate import migrate

VARIABLE = "NOFUMBLE_TEST_DATABASE_URL"

_numbers = count(1)


class DatabaseServer:
    """Makes databases from a migrated template."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._template = self._create(f"nofumble_template_{os.getpid()}")
        with psycopg.connect(self._template, autocommit=True) as connection:
            migrate(connection)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Give a fresh database with the schema in it."""
        name = f"nofumble_test_{os.getpid()}_{next(_numbers)}"
        dsn = self._create(name, template=psycopg.conninfo.conninfo_to_dict(self._template)["dbname"])
        try:
            yield Database(dsn)
        finally:
            self._drop(name)

    @contextmanager
    def empty_database(self) -> Iterator[Database]:
        """Give a fresh database with nothing in it."""
        name = f"nofumble_test_{os.getpid()}_{next(_numbers)}"
        try:
            yield Database(self._create(name))
        finally:
            self._drop(name)

    @contextmanager
    def copy_of(self, database: Database) -> Iterator[Database]:
        """Give a fresh database that begins as another is, to which nobody may be connected."""
        name = f"nofumble_test_{os.getpid()}_{next(_numbers)}"
        dsn = self._create(name, template=str(psycopg.conninfo.conninfo_to_dict(database.dsn)["dbname"]))
        try:
            yield Database(dsn)
        finally:
            self._drop(name)

    def close(self) -> None:
        self._drop(f"nofumble_template_{os.getpid()}")

    def _create(self, name: str, *, template: str = "template1") -> str:
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return make_conninfo(self._dsn, dbname=name)

    def _drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def serve(home: Path) -> Iterator[DatabaseServer]:
    """Give the server of the run, and stop it if we started it."""
    with open_database(Settings(home=home, database_url=os.environ.get(VARIABLE))) as database:
        server = DatabaseServer(database.dsn)
        try:
            yield server
        finally:
            server.close()


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with serve(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def database(database_server: DatabaseServer) -> Iterator[Database]:
    with database_server.database() as database:
        yield database
