"""Does an event open an instance? The start patterns: on, count, held, seq, changed; guards and re-entry.

What a pattern must remember is part of the account's state: `memory` (events that may be looked
back at, per workflow and type) and `pending` (counts and held states, per pattern and key).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from events.envelope import Event
from workflows.account import Deed, Instance, Pending, Remembered, WorkflowRun
from workflows.causes import find_causes
from workflows.dates import note_date
from workflows.deeds import add_deed
from workflows.folding import tell_folded, thread_of
from workflows.instances import open_instance
from workflows.language.conditions import UNSET, plain_list
from workflows.language.durations import Duration
from workflows.language.grammar import Held, Reentry
from workflows.language.plans import Definition, FirstPlan, GuardPlan, Matcher, StartPlan
from workflows.language.vocabulary import Bindings, person_of
from workflows.moment import Moment, trace_of
from workflows.reactions import correlates
from workflows.recollection import event_of, remembered
from workflows.working_time import add, in_country

RUNNING_MAX = 1000
"""Instances of one workflow that may run at once on one account (F50)."""


def try_start(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    """Look whether the event completes the start pattern, and open the instance if nothing stands against it.

    An event that came too late begins nothing and counts for nothing; it may still end a state that was held (R4).
    """
    bindings.led = ()
    if not moment.can_start and start.kind not in ("held", "date"):
        return
    match start.kind:
        case "on":
            complete = start.matcher.holds(bindings)
        case "changed":
            complete = start.source.changed in moment.facts_changed and start.matcher.holds(bindings)
        case "count":
            complete = start.matcher.holds(bindings) and _counted(moment, definition, start, event, bindings)
        case "seq":
            complete = _followed(moment, definition, start, bindings)
        case "date":
            note_date(moment, definition.name, start, event, bindings)
            return
        case _:
            _hold_or_leave(moment, definition, start, event, bindings)
            return
    if not complete:
        return
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
        led=list(bindings.led),
    )
    moment.stale.add("runs")
    bindings.instance = instance
    find_causes(moment, definition, instance, bindings)
    _work_out_values(moment, definition, bindings)
    open_instance(moment, definition, instance, event, _past(moment, definition, instance), bindings)


def _work_out_values(moment: Moment, definition: Definition, bindings: Bindings) -> None:
    assert bindings.instance is not None
    for name, plan in definition.values:
        value = _of_first(moment, definition, plan, bindings) if isinstance(plan, FirstPlan) else plan.value(bindings)
        if value is not UNSET:
            bindings.instance.values[name] = value


def _of_first(moment: Moment, definition: Definition, plan: FirstPlan, bindings: Bindings) -> Any:
    """Ask the earliest event of the look back; what nobody sent says no, or nothing."""
    for _ in _looks_back(moment, definition, plan.first, plan.within, bindings):
        return plan.condition.holds(bindings) if plan.type_name == "BOOL" else plan.condition.value(bindings)
    return {"BOOL": False, "STRING": ""}.get(plan.type_name, UNSET)


def _too_many(moment: Moment, definition: Definition) -> bool:
    return sum(1 for one in moment.state.instances.values() if one.workflow == definition.name) >= RUNNING_MAX


def _next_run(moment: Moment, definition: Definition, place: str) -> int | None:
    """Count the runs of a key; ``None`` when the re-entry rule allows no further one."""
    former = moment.state.runs.get(place)
    if former is None:
        return 1
    rule = definition.source.reentry
    if rule == "once":
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
            if any(True for _ in _looks_back(moment, definition, guard.recent, guard.within, bindings)):
                return guard
    return None


def _looks_back(
    moment: Moment, definition: Definition, wanted: Matcher, within: Duration, bindings: Bindings
) -> Iterator[Remembered]:
    """Give the remembered events that fit, oldest first, each bound as `past`."""
    for past in remembered(moment, definition, wanted.types):
        if add(past.trace.time, within, moment.directory.default_calendar) < moment.at:
            continue
        bindings.past = past
        if wanted.holds(bindings):
            yield past


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


def _pattern(definition: Definition, start: StartPlan) -> str:
    return f"{definition.name}/{start.index}"


def _counted(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> bool:
    """`count(E) >= n in T`: the window slides; after the count was reached it starts anew."""
    count = start.source.count
    assert count is not None
    by = start.by.value(bindings) if start.by is not None else ""
    if by is UNSET:
        return False
    waiting = moment.state.pending.setdefault(_pattern(definition, start), {})
    pending = waiting.setdefault(str(by), Pending())
    if count.within is not None:
        calendar = moment.directory.default_calendar
        pending.events = [one for one in pending.events if add(one.trace.time, count.within, calendar) >= event.time]
    pending.events.append(Remembered(trace_of(event), {}))
    if len(pending.events) < count.at_least:
        return False
    del waiting[str(by)]
    bindings.led = tuple(one.trace for one in pending.events[:-1])
    return True


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
            bindings.led = (past.trace,)
            return True
    return False


def _hold_or_leave(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    """`held(state, for T)`: the event enters or leaves the state; a timer waits between."""
    held = start.source.held
    assert held is not None and start.by is not None  # noqa: PT018  the kind is `held`
    key = start.by.value(bindings)
    if not isinstance(key, str) or not key:
        return
    pattern = _pattern(definition, start)
    waiting = moment.state.pending.get(pattern, {})
    if any(event.type in one.types and one.holds(bindings) for one in start.leave):
        waiting.pop(key, None)
        return
    if event.type not in start.matcher.types or not start.matcher.holds(bindings) or not moment.can_start:
        return
    pending = waiting.get(key)
    if pending is None:
        pending = moment.state.pending.setdefault(pattern, {})[key] = Pending()
    elif held.times is None or len(pending.events) > held.times:
        return
    pending.events.append(Remembered(trace_of(event), event.data))
    if pending.due is None:
        _wait_for(moment, held, pattern, key, pending)


def _wait_for(moment: Moment, held: Held, pattern: str, key: str, pending: Pending) -> None:
    """Set the timer of the next event that entered the state, if there is one that has not run out."""
    if len(pending.events) <= pending.ran_out:
        pending.due = None
        return
    calendar = moment.directory.default_calendar
    if held.calendar == "customer":
        calendar = in_country(calendar, moment.state.country)
    pending.due = add(pending.events[pending.ran_out].trace.time, held.for_, calendar)
    moment.set_pattern_timer(pattern, key, pending.due)


def fire_pattern(moment: Moment, definition: Definition, start: StartPlan, pattern: str, key: str) -> None:
    """A state was held for its time, or a date has come: open the instance, with the event that told of it."""
    pending = moment.state.pending[pattern].pop(key)
    held = start.source.held
    if held is not None and held.times is not None:
        pending.ran_out += 1
        if pending.ran_out < held.times:
            moment.state.pending[pattern][key] = pending
            _wait_for(moment, held, pattern, key, pending)
            return
    if held is not None and held.again is not None:
        due = add(moment.at, held.again, moment.directory.default_calendar)
        moment.state.pending[pattern][key] = Pending(pending.events, due)
        moment.set_pattern_timer(pattern, key, due)
    last = max(pending.ran_out - 1, 0)
    entered = event_of(pending.events[last], moment.state.id)
    bindings = moment.bindings()
    bindings.event = entered
    since = moment.at if held is not None else pending.due
    bindings.led = tuple(one.trace for one in pending.events[:last])
    start_instance(moment, definition, start, entered, bindings, since=since)
