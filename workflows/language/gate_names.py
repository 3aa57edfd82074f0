"""How do conditions read what a gate has said? The names `verdict.REF`, `waited.REF`, `opened.REF`, `removed.REF`."""

from __future__ import annotations

from events.kinds import FieldKind
from workflows.findings import Verdict
from workflows.language.conditions import UNSET, Getter

_NO_VERDICT = Verdict()


def names_of_gate(ref: str, written: str) -> dict[str, tuple[FieldKind, Getter]]:
    """Name what a gate has said, with its ref as conditions write it."""
    return {
        f"verdict.{written}": (FieldKind.STRING, _verdict(ref)),
        f"waited.{written}": (FieldKind.BOOL, _waited(ref)),
        f"opened.{written}": (FieldKind.TIMESTAMP, _opened(ref)),
        f"removed.{written}": (FieldKind.STRINGS, _removed(ref)),
    }


def _verdict(ref: str) -> Getter:
    """Read the decision of a gate, "" before it was judged."""
    return lambda bindings: bindings.instance.verdicts.get(ref, _NO_VERDICT).decision


def _waited(ref: str) -> Getter:
    """Read whether a gate was closed at some time."""
    return lambda bindings: bindings.instance.verdicts.get(ref, _NO_VERDICT).waited


def _opened(ref: str) -> Getter:
    """Read when a gate opened, unknown until then."""
    return lambda bindings: bindings.instance.verdicts.get(ref, _NO_VERDICT).opened_at or UNSET


def _removed(ref: str) -> Getter:
    """Read whom a gate refuses of its list, as how many for each code, such as `hold 8`."""
    return lambda bindings: [
        f"{code} {len(ones)}" for code, ones in removals(bindings.instance.verdicts.get(ref, _NO_VERDICT)).items()
    ]


def removals(one: Verdict) -> dict[str, list[str]]:
    """List who is refused by code, here and at the other accounts of the list."""
    codes = dict.fromkeys([*one.removed, *(code for code in one.elsewhere if code)])
    found = {code: [*one.removed.get(code, ()), *one.elsewhere.get(code, ())] for code in codes}
    return {code: ones for code, ones in found.items() if ones}
