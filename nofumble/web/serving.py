"""How does the application run? By uvicorn in this process, until it is told to end."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import uvicorn
from fastapi import FastAPI

from config.settings import Settings
from nofumble.clock import Clock, SystemClock
from nofumble.errors import WrongUse
from nofumble.postgres import Database
from nofumble.store.web_store import WebStore
from nofumble.web.app import make_app, url_of
from nofumble.web.passwords import new_link

Beside = Callable[[Callable[[], None]], AbstractContextManager[None]]

END_MAX_S = 5
"""How long answers that are under way may take when the server is told to end."""


def invite_first_admin(
    settings: Settings,
    database: Database,
    say: Callable[[str], None],
) -> None:
    """Say a link that opens once to the terminal, when nobody has a door yet; there is no default password."""
    now, store = SystemClock().now(), WebStore(database)
    try:
        if not any("admin" in user.roles for user in store.users()):
            secret = new_link(store, None, ("admin",), now=now)
            say(f"nobody can sign in yet; this link opens once, for the first admin: {url_of(settings)}/first/{secret}")
    finally:
        store.close()


def serve_until_stopped(
    settings: Settings,
    database: Database,
    say: Callable[[str], None],
    *,
    clock: Clock | None = None,
    beside: Beside = lambda _end: nullcontext(),
) -> None:
    """Serve until Ctrl-C or SIGTERM; raise WrongUse when the address cannot be had.

    `beside` runs meanwhile; it is given what ends the server.
    """
    with _listening(settings) as listening:
        settings = settings.model_copy(update={"web_port": listening.getsockname()[1]})
        invite_first_admin(settings, database, say)
        server = uvicorn.Server(_config(make_app(settings, database, clock=clock)))

        def end() -> None:
            server.should_exit = True

        with beside(end):
            say(f"serving at {url_of(settings)}; Ctrl-C ends it")
            server.run(sockets=[listening])


def _listening(settings: Settings) -> socket.socket:
    is_v6 = ":" in settings.web_host
    try:
        return socket.create_server(
            (settings.web_host, settings.web_port), family=socket.AF_INET6 if is_v6 else socket.AF_INET
        )
    except OSError as error:
        where = f"NOFUMBLE_WEB_HOST={settings.web_host} and NOFUMBLE_WEB_PORT={settings.web_port}"
        raise WrongUse(f"{where} cannot be had ({error.strerror}): take another port") from error


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=END_MAX_S,
    )
