"""How does an instance go on and end? What a finished step brings, and what the end closes.

States of an instance: ``running`` → ``done`` | ``cancelled``. An ended instance stays only while a task
that outlives it (`stays`) is open. States of a step are told in ``account.StepState``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflows import items
from workflows.account import Alert, Hold, Instance, Loop, Task, Trace, is_open
from workflows.bundles import hand_over
from workflows.clocks import AFTERWARDS, DELAYED, UNPROVEN, arm
from workflows.escalation import rung_timer
from workflows.language.plans import EndPlan, StepPlan
from workflows.moment import Moment, trace_of
from workflows.receivers import holder
from workflows.steps import Run, begin, open_items
from workflows.working_time import add


def begin_or_delay(run: Run, plan: StepPlan, trace: tuple[Trace, ...], since: datetime | None = None) -> bool:
    """Begin a step now, or set the timer that holds it back `since` then or now; tells if its condition let it."""
    if plan.step.delay is None:
        return begin(run, plan, trace)
    run.step(plan.ref).trace = list(trace)
    run.moment.stale.add("holds")  # a gate tells when a hold will be lifted
    run.moment.set_timer(run.instance, plan.ref + DELAYED, add(since or run.moment.at, plan.step.delay, run.calendar))
    return True


def step_done(run: Run, ref: str, by: str) -> None:
    """Note that a step is done and begin what waits for it."""
    plan, state = run.definition.steps[ref], run.step(ref)
    state.status, state.done_at, state.by = "done", run.moment.at, by
    run.instance.timers.pop(rung_timer(ref), None)
    run.instance.timers.pop(ref + DELAYED, None)
    if plan.step.handoff is not None:
        accept_ball(run, ref)
    if plan.bundle is not None:
        _accept_bundle(run, ref)
    for other in run.definition.steps.values():
        if ref in (other.step.settled_by or ()):
            _settle(run, other, ref)
        for clock in other.clocks:
            if clock.since == ref:
                if run.step(other.ref).status in ("missed", "done"):
                    run.step(other.ref).status = "waiting"
                arm(run, clock, run.moment.at)
    if plan.step.repeats and _still_wanted(run, plan):
        begin(run, plan, trace_now(run))
    follow(run, ref, "after")
    end_by_steps(run)


def _settle(run: Run, plan: StepPlan, by: str) -> None:
    """A step that was done another way than by what it waits for: nothing is missing any more."""
    resolve_open(run, plan.ref, f"{by} is done")
    for item in open_items(run, plan.ref):
        if isinstance(item, Task):
            items.complete(run.moment, item, reason=f"{by} is done")
            run.instance.timers.pop(rung_timer(plan.ref), None)
    for clock in plan.clocks:
        run.instance.timers.pop(clock.timer, None)
        run.instance.timers.pop(clock.timer + UNPROVEN, None)
    run.step(plan.ref).status = "done"


def accept_ball(run: Run, ref: str) -> None:
    """Pass the ball: the second phase of a handoff, at its acceptance."""
    plan = run.definition.steps[ref]
    assert plan.step.handoff is not None
    assert plan.to is not None
    tasks = [run.moment.state.work.get(one) for one in run.step(ref).work]
    accepted = [task.to for task in tasks if isinstance(task, Task)]
    to = accepted[-1] if accepted else holder(run, plan.to.pick(run.bindings), run.moment.at)
    for loop in open_items(run, plan.step.handoff.loop):
        if isinstance(loop, Loop):
            items.pass_loop(run.moment, loop, to)


def _accept_bundle(run: Run, ref: str) -> None:
    """Hand over what a task was given for, to whoever took it."""
    tasks = [run.moment.state.work.get(one) for one in run.step(ref).work]
    taken = [task.to for task in tasks if isinstance(task, Task)]
    if taken:
        hand_over(run.moment, run.instance, ref, taken[-1])


def _still_wanted(run: Run, plan: StepPlan) -> bool:
    return plan.step.filled is None or bool(run.instance.tracked.get(plan.step.filled))


def follow(run: Run, ref: str, word: str) -> None:
    """Begin the steps that come after (or on the miss of) a step; a redone step brings them again."""
    for other in run.definition.steps.values():
        if ref not in (getattr(other.step, word) or ()):
            continue
        state = run.step(other.ref)
        again = state.status in ("done", "closed") and state.by_ref == ref
        if (state.status == "waiting" or again) and not open_items(run, other.ref):
            state.by_ref = ref
            begin_or_delay(run, other, trace_now(run))


def call_off(run: Run, ref: str) -> None:
    """Take back what a step has open, since the set that it stands for has changed."""
    if run.instance.timers.pop(ref + DELAYED, None) is not None:
        run.moment.stale.add("holds")
    for clock in run.definition.steps[ref].clocks:
        run.instance.timers.pop(clock.timer, None)
        run.instance.timers.pop(clock.timer + UNPROVEN, None)
    for item in open_items(run, ref):
        if isinstance(item, Task):
            items.cancel(run.moment, item, reason="no_longer_needed")
            run.instance.timers.pop(rung_timer(ref), None)
        elif isinstance(item, Alert):
            items.resolve(run.moment, item, reason="no_longer_needed")
    run.step(ref).status = "waiting"


def resolve_open(run: Run, ref: str, reason: str) -> None:
    """Resolve the open alerts of a step."""
    for item in open_items(run, ref):
        if isinstance(item, Alert):
            items.resolve(run.moment, item, reason=reason)


def trace_now(run: Run) -> tuple[Trace, ...]:
    """Give the event of the moment as evidence; a timer has none."""
    return (trace_of(run.moment.event),) if run.moment.event is not None else ()


def end_by_steps(run: Run) -> None:
    """End the instance when one of its endings by steps has come true."""
    for plan in run.definition.done:
        if run.instance.status == "running" and _all_there(run, plan):
            finish(run, "done", plan)


def _all_there(run: Run, plan: EndPlan) -> bool:
    there = all(run.step(ref).status == "done" for ref in plan.after) and all(
        run.step(ref).status == "missed" for ref in plan.missed
    )
    there = there and all(run.step(ref).occurrence or run.step(ref).status == "closed" for ref in plan.begun)
    return there and (plan.condition is None or plan.condition.holds(run.bindings))


def finish(run: Run, status: str, plan: EndPlan) -> None:
    """End the instance: close what is open, keep what outlives it."""
    instance, moment = run.instance, run.moment
    reason = plan.reason or f"workflow_{'completed' if status == 'done' else 'cancelled'}"
    instance.status = "done" if status == "done" else "cancelled"
    run_record = moment.state.runs[f"{instance.workflow}/{instance.key}"]
    if run_record.instance == instance.id:  # after a cool-down a further run of the key may have begun beside it
        run_record.status, run_record.reason = instance.status, reason
    if plan.retracts:
        moment.state.deeds.pop(instance.id, None)
    _pass_at_the_end(run, plan)
    kept = set()
    for ref in instance.steps:
        for item in open_items(run, ref):
            if isinstance(item, Task | Alert) and item.stays and status == "done":
                if isinstance(item, Task):
                    kept.add(rung_timer(ref))
            else:
                _close(moment, item, reason, retracts=plan.retracts)
    moment.stale.add("runs")
    if instance.id in moment.state.watching:
        moment.state.watching.remove(instance.id)
    instance.timers = {name: due for name, due in instance.timers.items() if name in kept}
    if status == "done":
        kept |= _may_still_begin(run)
    moment.emit(f"workflow.{'completed' if status == 'done' else 'cancelled'}", {**said_of(instance), "reason": reason})
    if not kept:
        moment.state.instances.pop(instance.id, None)


def _pass_at_the_end(run: Run, plan: EndPlan) -> None:
    """Give the ball to whom it goes on with, before it is closed here."""
    if plan.passes is None:
        return
    ref, to = plan.passes
    for item in open_items(run, ref):
        if isinstance(item, Loop):
            items.pass_loop(run.moment, item, holder(run, to.pick(run.bindings), run.moment.at))


def _may_still_begin(run: Run) -> set[str]:
    """Set the timers of what an event may still begin after the end, and name its steps."""
    found = set()
    for ref, plan in run.definition.steps.items():
        if plan.step.afterwards is not None:
            until = add(run.moment.at, plan.step.afterwards, run.calendar)
            run.moment.set_timer(run.instance, ref + AFTERWARDS, until)
            found.add(ref)
    return found


def forget_ended(run: Run) -> None:
    """Drop an ended instance when nothing of it is open, and nothing of it may still begin."""
    work = run.moment.state.work
    items_of = [work[one] for state in run.instance.steps.values() for one in state.work if one in work]
    waits = any(name.endswith(AFTERWARDS) for name in run.instance.timers)
    if run.instance.status != "running" and not waits and not any(is_open(one) for one in items_of):
        run.moment.state.instances.pop(run.instance.id, None)


def _close(moment: Moment, item: Task | Alert | Hold | Loop, reason: str, *, retracts: bool) -> None:
    match item:
        case Task():
            items.cancel(moment, item, reason=reason)
        case Alert():
            (items.retract if retracts else items.resolve)(moment, item, reason=reason)
        case Hold():
            items.lift(moment, item, reason=reason, retracts=retracts)
        case Loop():
            items.close_loop(moment, item, reason=reason)


def said_of(instance: Instance) -> dict[str, Any]:
    """Name an instance as its lines do."""
    return {"workflow": instance.workflow, "key": instance.key, "instance": instance.id, "event": instance.start.id}
