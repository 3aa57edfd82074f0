"""What follows when work is taken, or given back? By a person's action, or by an event that says the same (R11)."""

from __future__ import annotations

from typing import Any

from events.envelope import Event
from workflows import items
from workflows.account import Recipient, Task, step_said
from workflows.due_times import due_of
from workflows.escalation import climb, manager_of, rung_timer
from workflows.language.plans import StepPlan
from workflows.moment import iso, recipient_as_json, trace_of
from workflows.progress import accept_ball, follow, forget_ended, step_done
from workflows.steps import Run, ladder_for, open_items, open_task, watch

DECLINES_MAX = 3
"""How often a declined task goes one up before it waits in a queue."""


def say(run: Run, task: Task, line_type: str, **more: Any) -> None:
    """Tell of a change that somebody made to a task."""
    task.touched = True
    run.moment.store(task)
    said = {"id": task.id, "workflow": task.workflow, "key": task.key, **step_said(task.ref), "title": task.title}
    run.moment.emit(line_type, {**said, "to": recipient_as_json(task.to), "due": iso(task.due), **more})


def accept(run: Run, task: Task, person: str, event: Event) -> None:
    """Let a person take a task: she holds it from now on, and where to take it is to do it, it is done."""
    plan = run.definition.steps[task.ref]
    task.status = "accepted"
    if person and person != task.to.person:
        task.to = Recipient(role=task.to.role, person=person, fallback=task.to.fallback)
    then = plan.then_due
    if then is not None:
        calendar = run.moment.directory.calendar_of(task.to.person)
        task.due = due_of(run, then.pick(run.bindings), run.moment.at, calendar)
        task.taken_at = run.moment.at
        task.rungs.clear()
    say(run, task, "task.accepted")
    if then is not None and task.handoff:
        accept_ball(run, task.ref)
        task.handoff = ""
    if plan.accepts:
        items.complete(run.moment, task, reason="accepted")
        step_done(run, task.ref, event.id)
        return
    calendar = run.moment.directory.calendar_of(task.to.person)
    climb(run.moment, run.instance, task, ladder_for(plan, task), calendar)
    if then is not None:
        watch(run, task, run.moment.at)


def decline(run: Run, task: Task, reason: str, event: Event) -> None:
    """Give a task back: steps with `declined` say what follows; without one it goes one up, so that it is held."""
    task.status, task.closed_at, task.reason = "declined", run.moment.at, reason
    say(run, task, "task.declined", reason=reason)
    plan, state = run.definition.steps[task.ref], run.step(task.ref)
    again = [ref for ref, one in run.definition.steps.items() if one.step.reopen and _brought_by(one, task.ref)]
    if again or any(task.ref in (one.step.declined or ()) for one in run.definition.steps.values()):
        state.status = "closed"
        run.instance.timers.pop(rung_timer(task.ref), None)
        for ref in again:
            come_again(run, ref, event)
        follow(run, task.ref, "declined")
        return
    if plan.to is None or plan.due is None:
        return
    if plan.step.optional:
        state.outcome = "declined"
        step_done(run, task.ref, event.id)
        forget_ended(run)
        return
    up = manager_of(run.moment, task.to)
    if state.occurrence > DECLINES_MAX or up.person == task.to.person:
        up = Recipient(role=task.to.role, queue=f"{run.definition.source.team}.unassigned", fallback=("declined",))
    state.trace = [trace_of(event)]
    open_task(run, plan, run.moment.at, plan.due.pick(run.bindings), to=up)


def _brought_by(plan: StepPlan, ref: str) -> bool:
    return plan.step.reopen is not None and ref in (plan.step.reopen.declined or ())


def come_again(run: Run, ref: str, event: Event) -> None:
    """Let a task come once more; the same event brings it once."""
    plan, state = run.definition.steps[ref], run.step(ref)
    assert plan.step.reopen is not None
    assert plan.due is not None
    if trace_of(event) in state.trace:
        return
    for item in open_items(run, ref):
        if isinstance(item, Task):
            items.cancel(run.moment, item, reason=f"reopened by {event.type}")
    state.trace = [trace_of(event)]
    open_task(run, plan, run.moment.at, plan.step.reopen.due or plan.due.pick(run.bindings))
