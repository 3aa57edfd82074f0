"""What else would have to be otherwise, where an event alone is not enough? What stands in its way is cleared.

An event that would begin a workflow may meet a guard, another run, or a thread above it. One after the other they are
cleared: the event behind them had not happened, or one comes before that makes the guard's words untrue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import msgspec

from events.envelope import Event, Refused
from workflows.account import decode, encode
from workflows.facts import FACTS, learn
from workflows.language.conditions import Condition, ConditionFailed
from workflows.language.scenes import SceneRefused, scenes_of
from workflows.language.standing_names import events_behind
from workflows.library import Library
from workflows.reasons.attempts import look_on
from workflows.reasons.changes import AddEvent, Change, changed_past, leave_out
from workflows.reasons.inventing import SOURCE, STEP, Scene, added_event
from workflows.reasons.past import Past
from workflows.reasons.stops import Stop, stops_of

ROUNDS_MAX = 8
"""Obstacles that are cleared one after the other for one event."""

IN_THE_WAY = ("guard", "folded", "reentry")


def cleared(scene: Scene, base: Sequence[Change]) -> Iterator[list[Change]]:
    """Give the changes with more and more of what stands in their way cleared."""
    changes = list(base)
    for _ in range(ROUNDS_MAX):
        try:
            past = changed_past(scene.past, changes)
        except (Refused, KeyError):
            return
        stop = _in_the_way(scene, past)
        remedy = _remedy(scene, past, stop, changes) if stop is not None else None
        if remedy is None:
            return
        changes = [remedy, *changes]
        yield changes


def _in_the_way(scene: Scene, past: Past) -> Stop | None:
    found = stops_of(scene.definition, look_on(past, scene.definition))
    mine = (one for one in found if one.event is not None and one.event.source == SOURCE)
    return next((one for one in mine if one.kind in IN_THE_WAY), None)


def _remedy(scene: Scene, past: Past, stop: Stop, changes: Sequence[Change]) -> Change | None:
    event = past.find(stop.event.id, SOURCE) if stop.event is not None else None
    guard = next(
        (one.condition for one in scene.definition.guards if stop.kind == "guard" and _is(one.condition, stop)), None
    )
    if guard is not None and event is not None:
        bindings = scene.bindings(event.event)
        return _untrue(scene, guard, event.event, len(changes)) or _without(past, events_behind(guard.reads, bindings))
    return _without(past, stop.behind)


def _is(condition: Condition | None, stop: Stop) -> bool:
    return condition is not None and stop.clause is not None and condition.source == stop.clause.text


def _without(past: Past, names: Sequence[str]) -> Change | None:
    """Leave out the latest event of the names that the past still has; an answer is named by its own id."""
    for name in reversed(names):
        told = (one for one in reversed(past.heard) if name == one.event.id or name in _ids_of(one.event))
        heard = next(told, None)
        if heard is not None:
            return leave_out(heard.event)
    return None


def _ids_of(event: Event) -> list[str]:
    return [value for name, value in event.data.items() if name.endswith("_id") and isinstance(value, str)]


def _untrue(scene: Scene, guard: Condition, event: Event, number: int) -> AddEvent | None:
    """Find an event that, coming before, makes a guard's words untrue: among those that the examples tell."""
    raw = encode(scene.state)
    for told in _told(scene.past.library):
        before = replace(told, subject=scene.past.account_id, time=scene.at - STEP / 2)
        state = decode(raw)
        if not learn(state, before):
            continue
        bindings = replace(scene.bindings(event), account=state)
        try:
            stands = guard.value(bindings)
        except ConditionFailed:
            continue
        if stands is False:
            return added_event(scene, before, f"before-{number}")
    return None


@lru_cache(maxsize=4)
def _told(library: Library) -> tuple[Event, ...]:
    """List the different events of all examples that tell a fact of an account, the shortest first."""
    found: dict[bytes, Event] = {}
    for definition in library.definitions.values():
        for example in definition.source.examples:
            try:
                scenes = scenes_of(example, definition.name)
            except SceneRefused:
                continue
            for one in scenes:
                event = replace(one.event, source=SOURCE, recorded_at=None, correlation_id=None, causation_id=None)
                if event.type in FACTS and not event.type.startswith("account."):
                    found.setdefault(event.type.encode() + msgspec.json.encode(event.data), event)
    return tuple(found[key] for key in sorted(found, key=lambda key: (len(key), key)))
