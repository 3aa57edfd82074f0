"""What joins a piece of work that is open? Further events of the same matter, with their links (`gathers`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.envelope import Event
from workflows import items
from workflows.account import Alert, Task, evidence_of_item, seal
from workflows.evidence import step_of
from workflows.language.plans import Reaction
from workflows.moment import trace_of
from workflows.steps import open_items

if TYPE_CHECKING:
    from workflows.steps import Run

GATHERED_MAX = 200
"""Events that one piece of work gathers: more of them say nothing new (I12)."""


def gather(run: Run, reaction: Reaction, event: Event) -> None:
    """Add an event, and what it links to, to the evidence of the open work of a step."""
    ref = reaction[1]
    plan = run.definition.steps[ref]
    link = plan.link.value(run.bindings) if plan.link is not None else ""
    for item in open_items(run, ref):
        evidence = evidence_of_item(item)
        if not isinstance(item, Task | Alert) or event.id in evidence.events or len(evidence.events) >= GATHERED_MAX:
            continue
        evidence.events.append(event.id)
        evidence.pattern.append(step_of(ref, trace_of(event)))
        if isinstance(link, str) and link and link not in evidence.links:
            evidence.links.append(link)
        item.evidence = seal(evidence)
        items.tell_gathered(run.moment, item)
