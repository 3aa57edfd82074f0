"""How does an instance begin? Its values, its first steps, and what had happened before it (the look-back)."""

from __future__ import annotations

from typing import Any

from events.envelope import Event
from workflows.account import Instance, StepState
from workflows.clocks import arm
from workflows.language.plans import Definition, StepPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment
from workflows.progress import begin_or_delay, end_by_steps, finish, follow, said_of
from workflows.reactions import add_to_set
from workflows.steps import Run


def open_instance(
    moment: Moment, definition: Definition, instance: Instance, event: Event, past: list[Event], bindings: Bindings
) -> None:
    """Open an instance with its start event; events of its look-back count as if it had been open when they came."""
    bindings.instance = instance
    run = Run(definition, instance, moment, bindings)
    instance.steps = {ref: StepState() for ref in definition.steps}
    moment.state.instances[instance.id] = instance
    if definition.watches:
        moment.state.watching.append(instance.id)
    moment.emit("workflow.started", said_of(instance))
    if _ended_before(run, past):
        return
    for kind, name, matcher, _ in definition.reactions.get(event.type, ()):
        if kind == "track_add" and matcher.holds(run.bindings):
            add_to_set(run, name, definition.track_by[name].value(run.bindings), begin_steps=False)
    for one in past:
        _remember_completion(run, one)
    for ref, plan in definition.steps.items():
        _begin_at_start(run, ref, plan)
    for ref in [ref for ref, state in instance.steps.items() if state.status == "done"]:
        follow(run, ref, "after")
    end_by_steps(run)


def _begin_at_start(run: Run, ref: str, plan: StepPlan) -> None:
    state = run.step(ref)
    if state.status != "waiting":
        return
    for clock in plan.clocks:
        if clock.since == "start" or clock.since in run.definition.source.marks:
            arm(run, clock, run.instance.clock_from)
    if plan.trigger == "filled":
        if run.instance.tracked.get(plan.step.filled or ""):
            begin_or_delay(run, plan, ())
    elif plan.trigger == "" and plan.action != "expect" and not begin_or_delay(run, plan, (), run.instance.clock_from):
        state.status = "skipped"


def _ended_before(run: Run, past: list[Event]) -> bool:
    """Tell whether an event before the start already was the end; the instance then closes at once."""
    for event in past:
        for kind, _, matcher, plan in run.definition.reactions.get(event.type, ()):
            if kind in ("done", "cancel") and _matches(run, matcher, event):
                finish(run, "done" if kind == "done" else "cancelled", plan)
                return True
    return False


def _remember_completion(run: Run, event: Event) -> None:
    for kind, ref, matcher, _ in run.definition.reactions.get(event.type, ()):
        counts = kind == "satisfy" or (kind == "done_by" and run.definition.steps[ref].step.clock == "start")
        if counts and _matches(run, matcher, event):
            state = run.step(ref)
            state.status, state.done_at, state.by = "done", run.moment.at, event.id


def _matches(run: Run, matcher: Any, event: Event) -> bool:
    former, run.bindings.event = run.bindings.event, event
    try:
        return bool(matcher.holds(run.bindings))
    finally:
        run.bindings.event = former
