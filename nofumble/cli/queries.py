"""What is open, and with whom? Lists of tasks, alerts, loops and holds."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer

from agents.rows import WorkFilter, WorkKind, WorkRow
from nofumble.cli.as_of import AsOf, open_earlier
from nofumble.cli.options import AsJson
from nofumble.cli.output import Cell, number_of, say, write, write_json, write_table
from nofumble.cli.pasts import Events
from nofumble.cli.session import Session, Viewpoint, open_session
from nofumble.cli.stored_work import (
    ROWS_MAX,
    by_urgency,
    due_cell,
    find_account,
    holder_of,
    is_for,
    item_of,
    people_of,
    short_ids,
    weight_of_row,
    work_as_json,
)
from nofumble.cli.when import brief
from workflows.account import Hold, Loop
from workflows.working_time import business_days_between

ROWS_SHOWN = 200
"""Rows of a list unless --limit says otherwise; more is read with --json."""

Account = Annotated[str | None, typer.Option("--account", metavar="ID", help="Only of this account.")]
Person = Annotated[str | None, typer.Option("--person", metavar="ID", help="Only what asks for this person.")]
Workflow = Annotated[str | None, typer.Option("--workflow", metavar="NAME", help="Only of this workflow.")]
Closed = Annotated[bool, typer.Option("--all", help="Closed ones too.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=ROWS_MAX, help="At most so many.")]

Row = Sequence[str | Cell]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: nofumble tasks --person dana")(tasks)
    app.command(epilog="Example: nofumble alerts --account acme --all --json")(alerts)
    app.command(epilog="Example: nofumble loops --account acme")(loops)
    app.command(epilog="Example: nofumble holds --json")(holds)


def tasks(
    person: Person = None,
    account: Account = None,
    workflow: Workflow = None,
    closed: Closed = False,
    limit: Limit = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List open tasks: who has each, and until when."""
    with open_session() as session:
        rows = select(session, "task", person, account, workflow, closed=closed, limit=limit)
        show(session, rows, ("id", "due", "account", "~who", "task"), task_row, as_json=as_json, what="task")


