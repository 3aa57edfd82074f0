"""How do conditions and texts read a measured load? It is that of the event at hand, else of the start (W20)."""

from __future__ import annotations

from typing import Any

from events.kinds import FieldKind
from workflows.capacity import Measured, Proposal, measured, proposal, share
from workflows.language.conditions import UNSET, Getter

MEASURED = "people.load.measured"


def _measured(bindings: Any) -> Measured | None:
    if bindings.event is not None and bindings.event.type == MEASURED:
        return measured(bindings.event.data)
    instance = bindings.instance
    return measured(instance.data) if instance is not None and instance.start.type == MEASURED else None


def _of(read: Any) -> Getter:
    def found(bindings: Any) -> Any:
        known = _measured(bindings)
        return UNSET if known is None else read(known)

    return found


def _of_proposal(read: Any) -> Getter:
    return _of(lambda known: read(proposal(known)))


def _percent(found: Measured | Proposal) -> float:
    return round(100 * share(found.due_hours, found.free_hours), 1)


LOAD: dict[str, tuple[FieldKind, Getter]] = {
    "load.percent": (FieldKind.DOUBLE, _of(_percent)),
    "load.due_hours": (FieldKind.DOUBLE, _of(lambda known: round(known.due_hours, 2))),
    "load.free_hours": (FieldKind.DOUBLE, _of(lambda known: round(known.free_hours, 2))),
    "load.proposal": (FieldKind.STRINGS, _of_proposal(lambda made: made.moves)),
    "load.percent_after": (FieldKind.DOUBLE, _of_proposal(_percent)),
}
"""Facts about a load, as it was measured."""
