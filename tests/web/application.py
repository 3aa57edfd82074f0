"""An application for a test: over a real database, with a clock that stands still, and people who are signed in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

from config.settings import Settings
from nofumble.clock import VirtualClock
from nofumble.postgres import Database
from nofumble.store.web_store import WebStore
from nofumble.web.app import make_app
from nofumble.web.keys import hash_of
from nofumble.web.sessions import IDLE_MAX, begin

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
URL = "http://localhost"


class Site:
    """An application, its store, and its browsers."""

    def __init__(self, database: Database, home: Path, **settings: Any) -> None:
        self.database = database
        self.clock = VirtualClock(NOW)
        self.settings = Settings(home=home, database_url=None, **settings)
        self.store = WebStore(database)
        self.store.ensure_partitions(self.settings.partitions)
        self.app: FastAPI = make_app(self.settings, partial(WebStore, database), clock=self.clock)

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
        one.store.close()
        one.app.state.shared.stores.close()


Json = Mapping[str, Any]
Answer = httpx2.Response
