"""What does a route have at hand, and may it be used at all? Every route asks for a permission in its signature."""

from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from agents.ports import Store
from agents.rows import StoredFacts
from agents.world import World, learn_people
from config.settings import Settings
from nofumble.authoring.examiner import Examiner
from nofumble.authoring.trials import Trials
from nofumble.backtest.runs import Runs
from nofumble.catalogue import open_world
from nofumble.clock import Clock, DemoClock
from nofumble.reading import state_of
from nofumble.store.web_store import AuditRow, WebStore
from nofumble.web.company_login import CompanyLogin
from nofumble.web.keys import hash_of, same
from nofumble.web.limits import Limit
from nofumble.web.live import Hub
from nofumble.web.problems import Problem
from nofumble.web.roles import Permission, masked
from nofumble.web.scope import sees_account, who_sees
from nofumble.web.sessions import Session, by_cookie, by_token
from nofumble.web.stores import Stores
from nofumble.wiring import load_directory
from workflows.account import AccountState
from workflows.directory import Directory, DirectoryTimeline

API = "/api/v1"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
AUDITED: frozenset[Permission] = frozenset({"account.read", "audit.read", "quarantine.read"})
"""What is written down when it is only seen; what changes something always is."""

CSRF_FIELD, CSRF_HEADER = "_csrf", "X-CSRF-Token"


class People:
    """Who works here, as far as was said: learnt as it grows, and shared by all requests."""

    def __init__(self, settings: Settings) -> None:
        self.organisation = load_directory(settings.organisation)
        self._timeline = DirectoryTimeline(self.organisation)
        self._seq = 0
        self._lock = Lock()

    def latest(self, store: Store) -> Directory:
        """Return the directory with everything that the store knows."""
        with self._lock:
            for seq, _, _ in learn_people(store, self._timeline, self._seq):
                self._seq = seq
            return self._timeline.latest


class Worlds:
    """What accounts are folded with for a question: definitions and people, learnt as they grow.

    A world serves one question at a time, and there are as many as questions at a time: nobody waits for the fold of
    another one's account. Definitions are read once and shared by all of them.
    """

    def __init__(self, organisation: Directory) -> None:
        self._organisation = organisation
        self._idle: list[World] = []
        self._lock = Lock()

    @contextmanager
    def latest(self, store: Store, now: datetime) -> Iterator[World]:
        """Give a world as the store knows it."""
        with self._lock:
            world = self._idle.pop() if self._idle else open_world(store, self._organisation, now=now)
        world.learn(store)
        yield world
        self._idle.append(world)

    def warm_up(self, store: Store, now: datetime) -> None:
        """Read the definitions before somebody waits for them; in a store without any nobody has begun yet."""
        if store.catalogues():
            with self.latest(store, now):
                pass


@dataclass(frozen=True, slots=True)
class Shared:
    """What all requests of an application share; it is `app.state.shared`."""

    settings: Settings
    stores: Stores
    clock: Clock
    people: People
    worlds: Worlds
    hub: Hub
    limit: Limit
    attempts: Limit
    login: CompanyLogin | None
    runs: Runs
    dsn: str
    """The address of the database, for processes of their own."""
    examiner: Examiner
    trials: Trials
    url: str
    """The address under which people reach us, without a slash at its end."""

    @property
    def wall(self) -> Clock:
        """The clock of doors: sessions, tokens and links end by it, however far the demo's is moved."""
        return self.clock.wall if isinstance(self.clock, DemoClock) else self.clock

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; the prefix binds it to our host, by TLS alone (RFC 6265bis)."""
        return "__Host-nofumble" if self.url.startswith("https://") else "nofumble"


@dataclass
class Context:
    """What one request works with. `session` is None only where a route is open to everybody."""

    shared: Shared
    store: WebStore
    now: datetime
    directory: Directory
    known: Session | None
    _notes: list[AuditRow] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """The settings of the deployment."""
        return self.shared.settings

    @property
    def organisation(self) -> Directory:
        """The organisation's file alone."""
        return self.shared.people.organisation

    @property
    def session(self) -> Session:
        """Who is signed in; raises Problem 401 when nobody is."""
        if self.known is None:
            raise _nobody()
        return self.known

    @property
    def person(self) -> str:
        """The person who is signed in."""
        return self.session.person

    def may(self, permission: Permission) -> bool:
        """Tell whether the person may do something: to show a button, or not."""
        return self.known is not None and self.known.may(permission)

    def require(self, permission: Permission) -> None:
        """Raise Problem 403 unless the person may."""
        if not self.session.may(permission):
            raise _forbidden(self.session, permission)

    def masked(self, value: Any) -> Any:
        """Return JSON-like data without the fields that the person does not see."""
        return masked(value, self.session.view)

    @cached_property
    def seen_accounts(self) -> list[str] | None:
        """The accounts that the person sees, in order of id; None where she sees all."""
        names = who_sees(self.directory, self.session)
        return None if names is None else self.store.accounts_of(sorted(names))

    def accounts(self, *, after: str, limit: int) -> list[StoredFacts]:
        """Return the accounts that the person sees for a listing, in order of id, from the one after `after` on."""
        seen = self.seen_accounts
        if seen is None:
            return self.store.accounts(after=after, limit=limit)
        place = bisect_right(seen, after)
        return self.store.accounts_named(seen[place : place + limit])

    @cached_property
    def sees(self) -> Callable[[str], bool]:
        """Tell of an account whether the person sees it."""
        return sees_account(self.store, who_sees(self.directory, self.session))

    def state_of(self, account_id: str) -> AccountState:
        """Return the state of an account with everything done that is due now."""
        with self.shared.worlds.latest(self.store, self.now) as world:
            return state_of(self.store, world, account_id, now=self.now)

    def account_named(self, name: str) -> str:
        """Return the id of an account that is named by it or by a reference; raises Problem as `check_account`."""
        account_id = self.store.resolve([name]).get(name, name)
        self.check_account(account_id)
        return account_id

    def check_account(self, account_id: str) -> None:
        """Raise Problem 404 for an account that there is not, or that the person does not see: both look the same."""
        if self.store.account(account_id) is None or not self.sees(account_id):
            raise Problem(404, f"no account is called {account_id!r}", "the list of accounts has those that you see")

    def note(
        self, act: str, *, account: str | None = None, about: str | None = None, reason: str = "", **detail: Any
    ) -> None:
        """Write into the audit what was done, to what and why."""
        how, person = ("", None) if self.known is None else (self.known.how, self.known.person)
        self.store.add_audit(AuditRow(self.now, person, how, act, account, about, reason or None, detail))


