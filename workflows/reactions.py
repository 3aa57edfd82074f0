"""What does an event do to a running instance? One function for each kind of reaction.

:data:`REACTIONS` is the index: what the compiler filed under an event type → function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from events.envelope import Event
from workflows import items
from workflows.account import Alert, Instance, Loop, Task
from workflows.clocks import AFTERWARDS, UNPROVEN, arm, clock_said
from workflows.due_times import due_of
from workflows.escalation import climb
from workflows.gates import judge, override, take_members
from workflows.gathering import gather
from workflows.language.conditions import UNSET
from workflows.language.plans import Definition, EndPlan, Reaction, StepPlan
from workflows.language.vocabulary import person_of
from workflows.moment import Moment, trace_of
from workflows.pauses import pause, resume
from workflows.progress import begin_or_delay, call_off, finish, resolve_open, step_done, trace_now
from workflows.steps import Run, ladder_for, open_items, raise_alert, run_of, watch
from workflows.taking import accept, come_again, decline
from workflows.texts import fill
from workflows.working_time import add, date_or_instant


def react(moment: Moment, definition: Definition, instance: Instance, event: Event) -> None:
    """Let one event do to one instance what its definition says, in the compiler's order."""
    found = definition.reactions.get(event.type)
    if found is None or not correlates(definition, instance, event):
        return
    run = run_of(moment, definition, instance)
    for reaction in found:
        kind, ref, matcher, _ = reaction
        if instance.status != "running" and (kind != "trigger" or ref + AFTERWARDS not in instance.timers):
            continue
        if kind == "done_by" and not _can_be_done(run, ref):
            continue
        if matcher.holds(run.bindings):
            REACTIONS[kind](run, reaction, event)
        elif kind == "early":
            _not_early(run, reaction, event)


def correlates(definition: Definition, instance: Instance, event: Event, *, strictly: bool = False) -> bool:
    """Tell whether the event speaks of the same thing; one that names nothing may, unless `strictly`."""
    for name in definition.correlate.get(instance.way, ()):
        said = event.data.get(name)
        if said:
            return bool(said == (instance.data.get(name) or instance.key))
    return not strictly


def _cancel(run: Run, reaction: Reaction, event: Event) -> None:
    plan: EndPlan = reaction[3]
    if plan.within is not None and event.time > add(run.instance.started_at, plan.within, run.calendar):
        return
    finish(run, "cancelled", plan)


def _restart(run: Run, _reaction: Reaction, _event: Event) -> None:
    """Begin the clocks again: what ran out is taken back, what is due moves (W01: the customer asks to wait)."""
    assert run.definition.restart_from is not None
    since = run.definition.restart_from.value(run.bindings)
    if since is UNSET:
        return
    since = date_or_instant(since, run.calendar)
    run.instance.clock_from = since
    for ref, plan in run.definition.steps.items():
        if any(clock.since == "start" for clock in plan.clocks):
            _restart_clocks(run, ref, plan)
        for item in open_items(run, ref):
            if isinstance(item, Task) and plan.step.clock == "start" and plan.due is not None:
                calendar = run.moment.directory.calendar_of(item.to.person)
                items.move_due(run.moment, item, due_of(run.bindings, plan.due.pick(run.bindings), since, calendar))
                watch(run, item, since)
                climb(run.moment, run.instance, item, ladder_for(plan, item), calendar)


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
                arm(run, clock, run.instance.clock_from)


def _pause(run: Run, _reaction: Reaction, _event: Event) -> None:
    pause(run)


def _resume(run: Run, _reaction: Reaction, _event: Event) -> None:
    resume(run)


def _track_add(run: Run, reaction: Reaction, _event: Event) -> None:
    name = reaction[1]
    add_to_set(run, name, run.definition.track_by[name].value(run.bindings), begin_steps=True)


def add_to_set(run: Run, name: str, member: Any, *, begin_steps: bool) -> None:
    """Add a member to a tracked set; the first one begins the steps that wait for it."""
    members = run.instance.tracked.setdefault(name, [])
    if not isinstance(member, str) or member in members:
        return
    members.append(member)
    run.moment.stale.add("runs")
    if len(members) > 1 or not begin_steps:
        return
    for ref, plan in run.definition.steps.items():
        if plan.step.emptied == name:
            call_off(run, ref)
        if plan.step.filled == name and (plan.action == "hold" or not open_items(run, ref)):
            begin_or_delay(run, plan, trace_now(run))


