"""What is the application made of? Routers, the guard at the door, and what all requests share."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from config.settings import Settings
from nofumble import __version__
from nofumble.authoring.examiner import Examiner
from nofumble.authoring.trials import Trials
from nofumble.backtest.runs import Runs
from nofumble.clock import Clock, SystemClock
from nofumble.postgres import Database
from nofumble.store.web_store import WebStore
from nofumble.web import api, pages
from nofumble.web.company_login import CompanyLogin
from nofumble.web.context import API, People, Shared, Worlds, permission_of
from nofumble.web.drawing import draw_problem
from nofumble.web.guard import Guard, hosts_of
from nofumble.web.limits import Limit
from nofumble.web.live import Holders, Hub
from nofumble.web.problems import RESPONSES, register
from nofumble.web.roles import Permission
from nofumble.web.stores import Stores

STATIC = Path(__file__).with_name("static")
ATTEMPTS_AT_ONCE, ATTEMPTS_PER_S = 10, 1 / 60
"""Of passwords for one person: who has forgotten it has a link, and who guesses has no chance."""

REQUESTS_AT_ONCE, REQUESTS_PER_S = 600, 100.0
"""Of one caller: a page loads a dozen things, an import sends batches of events."""


def make_app(settings: Settings, database: Database, *, clock: Clock | None = None) -> FastAPI:
    """Return the application over a database that is up to date; `clock` is the demo's or the system's.

    Every route must declare what it needs (see the package): one that does not is a mistake of ours, and no
    application is made.
    """
    url = url_of(settings)
    runs, examiner, trials = Runs(settings.home), Examiner(), Trials()
    stores = Stores(partial(WebStore, database))

    async def holders_of(accounts: Sequence[str]) -> Holders:
        async with stores.lent() as store:
            return await run_in_threadpool(store.holders_of, accounts)

    hub = Hub(lambda: database.dsn, holders_of)
    clock, people = clock or SystemClock(), People(settings)
    worlds = Worlds(people.organisation)

    async def warm_up() -> None:
        async with stores.lent() as store:
            await run_in_threadpool(worlds.warm_up, store, clock.now())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        beside = [asyncio.create_task(hub.run()), asyncio.create_task(warm_up())]
        yield
        for one in beside:
            one.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await run_in_threadpool(runs.close)
        stores.close()
        examiner.close()

    app = FastAPI(
        title="nofumble",
        version=__version__,
        summary="Events in; accounts, work and reasons out.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        responses=RESPONSES,
    )
    limit, attempts = Limit(REQUESTS_AT_ONCE, REQUESTS_PER_S), Limit(ATTEMPTS_AT_ONCE, ATTEMPTS_PER_S)
    login = CompanyLogin(settings) if settings.oidc_issuer else None
    app.state.shared = Shared(
        settings=settings,
        stores=stores,
        clock=clock,
        people=people,
        worlds=worlds,
        hub=hub,
        limit=limit,
        attempts=attempts,
        login=login,
        examiner=examiner,
        trials=trials,
        runs=runs,
        dsn=database.dsn,
        url=url,
    )
    app.add_middleware(Guard, url=url, hosts=hosts_of(url, settings.web_host))
    register(app, draw_problem)
    for router in api.ROUTERS:
        app.include_router(router, prefix=API)
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)), name="static")
    endpoints()
    return app


class Endpoint(NamedTuple):
    """A method of a path, and the permission that it asks for; None where it is open to everybody."""

    method: str
    path: str
    permission: Permission | None


def endpoints() -> list[Endpoint]:
    """Return everything that answers with something of ours, in order of path.

    A route that does not declare what it needs is a mistake of ours, and stops the program.
    """
    found = []
    for prefix, routers in ((API, api.ROUTERS), ("", pages.ROUTERS)):
        for route in (route for router in routers for route in router.routes):
            assert isinstance(route, APIRoute), f"{route} is no plain route: see nofumble/web/__init__.py"
            declared = permission_of(route)
            assert declared is not None, f"{route.path} declares no permission: see nofumble/web/__init__.py"
            found += [Endpoint(method, prefix + route.path, declared.permission) for method in route.methods or ()]
    return sorted(found, key=lambda one: (one.path, one.method))


def url_of(settings: Settings) -> str:
    """Return the address under which people reach us."""
    return (settings.web_url or f"http://{settings.web_host}:{settings.web_port}").rstrip("/")
