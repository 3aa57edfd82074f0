"""Who hears of a task that is not done? The ladder: rungs with their times and people (R12).

A ladder keeps one timer per task, for its next rung. It stops when the task is done, or, for
work that is passed on, when it is accepted. A snooze moves what is left of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from workflows.account import OPEN_TASK, Instance, Loop, Recipient, Task, step_said
from workflows.language.durations import parse_duration
from workflows.language.grammar import TEAM_OF_ROLE, Rung
from workflows.moment import Moment, iso, recipient_as_json
from workflows.routing import route
from workflows.working_time import Calendar, add, part_of, shifted

DEFAULT_LADDER: tuple[Rung, ...] = (
    Rung(at="75%", to="holder", severity="info"),
    Rung(at="due", to="holder", severity="warn"),
    Rung(at="due + 1bd", to="manager", severity="warn"),
    Rung(at="due + 3bd", to="head", severity="urgent"),
)
"""R12: a nudge after three quarters of the time, the holder, her manager, the head of the house."""

MANAGER_ROLE = {
    "csm": "cs_manager",
    "ae": "sales_manager",
    "am": "sales_manager",
    "support_owner": "support_lead",
    "pm": "product_lead",
    "marketer": "marketing_lead",
    "finance_owner": "finance_lead",
}
"""The role above a role, for holders whose own manager is not known."""

HEAD_ROLE = "cco"

SKIPPED = "skipped"
"""Stands for a rung that had no time left: nobody is nudged about what is due already."""


def ladder_of(steps_ladder: Literal["none"] | list[Rung] | None) -> tuple[Rung, ...]:
    """Give the rungs of a step: its own, none, or the default."""
    if steps_ladder == "none":
        return ()
    return DEFAULT_LADDER if steps_ladder is None else tuple(steps_ladder)


def climb(moment: Moment, instance: Instance, task: Task, rungs: tuple[Rung, ...], calendar: Calendar) -> None:
    """Set the timer for the next rung that has not fired."""
    name = rung_timer(task.ref)
    start, due = _span_of(instance, task)
    if not task.rungs and rungs and rungs[0].at.endswith("%") and due <= start:
        task.rungs.append(SKIPPED)
    number = len(task.rungs)
    if number >= len(rungs) or not _runs(task):
        instance.timers.pop(name, None)
        return
    rung = rungs[number]
    at = _from_mark(instance, rung, rung_time(rung, start, due, calendar), (start, due), calendar)
    if rung.since is not None and at >= due:
        task.rungs.append(SKIPPED)  # there was news lately enough
        climb(moment, instance, task, rungs, calendar)
        return
    if task.snoozed_until is not None and at < task.snoozed_until:
        at = task.snoozed_until
    moment.set_timer(instance, name, at)


def _span_of(instance: Instance, task: Task) -> tuple[datetime, datetime]:
    """Give the time that a ladder is a ladder of, from its beginning to its due time."""
    # While the customer waits (W01) the task's time has not begun; one that is offered late is late from then on.
    start = instance.clock_from if task.opened_at < instance.clock_from < task.due else task.opened_at
    start = task.taken_at or start
    return start, max(task.due, start, task.snoozed_until or task.due)


def _from_mark(
    instance: Instance, rung: Rung, at: datetime, span: tuple[datetime, datetime], calendar: Calendar
) -> datetime:
    """Count a rung from the mark that it names, if that was moved after the ladder began."""
    mark = instance.marks.get(rung.since) if rung.since is not None else None
    if mark is None or mark <= span[0] or not rung.at.endswith("%"):
        return at
    share = int(rung.at[:-1]) / 100
    return shifted(mark, span, share, calendar)


def rung_timer(ref: str) -> str:
    """Name the ladder's timer of a step."""
    return f"{ref}!"


def rung_time(rung: Rung, start: datetime, due: datetime, calendar: Calendar) -> datetime:
    """Compute when a rung fires: a share of the (working) time, the due time, or so long after it."""
    if rung.at.endswith("%"):
        share = int(rung.at[:-1]) / 100
        if due <= start:
            return due
        return part_of(start, due, share, calendar, working=due - start < timedelta(days=60))
    if rung.at == "due":
        return due
    return add(due, parse_duration(rung.at.removeprefix("due + ")), calendar)


def fire_rung(moment: Moment, instance: Instance, task: Task, rungs: tuple[Rung, ...], calendar: Calendar) -> None:
    """Raise the escalation of the rung that is due, and set the next.

    A rung that would lead back to the queue in which the task waits tells nobody anything.
    """
    rung = rungs[len(task.rungs)]
    span = _span_of(instance, task)
    if _from_mark(instance, rung, moment.at, span, calendar) > moment.at:
        climb(moment, instance, task, rungs, calendar)
        return
    task.rungs.append(iso(moment.at))
    moment.store(task)
    people = _people(moment, task, rung)
    if rung.to in ("manager", "head"):
        people = [one for one in people if one.queue is None or one.queue != task.to.queue]
    if people:
        _say(moment, task, rung, people)
    climb(moment, instance, task, rungs, calendar)


def _say(moment: Moment, task: Task, rung: Rung, people: list[Recipient]) -> None:
    moment.emit(
        "escalation.raised",
        {
            "workflow": task.workflow,
            "key": task.key,
            **step_said(task.ref),
            "rung": len(task.rungs),
            "at": rung.at,
            "severity": rung.severity,
            "to": [recipient_as_json(one) for one in people],
            "of": task.id,
            "title": task.title,
            "due": iso(task.due),
        },
    )


def manager_of(moment: Moment, holder: Recipient) -> Recipient:
    """Find who is above the holder: her own manager, else whoever fills the role above."""
    if holder.person is not None:
        manager = moment.directory.manager_of(holder.person)
        if manager is not None and manager != holder.person:
            return Recipient(role="manager", person=manager)
    above = recipient(moment, MANAGER_ROLE.get(holder.role, HEAD_ROLE), moment.at)
    if above.person is None:
        head = moment.directory.head_of_team(TEAM_OF_ROLE.get(holder.role))
        return Recipient(role="manager", person=head) if head is not None else above
    return above


@lru_cache(maxsize=100_000)
def direct(role: str, person: str) -> Recipient:
    """Name the person who holds a role herself; recipients are values, so each is made once."""
    return Recipient(role, person)


def recipient(moment: Moment, role: str, at: datetime) -> Recipient:
    """Route a role on the account to a person or a queue (R9, R10)."""
    person = moment.state.roles.get(role)
    if person is not None and not moment.directory.is_away(person, at):
        return direct(role, person)
    found = route(role, moment.state.roles, moment.directory, at)
    return Recipient(role, found.person, found.queue, tuple(found.fallback), found.away_from)


def _runs(task: Task) -> bool:
    if task.handoff:
        return task.status in ("proposed", "offered")
    return task.status in OPEN_TASK


def _people(moment: Moment, task: Task, rung: Rung) -> list[Recipient]:
    if rung.to == "manager":
        return [manager_of(moment, task.to)]
    if rung.to == "head":
        return [recipient(moment, HEAD_ROLE, moment.at)]
    people = [task.to, *task.copy]
    loop = moment.state.work.get(task.handoff) if task.handoff else None
    if (rung.to == "sender" or rung.at == "due") and isinstance(loop, Loop) and loop.holder != task.to:
        people.append(loop.holder)
    return [loop.holder] if rung.to == "sender" and isinstance(loop, Loop) else people
