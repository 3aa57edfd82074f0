"""How does a system ask? By a token: a secret that is shown once, for some permissions, until a day."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import get_args

from nofumble.clock import new_id
from nofumble.errors import WrongUse
from nofumble.store.web_store import TokenRow, WebStore
from nofumble.web.keys import hash_of, new_secret
from nofumble.web.roles import Permission
from nofumble.web.sessions import TOKEN_PREFIX

TOKEN_DAYS_MAX = 366
"""A token that nobody renews is one that nobody remembers."""
TOKEN_DAYS_DEFAULT = 90


def new_token(
    store: WebStore, person: str, name: str, scopes: Iterable[str], *, days: int, now: datetime
) -> tuple[TokenRow, str]:
    """Make a token for a person who has a door; return it, and the secret that is kept nowhere.

    Raises WrongUse for a scope that there is not, too long a time, and a person who is not known.
    """
    wanted = check_scopes(scopes)
    if not 1 <= days <= TOKEN_DAYS_MAX:
        raise WrongUse(f"a token is good for 1 to {TOKEN_DAYS_MAX} days, and not for {days}; give fewer")
    if store.user(person) is None:
        raise WrongUse(f"no user is called {person!r}; `nofumble user add {person}` makes her one")
    secret = new_secret(TOKEN_PREFIX)
    row = TokenRow(new_id(), person, name, wanted, now, now + timedelta(days=days), None)
    store.add_token(row, hash_of(secret))
    return row, secret


def check_scopes(scopes: Iterable[str]) -> Sequence[str]:
    """Return scopes without doubles; raise WrongUse for none, and for one that is no permission."""
    wanted = list(dict.fromkeys(scopes))
    known = get_args(Permission)
    for scope in wanted:
        if scope not in known:
            raise WrongUse(f"{scope!r} is no scope; it is one of {', '.join(known)}")
    if not wanted:
        raise WrongUse(f"a token without a scope opens nothing; give one of {', '.join(known)}")
    return wanted
