"""How does the verdict of a gate go out? As `preflight.answered`, with what the event that asked said of itself."""

from __future__ import annotations

from typing import Any

from workflows.account import Instance
from workflows.findings import Verdict
from workflows.language.gate_names import removals
from workflows.language.vocabulary import person_of
from workflows.moment import iso


def _counted(verdict: Verdict) -> dict[str, Any]:
    """Write what came of a list: how many may, who may not and why, and the list without them."""
    removed, allowed = removals(verdict), allowed_of(verdict)
    gone = sum(len(ones) for ones in removed.values())
    if not gone and not allowed:
        return {}
    return {
        "counts": {"audience": len(allowed) + gone, "allowed": len(allowed), "removed": gone},
        "removed": {code: len(ones) for code, ones in removed.items()},
        "removals": removed,
        "cleaned": allowed,
    }


def allowed_of(verdict: Verdict) -> list[str]:
    """List who may, here and at the other accounts of the list."""
    gone = {one for ones in verdict.removed.values() for one in ones}
    return [*(one for one in verdict.members if one not in gone), *verdict.elsewhere.get("", ())]


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
        **_counted(verdict),
        **{name: data[name] for name in ASKED_FOR if isinstance(data.get(name), str)},
    }
