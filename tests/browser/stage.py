"""A company on a server of its own, with agents at work and a clock that can be moved, for a real browser."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from agents.intake import Incoming, Intake
from config.settings import Settings
from nofumble.at_work import agents_beside
from nofumble.clock import Clock, DemoClock, SystemClock
from nofumble.postgres import Database
from nofumble.store.web_store import WebStore
from nofumble.web.app import make_app
from nofumble.web.sessions import begin
from workflows.directory import Directory

BEGIN = datetime(2026, 3, 3, 10, tzinfo=UTC)
"""A Tuesday morning."""

PEOPLE: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "sam": ("Sam Okafor", "sales", "victor", ()),
    "julia": ("Julia Brandt", "sales", "victor", ()),
    "victor": ("Victor Adeyemi", "sales", "rafael", ("sales_manager",)),
    "dana": ("Dana Whitfield", "cs", "kim", ()),
    "kim": ("Kim Lindqvist", "cs", "rafael", ("cs_manager",)),
    "rafael": ("Rafael Montoya", "exec", "", ("cco",)),
    "priya": ("Priya Raman", "product", "helen", ()),
    "helen": ("Helen Osei", "product", "", ("product_lead",)),
    "noor": ("Noor Jansen", "marketing", "", ("marketing_lead",)),
}
ROLES = {"ae": "sam", "am": "julia", "csm": "dana", "pm": "priya", "marketer": "noor"}
ACCOUNTS = {
    "northwind": ("Northwind Freight", "signed"),
    "harbour": ("Harbour & Sons", "live"),
    "quarry": ("Quarry Stone", "live"),
    "lumen": ("Lumen Optics", "live"),
    "mistral": ("Mistral Airways", "live"),
    "orchid": ("Orchid Health", "live"),
    "ferro": ("Ferro Castings", "live"),
    "cobalt": ("Cobalt Energy", "live"),
}


class Stage:
    """A server that runs, its store, and its people's cookies."""

    def __init__(self, database: Database, url: str, clock: DemoClock) -> None:
        self.url, self.clock, self.store = url, clock, WebStore(database)

    def cookie(self, person: str, *roles: str) -> str:
        """Sign somebody in, and return the cookie."""
        now = self.clock.wall.now()
        self.store.put_user(person, password=None, roles=roles, at=now)
        return begin(self.store, person, now=now)


@contextmanager
def stage(database: Database, home: Path) -> Iterator[Stage]:
    """Give a server with a few people and customers, for as long as the body takes."""
    wall, settings = SystemClock(), Settings(home=home, database_url=None)
    with closing(WebStore(database)) as store:
        store.ensure_partitions(settings.partitions)
        rows = [Incoming("stage", place, msgspec.json.encode(one)) for place, one in enumerate(_beginning())]
        assert Intake(store, Directory()).take(rows, now=BEGIN).quarantined == 0
    with serving(database, settings, wall, BEGIN - wall.now(), Directory()) as one:
        while not all(map(one.store.account, ACCOUNTS)):
            time.sleep(0.02)
        yield one


@contextmanager
def serving(
    database: Database, settings: Settings, wall: Clock, ahead: timedelta, organisation: Directory
) -> Iterator[Stage]:
    """Give a server over a database, on a free port, with agents at work and a clock ahead of the wall's."""
    clock = DemoClock(wall, ahead)
    app = make_app(settings, database, clock=clock)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="stage")

    def end() -> None:
        server.should_exit = True

    with agents_beside(WebStore(database), organisation, clock, end):
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            one = Stage(database, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", clock)
            yield one
            one.store.close()
        finally:
            end()
            thread.join()


def _beginning() -> Iterator[dict[str, Any]]:
    number = 0

    def event(event_type: str, subject: str, data: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal number
        number += 1
        at = (BEGIN - timedelta(days=9)).isoformat().replace("+00:00", "Z")
        said = {name: value for name, value in data.items() if value not in ("", ())}
        head = {"specversion": "1.0", "id": f"s-{number}", "source": "/stage", "time": at}
        return {**head, "type": event_type, "subject": subject, "data": said}

    for person, (name, team, manager, roles) in PEOPLE.items():
        said = {"name": name, "team": team, "manager": manager, "roles": list(roles)}
        yield event("people.person.registered", person, said)
    for account, (name, lifecycle) in ACCOUNTS.items():
        said = {"name": name, "tier": 1, "lifecycle": lifecycle, "roles": ROLES, "country": "NL"}
        yield event("account.registered", account, said)
        contact = {"contact_id": f"jo.{account}", "name": "Jo March", "role_to": "decision_maker"}
        yield event("customer.contact.joined", account, contact)
