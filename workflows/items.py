"""How work comes and goes: tasks, alerts, holds and loops, each change with the line that says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflows.account import (
    OPEN_ALERT,
    OPEN_TASK,
    Alert,
    Hold,
    Loop,
    Recipient,
    Task,
    Work,
    evidence_of_item,
    step_said,
)
from workflows.moment import Moment, iso, recipient_as_json
from workflows.standing_facts import standing_of


def announce(moment: Moment, item: Work) -> None:
    """Say that the item has come into being."""
    line_type, data = opening(item)
    moment.emit(line_type, data)
    if isinstance(item, Hold):
        standing_of(moment.state).held_at = moment.at
        moment.stale.add("holds")
    elif isinstance(item, Alert):
        moment.stale.add("alarms")


def opening(item: Work) -> tuple[str, dict[str, Any]]:
    """Give the line that tells of a new item: its type and its data."""
    match item:
        case Task():
            said = _head(item)
            said["title"] = item.title
            said["to"] = recipient_as_json(item.to)
            if item.copy:
                said["copy"] = [recipient_as_json(one) for one in item.copy]
            said["due"] = iso(item.due)
            said["occurrence"] = item.occurrence
            if item.bundle:
                said["bundle"] = item.bundle
            said["evidence"] = item.evidence
            return ("task.offered" if item.status == "offered" else "task.proposed"), said
        case Alert():
            said = _head(item)
            said["severity"] = item.severity
            said["to"] = [recipient_as_json(one) for one in item.to]
            said["because"] = item.because
            said["confirmed"] = item.confirmed
            said["occurrence"] = item.occurrence
            said["evidence"] = item.evidence
            return "alert.raised", {**item.details, **said}
        case Hold():
            said = {**_head(item), "scope": item.scope, "reason": item.reason}
            if item.contact:
                said["contact_id"] = item.contact
            if item.speak_to is not None:
                said["speak_to"] = recipient_as_json(item.speak_to)
            return "hold.placed", {**said, "evidence": item.evidence}
        case Loop():
            said = {**_head(item), "name": item.name, "holder": recipient_as_json(item.holder)}
            return "loop.opened", {**said, "evidence": item.evidence}


def _head(item: Work) -> dict[str, Any]:
    return {"id": item.id, "workflow": item.workflow, "key": item.key, **step_said(item.ref)}


def closing(item: Work) -> tuple[str, dict[str, Any]] | None:
    """Give the line that tells how a closed item ended, or ``None`` while it is open."""
    said = _head(item)
    match item:
        case Task() if item.status not in OPEN_TASK:
            said |= {"title": item.title, "to": recipient_as_json(item.to), "due": iso(item.due)}
            if item.status == "done":
                return "task.completed", {**said, "outcome": item.outcome, "reason": item.reason}
            return f"task.{item.status}", {**said, "reason": item.reason}
        case Alert() if item.status not in OPEN_ALERT:
            said |= {"severity": item.severity, "to": [recipient_as_json(one) for one in item.to]}
            return f"alert.{item.status}", {**said, "reason": item.reason}
        case Hold() if item.status == "lifted":
            return "hold.lifted", {**said, "scope": item.scope, "reason": item.notes[-1] if item.notes else ""}
        case Loop() if item.status == "closed":
            said |= {"name": item.name, "holder": recipient_as_json(item.holder)}
            return "loop.closed", {**said, "reason": item.reason}
        case _:
            return None


def _tell_closing(moment: Moment, item: Work) -> None:
    moment.store(item)
    if isinstance(item, Alert):
        moment.stale.add("alarms")
    told = closing(item)
    if told is not None:
        moment.emit(*told)


def complete(moment: Moment, task: Task, *, reason: str, outcome: str = "") -> None:
    """Close a task as done; the reason names the proof, such as the completing event."""
    task.status, task.closed_at, task.reason, task.outcome = "done", moment.at, reason, outcome
    _tell_closing(moment, task)


def cancel(moment: Moment, task: Task, *, reason: str) -> None:
    """Close a task that is no longer wanted."""
    task.status, task.closed_at, task.reason = "cancelled", moment.at, reason
    _tell_closing(moment, task)


def resolve(moment: Moment, alert: Alert, *, reason: str) -> None:
    """Close an alert whose cause is gone."""
    alert.status, alert.closed_at, alert.reason = "resolved", moment.at, reason
    _tell_closing(moment, alert)


def retract(moment: Moment, alert: Alert, *, reason: str) -> None:
    """Close an alert that should never have been raised (R8)."""
    alert.status, alert.closed_at, alert.reason = "retracted", moment.at, reason
    _tell_closing(moment, alert)


def lift(moment: Moment, hold: Hold, *, reason: str, retracts: bool = False) -> None:
    """Lift one hold; the others stay (R15). One that should never have been leaves no trace in the standing."""
    moment.stale.add("holds")
    if hold.scope == "ask" and hold.code and not retracts:
        standing_of(moment.state).lifted[hold.code] = moment.at
    hold.status, hold.closed_at = "lifted", moment.at
    moment.lifted = True
    hold.notes.append(reason)
    _tell_closing(moment, hold)


def close_loop(moment: Moment, loop: Loop, *, reason: str) -> None:
    """Close a loop: nothing is open towards the customer any more."""
    loop.status, loop.closed_at, loop.reason = "closed", moment.at, reason
    _tell_closing(moment, loop)


def pass_loop(moment: Moment, loop: Loop, to: Recipient) -> None:
    """Move the ball; passing it to its holder changes nothing."""
    if loop.holder == to or loop.status != "open":
        return
    former, loop.holder, loop.held_since = loop.holder, to, moment.at
    moment.store(loop)
    said = {**_head(loop), "name": loop.name, "from": recipient_as_json(former), "to": recipient_as_json(to)}
    moment.emit("loop.passed", said)


def tell_note(moment: Moment, task: Task, note: str, **more: Any) -> None:
    """Say what was noted with a task that stays open."""
    moment.store(task)
    said = {**_head(task), "title": task.title, "to": recipient_as_json(task.to), "due": iso(task.due)}
    moment.emit("task.updated", {**said, "note": note, **more})


def tell_gathered(moment: Moment, item: Task | Alert) -> None:
    """Say what has joined an open piece of work."""
    moment.store(item)
    moment.emit(*gathered(item))


def gathered(item: Task | Alert) -> tuple[str, dict[str, Any]]:
    """Give the line that tells of all that work has gathered."""
    evidence = evidence_of_item(item)
    to = item.to if isinstance(item.to, list) else [item.to]
    said = {**_head(item), "to": [recipient_as_json(one) for one in to], "links": evidence.links}
    if isinstance(item, Task):
        said |= {"title": item.title, "to": recipient_as_json(item.to), "due": iso(item.due)}
    kind = "task" if isinstance(item, Task) else "alert"
    return f"{kind}.updated", {**said, "note": f"gathered {len(evidence.events)} events", "evidence": item.evidence}


def reassign(moment: Moment, task: Task, to: Recipient, *, reason: str) -> None:
    """Give an open task to somebody else; to its holder changes nothing."""
    if task.to.person == to.person and task.to.queue == to.queue:
        return
    former, task.to = task.to, to
    moment.store(task)
    said = {**_head(task), "title": task.title, "to": recipient_as_json(to), "due": iso(task.due)}
    moment.emit("task.reassigned", {**said, "from": recipient_as_json(former), "reason": reason})


def tell_customer(moment: Moment, loop: Loop, at: datetime) -> None:
    """Set the clock of what the customer was last told; it never goes back."""
    if loop.status != "open" or (loop.told_at is not None and loop.told_at >= at):
        return
    loop.told_at = at
    moment.store(loop)
    moment.emit("loop.customer_told", {**_head(loop), "name": loop.name, "told_at": iso(at)})


def put_off(moment: Moment, task: Task, due: datetime) -> None:
    """Give an open task a later due time; its ladder goes on where it is."""
    task.due = due
    _tell_due(moment, task)


def move_due(moment: Moment, task: Task, due: datetime) -> None:
    """Give an open task another due time."""
    if task.due == due:
        return
    task.due = due
    task.rungs.clear()
    _tell_due(moment, task)


def _tell_due(moment: Moment, task: Task) -> None:
    moment.store(task)
    said = {**_head(task), "title": task.title, "to": recipient_as_json(task.to), "due": iso(task.due)}
    moment.emit("task.updated", said)
