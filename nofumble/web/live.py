"""How does a page learn of a change within a moment? The database tells one listener, and that tells every page.

One connection listens for all pages. What is heard within a moment is put together; who sees the accounts of it is
asked once, for all pages; and a page is told only what concerns it. A message names accounts, never what changed: a
page that may see it asks again, by the same door as always, so that the stream needs no masking.

Pages that are told ask again at once, and a flood of events would make all of them ask all the time. So they are told
in turns, some at once and then so many a second; who waits gets in one message what came up meanwhile.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import msgspec
import psycopg
import structlog

from agents.ports import StoreError
from nofumble.clock import new_id
from nofumble.web.problems import Problem

CHANNEL = "nofumble_changed"
COLLECT_S = 0.05
"""How long more is waited for when something was heard; the events and the work of one batch come together."""
REST_S = 0.35
"""How long is waited after something was passed on: with both, and the page's own patience, half a second."""
TOLD_AT_ONCE, TOLD_PER_S = 40.0, 20.0
"""Pages that are told at once, and then in a second: each asks for itself again, which takes some milliseconds."""
ACCOUNTS_MAX = 2_000
"""Accounts of one message; of more, anything may have changed."""
JOURNAL_MAX = 100
"""Changes that a page which was away for a moment is told afterwards; one that was away for longer looks again."""
ALIVE_EVERY_S = 15.0
"""How often a silent stream shows that it is alive, so that no proxy cuts it."""
STREAM_MAX_S = 55.0
"""A stream ends, and the browser asks again by its session: a role that was taken away is gone then (F74)."""
RETRY_S = 2.0
MINE, ALL = "mine", "all"

log = structlog.get_logger()


class Change(msgspec.Struct, frozen=True):
    """What was touched: accounts, and the people whose work it was. Empty in both: who knows what, look again."""

    accounts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


AGAIN = Change()

Holders = Mapping[str, AbstractSet[str]]
"""Who has a role or holds something open, by account."""


def together(one: Change | None, other: Change) -> Change:
    """Return what two changes touched; too much means that anything may have changed.

    >>> together(Change(("acme",), ("dana",)), Change(("globex",)))
    Change(accounts=('acme', 'globex'), people=('dana',))
    """
    if one is None or AGAIN in (one, other):
        return other if one is None else AGAIN
    accounts = tuple(dict.fromkeys(one.accounts + other.accounts))
    people = tuple(dict.fromkeys(one.people + other.people))
    return AGAIN if len(accounts) > ACCOUNTS_MAX else Change(accounts, people)


@dataclass(eq=False)
class Watcher:
    """One page that listens: what it cares for, whose work it calls its own, and for whom it sees accounts.

    `cares` is "mine", "all", or the id of an account; `sees` is None for a page that sees all accounts.
    """

    names: frozenset[str] = frozenset()
    sees: frozenset[str] | None = None
    cares: str = ALL
    owed: Change | None = None
    told: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(1))

    def concerned(self, change: Change, holders: Holders) -> Change | None:
        """Return the part of a change that concerns the page; None where nothing does."""
        if change == AGAIN:
            return AGAIN
        seen = change.accounts
        if self.sees is not None:
            seen = tuple(one for one in seen if not self.sees.isdisjoint(holders.get(one, ())))
        people = tuple(one for one in change.people if one in self.names)
        if self.cares == MINE:
            seen = ()
        elif self.cares != ALL:
            seen, people = tuple(one for one in seen if one == self.cares), ()
        return Change(seen, people) if seen or people else None

    def tell(self) -> None:
        """Put what is owed before the page, with what it has not read yet."""
        unread = None if self.told.empty() else self.told.get_nowait()
        if self.owed is not None:
            self.told.put_nowait(together(unread, self.owed))
        self.owed = None


