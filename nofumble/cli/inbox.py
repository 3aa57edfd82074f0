"""What waits for a person? Open tasks and alerts by person and account, what is most urgent first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import typer

from agents.page_rows import WorkPage
from agents.ports import Store
from agents.rows import StoredFacts, WorkRow
from nofumble.cli.as_of import AsOf, open_earlier
from nofumble.cli.options import AsJson
from nofumble.cli.output import Cell, clean, number_of, paint, say, write, write_json, write_table
from nofumble.cli.pasts import Events
from nofumble.cli.queries import with_status
from nofumble.cli.session import Viewpoint, open_session
from nofumble.cli.stored_work import (
    ROWS_MAX,
    by_urgency,
    due_cell,
    people_of,
    short_ids,
    weight_of_row,
    work_as_json,
)
from nofumble.cli.when import brief

Waiting = Mapping[str, Sequence[WorkRow]]
"""The work that waits for each person or queue."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble inbox --person dana")(inbox)


def inbox(
    person: Annotated[
        str | None, typer.Option("--person", metavar="ID", help="Only what waits for this person.")
    ] = None,
    as_of: AsOf = None,
    events: Events = None,
    as_json: AsJson = False,
) -> None:
    """Show who has what open, the most urgent first."""
    if as_of is not None or events:
        with open_earlier(as_of, events) as earlier:
            rows = [row for row in earlier.rows() if row.kind in ("task", "alert")]
            _tell(earlier, by_receiver(rows, person), person, earlier.facts, as_json=as_json)
        return
    with open_session() as session:
        store = session.store
        _tell(session, waiting_for(store, person), person, lambda one: facts_of(store.account(one)), as_json=as_json)


def waiting_for(store: Store, person: str | None = None) -> Waiting:
    """Return the open tasks and alerts of each person and queue, or of one person, the most urgent first."""
    names = None if person is None else [person]
    return by_receiver(store.work_page(WorkPage(("task", "alert"), names, limit=ROWS_MAX)), person)


def by_receiver(found: Iterable[WorkRow], person: str | None) -> Waiting:
    """Group work by whom it asks, each person or queue with the most urgent first; or give that of one person."""
    waiting: dict[str, list[WorkRow]] = {}
    for row in sorted(found, key=by_urgency):
        for who in people_of(row):
            if person is None or who == person:
                waiting.setdefault(who, []).append(row)
    return dict(sorted(waiting.items()))


Facts = Callable[[str], Mapping[str, Any]]
"""Gives what is known of an account."""


def _tell(view: Viewpoint, waiting: Waiting, person: str | None, facts: Facts, *, as_json: bool) -> None:
    if as_json:
        write_json({"for": who, **work_as_json(row)} for who, rows in waiting.items() for row in rows)
    elif not waiting:
        say("nothing waits" if person is None else f"nothing waits for {person}")
    else:
        _write(view, waiting, facts)


def _write(view: Viewpoint, waiting: Waiting, facts: Facts) -> None:
    short = short_ids(row for rows in waiting.values() for row in rows)
    for place, (who, rows) in enumerate(waiting.items()):
        counts = [(sum(row.kind == kind for row in rows), kind) for kind in ("alert", "task")]
        told = ", ".join(number_of(count, kind) for count, kind in counts if count)
        if place:
            write()
        write(f"{paint(clean(who), 'strong')}: {told}")
        for account, group in _by_account(rows).items():
            write(f"\n  {account_line(account, facts(account))}")
            write_table(("", "", "", ""), (_row(view, row, short[row.id]) for row in group))


def _by_account(rows: Iterable[WorkRow]) -> dict[str, list[WorkRow]]:
    """Group rows by account; the account whose first row is the most urgent comes first."""
    groups: dict[str, list[WorkRow]] = {}
    for row in rows:
        groups.setdefault(row.account_id, []).append(row)
    return groups


def _row(view: Viewpoint, row: WorkRow, short: str) -> tuple[str | Cell, ...]:
    if row.kind == "task" and row.due_at is not None:
        when = due_cell(row, now=view.now, text=f"due {brief(row.due_at, now=view.now)}")
    else:
        when = Cell(f"since {brief(row.opened_at, now=view.now)}")
    return f"  {short}", Cell(row.kind, "quiet"), when, Cell(with_status(row), weight_of_row(row))


def account_line(account_id: str, facts: Mapping[str, Any]) -> str:
    """Return an account as a heading: its id, name and tier."""
    told = [str(facts["name"])] if facts.get("name") else []
    told += [f"tier {facts['tier']}"] if facts.get("tier") else []
    return paint(clean(account_id), "info") + clean(f" ({', '.join(told)})" if told else "")


def facts_of(known: StoredFacts | None) -> dict[str, Any]:
    """Return the facts of an account for listings."""
    return msgspec.json.decode(known.facts, type=dict[str, Any]) if known is not None and known.facts else {}
