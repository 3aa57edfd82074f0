"""How do conditions and texts read what a task hands over? `bundle.REF` lists its threads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from events.kinds import FieldKind
from workflows.language.conditions import Getter, Vocabulary
from workflows.language.vocabulary import cel_ref


def bundle_names(refs: Iterable[str]) -> Vocabulary:
    """Name the bundles of these steps, each a list with one text for a run whose work is in it."""
    return Vocabulary({f"bundle.{cel_ref(ref)}": (FieldKind.STRINGS, _bundle(ref)) for ref in refs})


def _bundle(ref: str) -> Getter:
    def found(bindings: Any) -> list[str]:
        work = bindings.account.work
        items = [work[one] for one in bindings.instance.bundles.get(ref, ()) if one in work]
        return list(dict.fromkeys(f"{one.workflow} {one.key}" for one in items))

    return found
