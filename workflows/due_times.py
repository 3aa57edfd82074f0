"""Until when? From the due time that a step asks for to an instant: so long after a start, at a time, or before one."""

from __future__ import annotations

from datetime import UTC, datetime, time

from workflows.language.durations import Duration
from workflows.language.plans import At
from workflows.language.vocabulary import Bindings
from workflows.working_time import Calendar, add, before, close_of, date_or_instant


def due_of(bindings: Bindings, due_in: Duration | At, start: datetime, calendar: Calendar) -> datetime:
    """Say until when: so long after the start, or at a time or so long before it, no later than `latest`.

    Midnight (UTC) stands for a date alone, which means the close of work on that day; what is `before` a date is
    counted from its beginning. Where nobody knows the time, or so long before it is over already, it is the latest that
    is asked for, else a working day after the start.
    """
    if isinstance(due_in, Duration):
        return add(start, due_in, calendar)
    last = add(start, due_in.latest or Duration(1, "bd"), calendar)
    at = due_in.condition.value(bindings)
    if not isinstance(at, datetime):
        return last
    at = at.astimezone(UTC)
    if due_in.before is not None:
        at = before(date_or_instant(at, calendar), due_in.before, calendar)
        at = at if at > start else last
    elif at.time() == time():
        at = close_of(at.date(), start, calendar)
    return at if due_in.latest is None else min(at, last)
