"""How a step begins: the one place where a definition's words become work.

:data:`ACTIONS` is the index: action word → function. Each takes the run (definition, instance and
moment), the plan of the step and the events that led to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from workflows import items
from workflows.absences import expect_back
from workflows.account import Alert, Clock, Hold, Instance, Loop, Recipient, StepState, Task, Trace, is_open
from workflows.briefs import details_of, publish
from workflows.bundles import bundle_of, hand_over
from workflows.due_times import due_of
from workflows.escalation import climb, ladder_of, recipient
from workflows.evidence import evidence_of
from workflows.folding import tell_folded, thread_of
from workflows.language.conditions import UNSET
from workflows.language.durations import Duration
from workflows.language.grammar import TEAM_OF_ROLE, Rung
from workflows.language.plans import At, Definition, Named, StepPlan
from workflows.language.vocabulary import Bindings
from workflows.ledger_lines import post_entry
from workflows.limits import admitted
from workflows.moment import Moment, work_id
from workflows.overdue import OVERDUE, time_of_share
from workflows.receivers import CS_OPS, Wanted, holder, is_somebody, recipients
from workflows.standing import Entry
from workflows.stated import event_stated
from workflows.texts import fill
from workflows.working_time import Calendar

EFFECTS_MAX = 500
"""Work items that one instance may open in its life; beyond it the instance is parked (F49, F50)."""


@dataclass(slots=True)
class Run:
    """One instance at one moment, with its definition."""

    definition: Definition
    instance: Instance
    moment: Moment
    bindings: Bindings

    @property
    def calendar(self) -> Calendar:
        """The calendar of clocks that no single person holds: the organisation's (R6)."""
        return self.moment.directory.default_calendar

    def step(self, ref: str) -> StepState:
        """The state of a step."""
        return self.instance.steps[ref]


def run_of(moment: Moment, definition: Definition, instance: Instance) -> Run:
    """Bind an instance to the moment."""
    return Run(definition, instance, moment, moment.bindings(instance))


def begin(run: Run, plan: StepPlan, trace: Iterable[Trace] = (), clock: Clock | None = None) -> bool:
    """Carry out a step; tells whether its condition let it. What came too late raises no alert (R4)."""
    if plan.when is not None and not plan.when.holds(run.bindings):
        return False
    if plan.action == "alert" and not run.moment.can_start:
        return False
    if plan.action in ("task", "alert") and open_items(run, plan.ref):
        return False  # one of a step at a time: they share its ladder
    if plan.action == "task" and plan.to is not None and not is_somebody(run, plan.to.pick(run.bindings)):
        return False  # only a receiver that no role names can be nobody, such as a delegate
    if not admitted(run, plan):
        return False
    state = run.step(plan.ref)
    state.trace = list(trace)
    if plan.step.not_during is not None and is_on_hold(run.moment, plan.step.not_during):
        state.status = HELD_BACK
        return True
    run.instance.effects += 1
    if run.instance.effects > EFFECTS_MAX:
        message = f"instance {run.instance.id} opened more than {EFFECTS_MAX} items; it is parked (F49)"
        run.moment.fail(run.definition.name, message)
        return False
    ACTIONS[plan.action](run, plan, state, clock)
    return True


HELD_BACK = "held_back"
"""The state of a step that waits for the end of a hold (`not_during`)."""


def is_on_hold(moment: Moment, scopes: Iterable[str]) -> bool:
    """Tell whether one of these kinds of contact is on hold at the account."""
    return any(hold.scope in scopes for hold in moment.state.holds())


def _item_id(run: Run, ref: str, occurrence: int, extra: str = "") -> str:
    return work_id(f"{run.instance.id}/{ref}{extra}/{occurrence}")


def _next_item(run: Run, plan: StepPlan, state: StepState) -> str:
    """Count a task or an alert up and give its id; what a rewind kept under that id for a person stays hers (R8)."""
    while True:
        state.occurrence += 1
        known = _item_id(run, plan.ref, state.occurrence)
        if known not in run.moment.state.work:
            return known


def _task(run: Run, plan: StepPlan, _state: StepState, _clock: Clock | None) -> None:
    start = run.moment.at if plan.step.clock == "trigger" else run.instance.clock_from
    assert plan.due is not None
    open_task(run, plan, start, plan.due.pick(run.bindings))


