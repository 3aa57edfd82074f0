"""What happened at a customer, all teams in one line of time, and what did we do about it?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal

import msgspec

from agents.rows import EntryRow, WorkRow
from nofumble.cli.stored_work import item_of
from nofumble.demo.words import said_of
from nofumble.web.roles import View, masked
from nofumble.web.views.reader import Reader, plain
from nofumble.web.views.story import receivers
from workflows.items import closing, opening

OUR_WORK = "work"

TEAMS: Mapping[str, str] = {
    "sales": "Sales",
    "cs": "CS",
    "support": "Support",
    "product": "Product",
    "marketing": "Marketing",
    "finance": "Finance",
    "customer": "Customer",
    "market": "News",
    "exec": "Executives",
    OUR_WORK: "Our work",
    "other": "Other",
}
"""What a line of the timeline belongs to, by the first word of its type; the order of the filters."""

_AS: Mapping[str, str] = {
    "account": "sales",
    "people": "other",
    "task": OUR_WORK,
    "alert": OUR_WORK,
    "feedback": OUR_WORK,
    "loop": OUR_WORK,
    "hold": OUR_WORK,
    "preflight": OUR_WORK,
}

_CAME: Mapping[str, str] = {"task": "Task", "alert": "Alert", "hold": "Hold placed", "loop": "Loop opened"}
_WENT: Mapping[str, str] = {
    "task.completed": "Task done",
    "task.declined": "Task declined",
    "task.cancelled": "Task withdrawn",
    "task.expired": "Task expired",
    "alert.resolved": "Alert resolved",
    "alert.retracted": "Alert taken back",
    "hold.lifted": "Hold lifted",
    "loop.closed": "Loop closed",
}
_OWN_WORDS = ("summary", "title", "offer", "about", "name", "reason", "text", "note", "contract_id")
"""Where an event has words of its own, the most telling first."""

LATE_AFTER = timedelta(hours=1)
"""An event that is known so much later than it happened is said to be late."""

LATE = "arrived too late to change what was decided"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, whose, what was said, by whom; `work` is the id of the work that it tells of."""

    at: datetime
    team: str
    what: str
    words: str
    who: str
    weight: str = ""
    work: str = ""
    aside: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lines by day, newest first, with the teams that can be chosen and those that are."""

    days: tuple[tuple[datetime, tuple[Line, ...]], ...]
    teams: tuple[tuple[str, str, bool], ...]
    is_more: bool


def timeline_of(
    entries: Sequence[EntryRow],
    work: Iterable[WorkRow],
    reader: Reader,
    view: View,
    *,
    teams: Iterable[str] = (),
    limit: int,
    by: Literal["time", "arrival"] = "time",
) -> Timeline:
    """Return the timeline of the newest entries and of the work that came and went since the oldest of them.

    `entries` are the newest first; `teams` those to show, none of them all. By arrival each line stands where we knew
    of it.
    """
    chosen = {team for team in teams if team in TEAMS}
    lines = [_entry(one, reader, view, by) for one in entries if one.kind == "event"]
    since = min((one.at for one in entries), default=None)
    if since is not None and len(entries) < limit:
        since = None
    lines += [line for row in work for line in _life(row, reader) if since is None or line.at >= since]
    present = {line.team for line in lines}
    shown = sorted((line for line in lines if not chosen or line.team in chosen), key=lambda line: line.at)[::-1]
    days = groupby(shown, key=lambda line: line.at.astimezone(reader.zone).date())
    grouped = tuple((found[0].at, tuple(found)) for found in (list(group) for _, group in days))
    options = tuple((name, words, name in chosen) for name, words in TEAMS.items() if name in present | chosen)
    return Timeline(grouped, options, len(entries) >= limit)


def team_of_type(event_type: str) -> str:
    """Return which filter a type of event belongs to."""
    head = event_type.partition(".")[0]
    return head if head in TEAMS else _AS.get(head, "other")


def _entry(entry: EntryRow, reader: Reader, view: View, by: str) -> Line:
    envelope = msgspec.json.decode(entry.body, type=dict[str, Any])
    data = masked(envelope.get("data") or {}, view)
    is_late = entry.arrived_at - entry.at > LATE_AFTER
    other = f"happened {reader.moment(entry.at)}" if by == "arrival" else f"known {reader.moment(entry.arrived_at)}"
    aside = ", ".join([*([other] if is_late else ()), *([LATE] if entry.too_late else ())])
    return Line(
        entry.arrived_at if by == "arrival" else entry.at,
        team_of_type(entry.type),
        said_of(entry.type),
        ", ".join(own_words(data)),
        reader.name(actor_of(data)),
        aside=aside,
        event=entry.event_id,
    )


def own_words(data: Mapping[str, Any]) -> Iterator[str]:
    """Give what an event says of itself: its state, then its own words."""
    for name in ("status", "purpose", "decision", "stage", "to"):
        if isinstance(data.get(name), str):
            yield plain(data[name])
    yield from [str(data[name]) for name in _OWN_WORDS if isinstance(data.get(name), str)][:1]


def actor_of(data: Mapping[str, Any]) -> str:
    """Return the id of who did what an event tells, "" where a system did."""
    actor = data.get("actor")
    if isinstance(actor, Mapping):
        return str(actor.get("person") or actor.get("contact") or "")
    return str(actor or "")


def _life(row: WorkRow, reader: Reader) -> Iterator[Line]:
    """Give how a piece of work came and, when it is over, how it went."""
    item = item_of(row)
    came, _ = opening(item)
    who = reader.holders(receivers(item))
    proposed = came == "task.proposed" or row.kind != "task"
    yield Line(
        row.opened_at,
        OUR_WORK,
        _CAME[row.kind] if proposed else "Task offered",
        row.title,
        f"to {who}" if row.kind != "hold" else "",
        weight=row.severity or ("warn" if row.kind == "hold" else ""),
        work=row.id,
    )
    went = closing(item)
    if row.closed_at is not None and went is not None:
        line_type, data = went
        reason = plain(data.get("outcome") or data.get("reason") or "")
        aside = reason if reason != "workflow completed" else ""
        yield Line(row.closed_at, OUR_WORK, _WENT.get(line_type, line_type), row.title, "", "good", row.id, aside)
