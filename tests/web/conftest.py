"""What tests of the web have at hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from nofumble.postgres import Database
from nofumble.web import passwords
from tests.database import DatabaseServer
from tests.web.application import Site, site


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password cost a test no second; what it costs in earnest is a test of its own."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64)
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


@pytest.fixture
def website(database: Database, tmp_path: Path) -> Iterator[Site]:
    """Give an application over an empty store."""
    with site(database, tmp_path) as one:
        yield one


@pytest.fixture(scope="session")
def played(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give a database in which the example of a signature was played; nobody stays connected to it."""
    with database_server.database() as database:
        with site(database, tmp_path_factory.mktemp("played")) as one:
            one.play()
        yield database


@pytest.fixture
def company(database_server: DatabaseServer, played: Database, tmp_path: Path) -> Iterator[Site]:
    """Give an application over a company to which something happened: a copy, to be changed at will."""
    with database_server.copy_of(played) as database, site(database, tmp_path) as one:
        yield one