def open_task(run: Run, plan: StepPlan, start: datetime, due_in: Duration | At, *, to: Recipient | None = None) -> None:
    """Create the next occurrence of a task step, with its ladder (R11, R12).

    It is due so long after `start`, by the calendar of who holds it: `to`, or whom the step names.
    """
    moment, step, state = run.moment, plan.step, run.step(plan.ref)
    assert plan.to is not None
    roles: Wanted = plan.to.pick(run.bindings)
    to = to or holder(run, roles, moment.at)
    calendar = moment.directory.calendar_of(to.person)
    due = due_of(run.bindings, due_in, start, calendar)
    if to.person is not None and moment.directory.is_away(to.person, due):
        to = holder(run, roles, due)
    known = _next_item(run, plan, state)
    state.status, state.outcome = "open", ""
    bundled = bundle_of(moment, run.instance, plan, run.bindings)
    title = fill(run, plan.text)
    said = Clock(calendar.name, start, due, str(due_in))
    task = Task(
        id=known,
        workflow=run.definition.name,
        key=run.instance.key,
        ref=plan.ref,
        instance=run.instance.id,
        title=title,
        to=to,
        status=_opening_status(run, plan, roles[0], to),
        opened_at=moment.at,
        due=due,
        calendar=calendar.name,
        evidence=evidence_of(run.definition, run.bindings, plan, because=title, trace=state.trace, clock=said),
        occurrence=state.occurrence,
        copy=[recipient(moment, CS_OPS, moment.at)] if to.queue else [],
        checklist=list(step.checklist),
        outcomes=list(step.outcomes),
        handoff=_loop_id(run, step.handoff.loop) if step.handoff else "",
        stays=step.stays,
        bundle=bundled,
    )
    state.work.append(task.id)
    moment.store(task)
    items.announce(moment, task)
    expect_back(moment, task)
    climb(moment, run.instance, task, ladder_of(step.ladder), calendar)
    watch(run, task, start)


def ladder_for(plan: StepPlan, task: Task) -> tuple[Rung, ...]:
    """Give the rungs of a task: those of its step, or others once it was taken."""
    then = plan.step.on_accept
    return ladder_of(then.ladder if then is not None and task.taken_at is not None else plan.step.ladder)


def watch(run: Run, task: Task, since: datetime) -> None:
    """Set the timers of the steps that act when this task stays open; its time counts from `since`."""
    calendar = run.moment.directory.calendar_of(task.to.person)
    for ref, plan in run.definition.steps.items():
        asked = plan.step.overdue
        if asked is not None and task.ref in asked.of:
            at = time_of_share(asked.at, since, task.due, calendar)
            run.moment.set_timer(run.instance, ref + OVERDUE, at)


def _opening_status(run: Run, plan: StepPlan, wanted: str | Named, to: Recipient) -> str:
    """Work for another team is offered, for one's own it is proposed; what passes a ball or a bundle is offered."""
    role = to.role if isinstance(wanted, Named) else wanted
    own = TEAM_OF_ROLE.get(role) == run.definition.source.team
    return "proposed" if own and plan.step.handoff is None and plan.bundle is None else "offered"


def _loop_id(run: Run, ref: str) -> str:
    work = run.step(ref).work
    return work[-1] if work else ""


def _alert(run: Run, plan: StepPlan, state: StepState, clock: Clock | None) -> None:
    assert plan.severity is not None
    raise_alert(run, plan, state, severity=plan.severity.pick(run.bindings), because=fill(run, plan.text), clock=clock)


def raise_alert(
    run: Run,
    plan: StepPlan,
    state: StepState,
    *,
    severity: str,
    because: str,
    clock: Clock | None,
    sources: tuple[str, ...] = (),
) -> None:
    """Raise the next occurrence of an alert step (R13); `sources` are those that were not heard from (R7)."""
    assert plan.to is not None
    thread = thread_of(run.moment, run.definition.name)
    if thread is not None:
        state.status = "closed"
        tell_folded(run.moment, run.definition, run.instance.key, thread, because, plan.ref)
        return
    known = _next_item(run, plan, state)
    state.status = "open"
    sources = sources or tuple(run.instance.found.unheard if run.instance.found is not None else ())
    alert = Alert(
        id=known,
        workflow=run.definition.name,
        key=run.instance.key,
        ref=plan.ref,
        instance=run.instance.id,
        because=because,
        severity=severity,
        to=recipients(run, (*plan.to.pick(run.bindings), *((CS_OPS,) if sources else ()))),
        status="raised",
        opened_at=run.moment.at,
        evidence=evidence_of(
            run.definition,
            run.bindings,
            plan,
            because=because,
            trace=state.trace,
            clock=clock,
            unheard=sources,
        ),
        occurrence=state.occurrence,
        confirmed=not sources,
        stays=plan.step.stays,
        details=details_of(run, plan),
    )
    state.work.append(alert.id)
    run.moment.store(alert)
    items.announce(run.moment, alert)


