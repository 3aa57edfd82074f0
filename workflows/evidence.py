"""Why does this work exist? The evidence block of every task, alert, hold and loop (R18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from workflows.account import Instance, Trace
from workflows.language.plans import Definition, StepPlan
from workflows.language.conditions import UNSET
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, iso


def evidence_of(
    moment: Moment,
    definition: Definition,
    instance: Instance,
    *,
    because: str,
    plan: StepPlan,
    trace: Iterable[Trace] = (),
    clock: Mapping[str, Any] | None = None,
    confirmed: bool = True,
    sources: Iterable[str] = (),
) -> dict[str, Any]:
    """Collect the evidence at the moment when the work comes into being.

    Gives plain JSON: because, events (ids), pattern (each event with its step), clock (calendar,
    start, due), state (the values that conditions read), version, hash, confidence, counterfactual, links.
    """
    pattern = [step_of("start", instance.start), *(step_of(plan.ref, one) for one in trace)]
    return {
        "because": because,
        "events": list(dict.fromkeys(step["event"] for step in pattern)),
        "pattern": pattern,
        "clock": dict(clock) if clock else None,
        "state": values_read(definition, moment.bindings(instance)),
        "version": definition.source.version,
        "hash": definition.hash,
        "confidence": "confirmed" if confirmed else f"unconfirmed: not heard past the deadline from {', '.join(sources)}",
        "counterfactual": counterfactual(plan, instance, clock),
        "links": [],
    }


def step_of(ref: str, trace: Trace) -> dict[str, Any]:
    """Write one event of a pattern."""
    return {
        "step": ref,
        "event": trace.id,
        "source": trace.source,
        "type": trace.type,
        "time": iso(trace.time),
        "actor": trace.actor,
    }


def values_read(definition: Definition, bindings: Bindings) -> dict[str, Any]:
    """Give the facts of the account that the definition's conditions read, with their values now."""
    found = {}
    for name, getter in definition.reads:
        value = getter(bindings)
        if value is not UNSET:
            found[name] = iso(value) if isinstance(value, datetime) else value
    return found


def counterfactual(plan: StepPlan, instance: Instance, clock: Mapping[str, Any] | None) -> str:
    """Say what would have prevented this work."""
    due = (clock or {}).get("due")
    if plan.trigger == "absent" and plan.step.absent:
        wanted = " or ".join(plan.step.absent[0].on)
        return f"would not exist if {wanted} had happened by {due}"
    if plan.trigger == "held":
        moved = " or ".join(sorted(plan.clocks[0].types))
        return f"would not exist if {moved} had happened by {due}"
    if plan.trigger == "after":
        return f"would not exist if {' and '.join(plan.step.after or [])} were not done"
    if plan.trigger == "on":
        return f"would not exist if {' or '.join(plan.step.on or [])} had not happened after {instance.start.id}"
    if plan.trigger in ("filled", "emptied"):
        return f"would not exist if {plan.step.filled or plan.step.emptied} had not been {plan.trigger}"
    return f"would not exist if {instance.start.type} {instance.start.id} had not happened"
