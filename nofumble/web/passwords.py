"""How do local users prove who they are? Passwords by argon2id, and links that open once to choose one."""

from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from nofumble.store.web_store import WebStore
from nofumble.web.keys import hash_of, new_secret
from nofumble.web.problems import Problem

LINK_MAX = timedelta(hours=24)
PASSWORD_MIN = 12
"""Characters; length is what counts (NIST SP 800-63B), and there are no rules of composition."""

_HASHING = BoundedSemaphore(2)
"""A hash takes 64 MB and a core for a moment: many who sign in at once wait for one another."""


@cache
def hasher() -> PasswordHasher:
    """Return the hasher with the parameters that argon2-cffi recommends (RFC 9106, low memory)."""
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """Return the hash that is compared for who is not there: the answer takes as long."""
    return hasher().hash(new_secret())


def check_password(store: WebStore, person: str, password: str) -> bool:
    """Tell whether a password opens a person's door."""
    user = store.user(person)
    kept = user.password if user is not None and user.disabled_at is None else None
    try:
        with _HASHING:
            hasher().verify(kept or _nobodys(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None


def new_link(store: WebStore, person: str | None, roles: tuple[str, ...], *, now: datetime) -> str:
    """Return the secret of a link that opens once; without a person, whoever uses it says who she is."""
    secret = new_secret()
    store.add_link(hash_of(secret), person, roles, now + LINK_MAX)
    return secret


def choose_password(store: WebStore, secret: str, person: str, password: str, *, now: datetime) -> str:
    """Use a link up, with a password of one's own; return the person. Raises Problem for one that is not good."""
    if len(password) < PASSWORD_MIN:
        raise Problem(422, f"a password has at least {PASSWORD_MIN} characters", "choose a longer one", path="password")
    if not store.link_is_good(hash_of(secret), now):
        raise Problem(404, "this link was used or is too old", "`nofumble user link PERSON` makes a new one")
    with _HASHING:
        hashed = hasher().hash(password)
    found = store.use_link(hash_of(secret), now)
    if found is None:
        raise Problem(404, "this link was used just now", "sign in")
    named, roles = found
    chosen = named or person.strip()
    if not chosen:
        raise Problem(422, "a person has an id", "say who you are", path="person")
    store.put_user(chosen, password=hashed, roles=roles or None, at=now)
    store.close_web_sessions(person=chosen)
    return chosen
