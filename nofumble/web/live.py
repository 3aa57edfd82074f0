"""How does a page learn of a change within a moment? The database tells one listener, and that tells every page.

One connection listens for all pages. A message names accounts and people, never what changed: a page that may see it
asks again, by the same door as always, so that the stream needs no masking. A page that is too slow to read gets one
`again` in place of what it missed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import psycopg
import structlog

CHANNEL = "nofumble_changed"
WAITING_MAX = 100
"""Messages that wait for a page; one that is further behind reads everything again."""
ALIVE_EVERY_S = 15.0
"""How often a silent stream shows that it is alive, so that no proxy cuts it."""
STREAM_MAX_S = 55.0
"""A stream ends, and the browser asks again by its session: a role that was taken away is gone then (F74)."""
RETRY_S = 2.0

log = structlog.get_logger()


class Change(msgspec.Struct, frozen=True):
    """What was touched: accounts, and the people whose work it was. Empty in both: who knows what, look again."""

    accounts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


AGAIN = Change()


@dataclass(eq=False)
class Watcher:
    """One page that listens."""

    waiting: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(WAITING_MAX))

    def tell(self, change: Change) -> None:
        """Put a change before the page; one that is behind gets `again` in place of all that waits."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            change = AGAIN
        self.waiting.put_nowait(change)


class Hub:
    """Listens while there is an application, and tells every page."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn = dsn
        self._watchers: set[Watcher] = set()

    @contextmanager
    def watching(self) -> Iterator[Watcher]:
        """Give a watcher that is told of everything from now on."""
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def listen(self) -> None:
        """Listen until cancelled; a database that went away is asked again, and then everybody looks again."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._tell(AGAIN)
                    async for told in connection.notifies():
                        self._tell(change_of(told.payload))
            except (psycopg.Error, OSError) as error:
                log.warning("live.listener_lost", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)

    def _tell(self, change: Change) -> None:
        for watcher in self._watchers:
            watcher.tell(change)


def change_of(payload: str) -> Change:
    """Read a message of the database; what cannot be read means that anything may have changed."""
    try:
        return msgspec.json.decode(payload, type=Change)
    except msgspec.DecodeError:
        return AGAIN


Sees = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Tells of accounts which of them a page may see."""


async def stream(hub: Hub, sees: Sees, names: frozenset[str], *, is_back: bool) -> AsyncIterator[bytes]:
    """Give what a page is told, as server-sent events; one that is back after a pause is told to look again."""
    with hub.watching() as watcher:
        yield b"retry: 500\n\n"
        if is_back:
            yield _event({"again": True})
        ends_at = time.monotonic() + STREAM_MAX_S
        while (left_s := ends_at - time.monotonic()) > 0:
            try:
                change = await asyncio.wait_for(watcher.waiting.get(), min(left_s, ALIVE_EVERY_S))
            except TimeoutError:
                yield b": alive\n\n"
                continue
            said = shown(change, await sees(change.accounts), names)
            if said is not None:
                yield _event(said)


def shown(change: Change, seen: Collection[str], names: frozenset[str]) -> dict[str, object] | None:
    """Return what a page is told of a change; None where it is told nothing.

    >>> shown(Change(("acme", "globex"), ("dana",)), {"acme"}, frozenset({"dana"}))
    {'accounts': ['acme'], 'mine': True}
    """
    if change == AGAIN:
        return {"again": True}
    accounts, is_mine = [one for one in change.accounts if one in seen], not names.isdisjoint(change.people)
    return {"accounts": accounts, "mine": is_mine} if accounts or is_mine else None


def _event(said: dict[str, object]) -> bytes:
    """Write an event with an id, by which a browser that is back says that it was there before."""
    return b"id: 1\nevent: changed\ndata: " + msgspec.json.encode(said) + b"\n\n"
