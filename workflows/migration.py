"""May a running instance go over to another version of its workflow, and what becomes of its steps? (R17, F52).

Work that is out stays as it is: the same item, holder and due time. What is still to come comes as the new version
says. So nothing is dropped and nothing doubled; where that cannot be kept, the instance keeps its version and says why:

- a step that is at work (open, held back, or with a clock of its own that runs) has its place in the new version;
- the new version reads no value that only a start could have worked out;
- the clocks of the instance do not stand still.

A clock that is changed counts anew from where it counted; a new clock or step begins only if what begins it is still to
come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from workflows.account import Instance, StepState, Task, is_open
from workflows.clocks import AFTERWARDS, DELAYED, LADDER, UNPROVEN, deadline_of
from workflows.escalation import climb, ladder_of
from workflows.language.plans import Definition, StepPlan, Timed
from workflows.moment import Moment
from workflows.overdue import OVERDUE
from workflows.progress import end_by_steps, said_of
from workflows.steps import HELD_BACK, Run, ladder_for, open_items, run_of
from workflows.versions import Change, changes_of

_SIGNS = DELAYED + UNPROVEN + LADDER + OVERDUE + AFTERWARDS


def adopt(moment: Moment) -> None:
    """Fold an activation in: forget what waits for starts that are no more, migrate what is to be migrated."""
    assert moment.event is not None, "an activation is an event"
    for change in changes_of(moment.event):
        for pattern in change.dropped:
            moment.state.pending.pop(pattern, None)
        new = moment.library.by_hash.get(change.hash)
        if not change.migrate or new is None:
            continue
        for instance in list(moment.state.instances.values()):
            if instance.workflow == change.workflow and instance.definition != new.hash:
                _adopt(moment, instance, new, change)


def _adopt(moment: Moment, instance: Instance, new: Definition, change: Change) -> None:
    old = moment.library.by_hash.get(instance.definition)
    if old is None or instance.status != "running":
        return
    refusal = refusal_of(moment, instance, old, new, change.steps)
    if refusal:
        moment.fail(instance.workflow, f"{instance.id} keeps its version {old.source.version}: {refusal}")
        return
    migrate(moment, instance, old, new, change.steps)


def faults_of(old: Definition, new: Definition, steps: Mapping[str, str]) -> list[str]:
    """List what is wrong with a mapping between two versions, whatever runs on them."""
    found = [f"{ref} is no step of {old.source.version}" for ref in steps if ref not in old.steps]
    found += [f"{ref} is no step of {new.source.version}" for ref in steps.values() if ref not in new.steps]
    found += [
        f"{ref} is a step of {old.source.version} already: its work would be mistaken for that of another step"
        for ref in steps.values()
        if ref in old.steps
    ]
    found += [f"two steps become {ref}" for ref in sorted(set(steps.values())) if list(steps.values()).count(ref) > 1]
    if old.source.key != new.source.key:
        found.append(f"the key is {new.source.key} and was {old.source.key}: instances would be told apart otherwise")
    return found


def refusal_of(moment: Moment, instance: Instance, old: Definition, new: Definition, steps: Mapping[str, str]) -> str:
    """Tell why an instance has to keep its version; "" when it may go over to the new one."""
    if instance.paused_at is not None:
        return "its clocks stand still, and go on as the version says that stopped them"
    unknown = {name for name, _ in new.values} - {name for name, _ in old.values}
    if unknown:
        return f"the new version reads {', '.join(sorted(unknown))}, which is worked out when an instance begins"
    run = run_of(moment, old, instance)
    for ref in old.steps:
        target = new.steps.get(steps.get(ref, ref))
        if _is_at_work(run, ref) and (target is None or target.action != old.steps[ref].action):
            lacks = "has no such step" if target is None else f"has it as {target.action}"
            return f"{ref} is at work and the new version {lacks}; name the step that takes its place"
    return ""


def _is_at_work(run: Run, ref: str) -> bool:
    held_back = run.step(ref).status == HELD_BACK or ref + DELAYED in run.instance.timers
    return held_back or run.step(ref).status == "open" or bool(open_items(run, ref))


def migrate(moment: Moment, instance: Instance, old: Definition, new: Definition, steps: Mapping[str, str]) -> None:
    """Let an instance go on as another version says; `refusal_of` must have nothing against it."""
    former = run_of(moment, old, instance)
    clocks = _clocks_to_set(former, new, steps)
    kept = {steps.get(ref, ref): state for ref, state in instance.steps.items() if steps.get(ref, ref) in new.steps}
    instance.timers = dict(_timers_kept(instance, old, new, steps, clocks))
    instance.steps = {ref: kept.get(ref) or _new_step(plan) for ref, plan in new.steps.items()}
    instance.verdicts = {
        steps.get(ref, ref): one for ref, one in instance.verdicts.items() if steps.get(ref, ref) in kept
    }
    instance.bundles = {
        steps.get(ref, ref): one for ref, one in instance.bundles.items() if steps.get(ref, ref) in kept
    }
    instance.definition = new.hash
    for name, due in clocks.items():
        moment.set_timer(instance, name, due)
    _rename_work(moment, instance, steps)
    run = run_of(moment, new, instance)
    _climb_anew(run, old, steps)
    moment.rebuild_timers()
    _watch(moment, instance, new)
    moment.stale.add("runs")
    _tell(moment, instance, old, new)
    end_by_steps(run)


def _tell(moment: Moment, instance: Instance, old: Definition, new: Definition) -> None:
    """Say that it went over, and by which activation: of several at one instant, each has lines of its own."""
    assert moment.event is not None, "an activation is an event"
    between = {"from": old.source.version, "to": new.source.version, "activation": moment.event.id}
    moment.emit("workflow.migrated", said_of(instance) | between)


def _new_step(plan: StepPlan) -> StepState:
    """Give the state of a step that the former version did not have: the start, which began others, is past."""
    begins_at_start = plan.trigger == "" and plan.action != "expect"
    return StepState(status="skipped") if begins_at_start else StepState()


def _clocks_to_set(run: Run, new: Definition, steps: Mapping[str, str]) -> dict[str, datetime]:
    """Give the timers of clocks that are changed or new, with the times at which they run out."""
    former = {
        _renamed(clock.timer, steps): (ref, clock)
        for ref, plan in run.definition.steps.items()
        for clock in plan.clocks
    }
    back = {after: before for before, after in steps.items()}
    found = {}
    for plan in new.steps.values():
        for clock in plan.clocks:
            known = former.get(clock.timer)
            since = _clock_of(clock, back)
            if known is not None and (known[1].timer not in run.instance.timers or _is_same(known[1], since)):
                continue
            if not _has_begun(run, since):
                continue
            due = deadline_of(run, since)
            if known is not None or due > run.moment.at:
                found[clock.timer] = due
    return found


def _clock_of(clock: Timed, back: Mapping[str, str]) -> Timed:
    """Give a clock of the new version in the words of the former one."""
    return Timed(clock.timer, clock.within, back.get(clock.since, clock.since), clock.types)


def _is_same(one: Timed, other: Timed) -> bool:
    return (one.within, one.since) == (other.within, other.since)


def _has_begun(run: Run, clock: Timed) -> bool:
    """Tell whether what the clock counts from has happened."""
    if clock.since == "start" or clock.since in run.instance.marks:
        return True
    return clock.since in run.instance.steps and run.step(clock.since).status == "done"


def _timers_kept(
    instance: Instance, old: Definition, new: Definition, steps: Mapping[str, str], clocks: Mapping[str, datetime]
) -> Iterator[tuple[str, datetime]]:
    """Give the timers that go on as they are, under the names of the new version."""
    former, known = _timers_of_clocks(old), _timers_of_clocks(new)
    for name, due in instance.timers.items():
        renamed = _renamed(name, steps)
        plan, timer = new.steps.get(_ref_of(renamed)), renamed.rstrip(UNPROVEN)
        is_gone = name.rstrip(UNPROVEN) in former and (timer not in known or timer in clocks)
        is_gone = is_gone or plan is None or (name.endswith(OVERDUE) and plan.step.overdue is None)
        if not is_gone:
            yield renamed, due


def _timers_of_clocks(definition: Definition) -> set[str]:
    return {clock.timer for plan in definition.steps.values() for clock in plan.clocks}


def _renamed(timer: str, steps: Mapping[str, str]) -> str:
    ref = _ref_of(timer)
    return steps.get(ref, ref) + timer[len(ref) :]


def _ref_of(timer: str) -> str:
    return timer.rstrip(_SIGNS).split(".")[0]


def _rename_work(moment: Moment, instance: Instance, steps: Mapping[str, str]) -> None:
    """Let work that is out belong to the step that took the place of its own; its id stays."""
    for ref, state in instance.steps.items():
        if ref not in steps.values():
            continue
        for work_id in state.work:
            item = moment.state.work.get(work_id)
            if item is not None and is_open(item):
                moment.store(msgspec.structs.replace(item, ref=ref))


def _climb_anew(run: Run, old: Definition, steps: Mapping[str, str]) -> None:
    """Set the next rung of open tasks whose ladder is another one now."""
    back = {after: before for before, after in steps.items()}
    for ref, plan in run.definition.steps.items():
        former = old.steps.get(back.get(ref, ref))
        if former is None or ladder_of(former.step.ladder) == ladder_of(plan.step.ladder):
            continue
        for item in open_items(run, ref):
            if isinstance(item, Task):
                calendar = run.moment.directory.calendar_of(item.to.person)
                climb(run.moment, run.instance, item, ladder_for(plan, item), calendar)


def _watch(moment: Moment, instance: Instance, new: Definition) -> None:
    watching = moment.state.watching
    if new.watches and instance.id not in watching:
        watching.append(instance.id)
    elif not new.watches and instance.id in watching:
        watching.remove(instance.id)
