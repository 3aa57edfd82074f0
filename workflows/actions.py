"""What may a person do to work, and what follows? Human actions are events like any other (D8, R11).

:data:`TASK_MOVES` is the theory: action → from which states, to which. An action that is not
possible changes nothing and says why; it goes to quarantine with that reason.

::

    proposed ─┐            ┌─► in_progress ─► done
    offered  ─┴─► accepted ┴─────────────────► done
    proposed, offered, accepted, in_progress ─► declined | cancelled | expired
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from events.envelope import Event
from workflows import items
from workflows.account import (
    OPEN_ALERT,
    OPEN_TASK,
    AccountState,
    Alert,
    Loop,
    Recipient,
    Task,
    Work,
    is_open,
    label_of,
    step_said,
)
from workflows.entries import Entry
from workflows.escalation import climb
from workflows.language.vocabulary import as_time, person_of
from workflows.moment import Moment, iso, recipient_as_json
from workflows.progress import forget_ended, step_done
from workflows.reactions import customer_told, done_by_a_person
from workflows.steps import Run, ladder_for, run_of
from workflows.taking import accept, decline
from workflows.working_time import business_days_between

TASK_MOVES: dict[str, tuple[frozenset[str], str]] = {
    "task.accepted": (frozenset({"proposed", "offered"}), "accepted"),
    "task.started": (frozenset({"proposed", "offered", "accepted"}), "in_progress"),
    "task.completed": (OPEN_TASK, "done"),
    "task.declined": (OPEN_TASK, "declined"),
    "task.snoozed": (OPEN_TASK, ""),
    "task.reassigned": (OPEN_TASK, ""),
}
"""Action → (states in which it is possible, state after it; "" keeps the state)."""

SKIPPED = "skipped"
"""The outcome of a task that was not done on purpose: somebody must have said why."""

SNOOZES_MAX = 2
"""R12: a snooze moves the ladder at most twice …"""
SNOOZE_BD_MAX = 5
"""… and at most five working days in all."""


class Refused(Exception):
    """The action is not possible now; the text says why and what would be."""


def act(moment: Moment, event: Event) -> None:
    """Carry out a person's action, or record why it could not be."""
    item = find(moment, event.data)
    if item is None:
        _not_there(moment, event)
        return
    try:
        ACTIONS[event.type](moment, item, event)
    except Refused as refusal:
        if item.closed_at is not None and item.closed_at < moment.horizon:
            _not_there(moment, event)  # it may be forgotten here and not there yet, which must not show
        else:
            moment.fail(item.workflow, str(refusal))


def _not_there(moment: Moment, event: Event) -> None:
    if event.data.get("workflow", "") not in ("", *moment.library.definitions):
        return  # work of a workflow that is not in force here
    named = event.data.get("id") or f"{event.data.get('workflow')}/{event.data.get('ref')}"
    moment.fail("", f"{event.type} names work {named!r}, which this account does not have; see `nofumble inbox`")


def find(moment: Moment, data: dict[str, Any]) -> Work | None:
    """Find the work an action names: by id, or by workflow, ref and, where it is needed, key (the newest)."""
    known = data.get("id")
    if isinstance(known, str):
        return moment.state.work.get(known)
    wanted = [item for item in moment.state.work.values() if is_named(data, item)]
    candidates = [item for item in wanted if is_open(item)] or wanted
    return candidates[-1] if candidates else None


def is_named(data: dict[str, Any], item: Work) -> bool:
    """Tell whether an action names this item: by id, or by workflow, ref and key as far as they are given."""
    known = data.get("id")
    if isinstance(known, str):
        return item.id == known
    return bool(
        data.get("ref") in (item.ref, label_of(item.ref))
        and item.workflow == data.get("workflow", item.workflow)
        and item.key == data.get("key", item.key)
    )


def lost_actions(
    before: AccountState, after: AccountState, changed: AbstractSet[str], entries: Iterable[Entry]
) -> list[Event]:
    """List the actions on work that a late event lets begin after they were taken, in their order (R4)."""
    touched = [
        item
        for work_id in changed
        if (item := after.work.get(work_id)) is not None
        and is_open(item)
        and not item.touched
        and work_id in before.work
        and before.work[work_id].touched
    ]
    if not touched:
        return []
    actions = [one.event for one in entries if one.event is not None and one.event.type in ACTIONS]
    return [event for event in actions if any(is_named(event.data, item) for item in touched)]


