"""How often may a step act? At most so often in a time, over all runs of its workflow on the account (`at_most`).

What was admitted is kept in the account's `pending`, under the workflow and the step, or under the name that several
steps share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from workflows.account import Pending, Remembered
from workflows.working_time import add

if TYPE_CHECKING:
    from workflows.language.plans import LimitPlan, StepPlan
    from workflows.steps import Run


def admitted(run: Run, plan: StepPlan) -> bool:
    """Tell whether the limits of a step let it act, and count it if they do."""
    places = [(limit, place) for limit in plan.limits if (place := _place(run, plan, limit)) is not None]
    if not all(_has_room(run, limit, place) for limit, place in places):
        return False
    for _, (pattern, by) in places:
        now = msgspec.structs.replace(run.instance.start, time=run.moment.at)
        run.moment.state.pending.setdefault(pattern, {}).setdefault(by, Pending()).events.append(Remembered(now, {}))
    return True


def _place(run: Run, plan: StepPlan, limit: LimitPlan) -> tuple[str, str] | None:
    """Name where it is counted; what nothing tells apart from others is not limited."""
    by = limit.by.value(run.bindings) if limit.by is not None else "all"
    shared = limit.source.shared or plan.ref
    return (f"{run.definition.name}/{shared}/{limit.source.within}", by) if isinstance(by, str) and by else None


def _has_room(run: Run, limit: LimitPlan, place: tuple[str, str]) -> bool:
    """Look how often it was within the time, and forget what was before it."""
    pending = run.moment.state.pending.get(place[0], {}).get(place[1])
    if pending is None:
        return True
    within, calendar = limit.source.within, run.calendar
    pending.events = [one for one in pending.events if add(one.trace.time, within, calendar) > run.moment.at]
    return len(pending.events) < limit.source.times
