"""Does each workflow earn its keep: how often, how fast, how late, how wrong, how useful, at what cost (R20)?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import msgspec
from msgspec import Struct

from agents.catalogues import names_of
from agents.ports import Store
from agents.rows import WorkFilter, WorkRow
from nofumble.reports.capacity import has_left
from nofumble.reports.loops import HeldLoop
from nofumble.reports.reading import Period, data_of, events_of, lines_of, time_on_tasks, work_named, work_of
from workflows.account import Alert, Task, Work
from workflows.changes import LATE_EVIDENCE
from workflows.directory import Directory
from workflows.working_time import worked_between

FEEDBACK = "feedback.recorded"
STARTED, ACCEPTED = "workflow.started", "task.accepted"

_decoder: msgspec.json.Decoder[Work] = msgspec.json.Decoder(Work)


class Measures(Struct, frozen=True):
    """What is kept of one workflow over a period.

    Times are medians in working hours of the holder's calendar. `late` is the share of tasks done after they were due,
    or open past it, among those done or past due; `retracted` that of tasks and alerts which evidence took back. A
    share of nothing is absent. `dropped` are loops open now that nobody holds: it must be 0.
    """

    workflow: str
    fires: int
    tasks: int
    alerts: int
    accept_bh: float | None
    done_bh: float | None
    late: float | None
    retracted: float | None
    useful: int
    noise: int
    hours: float
    dropped: int


@dataclass(slots=True)
class _Found:
    fires: int = 0
    items: Counter[str] = field(default_factory=Counter)
    accept_bh: list[float] = field(default_factory=list)
    done_bh: list[float] = field(default_factory=list)
    judged: list[bool] = field(default_factory=list)
    retracted: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    hours: float = 0
    dropped: int = 0


class _Measured(dict[str, _Found]):
    """What was found, by workflow; one that was not met before begins with nothing."""

    def __missing__(self, workflow: str) -> _Found:
        found = self[workflow] = _Found()
        return found


def measures(store: Store, directory: Directory, now: datetime, period: Period) -> list[Measures]:
    """Return the measures of every workflow, by name: of those in force now, and of those that did something."""
    found = _Measured((name, _Found()) for name in names_in_force(store))
    lines = [(row.type, row.at, data_of(row)) for row in lines_of(store, period, [STARTED, ACCEPTED])]
    for line_type, _, said in lines:
        found[said["workflow"]].fires += line_type == STARTED
    accepted: dict[str, datetime] = {}
    for line_type, at, said in lines:
        if line_type == ACCEPTED:
            accepted.setdefault(said["id"], at)
    for row in work_of(store, WorkFilter(is_open=None, opened_from=period.since, opened_until=period.until)):
        _measure(found[row.workflow], row, directory, now, accepted.get(row.id))
    for workflow, mark in _marks(store, period):
        found[workflow].marks[mark] += 1
    for task, hours in time_on_tasks(store, period):
        found[task.workflow].hours += hours
    for row in work_of(store, WorkFilter("loop")):
        found[row.workflow].dropped += is_dropped(row, directory, now)
    return [_row(name, one) for name, one in sorted(found.items())]


def names_in_force(store: Store) -> list[str]:
    """Return the names of the workflows that were last put in force: a definition is called as its file."""
    catalogues = store.catalogues()
    return names_of(catalogues[-1]) if catalogues else []


def is_dropped(row: WorkRow | HeldLoop, directory: Directory, now: datetime) -> bool:
    """Tell whether nobody holds an open loop: neither person nor queue, or a person who has left."""
    return row.queue is None if row.person is None else has_left(directory, row.person, now)


def is_taken_back(item: Task | Alert) -> bool:
    """Tell whether evidence showed that work should not have been, also where it stays because somebody touched it."""
    return (
        item.status == "retracted"
        or item.reason == LATE_EVIDENCE
        or any(note.startswith(LATE_EVIDENCE) for note in item.notes)
    )


def _measure(found: _Found, row: WorkRow, directory: Directory, now: datetime, accepted_at: datetime | None) -> None:
    """Count a task or an alert; holds and loops have measures of their own."""
    item = _decoder.decode(row.body)
    if not isinstance(item, Task | Alert):
        return
    found.items[row.kind] += 1
    found.retracted += is_taken_back(item)
    if isinstance(item, Task):
        calendar = directory.calendar_of(row.person)
        if accepted_at is not None:
            found.accept_bh.append(worked_between(row.opened_at, accepted_at, calendar) / timedelta(hours=1))
        if row.status == "done" and row.closed_at is not None:
            found.done_bh.append(worked_between(row.opened_at, row.closed_at, calendar) / timedelta(hours=1))
            found.judged.append(item.due < row.closed_at)
        elif row.closed_at is None and item.due < now:
            found.judged.append(True)


def _marks(store: Store, period: Period) -> Iterable[tuple[str, str]]:
    """Give what people marked as useful or as noise: the workflow, and which."""
    marked = [data_of(row) for row in events_of(store, period, [FEEDBACK])]
    known = work_named(store, {str(said["id"]) for said in marked if said.get("id")})
    for said in marked:
        row = known.get(str(said.get("id")))
        workflow = row.workflow if row is not None else said.get("workflow")
        if workflow:
            yield workflow, mark_of(said)


def mark_of(said: Mapping[str, Any]) -> str:
    """Return what an event says of work: useful, noise, or something else that is not counted.

    >>> mark_of({"verdict": "noise"}), mark_of({"useful": True}), mark_of({"note": "hm"})
    ('noise', 'useful', '')
    """
    flags = (name for name in ("useful", "noise") if said.get(name) is True)
    return str(said.get("verdict") or said.get("mark") or next(flags, ""))


def _row(name: str, one: _Found) -> Measures:
    return Measures(
        workflow=name,
        fires=one.fires,
        tasks=one.items["task"],
        alerts=one.items["alert"],
        accept_bh=_middle(one.accept_bh),
        done_bh=_middle(one.done_bh),
        late=_share(sum(one.judged), len(one.judged)),
        retracted=_share(one.retracted, one.items.total()),
        useful=one.marks["useful"],
        noise=one.marks["noise"],
        hours=round(one.hours, 2),
        dropped=one.dropped,
    )


def _middle(values: Sequence[float]) -> float | None:
    return round(median(values), 2) if values else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 2) if whole else None
