"""Why does this work exist? The evidence block of every task, alert, hold and loop (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET as NOT_SAID
from msgspec import Raw

from workflows.account import Clock, Evidence, Found, PatternStep, Trace, seal
from workflows.language.conditions import UNSET
from workflows.language.plans import Definition, StepPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import iso


def evidence_of(
    definition: Definition,
    bindings: Bindings,
    plan: StepPlan,
    *,
    because: str,
    trace: Sequence[Trace] = (),
    clock: Clock | None = None,
    unheard: Sequence[str] = (),
) -> Raw:
    """Collect the evidence at the moment when the work comes into being.

    ``trace`` are the events that led to the step beside the start; ``unheard`` the declared sources that
    were not heard from past the deadline, so that an absence stays unconfirmed (R7).
    """
    instance = bindings.instance
    assert instance is not None
    found = instance.found or Found()
    before = [one.trace for one in found.events if one.trace.id != instance.start.id]
    pattern = [step_of("start", one) for one in (*before, instance.start)]
    pattern += [step_of(plan.ref, one) for one in trace]
    events = [one.event for one in pattern] + [one.event for one in instance.causes]
    unheard = unheard or found.unheard
    evidence = Evidence(
        because=because,
        events=list(dict.fromkeys(events)),
        pattern=pattern,
        clock=clock,
        state=values_read(definition, bindings),
        version=definition.source.version,
        hash=definition.hash,
        confidence=f"unconfirmed: not heard past the deadline from {', '.join(unheard)}" if unheard else "confirmed",
        counterfactual=counterfactual(plan, instance.start, clock),
        links=link_now(plan, bindings),
        reasons=instance.causes if definition.causes else NOT_SAID,
    )
    return seal(evidence)


def link_now(plan: StepPlan, bindings: Bindings) -> list[str]:
    """Give what the event at hand links to, where the step gathers links."""
    link = plan.link.value(bindings) if plan.link is not None and bindings.event is not None else ""
    return [link] if isinstance(link, str) and link else []


def step_of(ref: str, trace: Trace) -> PatternStep:
    """Write one event of a pattern."""
    return PatternStep(ref, trace.id, trace.source, trace.type, trace.time, trace.actor)


def values_read(definition: Definition, bindings: Bindings) -> dict[str, Any]:
    """Give the facts of the account that the definition's conditions read, with their values now."""
    found = {}
    for name, getter in definition.reads:
        value = getter(bindings)
        if value is not UNSET:
            found[name] = iso(value) if isinstance(value, datetime) else value
    return found


def counterfactual(plan: StepPlan, start: Trace, clock: Clock | None) -> str:
    """Say what would have prevented this work."""
    step = plan.step
    match plan.trigger:
        case "absent":
            wanted = " or ".join(step.absent[0].on) if step.absent else ""
            return f"would not exist if {wanted} had happened by {iso(clock.due) if clock else 'then'}"
        case "held":
            moved = " or ".join(sorted(plan.clocks[0].types))
            return f"would not exist if {moved} had happened by {iso(clock.due) if clock else 'then'}"
        case "after":
            return f"would not exist if {' and '.join(step.after or [])} were not done"
        case "on":
            return f"would not exist if {' or '.join(step.on or [])} had not happened after {start.id}"
        case "filled" | "emptied":
            return f"would not exist if {step.filled or step.emptied} had not been {plan.trigger}"
        case _:
            return f"would not exist if {start.type} {start.id} had not happened"
