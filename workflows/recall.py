"""What does a workflow remember of earlier events, and what do its values make of them?

A definition may look back at events that came before its instance began (`first`, `every`, `sum`, `recent`), and at
those that its start has counted. What it may ask for is kept in the account's `memory`, per workflow and type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from events.envelope import Event
from workflows.account import Remembered
from workflows.language.conditions import UNSET, plain_list
from workflows.language.durations import Duration
from workflows.language.plans import Definition, LookBackPlan, Matcher
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, trace_of
from workflows.working_time import add

MEMORY_MAX = 500
"""Events that one workflow remembers of one type and account; the oldest go first (I12)."""


def work_out_values(moment: Moment, definition: Definition, bindings: Bindings) -> None:
    """Work out the values of an instance that begins; a value that is not known is left out."""
    assert bindings.instance is not None
    for name, plan in definition.values:
        if isinstance(plan, LookBackPlan):
            value = _of_events(moment, definition, plan, bindings)
        else:
            value = plan.value(bindings)
        if value is not UNSET:
            bindings.instance.values[name] = value


def _of_events(moment: Moment, definition: Definition, plan: LookBackPlan, bindings: Bindings) -> Any:
    """Ask the events of a look back, or those that were counted, oldest first."""
    found = _values(moment, definition, plan, bindings)
    match plan.word:
        case "first":
            return next(found, NOTHING_FOUND.get(plan.type_name, UNSET))
        case "sum":
            return sum(value for value in found if value is not UNSET)
        case _:
            texts = [text for value in found for text in (plain_list(value) if isinstance(value, list) else [value])]
            return list(dict.fromkeys(text for text in texts if isinstance(text, str) and text))[-LISTED_MAX:]


def _values(moment: Moment, definition: Definition, plan: LookBackPlan, bindings: Bindings) -> Iterator[Any]:
    for _ in _events(moment, definition, plan, bindings):
        yield plan.condition.holds(bindings) if plan.type_name == "BOOL" else plan.condition.value(bindings)


def _events(moment: Moment, definition: Definition, plan: LookBackPlan, bindings: Bindings) -> Iterator[Remembered]:
    if plan.matcher is not None and plan.within is not None:
        yield from looks_back(moment, definition, plan.matcher, plan.within, bindings)
        return
    for past in bindings.found.events if bindings.found is not None and bindings.found.counted else ():
        bindings.past = past
        yield past


NOTHING_FOUND: dict[str, Any] = {"BOOL": False, "STRING": ""}
"""What an event that nobody sent says, by the type that is asked for; else nothing."""

LISTED_MAX = 100
"""Texts that a list of a look back has at most, the latest (I12)."""


def looks_back(
    moment: Moment, definition: Definition, wanted: Matcher, within: Duration, bindings: Bindings
) -> Iterator[Remembered]:
    """Give the remembered events that fit, oldest first, each bound as `past`."""
    for past in remembered(moment, definition, wanted.types):
        if add(past.trace.time, within, moment.directory.default_calendar) < moment.at:
            continue
        bindings.past = past
        if wanted.holds(bindings):
            yield past


def remembered(moment: Moment, definition: Definition, types: Iterable[str]) -> list[Remembered]:
    """List what a workflow remembers of some event types, oldest first."""
    found = [one for name in types for one in moment.state.memory.get(f"{definition.name}/{name}", ())]
    return sorted(found, key=lambda one: (one.trace.time, one.trace.id))


def remember(moment: Moment, definition: Definition, event: Event) -> None:
    """Keep an event that the definition may look back at, and forget what is too old for it."""
    within = definition.remembers.get(event.type)
    if within is None:
        return
    kept = moment.state.memory.setdefault(f"{definition.name}/{event.type}", [])
    kept.append(Remembered(trace_of(event), event.data))
    oldest = moment.at - reach(within)
    if len(kept) > MEMORY_MAX or kept[0].trace.time < oldest:
        kept[:] = [one for one in kept[-MEMORY_MAX:] if one.trace.time >= oldest]


_CALENDAR_DAYS = {
    "bd": timedelta(days=3),
    "bh": timedelta(days=1),
    "bm": timedelta(hours=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
}


def reach(within: Duration) -> timedelta:
    """Bound from above how far back a duration can reach, holidays included."""
    return within.amount * _CALENDAR_DAYS.get(within.unit, timedelta(minutes=1)) + timedelta(days=7)


def event_of(one: Remembered, subject: str) -> Event:
    """Make an event of what is remembered of it."""
    return Event(
        id=one.trace.id,
        source=one.trace.source,
        type=one.trace.type,
        subject=subject,
        time=one.trace.time,
        data=one.data,
    )
