"""What would events of the history have had to say, to fit a start, or not to fall under a guard?

The past is folded again, and when the condition is asked of the event, other values are tried in its place: so the
account is as it was then.
"""

from __future__ import annotations

from collections.abc import Iterator

from events.envelope import Event
from workflows.language.conditions import Condition
from workflows.language.plans import Definition
from workflows.language.vocabulary import Bindings
from workflows.reasons.attempts import Part, asked_of
from workflows.reasons.mending import Draft, Edit, mended, unmended
from workflows.reasons.past import Past

MENDED_MAX = 12
"""Mends that are given: each of them is tried on the whole history."""


def mends_of(past: Past, definition: Definition, events: frozenset[str]) -> Iterator[tuple[Event, tuple[Edit, ...]]]:
    """Give what each of the events would have had to say, the fewest edits first."""
    found: list[tuple[Event, tuple[Edit, ...]]] = []

    def look(asked: Part, _index: int, condition: Condition, bindings: Bindings, value: object) -> None:
        event = bindings.event
        if event is None or event.id not in events or asked not in _WANTED or (value is True) is _WANTED[asked]:
            return
        draft: Draft | None = (mended if _WANTED[asked] else unmended_from)(condition, bindings)
        if draft is not None and draft.edits and all(one.of == "event" for one in draft.edits):
            found.append((event, draft.edits))

    if events:
        asked_of(past, definition, look)
    yield from sorted(found, key=lambda one: len(one[1]))[:MENDED_MAX]


def unmended_from(condition: Condition, bindings: Bindings) -> Draft | None:
    """Change the event until a guard's condition does not hold."""
    return unmended(condition, Draft(bindings))


_WANTED = {"matcher": True, "first": True, "guard": False}
"""What each condition must answer for the workflow to begin."""
