"""When does a clock of a step run out, and was everybody heard from by then? Rules R5 and R7.

A timer belongs to an instance and is named for its step: `A1` is the step's clock, `A5.1` its second one. An ending
sign tells the other kinds apart: ``~`` holds a step back, ``?`` waits for a proof, ``!`` is a rung of a ladder,
``%`` ends what may still begin after the end,
``^`` waits for a task that stays open (`workflows/overdue.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workflows.account import Clock, Instance
from workflows.language.plans import Definition, Timed
from workflows.moment import Moment
from workflows.steps import Run, run_of
from workflows.working_time import add

DELAYED = "~"
"""Ends the name of a timer that holds back a step (`delay`)."""


UNPROVEN = "?"
"""Ends the name of a timer that waits for the proof that a source is alive (R7)."""


LADDER = "!"
"""Ends the name of a ladder's timer (R12)."""


AFTERWARDS = "%"
"""Ends the name of a timer that ends the time in which a step may still begin after the end (`afterwards`)."""


def arm(run: Run, clock: Timed, since: datetime) -> None:
    """Set the timer of a clock, counted from a time."""
    run.moment.set_timer(run.instance, clock.timer, add(since, clock.within, run.calendar))


def since_of(run: Run, clock: Timed) -> datetime:
    """Tell from when a clock counts: the start, a mark, or a finished step."""
    if clock.since in run.instance.marks:
        return run.instance.marks[clock.since]
    if clock.since in run.instance.steps:
        return run.step(clock.since).done_at or run.instance.clock_from
    return run.instance.clock_from


def deadline_of(run: Run, clock: Timed) -> datetime:
    """Tell when a clock runs out."""
    return add(since_of(run, clock), clock.within, run.calendar)


def clock_said(run: Run, clock: Timed) -> Clock:
    """Write a clock as evidence."""
    start = since_of(run, clock)
    return Clock(run.calendar.name, start, add(start, clock.within, run.calendar), str(clock.within))


def clock_of_timer(definition: Definition, name: str) -> Timed:
    """Find the clock that a timer belongs to."""
    timer = name.rstrip(UNPROVEN)
    plan = definition.steps[timer.split(".")[0]]
    return next(one for one in plan.clocks if one.timer == timer)


def deadline_of_timer(moment: Moment, definition: Definition, instance: Instance, name: str) -> datetime:
    """Tell the due time of the clock that a timer belongs to."""
    return deadline_of(run_of(moment, definition, instance), clock_of_timer(definition, name))


def unheard_sources(moment: Moment, types: Iterable[str], deadline: datetime) -> tuple[str, ...]:
    """List the declared sources of the expected events that were not heard from past the deadline."""
    wanted = {source.name for name in types for source in moment.directory.sources_for(name)}
    heard = moment.state.watermarks
    return tuple(sorted(name for name in wanted if heard.get(name, deadline) <= deadline))
