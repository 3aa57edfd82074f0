"""What was refused, and why? Events in quarantine: listed, shown, and let through when the cause is gone (F39)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from agents.intake import Incoming, Intake
from agents.ports import Store
from agents.rows import QuarantinedEvent, QuarantineRow
from events.envelope import Refused
from nofumble.cli.options import AsJson
from nofumble.cli.output import clean, number_of, say, write, write_json, write_parts, write_table
from nofumble.cli.session import open_session
from nofumble.cli.stored_work import PREFIX_MIN, ROWS_MAX
from nofumble.cli.when import exact
from nofumble.errors import WrongUse

ROWS_SHOWN = 50
RAW_SHOWN_MAX = 4_000

_ID = re.compile(rf"[0-9a-f-]{{{PREFIX_MIN},36}}")
Released = Annotated[bool, typer.Option("--all", help="Those that were let through, too.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="quarantine", help="Events that were refused.")
    group.command("list", epilog="Example: nofumble quarantine list --json")(list_events)
    group.command(epilog="Example: nofumble quarantine show 7c9e6679")(show)
    group.command(epilog="Example: nofumble quarantine release 7c9e6679")(release)
    app.add_typer(group)


def list_events(
    released: Released = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=ROWS_MAX, help="At most so many.")] = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List what is in quarantine, the oldest first."""
    with open_session() as session:
        found = session.store.quarantine(status=None if released else "open", limit=limit)
        if as_json:
            write_json(quarantine_as_json(one) for one in found)
        elif not found:
            say("nothing is in quarantine")
        else:
            columns = ("id", "~from", "~field", "why")
            write_table(columns, (_listed(one) for one in found))
            write(f"\n{number_of(len(found), 'event')}")


def show(
    event_id: Annotated[
        str, typer.Argument(metavar="ID", help="The id of the quarantine, or its first six characters.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show one event in quarantine as it came."""
    with open_session() as session:
        found = find(session.store, event_id)
    if as_json:
        write_json([quarantine_as_json(found) | {"raw": found.row.raw.decode("utf-8", "replace")}])
        return
    row = found.row
    released = f", let through {exact(found.released_at)}" if found.released_at else ""
    write_parts(
        [
            ("id", row.id),
            ("status", f"{found.status}{released}"),
            ("from", _place(found)),
            ("since", exact(row.at)),
            ("account", row.account_id or ""),
            ("event", row.event_id or ""),
            ("workflow", row.workflow or ""),
            ("field", row.path or "(the whole)"),
            ("why", row.reason),
        ]
    )
    if row.raw:
        write()
        write(clean(row.raw[:RAW_SHOWN_MAX].decode("utf-8", "replace")))


def release(
    event_ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids, or their first six characters.")],
    as_json: AsJson = False,
) -> None:
    """Let events through, when the cause of their refusal is gone.

    Each takes its place by its time.
    """
    with open_session() as session:
        found = [find(session.store, one) for one in dict.fromkeys(event_ids)]
        intake = Intake(session.store, session.directory)
        for one in found:
            check_releasable(one)
        for one in found:
            let_through(session.store, intake, one, now=session.now)
            say(f"{one.row.id} is let through; `nofumble run --once` applies it")
        if as_json:
            write_json({"id": one.row.id, "status": "released"} for one in found)


def let_through(store: Store, intake: Intake, found: QuarantinedEvent, *, now: datetime) -> None:
    """Let one event through, once; raise WrongUse when it is refused as before."""
    row = found.row
    check_releasable(found)
    if not _take_again(intake, row, now):
        raise WrongUse(f"{row.id} is refused as before; `nofumble quarantine show {row.id}` says why")
    store.release(row.id, now)


def _take_again(intake: Intake, row: QuarantineRow, now: datetime) -> bool:
    """Take an event in again: one that intake refused, or one of the log over which the agents failed."""
    if not row.origin.startswith("log/"):
        return not intake.take([Incoming(row.origin, row.position, row.raw)], now=now).quarantined
    try:
        intake.again(row, now=now)
    except Refused:
        return False
    return True


def find(store: Store, name: str) -> QuarantinedEvent:
    """Return the event of an id or of its first characters; raise WrongUse when there is not exactly one."""
    text = name.strip().lower()
    if not _ID.fullmatch(text):
        raise WrongUse(f"{name!r} is no id of the quarantine; `nofumble quarantine list` lists them")
    whole = store.quarantined(text) if len(text) == len("7c9e6679-7425-40de-944b-e07fc1f90ae7") else None
    if whole is not None:
        return whole
    found = [one for one in store.quarantine(status=None, limit=ROWS_MAX) if one.row.id.startswith(text)]
    if len(found) != 1:
        many = f"{len(found)} ids in quarantine begin" if found else "no id in quarantine begins"
        raise WrongUse(f"{many} with {text}; `nofumble quarantine list --all` lists them")
    return found[0]


def check_releasable(found: QuarantinedEvent) -> None:
    """Raise WrongUse for an event that was let through already, or needs no release."""
    row = found.row
    if found.status == "released":
        raise WrongUse(f"{row.id} was let through already: it stands on the timeline")
    if row.workflow is not None or not row.raw:
        raise WrongUse(f"{row.id} needs no release: the event was taken, and only what it asked for could not be done")


def _listed(found: QuarantinedEvent) -> Sequence[str]:
    return found.row.id[:8], _place(found), found.row.path or found.row.workflow or "", found.row.reason


def _place(found: QuarantinedEvent) -> str:
    row = found.row
    return f"{row.origin}:{row.position}" if row.position else row.origin


def quarantine_as_json(found: QuarantinedEvent) -> dict[str, Any]:
    """Return a row of the quarantine as one object of `--json`, without the bytes."""
    row = found.row
    return {
        "id": row.id,
        "status": found.status,
        "at": row.at,
        "origin": row.origin,
        "position": row.position,
        "path": row.path,
        "reason": row.reason,
        "account": row.account_id,
        "event": row.event_id,
        "workflow": row.workflow,
        "released_at": found.released_at,
    }
