"""How do many requests share a few connections? Each is lent one, and waits its turn without holding a thread.

Waiting happens on the event loop: a thread that waited for a connection would keep the thread pool from the ones that
have theirs, until nobody could go on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from nofumble.store.web_store import WebStore
from nofumble.web.problems import Problem

CONNECTIONS = 8
"""Few: a request holds one for milliseconds, and the agents need theirs."""

WAIT_MAX_S = 5.0


class Stores:
    """Lends stores that `open_store` makes, at most `size` at a time; each by one request at a time."""

    def __init__(self, open_store: Callable[[], WebStore], *, size: int = CONNECTIONS) -> None:
        self._open_store = open_store
        self._turns = asyncio.Semaphore(size)
        self._idle: list[WebStore] = []

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[WebStore]:
        """Lend a store; raise Problem 503 when none was free for some seconds."""
        try:
            await asyncio.wait_for(self._turns.acquire(), WAIT_MAX_S)
        except TimeoutError as error:
            rule = f"all connections to the database have been in use for {WAIT_MAX_S:g} s"
            raise Problem(503, rule, "send it again later", headers={"Retry-After": "5"}) from error
        store = self._idle.pop() if self._idle else self._open_store()
        try:
            yield store
        finally:
            self._idle.append(store)
            self._turns.release()

    def close(self) -> None:
        """Give every connection up."""
        while self._idle:
            self._idle.pop().close()
