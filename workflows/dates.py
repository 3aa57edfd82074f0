"""When is a date that an event told so near, or so long past, that a workflow begins? The start pattern `date`.

The date waits in `pending`. A later word about the same thing moves it or takes it back; what calls it off
is named in `leave`. One that was told too late for its time before it begins at once, as long as it is still to come.
"""

from __future__ import annotations

from datetime import datetime

from events.envelope import Event
from workflows.account import Pending, Remembered
from workflows.language.durations import Duration
from workflows.language.plans import Definition, StartPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, trace_of
from workflows.working_time import Calendar, add, before, date_or_instant


def note_date(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    """Wait for the date that the event tells, or wait no longer."""
    date = start.source.date
    assert date is not None
    assert start.of is not None
    key = start.by.value(bindings) if start.by is not None else ""
    if not isinstance(key, str):
        return
    pattern = f"{definition.name}/{start.index}"
    waiting = moment.state.pending.get(pattern, {})
    if any(event.type in one.types and one.holds(bindings) for one in start.leave):
        waiting.pop(key, None)
        return
    if event.type not in start.matcher.types or not start.matcher.holds(bindings):
        return
    told = start.of.value(bindings)
    waiting.pop(key, None)
    if not isinstance(told, datetime) or not moment.can_start:
        return
    calendar = moment.directory.default_calendar
    at = date_or_instant(told, calendar)
    due = _due(at, date.before, date.after, calendar)
    if max(at, due) > moment.at:
        moment.state.pending.setdefault(pattern, {})[key] = Pending([Remembered(trace_of(event), event.data)], due)
        moment.set_pattern_timer(pattern, key, due)


def _due(at: datetime, earlier: Duration | None, later: Duration | None, calendar: Calendar) -> datetime:
    if earlier is not None:
        return before(at, earlier, calendar)
    return at if later is None else add(at, later, calendar)
