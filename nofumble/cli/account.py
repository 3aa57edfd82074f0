"""What do we know of one customer, and what happened? The account, and its timeline."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from agents.ports import Store
from agents.rows import EntryRow, StoredFacts, WorkFilter, WorkRow
from nofumble.cli.inbox import account_line, facts_of
from nofumble.cli.options import AsJson
from nofumble.cli.output import Cell, clean, heading, say, write, write_json, write_parts, write_table
from nofumble.cli.queries import alert_row, hold_row, loop_row, task_row
from nofumble.cli.session import Session, open_session
from nofumble.cli.stored_work import ROWS_MAX, by_urgency, find_account, item_of, short_ids, work_as_json
from nofumble.cli.telling import Spoken, Told, told, write_lines
from workflows.items import closing, opening

TIMELINE_ROWS = 50
LATEST = datetime.max.replace(tzinfo=UTC)

_SECTIONS = {
    "hold": ("holds", ("id", "since", "account", "stops", "~ask", "because"), hold_row),
    "alert": ("alerts", ("id", "since", "account", "~to", "alert"), alert_row),
    "task": ("tasks", ("id", "due", "account", "~who", "task"), task_row),
    "loop": ("loops", ("id", "account", "holder", ">held", "customer told", "loop"), loop_row),
}
"""The kinds of work on the page of an account: the heading, the columns, and how a row looks."""

_CAME: Mapping[str, str] = {"task": "task", "alert": "alert raised", "hold": "hold placed", "loop": "loop opened"}
"""What is said of work that came; whether a task was offered or proposed is no longer known once it went on."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline: an entry of the log, or work that came or went."""

    at: datetime
    order: int
    told: Told
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a timeline, by time; `following` tells where the one before it ends, None where it is the first."""

    happenings: Sequence[Happening]
    following: tuple[datetime, int] | None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: nofumble account acme")(account)
    app.command(epilog="Example: nofumble timeline acme --limit 20")(timeline)


def account(
    account_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The account's id, or a reference such as zendesk:8812.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a customer; without an id, list them all.

    Who looks after it, what is open and with whom, what is on hold.
    """
    with open_session() as session:
        if account_id is None:
            _list(session.store, as_json=as_json)
            return
        name = find_account(session.store, account_id)
        facts = facts_of(session.store.account(name))
        rows = sorted(session.store.work(WorkFilter(account_id=name, limit=ROWS_MAX)), key=by_urgency)
        if as_json:
            titles = {kind: title for kind, (title, *_) in _SECTIONS.items()}
            work = {title: [work_as_json(row) for row in rows if row.kind == kind] for kind, title in titles.items()}
            write_json([{"id": name, **facts, **work}])
        else:
            _write(session, name, facts, rows)


def timeline(
    account_id: Annotated[
        str, typer.Argument(metavar="ID", help="The account's id, or a reference such as zendesk:8812.")
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=ROWS_MAX, help="The newest so many events.")
    ] = TIMELINE_ROWS,
    as_json: AsJson = False,
) -> None:
    """Show what happened at a customer, and what we did."""
    with open_session() as session:
        name = find_account(session.store, account_id)
        happenings = what_happened(session.store, name, limit).happenings
        if as_json:
            write_json(one.said for one in happenings)
        elif happenings:
            write_lines([Spoken(one.at, "", one.told) for one in happenings])
        else:
            say(f"nothing has happened at {name} yet; `nofumble run --once` works through what was taken in")


def what_happened(store: Store, account_id: str, limit: int, *, before: tuple[datetime, int] | None = None) -> Stretch:
    """Return the newest events of an account, and the work that came and went since the oldest of them.

    `before` is `following` of the stretch after this one.
    """
    entries = store.timeline(account_id, limit, before=before)
    if not entries:
        return Stretch((), None)
    since, until = entries[-1].at, LATEST if before is None else before[0]
    found = [_entry(entry) for entry in entries if entry.kind == "event"]
    for row in store.work(WorkFilter(account_id=account_id, is_open=None, limit=ROWS_MAX)):
        found += [one for one in _life_of(row) if since <= one.at < until]
    following = (since, entries[-1].seq) if len(entries) == limit else None
    return Stretch(sorted(found, key=lambda one: (one.at, one.order, one.told.ref)), following)


def _entry(entry: EntryRow) -> Happening:
    envelope = msgspec.json.decode(entry.body, type=dict[str, Any])
    data = envelope.get("data") or {}
    late = " (too late to change what was decided)" if entry.too_late else ""
    summary = _summary(data)
    text = f"{entry.type}{': ' if summary else ''}{summary}{late}"
    said = {"at": entry.at, "kind": "event", "arrived_at": entry.arrived_at, "too_late": entry.too_late}
    envelope.pop("specversion", None)
    return Happening(entry.at, 0, Told("event", "", _actor(data), text, "strong"), said | envelope)


def _life_of(row: WorkRow) -> Iterator[Happening]:
    """Give how a work item came and, when it is closed, how it went."""
    item = item_of(row)
    came = told(*opening(item), row.opened_at)
    said = {"change": "opened"} | work_as_json(row)
    yield Happening(row.opened_at, 1, replace(came, what=_CAME[row.kind]), {"at": row.opened_at} | said)
    went = closing(item)
    if row.closed_at is not None and went is not None:
        line_type, data = went
        said |= {"change": line_type.partition(".")[2]}
        yield Happening(row.closed_at, 2, told(line_type, data, row.closed_at), {"at": row.closed_at} | said)


def _actor(data: Mapping[str, Any]) -> str:
    actor = data.get("actor")
    if isinstance(actor, Mapping):
        return str(actor.get("person") or actor.get("contact") or actor.get("system") or "")
    return str(actor or "")


def _summary(data: Mapping[str, Any]) -> str:
    """Return in a few words what an event says: its own summary, else its short values."""
    for name in ("summary", "name", "title", "reason"):
        if isinstance(data.get(name), str):
            return str(data[name])
    short = (f"{name} {value}" for name, value in data.items() if isinstance(value, str | int | bool))
    return ", ".join(list(short)[:4])


def _write(session: Session, name: str, facts: Mapping[str, Any], rows: Iterable[WorkRow]) -> None:
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
                [*cells[:place], *cells[place + 1 :]]
                for cells in (row_of(session, row, short[row.id]) for row in of_kind)
            )
            write_table([column for column in columns if column != "account"], table)
    if not rows:
        write("\nnothing is open")


def _list(store: Store, *, as_json: bool) -> None:
    known = store.accounts(limit=ROWS_MAX)
    if as_json:
        write_json({"id": one.account_id, **facts_of(one)} for one in known)
        return
    if not known:
        say("no account yet; `nofumble ingest FILE` takes events in, `nofumble run --once` works through them")
        return
    write_table(("id", ">tier", "lifecycle", "csm", "name"), (_listed(one) for one in known))


def _listed(one: StoredFacts) -> tuple[str | Cell, ...]:
    facts = facts_of(one)
    csm = (facts.get("roles") or {}).get("csm") or ""
    tier, lifecycle = str(facts.get("tier") or ""), str(facts.get("lifecycle") or "")
    return one.account_id, tier, lifecycle, str(csm), clean(facts.get("name") or "")
