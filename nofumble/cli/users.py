"""Who may sign in, and which systems ask the API? For who runs the server; an admin has the same on the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from config.settings import Settings
from nofumble.cli.options import AsJson, current_settings, split_names
from nofumble.cli.output import say, write, write_json, write_table
from nofumble.cli.session import say_on_terminal
from nofumble.cli.when import brief
from nofumble.clock import SystemClock
from nofumble.errors import WrongUse
from nofumble.store.web_store import AuditRow, WebStore

Person = Annotated[str, typer.Argument(metavar="PERSON", help="The id of a person.")]
TOKEN_DAYS = 90


def register(app: typer.Typer) -> None:
    """Add the commands."""
    user = typer.Typer(name="user", help="Who may sign in.")
    user.command("list", epilog="Example: nofumble user list")(list_users)
    user.command(epilog="Example: nofumble user add dana --roles admin")(add)
    user.command(epilog="Example: nofumble user link dana")(link)
    user.command(epilog="Example: nofumble user disable dana")(disable)
    app.add_typer(user)
    token = typer.Typer(name="token", help="Tokens for systems that ask the API.")
    token.command(epilog="Example: nofumble token create crm --as yuki --scopes event.send --days 30")(create)
    token.command("list", epilog="Example: nofumble token list")(list_tokens)
    token.command(epilog="Example: nofumble token revoke 7c9e6679-7425-40de-944b-e07fc1f90ae7")(revoke)
    app.add_typer(token)


@contextmanager
def doors() -> Iterator[tuple[WebStore, datetime, Settings]]:
    """Give the store of the settings, for what concerns doors."""
    from nofumble.opening import open_ready

    settings = current_settings()
    with open_ready(settings, progress=say_on_terminal) as database:
        store = WebStore(database)
        try:
            yield store, SystemClock().now(), settings
        finally:
            store.close()


def list_users(as_json: AsJson = False) -> None:
    """List who may sign in."""
    with doors() as (store, _, _settings):
        found = store.users()
    if as_json:
        write_json(
            {"person": one.person, "given": one.roles, "has_password": one.password is not None}
            | {"created_at": one.created_at, "disabled_at": one.disabled_at}
            for one in found
        )
    elif not found:
        say("nobody may sign in yet; `nofumble serve` prints a link for the first admin")
    else:
        rows = ((one.person, ", ".join(one.roles), "disabled" if one.disabled_at else "") for one in found)
        write_table(("person", "roles given", "~"), rows)


def add(
    person: Person,
    roles: Annotated[
        list[str] | None, typer.Option("--roles", metavar="NAME", help="Roles beside those of the directory.")
    ] = None,
) -> None:
    """Let a person sign in, or give her other roles; prints a link that opens once, to choose a password."""
    from nofumble.web.roles import ROLES

    wanted = split_names(roles or ())
    for role in wanted:
        if role not in ROLES:
            raise WrongUse(f"{role!r} is no role; it is one of {', '.join(ROLES)}")
    with doors() as (store, now, settings):
        store.put_user(person, password=None, roles=wanted, at=now)
        store.disable_user(person, None)
        store.add_audit(AuditRow(now, None, "command", "user.changed", object=person, detail={"roles": wanted}))
        _write_link(store, person, settings, now)


def link(person: Person) -> None:
    """Print a link that opens once, for a person to choose a password."""
    with doors() as (store, now, settings):
        if store.user(person) is None:
            raise WrongUse(f"no user is called {person!r}; `nofumble user add {person}` makes her one")
        _write_link(store, person, settings, now)


def disable(person: Person) -> None:
    """Shut a person's door: sessions and tokens end at once. `nofumble user add` opens it again."""
    with doors() as (store, now, _settings):
        if not store.disable_user(person, now):
            raise WrongUse(f"no user is called {person!r}; `nofumble user list` lists them")
        store.close_web_sessions(person=person)
        store.add_audit(AuditRow(now, None, "command", "user.disabled", object=person))
        say(f"{person} can no longer sign in")


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called, such as the system's name.")],
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="The user whose token it is.")],
    scopes: Annotated[list[str], typer.Option("--scopes", metavar="NAME", help="What it is for, such as event.send.")],
    days: Annotated[int, typer.Option("--days", help="For how long it is good.")] = TOKEN_DAYS,
    as_json: AsJson = False,
) -> None:
    """Make a token. It is shown this once; what is kept is its hash."""
    from nofumble.web.tokens import new_token

    with doors() as (store, now, _settings):
        row, secret = new_token(store, person, name, split_names(scopes), days=days, now=now)
        detail = {"scopes": list(row.scopes), "person": person}
        store.add_audit(AuditRow(now, None, "command", "token.created", object=row.id, detail=detail))
    if as_json:
        write_json([{**row._asdict(), "token": secret}])
    else:
        write(secret)
        say(f"{row.id}, good until {brief(row.ends_at)}; send it as `Authorization: Bearer TOKEN`")


def list_tokens(as_json: AsJson = False) -> None:
    """List tokens, newest first."""
    with doors() as (store, now, _settings):
        found = store.tokens()
    if as_json:
        write_json(one._asdict() for one in found)
    elif not found:
        say("no token")
    else:
        rows = []
        for one in found:
            state = "revoked" if one.revoked_at else "ended" if one.ends_at <= now else f"until {brief(one.ends_at)}"
            rows.append((one.id, one.person, one.name, ", ".join(one.scopes), state))
        write_table(("id", "person", "name", "~for", "state"), rows)


def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the token, as `token list` has it.")],
) -> None:
    """Make a token useless from now on."""
    from uuid import UUID

    try:
        wanted = str(UUID(token_id))
    except ValueError as error:
        raise WrongUse(f"{token_id!r} is no id of a token; `nofumble token list` lists them") from error
    with doors() as (store, now, _settings):
        if not store.revoke_token(wanted, now):
            raise WrongUse(f"no good token has the id {wanted}; `nofumble token list` lists them")
        store.add_audit(AuditRow(now, None, "command", "token.revoked", object=wanted))
        say("revoked")


def _write_link(store: WebStore, person: str, settings: Settings, now: datetime) -> None:
    from nofumble.web.app import url_of
    from nofumble.web.passwords import new_link

    user = store.user(person)
    assert user is not None, "it was looked for before"
    secret = new_link(store, person, tuple(user.roles), now=now)
    write(f"{url_of(settings)}/first/{secret}")