def check_move(item: Work, action: str) -> None:
    """Refuse an action that the item's state does not allow.

    Raises:
        Refused: with the state, and what would be possible.
    """
    if action in TASK_MOVES:
        if not isinstance(item, Task):
            message = f"{action} needs a task, and {item.id} is {type(item).__name__.lower()} {item.ref}"
            raise Refused(message)
        if item.status not in TASK_MOVES[action][0]:
            possible = [name for name, (states, _) in TASK_MOVES.items() if item.status in states]
            now = ", ".join(possible) or "nothing"
            raise Refused(f"task {item.id} ({item.ref}) is {item.status}; possible now: {now} (R11)")
    elif action.startswith("alert.") and (not isinstance(item, Alert) or item.status not in OPEN_ALERT):
        message = f"{action} needs an open alert, and {item.id} ({item.ref}) is {item.status}"
        raise Refused(message)
    elif action == "loop.customer_told" and (not isinstance(item, Loop) or item.status != "open"):
        message = f"{action} needs an open loop, and {item.id} ({item.ref}) is {item.status}"
        raise Refused(message)


def _task(item: Work, event: Event) -> Task:
    check_move(item, event.type)
    assert isinstance(item, Task)
    return item


def _say(moment: Moment, task: Task, line_type: str, **more: Any) -> None:
    task.touched = True
    moment.store(task)
    said = {"id": task.id, "workflow": task.workflow, "key": task.key, **step_said(task.ref), "title": task.title}
    moment.emit(line_type, {**said, "to": recipient_as_json(task.to), "due": iso(task.due), **more})


def _accepted(moment: Moment, item: Work, event: Event) -> None:
    task = _task(item, event)
    run = _run(moment, task)
    if run is not None:
        accept(run, task, person_of(event.data), event)
        return
    task.status = TASK_MOVES[event.type][1]
    person = person_of(event.data)
    if person and person != task.to.person:
        task.to = Recipient(role=task.to.role, person=person, fallback=task.to.fallback)
    _say(moment, task, event.type)


def _started(moment: Moment, item: Work, event: Event) -> None:
    task = _task(item, event)
    task.status = TASK_MOVES[event.type][1]
    _say(moment, task, event.type)


def _completed(moment: Moment, item: Work, event: Event) -> None:
    task = _task(item, event)
    ticked, outcome = event.data.get("checklist"), event.data.get("outcome") or ""
    said = {_plainly(one) for one in ticked} if isinstance(ticked, list) else set()
    missing = [line for line in task.checklist if _plainly(line) not in said]
    if missing:
        message = f"task {task.id} ({task.ref}) still needs: {'; '.join(missing)} (R11)"
        raise Refused(message)
    outcome = _plainly(outcome)
    if task.outcomes and outcome not in task.outcomes:
        message = f"task {task.id} ({task.ref}) needs an outcome of {', '.join(task.outcomes)}; got {outcome!r} (R11)"
        raise Refused(message)
    if outcome == SKIPPED and not (event.data.get("reason") or event.data.get("note")):
        message = f"task {task.id} ({task.ref}) is skipped, and to skip it needs a `reason` (R11)"
        raise Refused(message)
    task.touched = True
    items.complete(moment, task, reason=f"done by {person_of(event.data) or 'a person'}", outcome=outcome)
    run = _run(moment, task)
    if run is not None:
        run.step(task.ref).outcome = outcome
        done_by_a_person(run, task.ref)
        step_done(run, task.ref, event.id)
        forget_ended(run)


def _plainly(words: object) -> str:
    """Compare what people type: "Go with care" is `go_with_care`."""
    return "_".join(str(words).casefold().replace("-", " ").split())


def _declined(moment: Moment, item: Work, event: Event) -> None:
    """The ball goes back: the loop never left its holder, and the task goes one up, so that somebody has it."""
    task = _task(item, event)
    reason = event.data.get("reason") or ""
    if not reason:
        message = f"declining task {task.id} ({task.ref}) needs a reason (R11)"
        raise Refused(message)
    run = _run(moment, task)
    if run is not None:
        decline(run, task, str(reason), event)
        return
    task.status, task.closed_at, task.reason = "declined", moment.at, str(reason)
    _say(moment, task, event.type, reason=reason)


