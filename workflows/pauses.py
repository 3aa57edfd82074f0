"""When do the clocks of an instance stand still, and how do they go on? By events, or while a condition holds.

Each clock runs out as much later as it stood still, in whole working days where it counts such. What is due stays due
on its day (W10: the customer knows it), or moves as the clocks do (W24: nobody may sell meanwhile).
"""

from __future__ import annotations

from datetime import datetime

from workflows import items
from workflows.account import Task
from workflows.clocks import UNPROVEN
from workflows.language.durations import Duration
from workflows.steps import Run, open_items
from workflows.working_time import add, business_days_between


def pause(run: Run) -> None:
    """Stop the clocks; those that stand still already go on standing."""
    instance = run.instance
    if instance.paused_at is None:
        instance.paused_at = run.moment.at
        instance.stopped, instance.timers = instance.timers, {}


def resume(run: Run) -> None:
    """Let the clocks go on."""
    instance = run.instance
    if instance.paused_at is None:
        return
    paused_at, stopped = instance.paused_at, instance.stopped
    instance.paused_at, instance.stopped = None, {}
    days = business_days_between(paused_at, run.moment.at, run.calendar)
    clocks = {clock.timer: clock for plan in run.definition.steps.values() for clock in plan.clocks}
    for name, due in stopped.items():
        clock = clocks.get(name.rstrip(UNPROVEN))
        if clock is not None and not clock.within.is_working:
            run.moment.set_timer(instance, name, due + (run.moment.at - paused_at))
        elif name not in instance.timers:
            run.moment.set_timer(instance, name, max(_later(run, due, days), run.moment.at))
    asked = run.definition.source.pause
    if asked is not None and asked.due == "moves" and days:
        instance.clock_from = min(_later(run, instance.clock_from, days), run.moment.at)
        _move_tasks(run, days)


def look(run: Run) -> None:
    """Stop or go on by the condition that the definition names."""
    condition = run.definition.pause_while
    if condition is None or run.instance.status != "running":
        return
    if condition.holds(run.bindings):
        pause(run)
    else:
        resume(run)


def _later(run: Run, due: datetime, days: int) -> datetime:
    return add(due, Duration(days, "bd"), run.calendar) if days else due


def _move_tasks(run: Run, days: int) -> None:
    for ref in run.instance.steps:
        for item in open_items(run, ref):
            if isinstance(item, Task):
                items.put_off(run.moment, item, _later(run, item.due, days))
