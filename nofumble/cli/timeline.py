"""What happened at a customer, and what did we do, by when it happened or by when we knew of it? The timeline."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
import typer

from agents.ports import Store
from agents.rows import EntryRow, WorkFilter, WorkRow
from nofumble.cli.as_of import AsOf, open_earlier
from nofumble.cli.options import AsJson
from nofumble.cli.output import say, write_json
from nofumble.cli.pasts import Events
from nofumble.cli.session import open_session
from nofumble.cli.stored_work import ROWS_MAX, find_account, item_of, work_as_json
from nofumble.cli.telling import Spoken, Told, told, write_lines
from nofumble.cli.when import brief
from workflows.items import closing, opening

TIMELINE_ROWS = 50
LATEST = datetime.max.replace(tzinfo=UTC)

_CAME: Mapping[str, str] = {"task": "task", "alert": "alert raised", "hold": "hold placed", "loop": "loop opened"}
"""What is said of work that came; whether a task was offered or proposed is no longer known once it went on."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline: an entry of the log, or work that came or went; `known_at` is when we knew of it."""

    at: datetime
    known_at: datetime
    order: int
    told: Told
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a timeline, by time; `following` tells where the one before it ends, None where it is the first."""

    happenings: Sequence[Happening]
    following: tuple[datetime, int] | None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble timeline acme --limit 20")(timeline)


def timeline(
    account_id: Annotated[
        str, typer.Argument(metavar="ID", help="The account's id, or a reference such as zendesk:8812.")
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=ROWS_MAX, help="The newest so many events.")
    ] = TIMELINE_ROWS,
    by: Annotated[
        Literal["time", "arrival"],
        typer.Option("--by", help="In order of when it happened, or of when we knew of it."),
    ] = "time",
    as_of: AsOf = None,
    events: Events = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened at a customer, and what we did.

    An event that we knew of late says since when; --by arrival tells the story as it became known.
    """
    if as_of is not None or events:
        with open_earlier(as_of, events, account_id) as earlier:
            (name,) = earlier.folds
            found = list(happenings(earlier.entries(name)[:limit], earlier.rows(is_open=None)))
    else:
        with open_session() as session:
            name = find_account(session.store, account_id)
            found = list(what_happened(session.store, name, limit).happenings)
    told_by = sorted(found, key=lambda one: one.known_at) if by == "arrival" else found
    if as_json:
        write_json(one.said for one in told_by)
    elif told_by:
        write_lines([_spoken(one, by) for one in told_by])
    else:
        say(f"nothing has happened at {name} yet; `nofumble run --once` works through what was taken in")


LATE = timedelta(hours=1)
"""Between an event and its arrival: from here on it is worth a word."""


def _spoken(one: Happening, by: str) -> Spoken:
    """Put it under the time by which the story is told, with the other one where they lie apart."""
    other = f", happened {brief(one.at)}" if by == "arrival" else f", known {brief(one.known_at)}"
    text = one.told.text + (other if one.known_at - one.at >= LATE else "")
    return Spoken(one.known_at if by == "arrival" else one.at, "", replace(one.told, text=text))


def what_happened(store: Store, account_id: str, limit: int, *, before: tuple[datetime, int] | None = None) -> Stretch:
    """Return the newest events of an account, and the work that came and went since the oldest of them.

    `before` is `following` of the stretch after this one.
    """
    entries = store.timeline(account_id, limit, before=before)
    rows = store.work(WorkFilter(account_id=account_id, is_open=None, limit=ROWS_MAX))
    following = (entries[-1].at, entries[-1].seq) if len(entries) == limit else None
    until = LATEST if before is None else before[0]
    return Stretch(list(happenings(entries, rows, until)), following)


def happenings(entries: Sequence[EntryRow], rows: Iterable[WorkRow], until: datetime = LATEST) -> Iterator[Happening]:
    """Give the events among entries, and what came and went of work since the oldest of them, by time."""
    if not entries:
        return
    since = min(entry.at for entry in entries)
    found = [_entry(entry) for entry in entries if entry.kind == "event"]
    found += [one for row in rows for one in _life_of(row) if since <= one.at < until]
    yield from sorted(found, key=lambda one: (one.at, one.order, one.told.ref))


def _entry(entry: EntryRow) -> Happening:
    envelope = msgspec.json.decode(entry.body, type=dict[str, Any])
    data = envelope.get("data") or {}
    late = " (too late to change what was decided)" if entry.too_late else ""
    summary = _summary(data)
    text = f"{entry.type}{': ' if summary else ''}{summary}{late}"
    said = {"at": entry.at, "kind": "event", "arrived_at": entry.arrived_at, "too_late": entry.too_late}
    envelope.pop("specversion", None)
    return Happening(entry.at, entry.arrived_at, 0, Told("event", "", _actor(data), text, "strong"), said | envelope)


def _life_of(row: WorkRow) -> Iterator[Happening]:
    """Give how a work item came and, when it is closed, how it went."""
    item = item_of(row)
    came = told(*opening(item), row.opened_at)
    said = {"change": "opened"} | work_as_json(row)
    yield Happening(row.opened_at, row.opened_at, 1, replace(came, what=_CAME[row.kind]), {"at": row.opened_at} | said)
    went = closing(item)
    if row.closed_at is not None and went is not None:
        line_type, data = went
        said |= {"change": line_type.partition(".")[2]}
        yield Happening(
            row.closed_at, row.closed_at, 2, told(line_type, data, row.closed_at), {"at": row.closed_at} | said
        )


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
