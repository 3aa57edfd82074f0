"""What do many open pages and a program that asks do to a web server? They, in a process of their own.

It is told on standard input, as one line of JSON, where the server is, which pages are open and what is asked of the
API; it says `ready` when every page follows, and goes on until the next line. Then it says what came of it. A page does
what the browser's does: it follows the stream, and asks for itself again when it is told of something.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter

import httpx2

REFRESH_S = 0.12
"""How long a page waits for more before it asks again, as `nofumble.js` does."""

READY = "ready"


@dataclass(frozen=True, slots=True)
class Page:
    """One open page: its address, what it cares for, and the session of who looks at it."""

    path: str
    cares: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Load:
    """What is done to a server: open pages, and requests of an API by these sessions, so many a second."""

    address: str
    pages: Sequence[Page]
    asked: Sequence[str]
    cookies: Sequence[str]
    per_s: float


@dataclass(slots=True)
class Came:
    """What came of it: the milliseconds of each request of the API, how often pages asked again, what was refused."""

    api_ms: list[float] = field(default_factory=list)
    reloads: int = 0
    refused: int = 0


async def put_on(load: Load, came: Came) -> None:
    """Open every page, say `ready`, and ask until cancelled."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(base_url=load.address, timeout=60, limits=limits) as client:
        follows = [asyncio.Event() for _ in load.pages]
        async with asyncio.TaskGroup() as tasks:
            for page, is_open in zip(load.pages, follows, strict=True):
                tasks.create_task(_follow(client, page, is_open, came))
            await asyncio.gather(*(one.wait() for one in follows))
            print(READY, flush=True)
            number = 0
            began = perf_counter()
            while True:
                cookie, path = load.cookies[number % len(load.cookies)], load.asked[number % len(load.asked)]
                tasks.create_task(_ask(client, path, cookie, came))
                number += 1
                await asyncio.sleep(max(0.0, began + number / load.per_s - perf_counter()))


async def _follow(client: httpx2.AsyncClient, page: Page, is_open: asyncio.Event, came: Came) -> None:
    place = ""
    while True:
        headers = {"Cookie": page.cookie} | ({"Last-Event-ID": place} if place else {})
        async with client.stream("GET", "/events", params={"cares": page.cares}, headers=headers) as answer:
            came.refused += answer.status_code != httpx2.codes.OK
            async for line in answer.aiter_lines():
                is_open.set()
                if line.startswith("id: "):
                    place = line.removeprefix("id: ")
                elif line.startswith("data: "):
                    await asyncio.sleep(REFRESH_S)
                    again = await client.get(page.path, headers={"Cookie": page.cookie})
                    came.reloads += 1
                    came.refused += again.status_code != httpx2.codes.OK


async def _ask(client: httpx2.AsyncClient, path: str, cookie: str, came: Came) -> None:
    began = perf_counter()
    answer = await client.get(path, headers={"Cookie": cookie})
    came.api_ms.append((perf_counter() - began) * 1e3)
    came.refused += answer.status_code != httpx2.codes.OK


async def main() -> None:
    """Read what to do, do it until the next line, and say what came of it."""
    said = json.loads(sys.stdin.readline())
    load, came = Load(**said | {"pages": [Page(**one) for one in said["pages"]]}), Came()
    work = asyncio.create_task(put_on(load, came))
    until = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    await asyncio.wait({work, until}, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        work.result()
    work.cancel()
    print(json.dumps(asdict(came)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
