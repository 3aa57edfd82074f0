"""What would people have got, and what happened to the customer later? One account on one side of a backtest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from events.envelope import Event
from workflows.account import Clock
from workflows.actions import ACTIONS
from workflows.attention.matters import HEARD_TYPES
from workflows.attention.worth import money_at_risk
from workflows.backtesting.record import Log, Recorded
from workflows.backtesting.replay import Removed, Replayed
from workflows.conduct import Start
from workflows.language.vocabulary import as_time
from workflows.moment import Line
from workflows.nps import DETRACTOR_TO

Kind = Literal["task", "alert", "escalation", "hold", "loop"]
Bad = Literal["churn", "escalation", "detractor"]

OPENED: Mapping[str, Kind] = {
    "task.offered": "task",
    "task.proposed": "task",
    "alert.raised": "alert",
    "escalation.raised": "escalation",
    "hold.placed": "hold",
    "loop.opened": "loop",
}
"""The lines with which something comes to people."""

STARTED = "workflow.started"


class Piece(Struct, frozen=True, omit_defaults=True):
    """A piece of work as it went out first; `status` is that at the end of the history.

    `to` has people and queues. An escalation has the id of its task and its rung.
    """

    id: str
    kind: Kind
    workflow: str
    key: str
    ref: str
    account: str
    told_at: datetime
    title: str
    to: tuple[str, ...] = ()
    due: datetime | None = None
    severity: str = ""
    status: str = ""


class Fire(Struct, frozen=True):
    """That a workflow started for a key."""

    workflow: str
    key: str
    at: datetime


class Outcome(Struct, frozen=True):
    """Something bad that happened at an account, whatever we did."""

    kind: Bad
    at: datetime
    event: str


class Course(Struct):
    """What came of one account: for people, for the desks, and for the other accounts."""

    account: str
    events: int
    pieces: list[Piece]
    fires: list[Fire]
    outcomes: list[Outcome]
    idle_actions: int
    """Actions of people for which there was nothing to act on."""
    problems: int
    heard: list[Line]
    worth: float
    starts: list[Start] = field(default_factory=list)
    acted: dict[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    answers: dict[str, Removed] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


def course_of(log: Log, found: Replayed) -> Course:
    """Keep of an account that was folded what a backtest compares."""
    actions = {one.event.id for one in log.recorded if one.event.type in ACTIONS}
    failed = [problem.event_id in actions for problem in found.problems]
    return Course(
        account=found.account,
        events=len(log.recorded),
        pieces=list(pieces_of(found.account, found.lines, {item.id: item.status for item in found.work.values()})),
        fires=fires_of(found.lines),
        outcomes=list(outcomes_of(log.recorded)),
        idle_actions=sum(failed),
        problems=len(failed) - sum(failed),
        heard=[for_desks(line) for line in found.lines if line.type in HEARD_TYPES],
        worth=money_at_risk(found.state.arr, found.state.tier),
        starts=found.starts,
        acted=found.acted,
        answers=found.answers,
        asked=found.asked,
    )


def pieces_of(account: str, lines: Iterable[Line], statuses: Mapping[str, str]) -> Iterator[Piece]:
    """Give what went out to people, each piece once: as it came first, with the status that its work has."""
    seen: set[str] = set()
    for line in lines:
        kind = OPENED.get(line.type)
        if kind is None:
            continue
        name = _name_of(kind, line.data)
        if name not in seen:
            seen.add(name)
            yield _piece(name, kind, account, line, statuses.get(name, ""))


def fires_of(lines: Iterable[Line]) -> list[Fire]:
    """Give the starts of workflows among what went out."""
    return [Fire(one.data["workflow"], one.data["key"], _at(one)) for one in lines if one.type == STARTED]


def outcomes_of(recorded: Iterable[Recorded]) -> Iterator[Outcome]:
    """Give the bad outcomes of an account, in order of time; that it churned is one until it has come back."""
    has_churned = False
    for event in sorted((one.event for one in recorded), key=lambda one: one.time):
        lifecycle = _lifecycle(event)
        if lifecycle == "churned" and not has_churned:
            yield Outcome("churn", event.time, event.id)
        has_churned = lifecycle == "churned" if lifecycle else has_churned
        if event.type == "support.ticket.escalated":
            yield Outcome("escalation", event.time, event.id)
        elif event.type == "survey.nps.responded" and _is_detractors(event.data.get("score")):
            yield Outcome("detractor", event.time, event.id)


def _is_detractors(score: object) -> bool:
    return isinstance(score, int | float) and score <= DETRACTOR_TO


def _lifecycle(event: Event) -> object:
    if event.type in ("account.registered", "account.updated"):
        return event.data.get("lifecycle")
    return event.data.get("to") if event.type == "cs.lifecycle.changed" else None


def _name_of(kind: Kind, data: Mapping[str, Any]) -> str:
    return f"{data['of']}/{data['rung']}" if kind == "escalation" else str(data["id"])


def _piece(name: str, kind: Kind, account: str, line: Line, status: str) -> Piece:
    data = line.data
    to = data.get("to") or data.get("holder") or data.get("speak_to") or ()
    return Piece(
        id=name,
        kind=kind,
        workflow=data["workflow"],
        key=data["key"],
        ref=str(data.get("ref") or ""),
        account=account,
        told_at=_at(line),
        title=str(data.get("title") or data.get("because") or data.get("reason") or data.get("name") or ""),
        to=tuple(_receivers(to)),
        due=as_time(data.get("due")),
        severity=str(data.get("severity") or ""),
        status=status,
    )


def _receivers(to: object) -> Iterator[str]:
    for one in to if isinstance(to, list) else [to]:
        if isinstance(one, Mapping):
            name = one.get("person") or one.get("queue") or one.get("role")
            yield str(name)


def _at(line: Line) -> datetime:
    assert line.at is not None, "it went out"
    return line.at


class _Timed(Struct):
    clock: Clock | None = None


def for_desks(line: Line) -> Line:
    """Leave out what desks do not look at: of the evidence, all but its clock."""
    evidence = line.data.get("evidence")
    if evidence is None:
        return line
    clock = msgspec.json.decode(evidence, type=_Timed)
    return Line(line.type, {**line.data, "evidence": msgspec.Raw(msgspec.json.encode(clock))}, line.at)
