"""Where does a recorded history come from? From the store, or from files of events without any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from agents.campaigns import split_of
from agents.catalogues import Catalogue, libraries_of
from agents.ports import Store
from agents.rows import EntryRow
from events.envelope import Event
from events.parsing import reread_event
from nofumble.reports.reading import ACCOUNTS_AT_ONCE
from workflows.audience import LISTED
from workflows.backtesting.in_force import InForce
from workflows.backtesting.record import Log, Recorded, Sign, Surroundings, is_derived, surroundings
from workflows.backtesting.recording import record
from workflows.directory import Directory
from workflows.people import DIRECTORY_EVENTS
from workflows.simulation import Arrival


class RecordedHistory(Protocol):
    """A history up to a time: which accounts it has, what came in for each, and what all of them share."""

    @property
    def source(self) -> str:
        """Where it is from."""
        ...

    @property
    def accounts(self) -> Sequence[str]:
        """Which accounts it has, in order."""
        ...

    @property
    def until(self) -> datetime | None:
        """Up to when it goes; None where nothing is recorded."""
        ...

    def opened(self) -> RecordedHistory:
        """Give it to another process, which reads by itself."""
        ...

    def log(self, account: str) -> Log:
        """Give what came in for an account."""
        ...

    def surroundings(self, directory: Directory, until: datetime) -> Surroundings:
        """Give what accounts share under an organisation."""
        ...


class FileHistory:
    """Events of files, handed out to accounts as `simulate` does."""

    def __init__(self, arrivals: Iterable[Arrival], directory: Directory, until: datetime | None) -> None:
        """Hand out what arrived by `until`; `directory` is the organisation under which they came."""
        kept = [one for one in arrivals if until is None or one.arrived_at <= until]
        self.source = "files"
        self._recorded = record(kept, directory)
        self._logs = {log.account: log for log in self._recorded.logs()}
        self.accounts = tuple(self._logs)
        self.until = until or self._recorded.now

    def opened(self) -> FileHistory:
        """Give itself: what is in memory, another process has too."""
        return self

    def log(self, account: str) -> Log:
        """Give what came in for an account."""
        return self._logs[account]

    def surroundings(self, directory: Directory, until: datetime) -> Surroundings:
        """Give what accounts share under an organisation."""
        return surroundings(directory, self._recorded.people, self._recorded.signs, until)


class StoreHistory:
    """What the agents took in, account by account, without what the engine added by itself."""

    def __init__(self, store: Store, until: datetime | None) -> None:
        """Look at what is there; without `until` it goes as far as time has passed for any account."""
        self._store = store
        self.source = "store"
        known = list(_listed(store))
        self.accounts = tuple(account for account, _ in known)
        frontiers = (frontier for _, frontier in known)
        passed = (store.passed(), store.desks().until, *frontiers) if known else ()
        self._arrived_by = until
        self.until = until or max((one for one in passed if one is not None), default=None)

    def opened(self) -> StoreHistory:
        """Give the same over a connection of its own."""
        copy = object.__new__(StoreHistory)
        copy.__dict__ |= self.__dict__ | {"_store": self._store.twin() or self._store}
        return copy

    def log(self, account: str) -> Log:
        """Give what came in for an account."""
        return Log(account, list(self._recorded(self._store.entries(account))))

    def surroundings(self, directory: Directory, until: datetime) -> Surroundings:
        """Give what accounts share under an organisation; sources are known as they were heard at intake."""
        people = [Recorded(reread_event(row.body), row.arrived_at) for row in self._store.directory_since(0)]
        signs = [Sign(one.source, one.arrived_at, one.watermark, is_heartbeat=True) for one in self._store.watermarks()]
        known = [one for one in people if one.event.type in DIRECTORY_EVENTS and self._has(one.arrived_at)]
        return surroundings(directory, known, (one for one in signs if self._has(one.arrived_at)), until)

    def _has(self, arrived_at: datetime) -> bool:
        return self._arrived_by is None or arrived_at <= self._arrived_by

    def _recorded(self, rows: Iterable[EntryRow]) -> Iterator[Recorded]:
        for row in rows:
            if row.kind == "event" and self._has(row.arrived_at):
                event = reread_event(row.body)
                if not is_derived(event):
                    yield self._as_taken(event, row)

    def _as_taken(self, event: Event, row: EntryRow) -> Recorded:
        """Give an event as intake took it: of a campaign what stays of its list, to be answered anew (W17)."""
        campaign = self._store.campaign((event.source, event.id)) if event.type in LISTED else None
        if campaign is None:
            return Recorded(event, row.arrived_at, None, row.catalogue)
        split = split_of(campaign)
        return Recorded(split.whole, row.arrived_at, split, row.catalogue)


def in_force_in(catalogues: Sequence[Catalogue]) -> InForce:
    """Give what was in force in a store, and when."""
    return InForce(libraries_of(catalogues), (one.activation for one in catalogues))


def _listed(store: Store) -> Iterator[tuple[str, datetime | None]]:
    after = ""
    while page := store.accounts(after=after, limit=ACCOUNTS_AT_ONCE):
        yield from ((row.account_id, row.frontier) for row in page)
        after = page[-1].account_id