def _snoozed(moment: Moment, item: Work, event: Event) -> None:
    task = _task(item, event)
    until = as_time(event.data.get("until"))
    calendar = moment.directory.calendar_of(task.to.person)
    if until is None or until <= moment.at:
        message = f"snoozing task {task.id} ({task.ref}) needs `until`, a time to come; got {event.data.get('until')!r}"
        raise Refused(message)
    since = max(moment.at, task.snoozed_until or moment.at)
    days = task.snoozed_bd + business_days_between(since, until, calendar)
    if task.snoozes >= SNOOZES_MAX or days > SNOOZE_BD_MAX:
        message = f"task {task.id} ({task.ref}) may be snoozed {SNOOZES_MAX} times and {SNOOZE_BD_MAX}bd in all (R12)"
        raise Refused(message)
    task.snoozes += 1
    task.snoozed_until, task.snoozed_bd = until, days
    _say(moment, task, event.type, until=iso(until))
    run = _run(moment, task)
    if run is not None:
        _climb(run, task)


def _reassigned(moment: Moment, item: Work, event: Event) -> None:
    task = _task(item, event)
    to = event.data.get("to")
    person = to.get("person") if isinstance(to, Mapping) else to
    if not isinstance(person, str) or not person:
        message = f"reassigning task {task.id} ({task.ref}) needs `to`, a person id"
        raise Refused(message)
    former, task.to = task.to, Recipient(role=task.to.role, person=person)
    _say(moment, task, event.type, **{"from": recipient_as_json(former)}, reason=event.data.get("reason") or "")


def _alert_moved(moment: Moment, item: Work, event: Event) -> None:
    check_move(item, event.type)
    assert isinstance(item, Alert)
    said: dict[str, Any] = {"id": item.id, "workflow": item.workflow, "key": item.key, **step_said(item.ref)}
    if event.type == "alert.snoozed":
        until = as_time(event.data.get("until"))
        if until is None or until <= moment.at:
            message = f"snoozing alert {item.id} ({item.ref}) needs `until`, a time to come"
            raise Refused(message)
        item.touched = True
        item.snoozed_until = until
        said["until"] = iso(until)
    else:
        item.touched, item.status = True, "acknowledged"
        said["by"] = person_of(event.data)
        if item.instance not in moment.state.instances:
            moment.emit(event.type, said)
            items.resolve(moment, item, reason="acknowledged")
            return
    moment.store(item)
    moment.emit(event.type, said)


def _feedback(moment: Moment, item: Work, event: Event) -> None:
    """Useful or noise: kept with the item, for the measures (R20)."""
    data = event.data
    verdict = data.get("verdict") or next((one for one in ("useful", "noise") if data.get(one)), "")
    item.notes.append(f"feedback: {verdict} {data.get('note') or ''}".strip())
    moment.store(item)
    said = {"id": item.id, "workflow": item.workflow, "key": item.key, **step_said(item.ref)}
    moment.emit(event.type, {**said, "by": person_of(event.data), "verdict": verdict})


def _customer_told(moment: Moment, item: Work, event: Event) -> None:
    if not isinstance(item, Loop):
        message = f"{event.type} needs a loop, and {item.id} is {type(item).__name__.lower()} {item.ref}"
        raise Refused(message)
    run = _run(moment, item)
    if run is None or run.instance.status != "running":
        items.tell_customer(moment, item, event.time)
    else:
        customer_told(run, item, event)


def _run(moment: Moment, item: Task | Loop) -> Run | None:
    instance = moment.state.instances.get(item.instance)
    definition = moment.library.by_hash.get(instance.definition) if instance is not None else None
    return run_of(moment, definition, instance) if definition is not None and instance is not None else None


def _climb(run: Run, task: Task) -> None:
    plan = run.definition.steps[task.ref]
    calendar = run.moment.directory.calendar_of(task.to.person)
    climb(run.moment, run.instance, task, ladder_for(plan, task), calendar)


ACTIONS: dict[str, Callable[[Moment, Work, Event], None]] = {
    "task.accepted": _accepted,
    "task.started": _started,
    "task.completed": _completed,
    "task.declined": _declined,
    "task.snoozed": _snoozed,
    "task.reassigned": _reassigned,
    "alert.acknowledged": _alert_moved,
    "alert.snoozed": _alert_moved,
    "feedback.recorded": _feedback,
    "loop.customer_told": _customer_told,
}
"""What people can do: the index of this module."""
