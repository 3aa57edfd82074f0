"""What becomes of the work of somebody who is away? It goes to her delegate, and comes back if nobody touched it (R10).

What is given out while she is away goes to the delegate at once (`routing`). Of what she holds already, the tasks that
are due while she is away go on the next working morning after that became known. What somebody else holds in her place
comes back when she does, unless it was taken up. What a bundle hands over is the bundle's, and is offered back (W21).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from events.envelope import Event
from workflows import items
from workflows.account import OPEN_TASK, Pending, Recipient, Task
from workflows.escalation import manager_of, recipient
from workflows.holdings import TO_RETURN, held_by
from workflows.moment import Moment
from workflows.people import person_of
from workflows.working_time import next_day_opening, next_opening

TO_MOVE = "~work of who is away"
"""Where tasks wait in `pending`, by their ids, for the morning on which they are looked at; as in `TO_RETURN`."""

AWAY, BACK = "away", "returned"
"""The reasons of the two moves."""


def hear_of_absence(moment: Moment, event: Event) -> None:
    """Learn that somebody will be away; what she holds here is looked at on her next working morning."""
    person = person_of(event)
    morning = next_day_opening(moment.at, moment.directory.calendar_of(person))
    for item in held_by(moment.state, person):
        if isinstance(item, Task) and moment.directory.is_away(person, item.due):
            _wait(moment, TO_MOVE, item, morning)


def expect_back(moment: Moment, task: Task) -> None:
    """Let a task that somebody holds for who is away come back on her return, where that is known."""
    if not task.to.away or task.to.person is None:
        return
    absence = moment.directory.absence_of(task.to.away, task.due) or moment.directory.absence_of(
        task.to.away, moment.at
    )
    if absence is not None and absence.end is not None and absence.end > moment.at:
        calendar = moment.directory.calendar_of(task.to.away)
        _wait(moment, TO_RETURN, task, next_opening(absence.end, calendar))


def move(moment: Moment, known: str) -> None:
    """Give a task to who stands in for its holder, if she is still going to be away when it is due."""
    moment.state.pending[TO_MOVE].pop(known, None)
    task = moment.state.work.get(known)
    if not isinstance(task, Task) or task.status not in OPEN_TASK or known in _bundled(moment):
        return
    person = task.to.person
    if person is None or not moment.directory.is_away(person, task.due):
        return
    items.reassign(moment, task, _stand_in(moment, task, person), reason=AWAY)
    expect_back(moment, task)


def bring_back(moment: Moment, known: str) -> None:
    """Give a task back to who has returned, unless somebody has taken it up."""
    moment.state.pending[TO_RETURN].pop(known, None)
    task = moment.state.work.get(known)
    if not isinstance(task, Task) or task.status not in ("proposed", "offered") or task.touched or not task.to.away:
        return
    if moment.directory.is_away(task.to.away, moment.at):
        expect_back(moment, task)
        return
    items.reassign(moment, task, Recipient(role=task.to.role, person=task.to.away), reason=BACK)


def _stand_in(moment: Moment, task: Task, person: str) -> Recipient:
    """Find her delegate, else the next in the chain of her role, else who is above her."""
    role = task.to.role
    delegate = moment.directory.delegate_of(person, task.due)
    if delegate is not None:
        return Recipient(role=role, person=delegate, away=person)
    is_role_here = moment.state.roles.get(role) == person
    found = recipient(moment, role, task.due) if is_role_here else manager_of(moment, task.to)
    return Recipient(role=role, person=found.person, queue=found.queue, fallback=found.fallback, away=person)


def _bundled(moment: Moment) -> Iterator[str]:
    running = (one for one in moment.state.instances.values() if one.status == "running")
    return (known for one in running for ids in one.bundles.values() for known in ids)


def _wait(moment: Moment, pattern: str, task: Task, due: datetime) -> None:
    moment.state.pending.setdefault(pattern, {})[task.id] = Pending(due=due)
    moment.set_pattern_timer(pattern, task.id, due)
