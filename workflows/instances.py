"""How a running instance goes on: what an event, a timer, or a finished step does to it.

States of an instance: ``running`` → ``done`` | ``cancelled``. An ended instance stays only while a task
that outlives it (`stays`) is open. States of a step are told in ``account.StepState``.

:data:`REACTIONS` is the index: what the compiler filed under an event type → function.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from events.envelope import Event
from workflows import items
from workflows.account import Alert, Clock, Hold, Instance, Loop, StepState, Task, Trace
from workflows.escalation import climb, fire_rung, ladder_of, rung_timer
from workflows.language.conditions import UNSET
from workflows.language.plans import Definition, EndPlan, Reaction, StepPlan, Timed
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, trace_of
from workflows.steps import Run, begin, fill, holder, open_items, open_task, raise_alert, run_of
from workflows.working_time import add

DELAYED = "~"
"""Ends the name of a timer that holds back a step (`delay`)."""
UNPROVEN = "?"
"""Ends the name of a timer that waits for the proof that a source is alive (R7)."""
LADDER = "!"
"""Ends the name of a ladder's timer (R12)."""


def open_instance(
    moment: Moment, definition: Definition, instance: Instance, event: Event, past: list[Event], bindings: Bindings
) -> None:
    """Open an instance with its start event; events of its look-back count as if it had been open when they came."""
    bindings.instance = instance
    run = Run(definition, instance, moment, bindings)
    instance.steps = {ref: StepState() for ref in definition.steps}
    moment.state.instances[instance.id] = instance
    moment.emit("workflow.started", _said(instance))
    for name, condition in definition.values:
        value = condition.value(run.bindings)
        if value is not UNSET:
            instance.values[name] = value
    if _ended_before(run, past):
        return
    for kind, name, matcher, _ in definition.reactions.get(event.type, ()):
        if kind == "track_add" and matcher.holds(run.bindings):
            _add_to_set(run, name, definition.track_by[name].value(run.bindings), begin_steps=False)
    for one in past:
        _remember_completion(run, one)
    for ref, plan in definition.steps.items():
        _begin_at_start(run, ref, plan)
    for ref in [ref for ref, state in instance.steps.items() if state.status == "done"]:
        _follow(run, ref, "after")
    _end_by_steps(run)


def _said(instance: Instance) -> dict[str, Any]:
    return {"workflow": instance.workflow, "key": instance.key, "instance": instance.id, "event": instance.start.id}


def _begin_at_start(run: Run, ref: str, plan: StepPlan) -> None:
    state = run.step(ref)
    for clock in plan.clocks:
        if clock.since == "start" or clock.since in run.definition.source.marks:
            _arm(run, clock, run.instance.clock_from)
    if state.status != "waiting":
        return
    if plan.trigger == "filled":
        if run.instance.tracked.get(plan.step.filled or ""):
            _begin_or_delay(run, plan, ())
    elif plan.trigger == "" and plan.action != "expect" and not _begin_or_delay(run, plan, ()):
        state.status = "skipped"


def _arm(run: Run, clock: Timed, since: datetime) -> None:
    run.moment.set_timer(run.instance, clock.timer, add(since, clock.within, run.calendar))


def _begin_or_delay(run: Run, plan: StepPlan, trace: tuple[Trace, ...]) -> bool:
    if plan.step.delay is None:
        return begin(run, plan, trace)
    run.step(plan.ref).trace = list(trace)
    run.moment.set_timer(run.instance, plan.ref + DELAYED, add(run.moment.at, plan.step.delay, run.calendar))
    return True


# ---------------------------------------------------------------- the look-back


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


# ---------------------------------------------------------------- events


