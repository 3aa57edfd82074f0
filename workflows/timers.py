"""What does a timer do when it is due? Rungs of ladders, delayed steps, absences (R5, R7, R12)."""

from __future__ import annotations

from datetime import datetime

from workflows.account import Instance, Task
from workflows.clocks import (
    AFTERWARDS,
    DELAYED,
    LADDER,
    UNPROVEN,
    clock_of_timer,
    clock_said,
    deadline_of,
    unheard_sources,
)
from workflows.escalation import fire_rung
from workflows.gates import judge
from workflows.language.plans import Definition, StepPlan, Timed
from workflows.moment import Moment
from workflows.overdue import OVERDUE
from workflows.progress import end_by_steps, follow, forget_ended
from workflows.steps import Run, begin, ladder_for, open_items, raise_alert, run_of
from workflows.texts import fill
from workflows.working_time import add


def fire(moment: Moment, definition: Definition, instance: Instance, name: str) -> None:
    """Let a timer that is due do what it was set for."""
    due = instance.timers.pop(name)
    run = run_of(moment, definition, instance)
    ref = name.rstrip(DELAYED + UNPROVEN + LADDER + OVERDUE + AFTERWARDS).split(".")[0]
    plan = definition.steps[ref]
    if name.endswith(LADDER):
        _fire_rung(run, plan)
    elif name.endswith(AFTERWARDS):
        forget_ended(run)
    elif instance.status != "running":
        return
    elif plan.action == "gate":
        judge(run, plan)
    elif name.endswith(OVERDUE):
        _fire_overdue(run, plan)
    elif name.endswith(DELAYED):
        begin(run, plan, run.step(ref).trace)
    else:
        _fire_clock(run, plan, name, due)
    end_by_steps(run)


def _fire_overdue(run: Run, plan: StepPlan) -> None:
    """A share of a task's time is over: act if the task is still open."""
    asked = plan.step.overdue
    assert asked is not None
    if any(isinstance(item, Task) for ref in asked.of for item in open_items(run, ref)):
        begin(run, plan, ())


def _fire_rung(run: Run, plan: StepPlan) -> None:
    for item in open_items(run, plan.ref):
        if isinstance(item, Task):
            calendar = run.moment.directory.calendar_of(item.to.person)
            fire_rung(run.moment, run.instance, item, ladder_for(plan, item), calendar)


def _fire_clock(run: Run, plan: StepPlan, name: str, due: datetime) -> None:
    """A clock ran out: conclude the absence if the sources were heard from past it, else wait for proof (R7)."""
    state = run.step(plan.ref)
    if state.status not in ("waiting", "missed") and plan.action not in ("task", "alert"):
        return
    if state.status == "open":
        return
    clock = clock_of_timer(run.definition, name)
    unheard: tuple[str, ...] = ()
    if plan.trigger == "absent" or plan.action == "expect":
        deadline = deadline_of(run, clock)
        unheard = unheard_sources(run.moment, clock.types, deadline)
        if unheard and not name.endswith(UNPROVEN):
            wait = add(due, run.moment.directory.proof_wait, run.calendar)
            run.moment.set_timer(run.instance, name + UNPROVEN, wait)
            return
    _conclude(run, plan, clock, unheard)


def conclude_proven(moment: Moment, definition: Definition, instance: Instance) -> None:
    """Conclude the absences whose proof has come since (a wake-up has told the watermarks)."""
    run = run_of(moment, definition, instance)
    for name in [one for one in instance.timers if one.endswith(UNPROVEN)]:
        clock = clock_of_timer(definition, name)
        plan = definition.steps[name.rstrip(UNPROVEN).split(".")[0]]
        if not unheard_sources(moment, clock.types, deadline_of(run, clock)):
            del instance.timers[name]
            _conclude(run, plan, clock, ())
    end_by_steps(run)


def _conclude(run: Run, plan: StepPlan, clock: Timed, unheard: tuple[str, ...]) -> None:
    state = run.step(plan.ref)
    if plan.action == "expect":
        state.status = "missed"
        follow(run, plan.ref, "missed")
        return
    if plan.when is not None and not plan.when.holds(run.bindings):
        if plan.step.recheck is not None:
            again = add(run.moment.at, plan.step.recheck, run.calendar)
            run.moment.set_timer(run.instance, clock.timer, again)
        return
    state.by, state.trace = clock.timer, []
    if plan.action == "alert":
        assert plan.severity is not None
        severity = plan.severity.pick(run.bindings)
        text = fill(run, plan.text)
        raise_alert(run, plan, state, severity=severity, because=text, clock=clock_said(run, clock), sources=unheard)
    else:
        begin(run, plan, (), clock_said(run, clock) if plan.action != "task" else None)
