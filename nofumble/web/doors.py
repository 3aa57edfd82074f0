"""Who is let in, and with which key? What the API and the pages do to doors: users, links, sessions and tokens."""

import re
from collections.abc import Iterable, Sequence

from nofumble.store.web_store import TokenRow, UserRow
from nofumble.web.context import Context
from nofumble.web.passwords import new_link
from nofumble.web.problems import Problem
from nofumble.web.roles import ROLES
from nofumble.web.tokens import new_token

PERSON_PATTERN = r"^[!-~]{1,200}$"
"""What an id of a person looks like."""


def change_door(context: Context, person: str, roles: Sequence[str], *, is_shut: bool) -> UserRow:
    """Let a person in, change her roles, or shut her door: sessions and tokens end with the next request.

    Raises Problem 409 for who would lock herself out, 422 for what is no id of a person, and for a role that there is
    not.
    """
    if not re.fullmatch(PERSON_PATTERN, person):
        raise Problem(422, f"{person!r} is no id of a person", "give one without spaces", path="person")
    for role in roles:
        if role not in ROLES:
            raise Problem(422, f"{role!r} is no role", f"it is one of {', '.join(ROLES)}", path="roles")
    if person == context.person and (is_shut or "admin" not in roles):
        raise Problem(409, "you would lock yourself out", "let another admin do it")
    store = context.store
    store.put_user(person, password=None, roles=roles, at=context.shared.wall.now())
    store.disable_user(person, context.shared.wall.now() if is_shut else None)
    if is_shut:
        store.close_web_sessions(person=person)
    context.note("user.changed", about=person, roles=list(roles), disabled=is_shut)
    return user_named(context, person)


def invite(context: Context, person: str) -> str:
    """Return the address of a link that opens once, for a person to choose a password."""
    user = user_named(context, person)
    secret = new_link(context.store, person, tuple(user.roles), now=context.shared.wall.now())
    context.note("user.invited", about=person)
    return f"{context.shared.url}/first/{secret}"


def end_sessions(context: Context, person: str) -> None:
    """Sign a person out wherever she is signed in; raises Problem 404 for who is no user."""
    user_named(context, person)
    context.store.close_web_sessions(person=person)
    context.note("user.signed_out", about=person)


def user_named(context: Context, person: str) -> UserRow:
    """Return a user; raise Problem 404 when nobody is called so."""
    user = context.store.user(person)
    if user is None:
        raise Problem(404, f"no user is called {person!r}", "put the user first")
    return user


def tokens_seen(context: Context) -> list[TokenRow]:
    """Return my tokens, or everybody's for who manages users; newest first."""
    return context.store.tokens(None if context.may("user.manage") else context.person)


def make_token(context: Context, name: str, scopes: Iterable[str], *, days: int) -> tuple[TokenRow, str]:
    """Make a token of the person who is signed in; return it, and the secret that is kept nowhere.

    Raises Problem 403 for who is here by a token herself, and WrongUse as `new_token`.
    """
    if context.session.how != "cookie":
        raise Problem(403, "a token makes no token", "sign in")
    if not name:
        raise Problem(422, "a token has a name", "say which system uses it", path="name")
    now = context.shared.wall.now()
    row, secret = new_token(context.store, context.person, name, scopes, days=days, now=now)
    context.note("token.created", about=row.id, scopes=list(row.scopes))
    return row, secret


def revoke_token(context: Context, token_id: str) -> None:
    """Make a token useless from now on; raises Problem 404 for one that is not good, or not the person's."""
    owner = None if context.may("user.manage") else context.person
    if not context.store.revoke_token(token_id, context.shared.wall.now(), person=owner):
        raise Problem(404, "there is no such token, or it was revoked", "the list has those that are good")
    context.note("token.revoked", about=token_id)
