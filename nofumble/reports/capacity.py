"""Who has how much to do in the next ten working days, and how many hours are there for it (W20)?"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from agents.page_rows import WorkPage
from agents.ports import Store
from agents.rows import WorkFilter, WorkRow
from nofumble.reports.loops import team_of
from nofumble.reports.reading import READ_MAX, Period, time_on_tasks, time_spent, work_of
from workflows.account import label_of
from workflows.capacity import ESTIMATE_H
from workflows.directory import Directory
from workflows.language.durations import Duration
from workflows.people import Away
from workflows.working_time import Calendar, add, worked_between

HORIZON = Duration(10, "bd")
LEARNED_OVER = timedelta(days=365)
"""Time that is older tells how long a task took once, not how long it takes."""

TaskKind = tuple[str, str]
"""The workflow and the label of its step."""


class Load(Struct, frozen=True):
    """What one person, or a queue, has to do.

    `due_10bd` is due within ten working days of the person's calendar, and `overdue` is beside it. `estimated_h` is of
    everything open, `due_h` of what is overdue or due within the horizon, `free_h` the working hours until then without
    absences. `load` is the share of them that is due.
    """

    person: str | None
    queue: str | None
    team: str | None
    open: int
    due_10bd: int
    overdue: int
    estimated_h: float
    due_h: float
    free_h: float | None
    load: float | None
    logged_h: float


def loads(
    store: Store, directory: Directory, now: datetime, period: Period, *, only: Collection[str] | None = None
) -> list[Load]:
    """Return the load of everybody who works here or has work, the highest first, and of the queues behind them.

    Of some people `only`, where they are given; then nobody else's work is read.
    """
    held: dict[tuple[str | None, str | None], list[WorkRow]] = {}
    for row in _tasks(store, only):
        held.setdefault((row.person, None if row.person else row.queue), []).append(row)
    logged: dict[str | None, float] = {}
    for spent in time_spent(store, period):
        logged[spent.person] = logged.get(spent.person, 0) + spent.hours
    people = {one for one in directory.people if not has_left(directory, one, now)}
    people |= {one for one in logged if one is not None}
    people = people if only is None else people.intersection(only)
    for person in people:
        held.setdefault((person, None), [])
    estimates = learned_hours(time_on_tasks(store, Period(now - LEARNED_OVER, now)))
    found = [
        _load(holder, tasks, directory, now, estimates, logged.get(holder[0], 0) if holder[0] else 0)
        for holder, tasks in held.items()
    ]
    return sorted(found, key=lambda one: (one.person is None, -(one.load or 0), one.person or one.queue or ""))


def _tasks(store: Store, only: Collection[str] | None) -> list[WorkRow]:
    if only is None:
        return work_of(store, WorkFilter("task"))
    return store.work_page(WorkPage(("task",), names=sorted(only), limit=READ_MAX))


def learned_hours(spent: Iterable[tuple[WorkRow, float]]) -> dict[TaskKind, float]:
    """Return how many hours a task of each kind took: the median of those on which time was logged."""
    of_task: dict[str, tuple[TaskKind, float]] = {}
    for row, hours in spent:
        _, before = of_task.get(row.id, ("", 0.0))
        of_task[row.id] = (_kind(row), before + hours)
    of_kind: dict[TaskKind, list[float]] = {}
    for kind, hours in of_task.values():
        of_kind.setdefault(kind, []).append(hours)
    return {kind: median(hours) for kind, hours in of_kind.items()}


def free_hours(calendar: Calendar, away: Sequence[Away], period: Period) -> float:
    """Return the working hours of a period without the times away; two absences that overlap count once."""
    free, since = timedelta(), period.since
    for one in sorted(away, key=lambda one: one.start):
        free += worked_between(since, min(one.start, period.until), calendar)
        since = max(since, one.end or period.until)
    return (free + worked_between(since, period.until, calendar)) / timedelta(hours=1)


def free_hours_of(directory: Directory, person: str, period: Period) -> float:
    """Return a person's free hours of a period; of who has fewer hours a week for customers, that share of them."""
    known, calendar = directory.people.get(person), directory.calendar_of(person)
    free = free_hours(calendar, () if known is None else known.away, period)
    if known is None or known.hours_per_week is None:
        return free
    working = sum(end - start for day in calendar.week for start, end in day) / 60
    return free * min(1.0, known.hours_per_week / working)


def task_hours(row: WorkRow, estimates: Mapping[TaskKind, float]) -> float:
    """Return for how long a task is taken."""
    return estimates.get(_kind(row), ESTIMATE_H)


def has_left(directory: Directory, person: str, now: datetime) -> bool:
    """Tell whether a person no longer works here."""
    absence = directory.absence_of(person, now)
    return absence is not None and absence.left


def _kind(row: WorkRow) -> TaskKind:
    return row.workflow, label_of(row.ref)


def _load(
    holder: tuple[str | None, str | None],
    tasks: Sequence[WorkRow],
    directory: Directory,
    now: datetime,
    estimates: Mapping[TaskKind, float],
    logged_h: float,
) -> Load:
    person, queue = holder
    calendar = directory.calendar_of(person)
    horizon = add(now, HORIZON, calendar)
    overdue = [row for row in tasks if row.due_at is not None and row.due_at < now]
    due = [row for row in tasks if row.due_at is not None and now <= row.due_at <= horizon]
    due_h = _hours([*overdue, *due], estimates)
    free_h = None if person is None else free_hours_of(directory, person, Period(now, horizon))
    return Load(
        person=person,
        queue=queue,
        team=team_of(directory, person, queue),
        open=len(tasks),
        due_10bd=len(due),
        overdue=len(overdue),
        estimated_h=_hours(tasks, estimates),
        due_h=due_h,
        free_h=None if free_h is None else round(free_h, 2),
        load=round(due_h / free_h, 2) if free_h else None,
        logged_h=round(logged_h, 2),
    )


def _hours(tasks: Iterable[WorkRow], estimates: Mapping[TaskKind, float]) -> float:
    return round(sum(task_hours(row, estimates) for row in tasks), 2)
