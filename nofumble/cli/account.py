"""What do we know of one customer, now or at a time that has passed? The account, and what is open there."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from agents.rows import WorkFilter, WorkRow
from nofumble.cli.as_of import AsOf, open_earlier
from nofumble.cli.inbox import account_line, facts_of
from nofumble.cli.options import AsJson
from nofumble.cli.output import Cell, clean, heading, say, write, write_json, write_parts, write_table
from nofumble.cli.pasts import Events
from nofumble.cli.queries import alert_row, hold_row, loop_row, task_row
from nofumble.cli.session import Viewpoint, open_session
from nofumble.cli.stored_work import ROWS_MAX, by_urgency, find_account, short_ids, work_as_json
from nofumble.customers import is_customer
from workflows.directory import Directory

_SECTIONS = {
    "hold": ("holds", ("id", "since", "account", "stops", "~ask", "because"), hold_row),
    "alert": ("alerts", ("id", "since", "account", "~to", "alert"), alert_row),
    "task": ("tasks", ("id", "due", "account", "~who", "task"), task_row),
    "loop": ("loops", ("id", "account", "holder", ">held", "customer told", "loop"), loop_row),
}
"""The kinds of work on the page of an account: the heading, the columns, and how a row looks."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble account acme")(account)


def account(
    account_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The account's id, or a reference such as zendesk:8812.")
    ] = None,
    as_of: AsOf = None,
    events: Events = None,
    as_json: AsJson = False,
) -> None:
    """Show a customer; without an id, list them all.

    Who looks after it, what is open and with whom, what is on hold.
    """
    if as_of is not None or events:
        with open_earlier(as_of, events, account_id) as earlier:
            known = {name: earlier.facts(name) for name in earlier.folds}
            if account_id is None:
                _list(_customers(known, earlier.directory), as_json=as_json)
            else:
                (name,) = known
                _tell(earlier, name, known[name], earlier.rows(), as_json=as_json)
        return
    with open_session() as session:
        store = session.store
        if account_id is None:
            known = {one.account_id: facts_of(one) for one in store.accounts(limit=ROWS_MAX)}
            _list(_customers(known, session.directory), as_json=as_json)
            return
        name = find_account(store, account_id)
        rows = store.work(WorkFilter(account_id=name, limit=ROWS_MAX))
        _tell(session, name, facts_of(store.account(name)), rows, as_json=as_json)


def _customers(known: Mapping[str, Mapping[str, Any]], directory: Directory) -> dict[str, Mapping[str, Any]]:
    return {name: facts for name, facts in known.items() if is_customer(name, directory)}


def _tell(view: Viewpoint, name: str, facts: Mapping[str, Any], rows: Iterable[WorkRow], *, as_json: bool) -> None:
    rows = sorted(rows, key=by_urgency)
    if as_json:
        titles = {kind: title for kind, (title, *_) in _SECTIONS.items()}
        work = {title: [work_as_json(row) for row in rows if row.kind == kind] for kind, title in titles.items()}
        write_json([{"id": name, **facts, **work}])
    else:
        _write(view, name, facts, rows)


def _write(view: Viewpoint, name: str, facts: Mapping[str, Any], rows: Iterable[WorkRow]) -> None:
    write(account_line(name, facts))
    plain = ("lifecycle", "health", "country", "industry", "renewal_date")
    people = ", ".join(f"{role} {person}" for role, person in (facts.get("roles") or {}).items())
    write_parts([*((fact.replace("_", " "), str(facts.get(fact) or "")) for fact in plain), ("people", people)])
    rows = list(rows)
    short = short_ids(rows)
    for kind, (title, columns, row_of) in _SECTIONS.items():
        of_kind = [row for row in rows if row.kind == kind]
        if of_kind:
            heading(title)
            place = columns.index("account")
            table = (
                [*cells[:place], *cells[place + 1 :]] for cells in (row_of(view, row, short[row.id]) for row in of_kind)
            )
            write_table([column for column in columns if column != "account"], table)
    if not rows:
        write("\nnothing is open")


def _list(known: Mapping[str, Mapping[str, Any]], *, as_json: bool) -> None:
    if as_json:
        write_json({"id": name, **facts} for name, facts in known.items())
        return
    if not known:
        say("no account yet; `nofumble ingest FILE` takes events in, `nofumble run --once` works through them")
        return
    write_table(("id", ">tier", "lifecycle", "csm", "name"), (_listed(name, facts) for name, facts in known.items()))


def _listed(name: str, facts: Mapping[str, Any]) -> tuple[str | Cell, ...]:
    csm = (facts.get("roles") or {}).get("csm") or ""
    tier, lifecycle = str(facts.get("tier") or ""), str(facts.get("lifecycle") or "")
    return name, tier, lifecycle, str(csm), clean(facts.get("name") or "")
