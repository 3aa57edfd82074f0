"""What is due of each of our people, measured each working morning at 07:00, and again when it grew (W20).

A load is over all accounts, so no fold can know it. It is measured here, from the open work, and put into the log of
the person as an event; `workflows/capacity.py` works out what follows. A measurement has an id of its hour, so that it
is taken once, whoever measures and however often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from agents.ports import Store
from agents.rows import DirectoryRecord, IntakeChunk, IntakeRecord, WorkFilter, WorkRow
from events.envelope import JSON, Event
from events.parsing import event_to_json
from nofumble.errors import WrongUse
from nofumble.reports.capacity import (
    HORIZON,
    LEARNED_OVER,
    TaskKind,
    free_hours_of,
    learned_hours,
    task_hours,
)
from nofumble.reports.reading import Period, data_of, events_of, time_on_tasks, work_of
from workflows.account import label_of
from workflows.capacity import PEERS_MAX, TASKS_MAX, share
from workflows.directory import Directory, DirectoryTimeline
from workflows.language.load_names import MEASURED
from workflows.library import Library
from workflows.moment import iso
from workflows.routing import is_over
from workflows.working_time import add, next_morning, next_opening, start_of_day

SOURCE = "/nofumble/capacity"
MORNING_MINUTE = 7 * 60
AGAIN_AFTER = timedelta(hours=1)
"""How soon, at work, somebody is measured again, to see whether her load grew with what she was given since."""

TOLD_FROM = 0.9
"""The share of the free hours from which a load that grew during the day is told."""

PROMISED_KINDS = frozenset({"person", "named_person"})
"""Commitments that promise the customer somebody by name."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Learned:
    """What is read of the log once a day: estimates, and the accounts that were promised somebody by name."""

    at: datetime
    estimates: Mapping[TaskKind, float] = field(default_factory=dict)
    promised: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Load:
    person: str
    tasks: Sequence[WorkRow]
    due_hours: float
    free_hours: float

    @property
    def share(self) -> float:
        return share(self.due_hours, self.free_hours)


