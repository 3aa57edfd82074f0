"""How is a backtest run? Both sides folded over one history, compared, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from agents.ports import Store
from agents.rows import OutboxRow, WorkFilter
from agents.written import line_of
from nofumble.backtest.crew import Job, Step, both, folding
from nofumble.backtest.histories import RecordedHistory
from nofumble.errors import WrongUse
from nofumble.reports.reading import Period as Stretch
from nofumble.reports.reading import lines_of, work_of
from workflows.attention.matters import HEARD_TYPES
from workflows.backtesting.budgets import Wanted, wanted
from workflows.backtesting.comparison import Period
from workflows.backtesting.course import OPENED, STARTED, Course, fires_of, for_desks, pieces_of
from workflows.backtesting.figures import Days
from workflows.backtesting.in_force import InForce
from workflows.backtesting.record import Surroundings
from workflows.backtesting.replay import Heard
from workflows.backtesting.result import Extent, Result, SideInfo, rows_of
from workflows.backtesting.rounds import settle
from workflows.directory import Directory
from workflows.entries import EPOCH
from workflows.moment import Line

Progress = Callable[[str, int], AbstractContextManager[Step]]
"""Shows how far it is: what is done, and how many accounts there are."""

TOLD_TYPES = sorted({*OPENED, *HEARD_TYPES, STARTED})


class Given(NamedTuple):
    """What one side is given: what is in force and an organisation, each with what it is called."""

    in_force: InForce
    called: str
    directory: Directory
    organisation: str
    organisation_hash: str


class Folded(NamedTuple):
    """One side, folded: what came of each account, what it has heard of others, and what all of them share."""

    courses: list[Course]
    heard: Mapping[str, Heard]
    around: Surroundings

    def notices(self) -> Wanted:
        """Tell the people of this side."""
        return wanted(self.courses, self.around)


class Question(NamedTuple):
    """What is asked: a history under two sides, from a time on; where `recorded`, the first is what that store has."""

    history: RecordedHistory
    before: Given
    after: Given
    since: datetime | None = None
    recorded: Store | None = None


def answer(asked: Question, *, name: str, now: datetime, processes: int, progress: Progress) -> Result:
    """Fold a history under two sides and compare them.

    Raises WrongUse for a history without events, and for a period that begins after its end.
    """
    history, until = asked.history, _end_of(asked)

    def side(given: Given, believed: Mapping[str, Heard]) -> Folded:
        around = history.surroundings(given.directory, until)
        with (
            folding(Job(history, given.in_force, around), processes) as fold,
            progress(f"folding under {given.called}", len(history.accounts)) as step,
        ):
            courses, heard = settle(history.accounts, lambda wanted: fold(wanted, step), believed)
        return Folded(courses, heard, around)

    if asked.recorded is None:
        before = side(asked.before, {})
        after = side(asked.after, before.heard)
    else:
        after = side(asked.after, {})
        before = after._replace(courses=recorded_courses(asked.recorded, after.courses))
    with progress("telling people", 2) as step:
        notices = both(
            lambda: wanted(before.courses, before.around), lambda: wanted(after.courses, after.around), processes
        )
        step(2)
    days = Days(after.around.directories.latest)
    rows = rows_of((before.courses, after.courses), notices, Period(asked.since, until), days)
    events = sum(one.events for one in after.courses)
    extent = Extent(history.source, len(history.accounts), events, asked.since, until)
    return Result(name, now, extent, _info(asked.before, before), _info(asked.after, after), rows)


def _end_of(asked: Question) -> datetime:
    until, since = asked.history.until, asked.since
    if until is None:
        raise WrongUse("nothing is recorded yet: take events in with `nofumble ingest`, or name files with --events")
    if since is not None and since >= until:
        raise WrongUse(f"--from is {since:%Y-%m-%dT%H:%MZ} and the history ends {until:%Y-%m-%dT%H:%MZ}; begin earlier")
    return until


def recorded_courses(store: Store, like: Sequence[Course]) -> list[Course]:
    """Give what a store has of accounts as if it had been folded; what happened to the customers is that of `like`."""
    everything = Stretch(EPOCH, datetime.max.replace(tzinfo=EPOCH.tzinfo))
    lines: dict[str, list[Line]] = {}
    for row in lines_of(store, everything, TOLD_TYPES):
        line = line_of(OutboxRow(row.id, row.account_id, row.at, row.type, row.body))
        lines.setdefault(row.account_id, []).append(line)
    statuses = {row.id: row.status for row in work_of(store, WorkFilter(is_open=None))}
    return [_recorded(one, lines.get(one.account, []), statuses) for one in like]


def _recorded(like: Course, lines: list[Line], statuses: Mapping[str, str]) -> Course:
    return Course(
        account=like.account,
        events=like.events,
        pieces=list(pieces_of(like.account, lines, statuses)),
        fires=fires_of(lines),
        outcomes=like.outcomes,
        idle_actions=0,
        problems=0,
        heard=[for_desks(line) for line in lines if line.type in HEARD_TYPES],
        worth=like.worth,
    )


def _info(given: Given, folded: Folded) -> SideInfo:
    courses = folded.courses
    return SideInfo(
        definitions=given.called,
        hash=given.in_force.hash,
        organisation=given.organisation,
        organisation_hash=given.organisation_hash,
        workflows=len(given.in_force.latest.definitions),
        work=sum(len(one.pieces) for one in courses),
        idle_actions=sum(one.idle_actions for one in courses),
        problems=sum(one.problems for one in courses),
    )
