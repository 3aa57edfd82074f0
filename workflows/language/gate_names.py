"""How do conditions read what a gate has said? The names `verdict.REF`, `waited.REF`, `opened.REF`, `removed.REF`."""

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


def removed(ref: str) -> Getter:
    """Read whom a gate refuses of its list, as how many for each code, such as `hold 8`."""
    return lambda bindings: [
        f"{code} {len(ones)}" for code, ones in removals(bindings.instance.verdicts.get(ref, _NO_VERDICT)).items()
    ]


def removals(one: Verdict) -> dict[str, list[str]]:
    """List who is refused by code, here and at the other accounts of the list."""
    codes = dict.fromkeys([*one.removed, *(code for code in one.elsewhere if code)])
    found = {code: [*one.removed.get(code, ()), *one.elsewhere.get(code, ())] for code in codes}
    return {code: ones for code, ones in found.items() if ones}
