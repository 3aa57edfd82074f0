"""What does a workflow remember of the events that it may look back at? The `memory` of an account's state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from events.envelope import JSON, Event
from workflows.account import Remembered, Trace
from workflows.language.durations import Duration
from workflows.language.plans import Definition
from workflows.moment import Moment, trace_of

MEMORY_MAX = 500
"""Events that one workflow remembers of one type and account; the oldest go first (I12)."""


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
    return _event(one.trace, one.data, subject)


def _event(trace: Trace, data: dict[str, JSON], subject: str) -> Event:
    return Event(
        id=trace.id,
        source=trace.source,
        type=trace.type,
        subject=subject,
        time=trace.time,
        recorded_at=None,
        data=data,
        correlation_id=None,
        causation_id=None,
    )
