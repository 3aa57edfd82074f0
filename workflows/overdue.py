"""When is a share of a task's time over, such as half of it or twice as much? For steps that act while it stays open.

The timer of such a step is named for it, with the sign ``^``. It is set whenever the task is opened or gets another due
time, and what it finds when it fires decides: a task that is done by then asks for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from workflows.language.durations import parse_duration
from workflows.working_time import Calendar, add, beyond, part_of

OVERDUE = "^"
"""Ends the name of a timer that waits for a task that stays open."""

WORKING_UP_TO = timedelta(days=60)
"""A share of a longer time is one of elapsed time, as on ladders."""


def time_of_share(at: str, start: datetime, due: datetime, calendar: Calendar) -> datetime:
    """Say when `50%`, `due`, `200%` or `due + 1bd` of the time from start to due is."""
    if at.startswith("due + "):
        return add(due, parse_duration(at.removeprefix("due + ")), calendar)
    share = 1.0 if at == "due" else int(at[:-1]) / 100
    if share == 1 or due <= start:
        return due
    if share > 1:
        return beyond(start, due, share, calendar)
    return part_of(start, due, share, calendar, working=due - start < WORKING_UP_TO)