def alerts(
    person: Person = None,
    account: Account = None,
    workflow: Workflow = None,
    closed: Closed = False,
    limit: Limit = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List open alerts, the most severe first."""
    with open_session() as session:
        rows = select(session, "alert", person, account, workflow, closed=closed, limit=limit)
        show(session, rows, ("id", "since", "account", "~to", "alert"), alert_row, as_json=as_json, what="alert")


def loops(
    person: Person = None,
    account: Account = None,
    workflow: Workflow = None,
    closed: Closed = False,
    limit: Limit = ROWS_SHOWN,
    as_of: AsOf = None,
    events: Events = None,
    as_json: AsJson = False,
) -> None:
    """List what is open towards customers, and with whom.

    Tells for how many working days the holder has had it, and when the customer was last told.
    """
    columns = ("id", "account", "holder", ">held", "customer told", "loop")
    if as_of is not None or events:
        with open_earlier(as_of, events, account) as earlier:
            found = [row for row in earlier.rows(is_open=None if closed else True) if row.kind == "loop"]
            found = [row for row in found if workflow in (None, row.workflow) and person in (None, row.person)]
            rows = sorted(found, key=by_urgency)[:limit]
            show(earlier, rows, columns, loop_row, as_json=as_json, what="loop", more=held)
        return
    with open_session() as session:
        rows = select(session, "loop", person, account, workflow, closed=closed, limit=limit)
        show(session, rows, columns, loop_row, as_json=as_json, what="loop", more=held)


def holds(
    account: Account = None,
    workflow: Workflow = None,
    closed: Closed = False,
    limit: Limit = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List what must not be sent to customers now, and why."""
    with open_session() as session:
        rows = select(session, "hold", None, account, workflow, closed=closed, limit=limit)
        columns = ("id", "since", "account", "~stops", "~ask", "because")
        show(session, rows, columns, hold_row, as_json=as_json, what="hold")


def select(
    session: Session,
    kind: WorkKind,
    person: str | None,
    account: str | None,
    workflow: str | None,
    *,
    closed: bool,
    limit: int,
) -> list[WorkRow]:
    """Return the work that the options of a list ask for, the most urgent first."""
    account_id = None if account is None else find_account(session.store, account)
    # An alert goes to several people and its row names the first: the others are found by looking inside.
    of_person = None if kind == "alert" else person
    wanted = WorkFilter(kind, of_person, None, account_id, workflow, None if closed else True, ROWS_MAX)
    found = session.store.work(wanted)
    if person is not None:
        found = [row for row in found if is_for(row, person)]
    return sorted(found, key=by_urgency)[:limit]


def show(
    view: Viewpoint,
    rows: Sequence[WorkRow],
    columns: Sequence[str],
    row_of: Callable[[Viewpoint, WorkRow, str], Row],
    *,
    as_json: bool,
    what: str,
    more: Callable[[Viewpoint, WorkRow], dict[str, Any]] = lambda _view, _row: {},
) -> None:
    """Write a list of work, as a table or as JSON; an empty one says so beside the answer."""
    if as_json:
        write_json(to_json(view, rows, more))
        return
    if not rows:
        say(f"no {what}")
        return
    short = short_ids(rows)
    write_table(columns, (row_of(view, row, short[row.id]) for row in rows))
    if len(rows) > 1:
        write(f"\n{number_of(len(rows), what)}")


def to_json(
    view: Viewpoint, rows: Iterable[WorkRow], more: Callable[[Viewpoint, WorkRow], dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    """Give each row as one object, with what this list adds."""
    return (work_as_json(row) | more(view, row) for row in rows)


def task_row(view: Viewpoint, row: WorkRow, short: str) -> Row:
    """Return a task as a row: id, due, account, who, title."""
    due = "" if row.due_at is None else brief(row.due_at, now=view.now)
    return short, due_cell(row, now=view.now, text=due), row.account_id, holder_of(row), with_status(row)


def alert_row(view: Viewpoint, row: WorkRow, short: str) -> Row:
    """Return an alert as a row: id, since, account, to, why."""
    since, text = brief(row.opened_at, now=view.now), Cell(with_status(row), weight_of_row(row))
    return short, since, row.account_id, ", ".join(people_of(row)), text


def loop_row(view: Viewpoint, row: WorkRow, short: str) -> Row:
    """Return a loop as a row: id, account, holder, how long held, when the customer was last told, name."""
    item = item_of(row)
    told_at = item.told_at if isinstance(item, Loop) else None
    told = "never" if told_at is None else brief(told_at, now=view.now)
    days = held(view, row)["held_bd"]
    name = f"{row.title}, {row.workflow} {row.key}"
    return short, row.account_id, holder_of(row), f"{days}bd", Cell(told, "warn" if told_at is None else ""), name


def hold_row(view: Viewpoint, row: WorkRow, short: str) -> Row:
    """Return a hold as a row: id, since, account, what it stops, whom to ask, why."""
    item = item_of(row)
    scope, reason = (item.scope, item.reason) if isinstance(item, Hold) else ("", row.title)
    lifted = "" if row.closed_at is None else f" (lifted {brief(row.closed_at, now=view.now)})"
    stops = Cell(scope, "quiet" if lifted else "warn")
    return short, brief(row.opened_at, now=view.now), row.account_id, stops, holder_of(row), f"{reason}{lifted}"


def held(view: Viewpoint, row: WorkRow) -> dict[str, Any]:
    """Return how many working days the holder of a loop has had it, by the holder's own calendar."""
    item = item_of(row)
    since = item.held_since if isinstance(item, Loop) else row.opened_at
    until = row.closed_at or view.now
    return {"held_bd": business_days_between(since, until, view.directory.calendar_of(row.person))}


def with_status(row: WorkRow) -> str:
    """Return the title of work, with what is special about its state."""
    severity = f"{row.severity}: " if row.severity else ""
    special = "" if row.status in {"proposed", "offered", "raised", "live", "open"} else f" ({row.status})"
    return f"{severity}{row.title}{special}{'' if row.confirmed else ' (unconfirmed)'}"
