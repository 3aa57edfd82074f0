"""An application for a test: over a real database, with a clock that stands still, and people who are signed in."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import msgspec
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.rows import WorkFilter, WorkRow
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.clock import VirtualClock
from nofumble.postgres import Database
from nofumble.store.web_store import WebStore
from nofumble.web.app import make_app
from nofumble.web.keys import hash_of
from nofumble.web.sessions import IDLE_MAX, begin
from workflows.directory import Directory

NOW = datetime(2026, 3, 6, 18, tzinfo=UTC)
"""Three working days after the signature of the example; no kickoff was heard of, and the alert for it is out."""

SIGNATURE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "signature.jsonl"
URL = "http://localhost"


class Site:
    """An application, its store, and its browsers."""

    def __init__(self, database: Database, home: Path, **settings: Any) -> None:
        self.database = database
        self.clock = VirtualClock(NOW)
        self.settings = Settings(home=home, database_url=None, **settings)
        self.store = WebStore(database)
        self.store.ensure_partitions(self.settings.partitions)
        self.app: FastAPI = make_app(self.settings, database, clock=self.clock)

    def play(self, *rows: bytes | Mapping[str, Any]) -> None:
        """Take events in and let the agents work until now; without any, the example up to the kickoff."""
        raws = [row if isinstance(row, bytes) else msgspec.json.encode(row) for row in rows]
        raws = raws or SIGNATURE.read_bytes().splitlines()[:9]
        incoming = [Incoming("test", place, raw) for place, raw in enumerate(raws)]
        tally = Intake(self.store, Directory()).take(incoming, now=self.clock.now())
        assert tally.quarantined == 0
        self.work()

    def work(self) -> None:
        """Let the agents work until nothing is due."""
        world = open_world(self.store, Directory(), now=self.clock.now())
        with closing(EmbeddedAgents(self.store, world, worker="w")) as agents:
            agents.run_until_idle(self.clock.now())

    def item(self, ref: str) -> WorkRow:
        """Return the work of a step of the way to the kickoff."""
        rows = self.store.work(WorkFilter(is_open=None))
        return next(row for row in rows if (row.workflow, row.ref) == ("signature_to_kickoff", ref))

    def browser(self) -> TestClient:
        """Return a browser with nobody signed in."""
        return TestClient(self.app, base_url=URL, follow_redirects=False, headers={"Origin": URL})

    def signed_in(self, person: str, *roles: str) -> TestClient:
        """Return the browser of a person who is signed in, with roles beside those of the directory."""
        self.store.put_user(person, password=None, roles=roles, at=self.clock.now())
        cookie = begin(self.store, person, now=self.clock.now())
        browser = self.browser()
        browser.cookies.set("nofumble", cookie)
        session = self.store.web_session(hash_of(cookie), self.clock.now(), self.clock.now() - IDLE_MAX)
        assert session is not None
        browser.headers["X-CSRF-Token"] = session.csrf
        return browser


@contextmanager
def site(database: Database, home: Path, **settings: Any) -> Iterator[Site]:
    one = Site(database, home, **settings)
    try:
        yield one
    finally:
        one.app.state.shared.runs.close()
        one.store.close()
        one.app.state.shared.stores.close()
        one.app.state.shared.examiner.close()


@contextmanager
def served(one: Site) -> Iterator[str]:
    """Serve a site by a real server, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(one.app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


Json = Mapping[str, Any]
Answer = httpx2.Response