class Hub:
    """Listens while there is an application, and tells every page; `holders_of` is asked once for each change."""

    def __init__(self, dsn: Callable[[], str], holders_of: Callable[[Sequence[str]], Awaitable[Holders]]) -> None:
        self._dsn, self._holders_of = dsn, holders_of
        self._watchers: set[Watcher] = set()
        self._heard: Change | None = None
        self._is_heard = asyncio.Event()
        self._line: deque[Watcher] = deque()
        self._is_owed = asyncio.Event()
        self._journal: deque[tuple[int, Change, Holders]] = deque(maxlen=JOURNAL_MAX)
        self._epoch, self._number = new_id(), 0

    @property
    def place(self) -> str:
        """How far the changes are: by it a page that is back says what it was told before."""
        return f"{self._epoch}-{self._number}"

    def join(self, watcher: Watcher, place: str | None) -> None:
        """Tell a watcher of everything from now on, and of what was since a place, if it had been there before."""
        self._watchers.add(watcher)
        if place is None or place == self.place:
            return
        epoch, _, number = place.rpartition("-")
        first = self._journal[0][0] if self._journal else self._number + 1
        if epoch == self._epoch and number.isdecimal() and int(number) + 1 >= first:
            for of, change, holders in self._journal:
                if of > int(number):
                    self._owe(watcher, change, holders)
        else:
            self._owe(watcher, AGAIN, {})

    def leave(self, watcher: Watcher) -> None:
        """Tell a watcher nothing more."""
        self._watchers.discard(watcher)

    async def run(self) -> None:
        """Listen, pass on, and tell in turns, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for work in (self._listen, self._pass_on, self._tell_in_turns):
                tasks.create_task(work())

    async def _listen(self) -> None:
        """Hear what the database says; one that went away is asked again, and then everybody looks again."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._hear(AGAIN)
                    async for told in connection.notifies():
                        self._hear(change_of(told.payload))
            except (psycopg.Error, OSError) as error:
                log.warning("live.listener_lost", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)

    def _hear(self, change: Change) -> None:
        self._heard = together(self._heard, change)
        self._is_heard.set()

    async def _pass_on(self) -> None:
        """Find out whom a change concerns, a change at a time."""
        while True:
            await self._is_heard.wait()
            await asyncio.sleep(COLLECT_S)
            self._is_heard.clear()
            change, self._heard = self._heard, None
            if change is not None:
                await self._spread(change)
                await asyncio.sleep(REST_S)

    async def _spread(self, change: Change) -> None:
        holders: Holders = {}
        if change.accounts and any(one.sees is not None for one in self._watchers):
            try:
                holders = await self._holders_of(change.accounts)
            except (Problem, StoreError) as error:
                log.warning("live.holders_unknown", error=type(error).__name__)
                change = AGAIN
        self._number += 1
        self._journal.append((self._number, change, holders))
        for watcher in self._watchers:
            self._owe(watcher, change, holders)

    def _owe(self, watcher: Watcher, change: Change, holders: Holders) -> None:
        part = watcher.concerned(change, holders)
        if part is None:
            return
        if watcher.owed is None:
            self._line.append(watcher)
            self._is_owed.set()
        watcher.owed = together(watcher.owed, part)

    async def _tell_in_turns(self) -> None:
        left, at = TOLD_AT_ONCE, time.monotonic()
        while True:
            await self._is_owed.wait()
            now = time.monotonic()
            left, at = min(TOLD_AT_ONCE, left + (now - at) * TOLD_PER_S), now
            while self._line and left >= 1.0:
                self._line.popleft().tell()
                left -= 1.0
            if self._line:
                await asyncio.sleep(1.0 / TOLD_PER_S)
            else:
                self._is_owed.clear()


def change_of(payload: str) -> Change:
    """Read a message of the database; what cannot be read means that anything may have changed."""
    try:
        return msgspec.json.decode(payload, type=Change)
    except msgspec.DecodeError:
        return AGAIN


async def stream(hub: Hub, watcher: Watcher, place: str | None) -> AsyncIterator[bytes]:
    """Give what a page is told, as server-sent events; `place` is where it was before, if it was here before."""
    hub.join(watcher, place)
    try:
        yield b"retry: 500\n" + _place(hub)
        ends_at = time.monotonic() + STREAM_MAX_S
        while (left_s := ends_at - time.monotonic()) > 0:
            try:
                change = await asyncio.wait_for(watcher.told.get(), min(left_s, ALIVE_EVERY_S))
            except TimeoutError:
                yield _place(hub)
                continue
            yield b"event: changed\ndata: " + msgspec.json.encode(said_of(change)) + b"\n" + _place(hub)
    finally:
        hub.leave(watcher)


def said_of(change: Change) -> dict[str, object]:
    """Return what a page is told of what concerns it.

    >>> said_of(Change(("acme",), ("dana",))), said_of(AGAIN)
    ({'accounts': ['acme'], 'mine': True}, {'again': True})
    """
    if change == AGAIN:
        return {"again": True}
    return {"accounts": list(change.accounts), "mine": bool(change.people)}


def _place(hub: Hub) -> bytes:
    """Write the id by which a browser that is back says how far it was; alone it is no event, and shows life."""
    return f"id: {hub.place}\n\n".encode()