def _track_remove(run: Run, reaction: Reaction, _event: Event) -> None:
    name = reaction[1]
    member = run.definition.track_by[name].value(run.bindings)
    members = run.instance.tracked.setdefault(name, [])
    if not members or (member and member not in members):
        return
    if member:
        members.remove(member)
    else:
        members.clear()
    run.moment.stale.add("runs")
    if members:
        return
    for ref, plan in run.definition.steps.items():
        if plan.step.filled == name:
            call_off(run, ref)
        if plan.step.emptied == name:
            begin_or_delay(run, plan, trace_now(run))


def _mark(run: Run, reaction: Reaction, _event: Event) -> None:
    set_mark(run, reaction[1])


def done_by_a_person(run: Run, ref: str) -> None:
    """Set the marks that would have proved a step, and the loops' clocks that listen to them: her word is as good."""
    for name in run.definition.steps[ref].step.done_by or ():
        if isinstance(name, str) and name in run.definition.source.marks:
            set_mark(run, name)
            for loop in _loops_told_by(run, name):
                items.tell_customer(run.moment, loop, run.moment.at)


def customer_told(run: Run, loop: Loop, event: Event) -> None:
    """Take a person's word that the customer was told, as the events that a loop names in `told` would be taken."""
    items.tell_customer(run.moment, loop, event.time)
    asked = run.definition.steps[loop.ref].step.loop
    assert asked is not None
    if not isinstance(asked.told, str):
        return
    set_mark(run, asked.told)
    for ref, plan in run.definition.steps.items():
        if asked.told in (plan.step.done_by or ()) and run.instance.status == "running":
            complete_step(run, ref, event)


def _loops_told_by(run: Run, name: str) -> list[Loop]:
    steps = [one for one in run.definition.steps.values() if one.step.loop is not None and one.step.loop.told == name]
    return [item for one in steps for item in open_items(run, one.ref) if isinstance(item, Loop)]


def set_mark(run: Run, name: str) -> None:
    """Note that what a mark stands for happens now; the clocks that count from it begin again."""
    run.instance.marks[name] = run.moment.at
    run.instance.counts[name] = run.instance.counts.get(name, 0) + 1
    for ref, plan in run.definition.steps.items():
        for clock in plan.clocks:
            if clock.since != name:
                continue
            state = run.step(ref)
            if state.by == clock.timer:
                resolve_open(run, ref, f"{_event_name(run)}")
                state.status = "waiting"
            run.instance.timers.pop(clock.timer + UNPROVEN, None)
            arm(run, clock, run.moment.at)


def _event_name(run: Run) -> str:
    return run.moment.event.type if run.moment.event is not None else ""


def _override(run: Run, reaction: Reaction, event: Event) -> None:
    override(run, run.definition.steps[reaction[1]], event)


def _renew(run: Run, reaction: Reaction, _event: Event) -> None:
    """Take the new list of a gate, and ask for each of it."""
    plan = run.definition.steps[reaction[1]]
    if run.step(plan.ref).status == "open":
        take_members(run, plan)
        judge(run, plan, is_renewed=True)


def _told(run: Run, reaction: Reaction, event: Event) -> None:
    for item in open_items(run, reaction[1]):
        if isinstance(item, Loop):
            items.tell_customer(run.moment, item, event.time)


def _done_by(run: Run, reaction: Reaction, event: Event) -> None:
    complete_step(run, reaction[1], event)


def _can_be_done(run: Run, ref: str) -> bool:
    """Tell whether an event may complete the step, before its condition is computed: it may be done, or not begun."""
    status = run.step(ref).status
    return status == "open" or (status == "waiting" and _may_be_done_early(run, ref)) or bool(open_items(run, ref))


def _may_be_done_early(run: Run, ref: str) -> bool:
    """Tell whether the step may be done before its turn: one whose clock is the start, or that passes a ball."""
    step = run.definition.steps[ref].step
    return step.clock == "start" or step.handoff is not None


