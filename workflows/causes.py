"""What may have led to it? The look back of a definition at what other teams did before its start (B8, W04).

Each cause is told once, with the latest event that fits. What was found most often for earlier runs on this account
stands first, then what stands first in the definition.
"""

from __future__ import annotations

from datetime import datetime

from workflows.account import Instance, Remembered
from workflows.findings import Reason
from workflows.language.plans import CausePlan, Definition
from workflows.language.templates import plain
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment
from workflows.recall import remembered
from workflows.working_time import add, before

RUNS_KEPT = 20
"""Earlier runs of a workflow on one account of which the causes are kept."""


def find_causes(moment: Moment, definition: Definition, instance: Instance, bindings: Bindings) -> None:
    """Look for the causes before the first event of the start, and keep them with the instance."""
    if not definition.causes:
        return
    before_it = instance.found.events if instance.found is not None else []
    first = before_it[0].trace.time if before_it else instance.clock_from
    earlier = moment.state.found.setdefault(definition.name, [])
    found = []
    for plan in definition.causes:
        past = _latest(moment, definition, plan, first, bindings)
        if past is not None:
            bindings.past = past
            words = plan.text.fill(bindings, lambda _, value: f"{value:%Y-%m-%d}" if value else plain(value))
            seen = sum(plan.name in names for names in earlier)
            trace = past.trace
            found.append(Reason(plan.name, words, trace.id, trace.type, trace.time, seen, len(earlier)))
    bindings.past = None
    instance.causes = sorted(found, key=lambda one: -one.seen_before)
    earlier.append([one.reason for one in instance.causes])
    del earlier[:-RUNS_KEPT]


def _latest(
    moment: Moment, definition: Definition, plan: CausePlan, first: datetime, bindings: Bindings
) -> Remembered | None:
    since = before(first, plan.within, moment.directory.default_calendar)
    known = [one for one in remembered(moment, definition, plan.event.types) if since <= one.trace.time < first]
    for past in reversed(known):
        bindings.past = past
        if plan.event.holds(bindings) and not (
            _is_over(moment, definition, plan, past, first, bindings)
            or _was_announced(moment, definition, plan, past, bindings)
        ):
            return past
    return None


def _is_over(
    moment: Moment, definition: Definition, plan: CausePlan, past: Remembered, first: datetime, bindings: Bindings
) -> bool:
    """Tell whether what began then was over before the first event."""
    if plan.by is None:
        return False
    about = plan.by.value(bindings)
    for one in remembered(moment, definition, plan.over):
        bindings.past = one
        if past.trace.time <= one.trace.time < first and plan.by.value(bindings) == about:
            return True
    return False


def _was_announced(
    moment: Moment, definition: Definition, plan: CausePlan, past: Remembered, bindings: Bindings
) -> bool:
    if plan.without is None:
        return False
    assert plan.without_within is not None
    for one in remembered(moment, definition, plan.without.types):
        bindings.past = one
        until = add(one.trace.time, plan.without_within, moment.directory.default_calendar)
        if one.trace.time <= past.trace.time <= until and plan.without.holds(bindings):
            return True
    return False
