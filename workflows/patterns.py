"""Does an event open an instance? Its start patterns, its guards and its re-entry rule.

What a pattern must remember is part of the account's state: `memory` (events that may be looked
back at, per workflow and type) and `pending` (counts, held states, silences and dates, per pattern and key).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from events.envelope import Event
from workflows.account import Deed, Found, Instance, Remembered, WorkflowRun
from workflows.causes import find_causes
from workflows.deeds import add_deed
from workflows.folding import tell_folded, thread_of
from workflows.instances import open_instance
from workflows.language.conditions import plain_list
from workflows.language.grammar import Reentry
from workflows.language.plans import Definition, GuardPlan, StartPlan
from workflows.language.vocabulary import Bindings, person_of
from workflows.lasting import WITH_CLOCK, has_run_out, look_again_or_forget, unproven, wait
from workflows.moment import Moment, trace_of
from workflows.reactions import correlates
from workflows.recall import event_of, looks_back, remembered, work_out_values
from workflows.tallies import counted
from workflows.working_time import add

RUNNING_MAX = 1000
"""Instances of one workflow that may run at once on one account (F50)."""


def try_start(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    """Look whether the event completes the start pattern, and open the instance if nothing stands against it.

    An event that came too late begins nothing and counts for nothing; it may still end a state that was held, and undo
    what was counted (R4).
    """
    bindings.found = None
    if start.kind in WITH_CLOCK:
        WITH_CLOCK[start.kind](moment, definition, start, event, bindings)
    elif start.kind == "count":
        for found in list(counted(moment, definition, start, event, bindings)):
            bindings.found, bindings.instance = found, None
            start_instance(moment, definition, start, event, bindings)
    elif moment.can_start and _is_complete(moment, definition, start, bindings):
        _start_each(moment, definition, start, event, bindings)
    bindings.found = None


def _is_complete(moment: Moment, definition: Definition, start: StartPlan, bindings: Bindings) -> bool:
    if start.kind == "seq":
        return _followed(moment, definition, start, bindings)
    changed = start.kind != "changed" or start.source.changed in moment.facts_changed
    return changed and start.matcher.holds(bindings)


def _start_each(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    bindings.past = None
    members = plain_list(start.each.value(bindings)) if start.each is not None else []
    if not members:
        start_instance(moment, definition, start, event, bindings)
    for member in dict.fromkeys(members):
        bindings.instance = None
        start_instance(moment, definition, start, event, bindings, member)


def start_instance(
    moment: Moment,
    definition: Definition,
    start: StartPlan,
    event: Event,
    bindings: Bindings,
    member: str = "",
    since: datetime | None = None,
) -> None:
    """Open the instance unless a guard, the re-entry rule or a bound stands against it; a `member` is its own key.

    Its clocks run from the event, or `since` then: a held state starts them when it has been held long enough.
    """
    key = member or start.key.value(bindings) or event.id
    if not isinstance(key, str) or standing_guard(moment, definition, bindings) is not None:
        return
    place = f"{definition.name}/{key}"
    run = _next_run(moment, definition, place)
    if run is None or not moment.can_start:
        return
    thread = thread_of(moment, definition.name)
    if thread is not None:
        tell_folded(moment, definition, key, thread, definition.source.title)
        return
    if len(moment.state.instances) >= RUNNING_MAX and _too_many(moment, definition):
        moment.fail(definition.name, f"{RUNNING_MAX} instances run already on this account; the start is refused (F50)")
        return
    identity = f"{definition.name}/{moment.state.id}/{key}"
    name = identity if run == 1 else f"{identity}#{run}"
    actor = person_of(event.data)
    moment.state.runs[place] = WorkflowRun(definition.name, key, run, name, event.id, moment.at, actor)
    if definition.counts_actors and actor:
        add_deed(moment.state, name, Deed(definition.name, actor, moment.at, moment.at))
    instance = Instance(
        id=name,
        workflow=definition.name,
        key=key,
        definition=definition.hash,
        started_at=moment.at,
        clock_from=since or event.time,
        start=trace_of(event),
        data=event.data,
        way=start.source.way or "",
        found=_kept(bindings.found),
    )
    moment.stale.add("runs")
    bindings.instance = instance
    find_causes(moment, definition, instance, bindings)
    work_out_values(moment, definition, bindings)
    open_instance(moment, definition, instance, event, _past(moment, definition, instance), bindings)


def _kept(found: Found | None) -> Found | None:
    """Keep of what a start pattern found the events as evidence; their data are read once, for the values."""
    if found is None:
        return None
    return msgspec.structs.replace(found, events=[Remembered(one.trace, {}) for one in found.events])


def _too_many(moment: Moment, definition: Definition) -> bool:
    return sum(1 for one in moment.state.instances.values() if one.workflow == definition.name) >= RUNNING_MAX


def _next_run(moment: Moment, definition: Definition, place: str) -> int | None:
    """Count the runs of a key; ``None`` when the re-entry rule allows no further one."""
    former = moment.state.runs.get(place)
    if former is None:
        return 1
    rule = definition.source.reentry
    if rule == "once" or (rule == "when_cancelled" and former.status != "cancelled"):
        return None
    if isinstance(rule, Reentry):
        free_at = add(former.started_at, rule.after, moment.directory.default_calendar)
        return None if free_at > moment.at else former.number + 1
    return None if former.status == "running" else former.number + 1


def standing_guard(moment: Moment, definition: Definition, bindings: Bindings) -> GuardPlan | None:
    """Find the first guard that forbids the start."""
    for guard in definition.guards:
        if guard.condition is not None:
            if guard.condition.holds(bindings):
                return guard
        else:
            assert guard.recent is not None and guard.within is not None  # noqa: PT018  the compiler wants one of the two
            if any(True for _ in looks_back(moment, definition, guard.recent, guard.within, bindings)):
                return guard
    return None


def _past(moment: Moment, definition: Definition, instance: Instance) -> list[Event]:
    """List the events of the look-back that name the same thing as the instance."""
    within = definition.source.lookback
    if within is None:
        return []
    calendar = moment.directory.default_calendar
    found = []
    for one in remembered(moment, definition, definition.reactions):
        event = event_of(one, moment.state.id)
        if add(one.trace.time, within, calendar) >= moment.at and correlates(
            definition, instance, event, strictly=True
        ):
            found.append(event)
    return found


def _followed(moment: Moment, definition: Definition, start: StartPlan, bindings: Bindings) -> bool:
    """`seq(A, B, within T)`: this is a B, and an A that fits it came before in time."""
    seq = start.source.seq
    assert seq is not None and start.first is not None  # noqa: PT018  the kind is `seq`
    for past in remembered(moment, definition, start.first.types):
        if add(past.trace.time, seq.within, moment.directory.default_calendar) < moment.at:
            continue
        bindings.past = past
        bindings.event = event_of(past, moment.state.id)
        is_first = start.first.holds(bindings)
        bindings.event = moment.event
        if is_first and start.matcher.holds(bindings):
            bindings.found = Found(events=[past])
            return True
    return False


def fire_pattern(moment: Moment, definition: Definition, start: StartPlan, pattern: str, key: str) -> None:
    """What lasts has lasted for its time, or a date has come: open the instance, with the event that it counts from.

    A silence waits for the proof that its sources are alive (R7), and, where it is looked at again, for its guards.
    """
    pending = moment.state.pending[pattern][key]
    unheard = unproven(moment, start, pending)
    if unheard and pending.deadline is None:
        pending.deadline = moment.at
        wait(moment, pattern, key, moment.directory.proof_wait)
        return
    if not has_run_out(moment, start, pattern, key):
        return
    events = pending.events[: max(pending.ran_out, 1)]
    entered = event_of(events[-1], moment.state.id)
    bindings = moment.bindings()
    bindings.event = entered
    guard = standing_guard(moment, definition, bindings) if start.kind == "absent" else None
    if guard is not None and guard.recheck is not None:
        wait(moment, pattern, key, guard.recheck)
        return
    look_again_or_forget(moment, start, pattern, key)
    bindings.found = Found(events=events[:-1], unheard=list(unheard))
    since = pending.due if start.kind == "date" else moment.at
    start_instance(moment, definition, start, entered, bindings, since=since)