def complete_step(run: Run, ref: str, event: Event) -> None:
    """Complete the step; some may be done before their turn, a following one may not."""
    state = run.step(ref)
    for item in open_items(run, ref):
        if isinstance(item, Task):
            items.complete(run.moment, item, reason=f"{event.type} {event.id}")
            step_done(run, ref, event.id)
            return
    if state.status == "waiting" and _may_be_done_early(run, ref):
        step_done(run, ref, event.id)


def _accept(run: Run, reaction: Reaction, event: Event) -> None:
    """An event says that somebody takes the task; who has taken it already goes on."""
    for item in open_items(run, reaction[1]):
        if isinstance(item, Task) and item.status in ("proposed", "offered"):
            accept(run, item, person_of(event.data), event)


def _decline(run: Run, reaction: Reaction, event: Event) -> None:
    for item in open_items(run, reaction[1]):
        if isinstance(item, Task):
            decline(run, item, str(event.data.get("reason") or event.type), event)


def _resolve_by(run: Run, reaction: Reaction, event: Event) -> None:
    resolve_open(run, reaction[1], f"{event.type} {event.id}")


def _void(run: Run, reaction: Reaction, _event: Event) -> None:
    call_off(run, reaction[1])
    if run.definition.steps[reaction[1]].action == "gate":
        run.instance.timers.pop(reaction[1], None)
        run.step(reaction[1]).status = "closed"


def _satisfy(run: Run, reaction: Reaction, event: Event) -> None:
    """What was expected came: the clock stops, an alert that said it was missing is resolved (R7)."""
    _, ref, _, timer = reaction
    state = run.step(ref)
    waiting = run.instance.timers.pop(timer, None) or run.instance.timers.pop(timer + UNPROVEN, None)
    resolve_open(run, ref, f"{event.type} {event.id}")
    if waiting is not None or state.by == timer:
        state.status = "waiting"
        step_done(run, ref, event.id)


def _early(run: Run, reaction: Reaction, event: Event) -> None:
    """Say before the deadline how it will end."""
    ref = reaction[1]
    plan, state = run.definition.steps[ref], run.step(ref)
    early = plan.step.early
    assert early is not None
    if state.status == "waiting" and run.moment.can_start:
        state.by, state.trace = "early", [trace_of(event)]
        text = fill(run, plan.early)
        raise_alert(run, plan, state, severity=early.severity, because=text, clock=clock_said(run, plan.clocks[0]))


def _not_early(run: Run, reaction: Reaction, event: Event) -> None:
    """Take back what was said early: the event shows that it may end well after all."""
    ref = reaction[1]
    plan, state = run.definition.steps[ref], run.step(ref)
    if state.by == "early" and state.status == "open":
        resolve_open(run, ref, f"{event.type} {event.id}")
        state.status, state.by = "waiting", ""
        arm(run, plan.clocks[0], run.instance.clock_from)


def _reopen(run: Run, reaction: Reaction, event: Event) -> None:
    ref = reaction[1]
    state = run.step(ref)
    if state.occurrence > 0 or state.status == "done":
        come_again(run, ref, event)


def _refuse(run: Run, reaction: Reaction, event: Event) -> None:
    """What was handed in is not what was asked for: the task stays open, and says what is missing."""
    _, ref, _, refused = reaction
    missing = run.definition.missing[refused.missing](run.bindings)
    for item in open_items(run, ref):
        if isinstance(item, Task):
            note = f"{refused.reason}: {', '.join(missing)}" if missing else refused.reason
            item.notes.append(f"{note} ({event.id})")
            items.tell_note(run.moment, item, note, reason=refused.reason, missing=missing)


def _trigger(run: Run, reaction: Reaction, event: Event) -> None:
    ref = reaction[1]
    plan = run.definition.steps[ref]
    if not open_items(run, ref) or plan.action in ("lift", "pass"):
        begin_or_delay(run, plan, (trace_of(event),))


def _done(run: Run, reaction: Reaction, _event: Event) -> None:
    finish(run, "done", reaction[3])


REACTIONS: dict[str, Callable[[Run, Reaction, Event], None]] = {
    "cancel": _cancel,
    "restart": _restart,
    "pause": _pause,
    "resume": _resume,
    "track_add": _track_add,
    "track_remove": _track_remove,
    "mark": _mark,
    "override": _override,
    "renew": _renew,
    "told": _told,
    "gather": gather,
    "refuse": _refuse,
    "accept": _accept,
    "decline": _decline,
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