def react(moment: Moment, definition: Definition, instance: Instance, event: Event) -> None:
    """Let one event do to one instance what its definition says, in the compiler's order."""
    found = definition.reactions.get(event.type)
    if found is None or not correlates(definition, instance, event):
        return
    run = run_of(moment, definition, instance)
    for reaction in found:
        if instance.status != "running":
            return
        kind, _, matcher, _ = reaction
        matched = matcher.holds(run.bindings)
        if matched or kind == "early":
            REACTIONS[kind](run, reaction, event, matched)


def correlates(definition: Definition, instance: Instance, event: Event, *, strictly: bool = False) -> bool:
    """Tell whether the event speaks of the same thing; one that names nothing may, unless `strictly`."""
    for name in definition.source.correlate or ():
        said = event.data.get(name)
        if said:
            return bool(said == (instance.data.get(name) or instance.key))
    return not strictly


def _cancel(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    plan: EndPlan = reaction[3]
    if plan.within is not None and event.time > add(run.instance.started_at, plan.within, run.calendar):
        return
    finish(run, "cancelled", plan)


def _restart(run: Run, _reaction: Reaction, _event: Event, _matched: bool) -> None:
    """Begin the clocks again: what ran out is taken back, what is due moves (W01: the customer asks to wait)."""
    assert run.definition.restart_from is not None
    since = run.definition.restart_from.value(run.bindings)
    if since is UNSET:
        return
    run.instance.clock_from = since
    for ref, plan in run.definition.steps.items():
        if any(clock.since == "start" for clock in plan.clocks):
            _restart_clocks(run, ref, plan)
        for item in open_items(run, ref):
            if isinstance(item, Task) and plan.step.clock == "start" and plan.due is not None:
                calendar = run.moment.directory.calendar_of(item.to.person)
                items.move_due(run.moment, item, add(since, plan.due.pick(run.bindings), calendar))
                climb(run.moment, run.instance, item, ladder_of(plan.step.ladder), calendar)


def _restart_clocks(run: Run, ref: str, plan: StepPlan) -> None:
    state = run.step(ref)
    for item in open_items(run, ref):
        if isinstance(item, Alert):
            items.resolve(run.moment, item, reason="clock_restarted")
            state.status = "waiting"
    if state.status in ("waiting", "missed"):
        state.status = "waiting"
        for clock in plan.clocks:
            if clock.since == "start":
                run.instance.timers.pop(clock.timer + UNPROVEN, None)
                _arm(run, clock, run.instance.clock_from)


def _track_add(run: Run, reaction: Reaction, _event: Event, _matched: bool) -> None:
    name = reaction[1]
    _add_to_set(run, name, run.definition.track_by[name].value(run.bindings), begin_steps=True)


def _add_to_set(run: Run, name: str, member: Any, *, begin_steps: bool) -> None:
    members = run.instance.tracked.setdefault(name, [])
    if not isinstance(member, str) or member in members:
        return
    members.append(member)
    if len(members) > 1 or not begin_steps:
        return
    for ref, plan in run.definition.steps.items():
        if plan.step.emptied == name:
            _call_off(run, ref)
        if plan.step.filled == name and (plan.action == "hold" or not open_items(run, ref)):
            _begin_or_delay(run, plan, _trace(run))


def _track_remove(run: Run, reaction: Reaction, _event: Event, _matched: bool) -> None:
    name = reaction[1]
    member = run.definition.track_by[name].value(run.bindings)
    members = run.instance.tracked.setdefault(name, [])
    if not members or (member and member not in members):
        return
    if member:
        members.remove(member)
    else:
        members.clear()
    if members:
        return
    for ref, plan in run.definition.steps.items():
        if plan.step.filled == name:
            _call_off(run, ref)
        if plan.step.emptied == name:
            _begin_or_delay(run, plan, _trace(run))


def _call_off(run: Run, ref: str) -> None:
    """Take back what a step has open, since the set that it stands for has changed."""
    run.instance.timers.pop(ref + DELAYED, None)
    for item in open_items(run, ref):
        if isinstance(item, Task):
            items.cancel(run.moment, item, reason="no_longer_needed")
            run.instance.timers.pop(rung_timer(ref), None)
    run.step(ref).status = "waiting"


def _trace(run: Run) -> tuple[Trace, ...]:
    return (trace_of(run.moment.event),) if run.moment.event is not None else ()


def _mark(run: Run, reaction: Reaction, _event: Event, _matched: bool) -> None:
    name = reaction[1]
    run.instance.marks[name] = run.moment.at
    for ref, plan in run.definition.steps.items():
        for clock in plan.clocks:
            if clock.since != name:
                continue
            state = run.step(ref)
            if state.by == clock.timer:
                _resolve_open(run, ref, f"{_event_name(run)}")
                state.status = "waiting"
            run.instance.timers.pop(clock.timer + UNPROVEN, None)
            _arm(run, clock, run.moment.at)


def _event_name(run: Run) -> str:
    return run.moment.event.type if run.moment.event is not None else ""


def _resolve_open(run: Run, ref: str, reason: str) -> None:
    for item in open_items(run, ref):
        if isinstance(item, Alert):
            items.resolve(run.moment, item, reason=reason)


def _told(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    for item in open_items(run, reaction[1]):
        if isinstance(item, Loop):
            items.tell_customer(run.moment, item, event.time)


def _done_by(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    """Complete the step; one that counts from the start may be done before its turn, one that comes after another may not."""
    ref = reaction[1]
    state = run.step(ref)
    for item in open_items(run, ref):
        if isinstance(item, Task):
            items.complete(run.moment, item, reason=f"{event.type} {event.id}")
            step_done(run, ref, event.id)
            return
    plan = run.definition.steps[ref]
    if state.status == "waiting" and (plan.step.clock == "start" or plan.step.handoff is not None):
        step_done(run, ref, event.id)


def _resolve_by(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    _resolve_open(run, reaction[1], f"{event.type} {event.id}")


def _void(run: Run, reaction: Reaction, _event: Event, _matched: bool) -> None:
    _call_off(run, reaction[1])


def _satisfy(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    """What was expected came: the clock stops, an alert that said it was missing is resolved (R7)."""
    _, ref, _, timer = reaction
    state = run.step(ref)
    waiting = run.instance.timers.pop(timer, None) or run.instance.timers.pop(timer + UNPROVEN, None)
    _resolve_open(run, ref, f"{event.type} {event.id}")
    if waiting is not None or state.by == timer:
        state.status = "waiting"
        step_done(run, ref, event.id)


def _early(run: Run, reaction: Reaction, event: Event, matched: bool) -> None:
    """Say before the deadline how it will end; and take it back when the event shows otherwise."""
    ref = reaction[1]
    plan, state = run.definition.steps[ref], run.step(ref)
    early = plan.step.early
    assert early is not None
    if matched and state.status == "waiting" and run.moment.can_start:
        state.by, state.trace = "early", [trace_of(event)]
        text = fill(run, plan.early)
        raise_alert(run, plan, state, severity=early.severity, because=text, clock=_clock_said(run, plan.clocks[0]))
    elif not matched and state.by == "early" and state.status == "open":
        _resolve_open(run, ref, f"{event.type} {event.id}")
        state.status, state.by = "waiting", ""
        _arm(run, plan.clocks[0], run.instance.clock_from)


def _reopen(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    ref = reaction[1]
    plan, state = run.definition.steps[ref], run.step(ref)
    if (state.occurrence == 0 and state.status != "done") or trace_of(event) in state.trace:
        return
    for item in open_items(run, ref):
        if isinstance(item, Task):
            items.cancel(run.moment, item, reason=f"reopened by {event.type}")
    assert plan.to is not None
    state.trace = [trace_of(event)]
    open_task(run, plan, state, plan.to.pick(run.bindings), run.moment.at, reaction[3])


def _trigger(run: Run, reaction: Reaction, event: Event, _matched: bool) -> None:
    ref = reaction[1]
    plan = run.definition.steps[ref]
    if not open_items(run, ref) or plan.action in ("lift", "pass"):
        _begin_or_delay(run, plan, (trace_of(event),))


def _done(run: Run, reaction: Reaction, _event: Event, _matched: bool) -> None:
    finish(run, "done", reaction[3])


REACTIONS: dict[str, Callable[[Run, Reaction, Event, bool], None]] = {
    "cancel": _cancel,
    "restart": _restart,
    "track_add": _track_add,
    "track_remove": _track_remove,
    "mark": _mark,
    "told": _told,
    "done_by": _done_by,
    "resolve": _resolve_by,
    "void": _void,
    "satisfy": _satisfy,
    "early": _early,
    "reopen": _reopen,
    "trigger": _trigger,
    "done": _done,
}
"""What each kind of reaction does."""


# ---------------------------------------------------------------- timers


def fire(moment: Moment, definition: Definition, instance: Instance, name: str) -> None:
    """Let a timer that is due do what it was set for."""
    due = instance.timers.pop(name)
    run = run_of(moment, definition, instance)
    ref = name.rstrip(DELAYED + UNPROVEN + LADDER).split(".")[0]
    plan = definition.steps[ref]
    if name.endswith(LADDER):
        _fire_rung(run, plan)
    elif instance.status != "running":
        return
    elif name.endswith(DELAYED):
        begin(run, plan, run.step(ref).trace)
    else:
        _fire_clock(run, plan, name, due)
    _end_by_steps(run)


def _fire_rung(run: Run, plan: StepPlan) -> None:
    for item in open_items(run, plan.ref):
        if isinstance(item, Task):
            calendar = run.moment.directory.calendar_of(item.to.person)
            fire_rung(run.moment, run.instance, item, ladder_of(plan.step.ladder), calendar)


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
        deadline = _deadline(run, clock)
        unheard = unheard_sources(run.moment, clock, deadline)
        if unheard and not name.endswith(UNPROVEN):
            wait = add(due, run.moment.directory.proof_wait, run.calendar)
            run.moment.set_timer(run.instance, name + UNPROVEN, wait)
            return
    _conclude(run, plan, clock, unheard)


def _deadline(run: Run, clock: Timed) -> datetime:
    return add(_since(run, clock), clock.within, run.calendar)


def _since(run: Run, clock: Timed) -> datetime:
    if clock.since in run.instance.marks:
        return run.instance.marks[clock.since]
    if clock.since in run.instance.steps:
        return run.step(clock.since).done_at or run.instance.clock_from
    return run.instance.clock_from


def clock_of_timer(definition: Definition, name: str) -> Timed:
    """Find the clock that a timer belongs to."""
    timer = name.rstrip(UNPROVEN)
    plan = definition.steps[timer.split(".")[0]]
    return next(one for one in plan.clocks if one.timer == timer)


def deadline_of_timer(moment: Moment, definition: Definition, instance: Instance, name: str) -> datetime:
    """Tell the due time of the clock that a timer belongs to."""
    return _deadline(run_of(moment, definition, instance), clock_of_timer(definition, name))


def unheard_sources(moment: Moment, clock: Timed, deadline: datetime) -> tuple[str, ...]:
    """List the declared sources of the expected event that were not heard from past the deadline."""
    wanted = {source.name for name in clock.types for source in moment.directory.sources_for(name)}
    heard = moment.state.watermarks
    return tuple(sorted(name for name in wanted if heard.get(name, deadline) <= deadline))


def conclude_proven(moment: Moment, definition: Definition, instance: Instance) -> None:
    """Conclude the absences whose proof has come since (a wake-up has told the watermarks)."""
    run = run_of(moment, definition, instance)
    for name in [one for one in instance.timers if one.endswith(UNPROVEN)]:
        clock = clock_of_timer(definition, name)
        plan = definition.steps[name.rstrip(UNPROVEN).split(".")[0]]
        if not unheard_sources(moment, clock, _deadline(run, clock)):
            del instance.timers[name]
            _conclude(run, plan, clock, ())
    _end_by_steps(run)


def _conclude(run: Run, plan: StepPlan, clock: Timed, unheard: tuple[str, ...]) -> None:
    state = run.step(plan.ref)
    if plan.action == "expect":
        state.status = "missed"
        _follow(run, plan.ref, "missed")
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
        raise_alert(run, plan, state, severity=severity, because=text, clock=_clock_said(run, clock), sources=unheard)
    else:
        begin(run, plan, (), _clock_said(run, clock) if plan.action != "task" else None)


def _clock_said(run: Run, clock: Timed) -> Clock:
    start = _since(run, clock)
    return Clock(run.calendar.name, start, add(start, clock.within, run.calendar), str(clock.within))


# ---------------------------------------------------------------- what a finished step brings


def step_done(run: Run, ref: str, by: str) -> None:
    """Note that a step is done and begin what waits for it."""
    plan, state = run.definition.steps[ref], run.step(ref)
    state.status, state.done_at, state.by = "done", run.moment.at, by
    run.instance.timers.pop(rung_timer(ref), None)
    if plan.step.handoff is not None:
        accept_ball(run, ref)
    for other in run.definition.steps.values():
        if ref in (other.step.settled_by or ()):
            _settle(run, other, ref)
        for clock in other.clocks:
            if clock.since == ref:
                if run.step(other.ref).status in ("missed", "done"):
                    run.step(other.ref).status = "waiting"
                _arm(run, clock, run.moment.at)
    if plan.step.repeats and _still_wanted(run, plan):
        begin(run, plan, _trace(run))
    _follow(run, ref, "after")
    _end_by_steps(run)


def _settle(run: Run, plan: StepPlan, by: str) -> None:
    """A step that was done another way than by the expected event: nothing is missing any more."""
    _resolve_open(run, plan.ref, f"{by} is done")
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


def _still_wanted(run: Run, plan: StepPlan) -> bool:
    return plan.step.filled is None or bool(run.instance.tracked.get(plan.step.filled))


def _follow(run: Run, ref: str, word: str) -> None:
    """Begin the steps that come after (or on the miss of) a step; a redone step brings them again."""
    for other in run.definition.steps.values():
        if ref not in (getattr(other.step, word) or ()):
            continue
        state = run.step(other.ref)
        again = state.status in ("done", "closed") and state.by_ref == ref
        if (state.status == "waiting" or again) and not open_items(run, other.ref):
            state.by_ref = ref
            _begin_or_delay(run, other, _trace(run))


# ---------------------------------------------------------------- the end


def _end_by_steps(run: Run) -> None:
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
    run_record.status, run_record.reason = instance.status, reason
    kept = set()
    for ref in instance.steps:
        for item in open_items(run, ref):
            if isinstance(item, Task | Alert) and item.stays and status == "done":
                if isinstance(item, Task):
                    kept.add(rung_timer(ref))
            else:
                _close(moment, item, reason, retracts=plan.retracts)
    instance.timers = {name: due for name, due in instance.timers.items() if name in kept}
    moment.emit(f"workflow.{'completed' if status == 'done' else 'cancelled'}", {**_said(instance), "reason": reason})
    if not kept:
        moment.state.instances.pop(instance.id, None)


def _close(moment: Moment, item: Task | Alert | Hold | Loop, reason: str, *, retracts: bool) -> None:
    match item:
        case Task():
            items.cancel(moment, item, reason=reason)
        case Alert():
            (items.retract if retracts else items.resolve)(moment, item, reason=reason)
        case Hold():
            items.lift(moment, item, reason=reason)
        case Loop():
            items.close_loop(moment, item, reason=reason)
