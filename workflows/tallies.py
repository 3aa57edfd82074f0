"""How often did it happen? The start pattern `count(E) >= n in T`: per value of `by`, by events, things or amounts.

What was counted waits in the account's `pending`, one list for each value of `by`. It is a sliding window, and it
begins anew once the count was reached; what is undone later does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from events.envelope import Event
from workflows.account import Found, Pending, Remembered
from workflows.language.conditions import UNSET, plain_list
from workflows.language.plans import Definition, StartPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, trace_of
from workflows.recall import event_of
from workflows.working_time import add

COUNTED_MAX = 500
"""Events that one count keeps for one value of `by`; the oldest go first (I12)."""


def counted(
    moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings
) -> Iterator[Found]:
    """Take the event into account, and give what was found for each value of `by` for which the count is reached."""
    pattern = f"{definition.name}/{start.index}"
    if any(event.type in one.types for one in start.leave):
        _undo(start, moment.state.pending.get(pattern, {}), event, bindings)
    if not moment.can_start or event.type not in start.matcher.types or not start.matcher.holds(bindings):
        return
    for by in _values_of(start, bindings):
        waiting = moment.state.pending.setdefault(pattern, {})
        pending = waiting.setdefault(by, Pending())
        _slide(moment, start, pending, event)
        if not _is_known(moment, start, pending, bindings):
            pending.events = [*pending.events, _remembered(start, event)][-COUNTED_MAX:]
        if _total(moment, start, pending, bindings) >= start.counts.at_least:
            del waiting[by]
            yield Found(by, pending.events, counted=True)


def _values_of(start: StartPlan, bindings: Bindings) -> list[str]:
    if start.by is None:
        return [""]
    value = start.by.value(bindings)
    if isinstance(value, str):
        return [value]
    return [] if value is UNSET else list(dict.fromkeys(plain_list(value)))


def _slide(moment: Moment, start: StartPlan, pending: Pending, event: Event) -> None:
    within = start.counts.within
    if within is not None:
        calendar = moment.directory.default_calendar
        pending.events = [one for one in pending.events if add(one.trace.time, within, calendar) >= event.time]


def _remembered(start: StartPlan, event: Event) -> Remembered:
    return Remembered(trace_of(event), event.data if start.keeps_data else {})


def _is_known(moment: Moment, start: StartPlan, pending: Pending, bindings: Bindings) -> bool:
    """Tell whether an event was counted that is the same as the one at hand."""
    if start.same is None:
        return False
    said = start.same.value(bindings)
    before = []
    for one in pending.events:
        bindings.event = event_of(one, moment.state.id)
        before.append(start.same.value(bindings))
    bindings.event = moment.event
    return isinstance(said, str) and said != "" and said in before


def _total(moment: Moment, start: StartPlan, pending: Pending, bindings: Bindings) -> float:
    """Add up what was counted: each event, or each different thing once; for one, or for what `sum` gives of it."""
    if start.distinct is None and start.sum is None:
        return len(pending.events)
    weights: dict[str, float] = {}
    for one in pending.events:
        bindings.event = event_of(one, moment.state.id)
        thing = one.trace.id if start.distinct is None else start.distinct.value(bindings)
        weight = 1 if start.sum is None else start.sum.value(bindings)
        if isinstance(thing, str) and thing and weight is not UNSET:
            weights[thing] = weight
    bindings.event = moment.event
    return sum(weights.values())


def _undo(start: StartPlan, waiting: dict[str, Pending], event: Event, bindings: Bindings) -> None:
    """Take out of the counts what the event at hand undoes; the condition reads what was counted as `past.*`."""
    for pending in waiting.values():
        kept = []
        for one in pending.events:
            bindings.past = one
            if not any(event.type in leave.types and leave.holds(bindings) for leave in start.leave):
                kept.append(one)
        pending.events = kept
    bindings.past = None
