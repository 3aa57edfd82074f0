"""How fast are the pages with ten thousand customers, and what do two hundred open ones cost the agents?

The store has a million events at ten thousand accounts (`stored_company.py`). A web server runs in a process of its
own. First its pages are asked for one by one. Then the agents work through new events at all the accounts, alone and
with the open pages and a program that asks the API beside them (`web_load.py`), in turns. This module is the server's
process, too: `python -m bench.measure_web DSN HOME NOW`.
"""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter

import httpx2
import uvicorn

from agents.embedded import EmbeddedAgents
from agents.ports import Store
from bench.figures import Check, Findings, Measured
from bench.homes import open_bench_store, settings_of, throwaway_home
from bench.measure_embedded import take_in
from bench.measuring import tell, timed
from bench.sizes import Sizes
from bench.stored_company import COPIES_A_CREW, account_of, folded_quarter, person_of, write_company
from bench.web_load import READY, Came, Load, Page
from nofumble.catalogue import open_world
from nofumble.clock import VirtualClock
from nofumble.postgres import Database
from nofumble.store.web_store import WebStore
from nofumble.web.app import make_app
from nofumble.web.sessions import begin
from nofumble.wiring import load_directory
from workflows.moment import iso

CSMS = ("dana", "ben", "chloe", "ivan", "mei", "ruth")
CUSTOMERS = ("hazel", "orchid", "granite", "quarry", "zephyr", "bramble")

ASKED = 300
"""How often a page is asked for."""

INBOXES, ACCOUNT_PAGES = 140, 60
"""The open pages."""

API_PER_S = 50.0


def measure_web(sizes: Sizes) -> Findings:
    """Fill a store, ask for pages, and let the agents work beside them."""
    with throwaway_home() as settings, open_bench_store(settings) as (database, store):
        tell(f"web: folding a quarter, and writing it {sizes.web_copies:,} times")
        template = folded_quarter()
        with timed() as prepared:
            write_company(store, template, sizes.web_copies)
        with database.connect(autocommit=True) as connection:
            connection.execute("ANALYZE")
        accounts = len(template.accounts) * sizes.web_copies
        events = len(template.entries) * sizes.web_copies
        agents = _Agents(store, sizes, template.ends_at)
        tell("web: the agents' first round, and the pages")
        agents.rate()
        with _serving(database, settings.home, template.ends_at) as address:
            cookies = _sessions(database, sizes.web_copies, template.ends_at)
            inbox_ms = _asked(address, ["/inbox"], cookies)
            account_ms = _asked(address, [f"/accounts/{one}" for one in _accounts(sizes.web_copies)], cookies)
            alone, beside, came = _in_turns(agents, _load(address, cookies, sizes.web_copies), sizes)
    note = f"{accounts:,} accounts with {events:,} events, written in {prepared.wall_s:.0f} s; {ASKED} requests"
    both = [one / mean(pair) for one, pair in zip(beside, itertools.pairwise(alone), strict=True)]
    rates = f"alone {mean(alone):,.0f} events/s, beside the pages {mean(beside):,.0f}"
    return Findings(
        [
            Measured("inbox_page_p95_ms", [p95(inbox_ms)], note),
            Measured("account_page_p95_ms", [p95(account_ms)], note),
            Measured("agents_beside_pages_ratio", both, f"{rates}; pages asked again {came.reloads:,} times"),
            Measured("api_beside_agents_p95_ms", [p95(came.api_ms)], f"{len(came.api_ms):,} requests"),
        ],
        [Check("web, requests that were refused", came.refused, 0)],
    )


def p95(values: Sequence[float]) -> float:
    """Return what 95 of 100 values do not exceed.

    >>> p95([float(number) for number in range(1, 101)])
    95.95
    """
    return quantiles(values, n=20)[-1]


class _Agents:
    """The agents of one process, round after round on events that are new."""

    def __init__(self, store: Store, sizes: Sizes, began_at: datetime) -> None:
        self._store, self._sizes, self._now, self._round = store, sizes, began_at, 0

    def rate(self) -> float:
        """Take new events in, and give how many of them the agents handled in a second."""
        self._round += 1
        self._now += timedelta(minutes=1)
        copies, events = self._sizes.web_copies, self._sizes.web_events
        raws = [_message(number, self._round, copies, self._now) for number in range(events)]
        take_in(self._store, raws, now=self._now)
        world = open_world(self._store, load_directory(), now=self._now)
        with closing(EmbeddedAgents(self._store, world, worker="bench", is_telling=False)) as agents, timed() as watch:
            agents.run_until_idle(self._now)
        return events / watch.wall_s