class Measuring:
    """Measures everybody whose time has come. Not safe for two threads; two processes take each measure once."""

    def __init__(self, store: Store, directories: DirectoryTimeline, library: Library) -> None:
        """Begin with nobody measured; what was measured today already is taken no second time."""
        self._store, self._directories = store, directories
        self._is_wanted = MEASURED in library.starts
        self._optional = {
            (one.name, label_of(plan.ref))
            for one in library.definitions.values()
            for plan in one.steps.values()
            if plan.step.optional
        }
        self._next: dict[str, datetime] = {}
        self._told: dict[str, float] = {}
        self._learned: _Learned | None = None

    def measure(self, now: datetime) -> int:
        """Measure those whose time has come, and return how many measures went into the log.

        Where more is open than a report can read nobody is measured, and the agents go on.

        Raises:
            StoreUnavailable, OutcomeUnknown: they are measured again the next time.
        """
        if not self._is_wanted:
            return 0
        directory = self._directories.latest
        due = {person: at for person in directory.people if (at := self._planned(directory, person, now)) <= now}
        if not due:
            return 0
        told = 0
        try:
            loads = {one.person: one for one in self._loads(directory, now)}
        except WrongUse as error:
            log.warning("capacity.not_measured", reason=str(error))
        else:
            wanted = {person: at for person, at in due.items() if self._is_news(loads[person], at, directory)}
            told = self._take(wanted, loads, directory, now)
        for person in due:
            calendar = directory.calendar_of(person)
            again = next_opening(now.replace(minute=0, second=0, microsecond=0) + AGAIN_AFTER, calendar)
            self._next[person] = min(again, next_morning(now, MORNING_MINUTE, calendar))
        return told

    def _planned(self, directory: Directory, person: str, now: datetime) -> datetime:
        """Tell when somebody is measured next: what was missed on earlier days is not made up for."""
        calendar = directory.calendar_of(person)
        midnight = start_of_day(now.astimezone(calendar.table.zone).date(), calendar)
        if person not in self._next or self._next[person] < midnight:
            self._next[person] = next_morning(midnight, MORNING_MINUTE, calendar)
        return self._next[person]

    def _is_news(self, load: _Load, at: datetime, directory: Directory) -> bool:
        if directory.is_away(load.person, at):
            return False
        if at.astimezone(directory.calendar_of(load.person).table.zone).hour * 60 == MORNING_MINUTE:
            return True
        return load.share > TOLD_FROM and load.due_hours > self._told.get(load.person, 0.0)

    # ------------------------------------------------------------ what is measured

    def _loads(self, directory: Directory, now: datetime) -> list[_Load]:
        held: dict[str, list[WorkRow]] = {person: [] for person in directory.people}
        for row in work_of(self._store, WorkFilter("task")):
            if row.person in held:
                held[row.person].append(row)
        estimates = self._learnt(now).estimates
        return [_load(person, tasks, directory, now, estimates) for person, tasks in held.items()]

    def _learnt(self, now: datetime) -> _Learned:
        """Read what a year of the log teaches, once a day; of a log that is too long to read nothing is known."""
        if self._learned is None or now - self._learned.at >= timedelta(days=1):
            self._learned = _Learned(now)
            period = Period(now - LEARNED_OVER, now)
            try:
                estimates = learned_hours(time_on_tasks(self._store, period))
                self._learned = _Learned(now, estimates, _promised(self._store, period))
            except WrongUse as error:
                log.warning("capacity.not_learned", reason=str(error))
        return self._learned

    # ------------------------------------------------------------ what is told

    def _take(
        self, wanted: Mapping[str, datetime], loads: Mapping[str, _Load], directory: Directory, now: datetime
    ) -> int:
        events = [self._event(loads[person], loads, directory, at) for person, at in wanted.items()]
        records = [IntakeRecord(one.subject, now, one.source, one.id, event_to_json(one)) for one in events]
        crossed = [
            _event("people.load.set", one.person, at, {"person": one.person, "is_over": one.share > 1})
            for one, at in ((loads[person], at) for person, at in wanted.items())
            if (one.share > 1) != is_over(directory, one.person)
        ]
        people = [DirectoryRecord(now, one.source, one.id, event_to_json(one)) for one in crossed]
        if not records:
            return 0
        taken = self._store.take(IntakeChunk(records=records, directory=people))
        self._told.update({person: loads[person].due_hours for person in wanted})
        return sum(taken.taken[: len(records)])

    def _event(self, load: _Load, loads: Mapping[str, _Load], directory: Directory, at: datetime) -> Event:
        learned = self._learned or _Learned(at)
        tasks: list[JSON] = [
            {
                "id": row.id,
                "title": row.title[:200],
                "account": row.account_id,
                "hours": task_hours(row, learned.estimates),
                "due": iso(row.due_at) if row.due_at else "",
                "optional": (row.workflow, label_of(row.ref)) in self._optional,
                "promised": row.account_id in learned.promised,
            }
            for row in sorted(load.tasks, key=lambda row: (iso(row.due_at) if row.due_at else "", row.id))[-TASKS_MAX:]
        ]
        peers: list[JSON] = [
            {
                "person": one.person,
                "due_hours": one.due_hours,
                "free_hours": one.free_hours,
                "accounts": list[JSON](sorted({row.account_id for row in one.tasks})),
            }
            for one in _peers(load.person, loads, directory, at)
        ]
        data: dict[str, JSON] = {"person": load.person, "due_hours": load.due_hours, "free_hours": load.free_hours}
        return _event(MEASURED, load.person, at, {**data, "tasks": tasks, "peers": peers})


def _load(
    person: str, tasks: Sequence[WorkRow], directory: Directory, now: datetime, estimates: Mapping[TaskKind, float]
) -> _Load:
    horizon = add(now, HORIZON, directory.calendar_of(person))
    due = [row for row in tasks if row.due_at is not None and row.due_at <= horizon]
    hours = round(sum(task_hours(row, estimates) for row in due), 2)
    return _Load(person, due, hours, round(free_hours_of(directory, person, Period(now, horizon)), 2))


def _peers(person: str, loads: Mapping[str, _Load], directory: Directory, at: datetime) -> list[_Load]:
    """List who could take her work: of her team or with a skill of hers, here, and with time; the freest first."""
    own = directory.people[person]
    equals = [
        loads[one.id]
        for one in directory.people.values()
        if one.id != person
        and ((one.team is not None and one.team == own.team) or set(one.skills) & set(own.skills))
        and not directory.is_away(one.id, at)
    ]
    return sorted((one for one in equals if one.share < 1), key=lambda one: (one.share, one.person))[:PEERS_MAX]


def _promised(store: Store, period: Period) -> frozenset[str]:
    """List the accounts that were promised somebody by name, and are still."""
    types = ["cs.commitment.made", "cs.commitment.kept", "cs.commitment.broken"]
    open_: dict[tuple[str, str], bool] = {}
    for row in events_of(store, period, types):
        data = data_of(row)
        key = (row.account_id, str(data.get("commitment_id") or row.event_id))
        open_[key] = row.type == types[0] and data.get("kind") in PROMISED_KINDS
    return frozenset(account for (account, _), is_open in open_.items() if is_open)


def _event(name: str, person: str, at: datetime, data: dict[str, JSON]) -> Event:
    return Event(
        id=f"{name.removeprefix('people.')}/{person}/{at:%Y-%m-%dT%H}",
        source=SOURCE,
        type=name,
        subject=person,
        time=at,
        data=data,
    )
