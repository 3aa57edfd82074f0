"""How does the verdict of a gate go out? As `preflight.answered`, with what the event that asked said of itself."""

from __future__ import annotations

from typing import Any

from workflows.account import Instance, Verdict
from workflows.language.vocabulary import person_of
from workflows.moment import iso

ASKED_FOR = ("ask_id", "campaign_id", "contact_id", "kind")
"""Fields of the event that opened the instance which its verdict repeats."""


def verdict_said(instance: Instance, ref: str, verdict: Verdict) -> dict[str, Any]:
    """Write a verdict as its line says it."""
    data = instance.data
    return {
        "workflow": instance.workflow,
        "key": instance.key,
        "ref": ref,
        "decision": verdict.decision,
        "reasons": list(verdict.reasons),
        "explained": [one.replace("_", " ") for one in verdict.reasons],
        "earliest": iso(verdict.earliest) if verdict.earliest is not None else None,
        "asked_by": data.get("requester") or person_of(data),
        "overridden": sorted(verdict.overridden),
        **{name: data[name] for name in ASKED_FOR if isinstance(data.get(name), str)},
    }