def _message(number: int, round_: int, copies: int, at: datetime) -> bytes:
    account = account_of(number % copies, CUSTOMERS[number // copies % len(CUSTOMERS)])
    told = {
        "specversion": "1.0",
        "id": f"bench-{round_}-{number}",
        "source": "/cs/notebook",
        "type": "cs.note.logged",
        "subject": account,
        "time": iso(at),
        "data": {
            "actor": {"person": person_of(number % copies, "dana"), "team": "cs"},
            "text": "talked about it",
        },
    }
    return json.dumps(told).encode()


def _in_turns(agents: _Agents, load: Load, sizes: Sizes) -> tuple[list[float], list[float], Came]:
    """Let the agents work alone, with the pages, alone and so on; give both rates, and what came of the pages."""
    alone, beside, came = [agents.rate()], list[float](), Came()
    for number in range(sizes.repeats):
        tell(f"web: the agents beside {len(load.pages)} open pages, run {number + 1}")
        with _loaded(load) as one:
            beside.append(agents.rate())
        came.api_ms += one.api_ms
        came.reloads += one.reloads
        came.refused += one.refused
        alone.append(agents.rate())
    return alone, beside, came


@contextmanager
def _loaded(load: Load) -> Iterator[Came]:
    """Put the load on for the body; what came of it is there at the end."""
    came = Came()
    command = [sys.executable, "-m", "bench.web_load"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  our own program
        assert child.stdin is not None, "standard input is a pipe"
        assert child.stdout is not None, "standard output is a pipe"
        print(json.dumps(asdict(load)), file=child.stdin, flush=True)
        if child.stdout.readline().strip() != READY:
            raise RuntimeError("the pages could not be opened; what they said is above")
        yield came
        print(file=child.stdin, flush=True)
        said = Came(**json.loads(child.stdout.readline()))
    came.api_ms, came.reloads, came.refused = said.api_ms, said.reloads, said.refused


def _load(address: str, cookies: Sequence[str], copies: int) -> Load:
    accounts = _accounts(copies)
    pages = [Page("/inbox", "mine", cookies[place % len(cookies)]) for place in range(INBOXES)]
    for place in range(ACCOUNT_PAGES):
        account = accounts[place * 7 % len(accounts)]
        pages.append(Page(f"/accounts/{account}", account, cookies[place % len(cookies)]))
    asked = ["/api/v1/inbox", *(f"/api/v1/accounts/{one}" for one in accounts[:20])]
    asked += [f"/api/v1/accounts/{one}/timeline" for one in accounts[20:40]]
    return Load(address, pages, asked, cookies, API_PER_S)


def _accounts(copies: int) -> list[str]:
    return [account_of(copy, name) for name in CUSTOMERS for copy in range(copies)]


def _sessions(database: Database, copies: int, now: datetime) -> list[str]:
    """Sign every customer success manager in; give the cookies."""
    with closing(WebStore(database)) as store:
        people = [person_of(copy, name) for copy in range(0, copies, COPIES_A_CREW) for name in CSMS]
        for person in people:
            store.put_user(person, password=None, roles=None, at=now)
        return [f"nofumble={begin(store, person, now=now)}" for person in people]


def _asked(address: str, paths: Sequence[str], cookies: Sequence[str]) -> list[float]:
    """Ask for pages one by one, by one person after the other; give the milliseconds of each."""
    found = []
    with httpx2.Client(base_url=address, timeout=60) as browser:
        for number in range(ASKED + 1):
            began = perf_counter()
            answer = browser.get(paths[number % len(paths)], headers={"Cookie": cookies[number % len(cookies)]})
            found.append((perf_counter() - began) * 1e3)
            answer.raise_for_status()
    return found[1:]


@contextmanager
def _serving(database: Database, home: Path, now: datetime) -> Iterator[str]:
    """Let a web server run in a process of its own; give its address."""
    command = [sys.executable, "-m", "bench.measure_web", database.dsn, str(home), iso(now)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  our own program
        assert child.stdout is not None, "standard output is a pipe"
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


def serve(dsn: str, home: Path, now: datetime) -> None:
    """Serve the pages of a database, at a time that stands still, until told to end."""
    app = make_app(settings_of(home), Database(dsn), clock=VirtualClock(now))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
