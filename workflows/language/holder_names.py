"""How do conditions read how much the holder of a step's work has to do? `over.REF`, as it was last measured (W20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from events.kinds import FieldKind
from workflows.account import Loop, Task, is_open
from workflows.language.conditions import Getter, Vocabulary
from workflows.language.vocabulary import cel_ref
from workflows.routing import is_over


def holder_names(refs: Iterable[str]) -> Vocabulary:
    """Name of each step whether the holder of its open work has more due than time."""
    return Vocabulary({f"over.{cel_ref(ref)}": (FieldKind.BOOL, _over(ref)) for ref in refs})


def _over(ref: str) -> Getter:
    def found(bindings: Any) -> bool:
        work = bindings.account.work
        held = [work[one] for one in bindings.instance.steps[ref].work if one in work]
        holders = [
            one.to if isinstance(one, Task) else one.holder
            for one in held
            if isinstance(one, Task | Loop) and is_open(one)
        ]
        return any(one.person is not None and is_over(bindings.directory, one.person) for one in holders)

    return found
