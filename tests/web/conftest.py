"""What tests of the web have at hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nofumble.postgres import Database
from tests.web.application import Site, site


@pytest.fixture
def website(database: Database, tmp_path: Path) -> Iterator[Site]:
    with site(database, tmp_path) as one:
        yield one