class Needs:
    """The permission that a route asks for; None opens it to everybody. It is the route's dependency."""

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> AsyncIterator[Context]:
        """Give the context of a request, or refuse it: 401, 403."""
        shared = cast("Shared", request.app.state.shared)
        shared.limit.take(_caller_of(request, shared))
        async with shared.stores.lent() as store:
            context = await run_in_threadpool(_context_of, request, shared, store)
            if self.permission is not None:
                await self._check(request, context)
            yield context

    async def _check(self, request: Request, context: Context) -> None:
        assert self.permission is not None
        context.require(self.permission)
        if request.method not in SAFE_METHODS and context.session.how == "cookie":
            await _check_csrf(request, context.session)
        if request.method not in SAFE_METHODS or self.permission in AUDITED:
            await run_in_threadpool(_note_request, request, context)


def needs(permission: Permission) -> Any:
    """Declare the permission that a route asks for: see the package for how."""
    return Depends(Needs(permission), scope="function")


everybody = Depends(Needs(None), scope="function")
"""Declare that a route is open to who is not signed in."""

Anyone = Annotated[Context, everybody]


def permission_of(route: APIRoute) -> Needs | None:
    """Return what a route declares; None when it declares nothing, which `make_app` refuses."""
    found = [one.call for one in route.dependant.dependencies if isinstance(one.call, Needs)]
    return found[0] if len(found) == 1 else None


def _context_of(request: Request, shared: Shared, store: WebStore) -> Context:
    directory = shared.people.latest(store)
    known = _session_of(request, shared, store, directory, shared.wall.now())
    return Context(shared, store, shared.clock.now(), directory, known)


def _caller_of(request: Request, shared: Shared) -> str:
    """Name who asks, before it is known who that is: by what is shown, else by the address."""
    shown = request.headers.get("Authorization") or request.cookies.get(shared.cookie)
    return hash_of(shown).hex() if shown else f"from {request.client.host if request.client else ''}"


def _session_of(
    request: Request, shared: Shared, store: WebStore, directory: Directory, now: datetime
) -> Session | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return by_token(store, directory, token.strip(), now=now) if scheme.lower() == "bearer" else None
    cookie = request.cookies.get(shared.cookie)
    return by_cookie(store, directory, cookie, now=now) if cookie else None


async def _check_csrf(request: Request, session: Session) -> None:
    said = request.headers.get(CSRF_HEADER)
    if said is None and "form" in request.headers.get("Content-Type", ""):
        field_ = (await request.form()).get(CSRF_FIELD)
        said = field_ if isinstance(field_, str) else None
    if said is None or not same(said, session.csrf):
        raise Problem(
            403, f"a change from a browser carries the session's token, as {CSRF_HEADER}", "load the page again"
        )


def _note_request(request: Request, context: Context) -> None:
    route: Any = request.scope["route"]
    given: Mapping[str, str] = request.path_params
    prefix = API if request.url.path.startswith(f"{API}/") else ""
    context.note(
        f"{request.method} {prefix}{route.path_format}",
        account=given.get("account_id"),
        about=given.get("work_id") or given.get("id"),
    )


def _nobody() -> Problem:
    return Problem(401, "nobody is signed in", "sign in, or send a token", headers={"WWW-Authenticate": "Bearer"})


def _forbidden(session: Session, permission: Permission) -> Problem:
    roles = ", ".join(sorted(session.roles)) or "no role"
    narrow = " by this token" if session.scopes is not None else ""
    return Problem(403, f"{permission} is not open to {roles}{narrow}", "ask an admin for a role that may")
