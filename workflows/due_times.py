"""Until when? From what a step says to a time: so long after its start, at a time, or so long before one."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from workflows.language.durations import Duration
from workflows.language.plans import At
from workflows.working_time import Calendar, add, before, close_of

if TYPE_CHECKING:
    from workflows.steps import Run


def due_of(run: Run, due_in: Duration | At, start: datetime, calendar: Calendar) -> datetime:
    """Say until when: so long after the start, or at a time; a time that nobody knows is a working day after it.

    Midnight (UTC) stands for a date alone, which means the close of work on that day.
    """
    if isinstance(due_in, Duration):
        return add(start, due_in, calendar)
    at = due_in.condition.value(run.bindings)
    last = add(start, due_in.latest or Duration(1, "bd"), calendar)
    if not isinstance(at, datetime):
        return last
    at = at.astimezone(UTC)
    if due_in.before is not None:
        at = before(at, due_in.before, calendar)
    elif at.time() == time():
        at = close_of(at.date(), start, calendar)
    if due_in.latest is None:
        return at
    return min(at, last) if at > start else last
