"""What does a command on the store have at hand: the store, the time, and who works here?"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from agents.ports import Store
from config.settings import Settings
from nofumble.cli.options import current_settings
from nofumble.cli.output import say
from nofumble.clock import SystemClock
from nofumble.wiring import known_directory, load_directory
from workflows.directory import Directory


@dataclass
class Session:
    """An open store, and when the command began."""

    store: Store
    settings: Settings
    now: datetime

    @cached_property
    def directory(self) -> Directory:
        """Who works here: the organisation's file, and what has been said of our people since."""
        return known_directory(self.store, load_directory(self.settings.organisation))


@contextmanager
def open_session() -> Iterator[Session]:
    """Give the store of the settings for one command; says on a terminal what takes long, such as the first start."""
    from nofumble.opening import open_store

    settings = current_settings()
    with open_store(settings, progress=say if sys.stderr.isatty() else _silent) as store:
        yield Session(store, settings, SystemClock().now())


def _silent(_text: str) -> None:
    """Say nothing: who reads a file of standard error does not wait for a database."""
