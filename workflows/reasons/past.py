"""What was heard of one account, and what would its fold be at another time, or had something been otherwise?

A past is the events of an account's log with their arrivals, and what all accounts share. Folding it gives the account
as it was known at a time, since what had not arrived by then is left out. Everything here is a value: a question never
changes the account that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from events.envelope import Event
from workflows.account import AccountState, Work
from workflows.entries import Entry
from workflows.history import History
from workflows.library import Library
from workflows.moment import Directories, Line
from workflows.watermarks import Watermarks

EventKey = tuple[str, str]
"""What names an event: its source and its id."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of the log, when it arrived, and the catalogue that was in force then."""

    event: Event
    arrived_at: datetime
    catalogue: int = 0

    @property
    def key(self) -> EventKey:
        """The name of the event."""
        return self.event.source, self.event.id


@dataclass(frozen=True, slots=True)
class Folded:
    """What a past folds to: the state, all work that ever was, closed and taken back too, and the lines by time."""

    history: History
    work: Mapping[str, Work]
    lines: tuple[Line, ...]

    @property
    def state(self) -> AccountState:
        """The account at the end."""
        return self.history.state


@dataclass(frozen=True, slots=True)
class Past:
    """What was heard of an account, in order of arrival, up to a time."""

    account_id: str
    heard: tuple[Heard, ...]
    libraries: Mapping[int, Library]
    directories: Directories
    watermarks: Watermarks
    until: datetime

    @property
    def library(self) -> Library:
        """The definitions of the latest catalogue."""
        return self.libraries[max(self.libraries)]

    def as_of(self, at: datetime) -> Past:
        """Give what was known at a time: what arrived by then."""
        return replace(self, heard=tuple(one for one in self.heard if one.arrived_at <= at), until=at)

    def without(self, keys: Iterable[EventKey]) -> Past:
        """Leave events out."""
        left = frozenset(keys)
        return replace(self, heard=tuple(one for one in self.heard if one.key not in left))

    def find(self, event_id: str, source: str = "") -> Heard | None:
        """Find an event by its id, and its source where two have the same."""
        return next((one for one in self.heard if one.event.id == event_id and source in ("", one.event.source)), None)

    def fold(self) -> Folded:
        """Fold what was heard, and let the clock run to the end."""
        history = self._empty()
        for one in self.heard:
            history.receive(one.event, one.arrived_at, one.catalogue)
        history.advance(self.until)
        work = {**history.out.work, **history.state.work}
        return Folded(history, work, tuple(sorted(history.out.lines, key=lambda line: line.at or self.until)))

    def walk(self) -> Iterator[History]:
        """Fold, and give the account after every timer and every event; it is the same object each time."""
        history = self._empty()
        for one in self.heard:
            yield from _timers(history, one.arrived_at)
            history.receive(one.event, one.arrived_at, one.catalogue)
            yield history
        yield from _timers(history, self.until)
        history.advance(self.until)
        yield history

    def _empty(self) -> History:
        return History(self.account_id, self.libraries, self.directories, self.watermarks)


def _timers(history: History, until: datetime) -> Iterator[History]:
    former = None
    while (due := history.next_due()) is not None and due < until and due != former:
        former = due
        history.advance(due)
        yield history


def past_of(history: History, until: datetime) -> Past:
    """Take the past out of an account that was folded; what is in its log as an event was heard, all else follows."""
    return past_from(
        history.account_id,
        history.whole_log(),
        history.libraries,
        history.directories,
        history.watermarks,
        until,
    )


def past_from(
    account_id: str,
    log: Iterable[Entry],
    libraries: Mapping[int, Library],
    directories: Directories,
    watermarks: Watermarks,
    until: datetime,
) -> Past:
    """Make the past of an account from the entries of its log."""
    events = sorted((one for one in log if one.kind == "event"), key=lambda one: one.number)
    heard = tuple(Heard(one.event, one.arrived_at, one.catalogue) for one in events if one.event is not None)
    return Past(account_id, heard, libraries, directories, watermarks, until)
