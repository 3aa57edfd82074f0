"""What was somebody told, and what waits for her next digest?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from agents.desk_rows import NoticeRow
from agents.teller import desk_of
from nofumble.cli.options import AsJson
from nofumble.cli.output import Cell, number_of, say, weight_of, write, write_json, write_table
from nofumble.cli.session import Session, open_session
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.cli.telling import told
from nofumble.cli.when import brief
from workflows.attention.desk import Desk, Waiting, line_as_json

ROWS_SHOWN = 50
"""Notices of a list unless --limit says otherwise; more is read with --json."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble notices --person dana")(notices)


def notices(
    person: Annotated[str | None, typer.Option("--person", metavar="ID", help="Only those of this person.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=ROWS_MAX, help="At most so many.")] = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show what people were told, the newest first, and what waits for their next digest.

    With --json what waits has the type `digest.waiting`, and the time of its digest.
    """
    with open_session() as session:
        rows = session.store.notices(person, limit=limit)
        desks = [desk_of(row) for row in session.store.desks().desks if person in (None, row.person)]
        if as_json:
            write_json([*_waiting_as_json(desks), *map(_as_json, rows)])
        else:
            _write(session, desks, rows, person)


def _write(session: Session, desks: Sequence[Desk], rows: Sequence[NoticeRow], person: str | None) -> None:
    waiting = [(desk, name, one) for desk in desks for name, one in _waiting(desk)]
    if waiting:
        write_table(("digest", "~to", "~account", "waits"), (_waiting_row(session, *one) for one in waiting))
        write()
    if not rows:
        say("nobody was told anything" if person is None else f"{person} was told nothing")
        return
    write_table(("told", "~to", "~account", "notice"), (_row(session, row) for row in rows))
    if len(rows) > 1:
        write(f"\n{number_of(len(rows), 'notice')}")


def _row(session: Session, row: NoticeRow) -> tuple[str | Cell, ...]:
    data = _data_of(row)
    text = Cell(f"{row.type}: {told(row.type, data, row.at)}", weight_of(data.get("severity")))
    return brief(row.at, now=session.now), row.person, row.account_id or "", text


def _waiting_row(session: Session, desk: Desk, thread: str, waiting: Waiting) -> tuple[str | Cell, ...]:
    text = "; ".join(f"{one.ref} {one.text}" for one in waiting.matters) or "what you were told of is over"
    return brief(_digest_at(desk), now=session.now), desk.person, _account_of(thread, waiting), f"{waiting.why}: {text}"


def _waiting(desk: Desk) -> Iterator[tuple[str, Waiting]]:
    """Give what the next digest will say of which thread, as far as it is not over already."""
    return ((name, one) for name, one in desk.waiting.items() if one.matters or one.ended)


def _digest_at(desk: Desk) -> datetime:
    assert desk.digest_at is not None, "what waits has a digest"
    return desk.digest_at


def _account_of(thread: str, waiting: Waiting) -> str:
    return waiting.matters[0].account if waiting.matters else thread.split("/")[1]


def _data_of(row: NoticeRow) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(row.body)["data"]
    return data


def _as_json(row: NoticeRow) -> dict[str, Any]:
    said = {"id": row.id, "time": row.at, "person": row.person, "account": row.account_id, "type": row.type}
    return {**said, "data": _data_of(row)}


def _waiting_as_json(desks: Sequence[Desk]) -> Iterator[dict[str, Any]]:
    for desk in desks:
        for name, one in _waiting(desk):
            said = {"time": _digest_at(desk), "person": desk.person, "account": _account_of(name, one)}
            yield {"id": None, **said, "type": "digest.waiting", "data": line_as_json(name, one)}
