"""Who is asking? A session of a browser by its cookie, or a token of the API by its header.

Nothing is believed of what a request says about itself but these two. Roles are looked up with each request, so that
one that is taken away is gone with the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from nofumble.store.web_store import WebStore
from nofumble.web.keys import hash_of, new_secret
from nofumble.web.roles import Permission, Role, View, roles_of, view_of
from workflows.directory import Directory

SESSION_MAX = timedelta(hours=12)
"""A working day; then one signs in again."""
IDLE_MAX = timedelta(hours=2)
TOUCH_EVERY = timedelta(minutes=1)
"""A session that is in use is written down so often, and no more."""

TOKEN_PREFIX = "nfb_"  # noqa: S105 - what a token begins with, so that scanners of repositories know it


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, with which roles, and how; `csrf` is empty for a token, `scopes` None for a cookie."""

    person: str
    roles: frozenset[Role]
    how: Literal["cookie", "token"]
    csrf: str = ""
    scopes: frozenset[str] | None = None
    key: bytes = b""

    @property
    def view(self) -> View:
        """What this session sees and may do: what its roles may, and of that what its token is for."""
        view = view_of(self.roles)
        if self.scopes is None:
            return view
        return View(view.may & self.scopes, view.hides, view.accounts, view.sends)

    def may(self, permission: Permission) -> bool:
        """Tell whether this session may do something."""
        return permission in self.view.may


def begin(store: WebStore, person: str, *, now: datetime) -> str:
    """Begin a session for somebody who has shown who she is; return what its cookie holds."""
    cookie = new_secret()
    store.open_web_session(hash_of(cookie), person, new_secret(), now, now + SESSION_MAX)
    return cookie


def by_cookie(store: WebStore, directory: Directory, cookie: str, *, now: datetime) -> Session | None:
    """Return the session of a cookie, or None."""
    key = hash_of(cookie)
    row = store.web_session(key, now, now - IDLE_MAX)
    if row is None:
        return None
    if now - row.seen_at > TOUCH_EVERY:
        store.touch_web_session(key, now)
    return Session(row.person, roles_of(row.person, directory, row.roles), "cookie", row.csrf, None, key)


def by_token(store: WebStore, directory: Directory, token: str, *, now: datetime) -> Session | None:
    """Return the session of a token, or None."""
    key = hash_of(token)
    found = store.token(key, now) if token.startswith(TOKEN_PREFIX) else None
    if found is None:
        return None
    row, given = found
    return Session(row.person, roles_of(row.person, directory, given), "token", "", _scopes(row.scopes), key)


def _scopes(names: Sequence[str]) -> frozenset[str]:
    return frozenset(names) & frozenset(get_args(Permission))
