"""How do conditions read what a gate has said? The names `verdict.REF`, `waited.REF` and `opened.REF`."""

from __future__ import annotations

from workflows.account import Verdict
from workflows.language.conditions import UNSET, Getter

_NO_VERDICT = Verdict()


def verdict(ref: str) -> Getter:
    """Read the decision of a gate, "" before it was judged."""
    return lambda bindings: bindings.instance.verdicts.get(ref, _NO_VERDICT).decision


def waited(ref: str) -> Getter:
    """Read whether a gate was closed at some time."""
    return lambda bindings: bindings.instance.verdicts.get(ref, _NO_VERDICT).waited


def opened(ref: str) -> Getter:
    """Read when a gate opened, unknown until then."""
    return lambda bindings: bindings.instance.verdicts.get(ref, _NO_VERDICT).opened_at or UNSET