def _hold(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    """Place the holds; of a step that comes again, those that were lifted since."""
    live = {one.scope for one in open_items(run, plan.ref) if isinstance(one, Hold)}
    state.occurrence += 1
    state.status = "open"
    reason = fill(run, plan.text)
    speak_to = holder(run, plan.to.pick(run.bindings), run.moment.at) if plan.to else None
    evidence = evidence_of(run.definition, run.bindings, plan, because=reason, trace=state.trace)
    for scope in plan.step.hold or []:
        if scope in live:
            continue
        hold = Hold(
            id=_item_id(run, plan.ref, state.occurrence, f"/{scope}"),
            workflow=run.definition.name,
            key=run.instance.key,
            ref=plan.ref,
            instance=run.instance.id,
            scope=scope,
            reason=reason,
            status="live",
            opened_at=run.moment.at,
            evidence=evidence,
            occurrence=state.occurrence,
            speak_to=speak_to,
            code=plan.step.code or "",
            contact=plan.contact.value(run.bindings) if plan.contact is not None else "",
        )
        state.work.append(hold.id)
        run.moment.store(hold)
        items.announce(run.moment, hold)


def _lift(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    asked = plan.step.lift
    assert asked is not None
    state.status = "closed"
    for hold in open_items(run, asked.hold):
        if isinstance(hold, Hold) and (asked.scopes is None or hold.scope in asked.scopes):
            items.lift(run.moment, hold, reason=plan.ref)


def _loop(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    asked = plan.step.loop
    assert asked is not None
    state.occurrence += 1
    state.status = "open"
    loop = Loop(
        id=_item_id(run, plan.ref, state.occurrence),
        workflow=run.definition.name,
        key=run.instance.key,
        ref=plan.ref,
        instance=run.instance.id,
        name=asked.name,
        holder=holder(run, _receiver(run, plan), run.moment.at),
        status="open",
        opened_at=run.moment.at,
        held_since=run.moment.at,
        evidence=evidence_of(run.definition, run.bindings, plan, because=asked.name, trace=state.trace),
        occurrence=state.occurrence,
    )
    state.work.append(loop.id)
    run.moment.store(loop)
    items.announce(run.moment, loop)


def _receiver(run: Run, plan: StepPlan) -> Wanted:
    assert plan.receiver is not None
    found: Wanted = plan.receiver.pick(run.bindings)
    return found


def _pass(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    """Move the ball, and with it the task that is asked of its holder."""
    asked = plan.step.pass_
    assert asked is not None
    state.status = "closed"
    wanted = _receiver(run, plan)
    if not is_somebody(run, wanted):
        return
    to = holder(run, wanted, run.moment.at)
    if asked.bundle is not None:
        hand_over(run.moment, run.instance, asked.bundle, to)
        return
    assert asked.loop is not None
    for item in [*open_items(run, asked.loop), *(open_items(run, asked.task) if asked.task else ())]:
        if isinstance(item, Loop):
            items.pass_loop(run.moment, item, to)
        elif isinstance(item, Task):
            items.reassign(run.moment, item, to, reason=plan.ref)


def _expect(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    """Nothing to do: what is expected is watched by the step's clock."""
    del run, plan, state


def _gate(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    """Open it to be judged, at the end of this event and whenever its verdict may change (`gates.recheck`)."""
    del plan
    state.occurrence, state.status = state.occurrence + 1, "open"
    run.moment.stale.add("runs")


def _post(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    asked = plan.step.post
    assert asked is not None
    assert plan.points is not None
    state.occurrence, state.status = state.occurrence + 1, "closed"
    points = plan.points.value(run.bindings)
    contact = plan.contact.value(run.bindings) if plan.contact is not None else ""
    if points is not UNSET:
        name = _item_id(run, plan.ref, state.occurrence)
        entry = Entry(asked.kind, float(points), run.moment.at, run.instance.start.id, contact)
        post_entry(run.moment, name, entry)


def _record(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    """State an event; it is folded in when what is at hand is done, as if it had come in then."""
    state.occurrence, state.status = state.occurrence + 1, "closed"
    name = _item_id(run, plan.ref, state.occurrence)
    run.moment.recorded.append(event_stated(run.moment, run.instance, plan, name, run.bindings))


def open_items(run: Run, ref: str) -> list[Task | Alert | Hold | Loop]:
    """List what a step has open."""
    work = run.moment.state.work
    return [work[one] for one in run.step(ref).work if one in work and is_open(work[one])]


ACTIONS: dict[str, Callable[[Run, StepPlan, StepState, Clock | None], None]] = {
    "task": _task,
    "alert": _alert,
    "hold": _hold,
    "lift": _lift,
    "loop": _loop,
    "pass": _pass,
    "expect": _expect,
    "gate": _gate,
    "post": _post,
    "brief": publish,
    "record": _record,
}
"""The action words of the language and what each does."""
