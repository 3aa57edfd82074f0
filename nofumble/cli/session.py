"""What does a command on the store have at hand: the store, the time, and who works here?"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from agents.ports import Store
from config.settings import Settings
from nofumble.cli.options import current_settings
from nofumble.cli.output import say
from nofumble.clock import SystemClock
from nofumble.wiring import known_directory, load_directory
from workflows.directory import Directory


class Viewpoint(Protocol):
    """From where work is looked at: the time, and who works here."""

    @property
    def now(self) -> datetime:
        """The time at which it is looked at."""
        ...

    @property
    def directory(self) -> Directory:
        """Who works here, as far as is known then."""
        ...


@dataclass
class Session:
    """An open store, and when the command began."""

    store: Store
    settings: Settings
    now: datetime

    @cached_property
    def organisation(self) -> Directory:
        """The organisation's file alone: what held before anybody was registered by an event."""
        return load_directory(self.settings.organisation)

    @cached_property
    def directory(self) -> Directory:
        """Who works here: the organisation's file, and what has been said of our people since."""
        return known_directory(self.store, self.organisation)


@contextmanager
def open_session() -> Iterator[Session]:
    """Give the store of the settings for one command."""
    with session_of(current_settings()) as session:
        yield session


@contextmanager
def session_of(settings: Settings) -> Iterator[Session]:
    """Give the store of some settings; says on a terminal what takes long, such as the first start."""
    from nofumble.opening import open_store

    with open_store(settings, progress=say_on_terminal) as store:
        yield Session(store, settings, SystemClock().now())


def say_on_terminal(text: str) -> None:
    """Say something to who waits at a terminal; who reads standard error as a file does not wait."""
    if sys.stderr.isatty():
        say(text)
