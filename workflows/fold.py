"""The fold: what one event, one human action or the passing of time does to an account (D1, R1).

``apply`` and ``advance`` change the moment's state and collect what comes out of it. They are the
only way in which a state changes; live agents, simulation, replay and tests all call them.

Order within one event: facts, actions of people, running instances (in the order in which they
began), new instances, then memory. Timers that are due before the event fire before it.
"""

from __future__ import annotations

from datetime import datetime

from events.envelope import Event
from workflows.absences import TO_MOVE, bring_back, hear_of_absence, move
from workflows.account import Instance
from workflows.actions import ACTIONS, act
from workflows.facts import learn
from workflows.gates import recheck
from workflows.held_back import go_on
from workflows.holdings import TO_RETURN
from workflows.language.conditions import ConditionFailed
from workflows.language.plans import Definition
from workflows.language.templates import plain
from workflows.lasting import unproven
from workflows.ledger_lines import tell_postings
from workflows.manual_holds import HOLD_ACTIONS, UNTIL_EVENT, UNTIL_TIME, end_by_event, expire
from workflows.migration import adopt
from workflows.moment import Moment
from workflows.patterns import fire_pattern, try_start
from workflows.people import AWAY_SET
from workflows.preflight import answer_intent
from workflows.reactions import react
from workflows.recall import remember
from workflows.timers import conclude_proven, fire
from workflows.versions import ACTIVATED

INTENT = "sales.intent.announced"

_BY_PEOPLE = {**dict.fromkeys(ACTIONS, act), **HOLD_ACTIONS, AWAY_SET: hear_of_absence}
"""What people do to work and holds, and that they will be away."""

_OF_THE_ACCOUNT = {UNTIL_TIME: expire, TO_MOVE: move, TO_RETURN: bring_back}
"""The timers that belong to no workflow, by where they wait."""


RECORDED_MAX = 20
"""Events that steps may state because of one event or timer: more of them are a circle (F49)."""


def apply(moment: Moment, event: Event) -> None:
    """Fold one event in; the timers due before it must have fired (``advance``)."""
    _apply(moment, event)
    _apply_recorded(moment)


def _apply_recorded(moment: Moment) -> None:
    """Fold in what steps have stated, in order; what is stated because of it comes after it."""
    for _ in range(RECORDED_MAX):
        if not moment.recorded:
            return
        event = moment.event = moment.recorded.pop(0)
        moment.emit(event.type, {"id": event.id, "source": event.source, **event.data})
        _apply(moment, event)
    if moment.recorded:
        moment.recorded.clear()
        moment.fail("", f"steps stated more than {RECORDED_MAX} events in one go; the rest is dropped (F49)")


def _apply(moment: Moment, event: Event) -> None:
    facts = moment.facts_changed = learn(moment.state, event)
    moment.stale = set(facts) if moment.state.watching else set()
    library, kind = moment.library, event.type
    if "loyalty" in facts:
        tell_postings(moment, event)
    if kind == ACTIVATED:
        adopt(moment)
    if kind in _BY_PEOPLE:
        _BY_PEOPLE[kind](moment, event)
    if UNTIL_EVENT in moment.state.pending:
        end_by_event(moment, event)
    if kind in library.reacting:
        for instance in list(moment.state.instances.values()):
            _react(moment, instance, event)
    if kind in library.starts:
        _start(moment, event)
    if moment.lifted:
        go_on(moment)
    for definition in library.remembering.get(kind, ()):
        remember(moment, definition, event)
    if moment.state.watching:
        recheck(moment)
    if kind == INTENT:
        answer_intent(moment, event)


def _start(moment: Moment, event: Event) -> None:
    bindings = moment.bindings()
    for definition, start in moment.library.starts[event.type]:
        bindings.instance = None
        try:
            try_start(moment, definition, start, event, bindings)
        except ConditionFailed as failure:
            _failed(moment, definition, failure)


def _react(moment: Moment, instance: Instance, event: Event) -> None:
    definition = moment.library.by_hash.get(instance.definition)
    if definition is None:
        version = instance.definition
        moment.fail(instance.workflow, f"version {version} of {instance.id} is not stored; it is parked (F52)")
    elif event.type in definition.reactions and (instance.status == "running" or definition.has_afterwards):
        try:
            react(moment, definition, instance, event)
        except ConditionFailed as failure:
            _failed(moment, definition, failure)


def _failed(moment: Moment, definition: Definition, failure: ConditionFailed) -> None:
    """A condition that fails stops this workflow for this event, and no other (F38, F48)."""
    moment.fail(definition.name, plain(str(failure)))


def next_due(moment: Moment) -> datetime | None:
    """Tell when the next timer fires: at its due time, or now if an event has set it for a time that is past."""
    timer = moment.next_timer()
    return max(timer[0], moment.at) if timer is not None else None


def fire_next(moment: Moment) -> None:
    """Fire the earliest timer; the moment must already stand at its due time (or after it)."""
    moment.stale = set()
    _fire_next(moment)
    if moment.lifted:
        go_on(moment)
    if moment.state.watching:
        recheck(moment)
    _apply_recorded(moment)


def _fire_next(moment: Moment) -> None:
    timer = moment.next_timer()
    assert timer is not None
    _, instance_id, name = timer
    if instance_id == "":
        pattern, key = name.split("\n", 1)
        if pattern in _OF_THE_ACCOUNT:
            _OF_THE_ACCOUNT[pattern](moment, key)
            return
        _fire_pattern(moment, pattern, key)
        return
    instance = moment.state.instances[instance_id]
    definition = moment.library.by_hash.get(instance.definition)
    if definition is None:
        del instance.timers[name]
        return
    try:
        fire(moment, definition, instance, name)
    except ConditionFailed as failure:
        _failed(moment, definition, failure)


def _fire_pattern(moment: Moment, pattern: str, key: str) -> None:
    found = moment.library.patterns.get(pattern)
    if found is None:
        del moment.state.pending[pattern][key]
        return
    definition, start = found
    try:
        fire_pattern(moment, definition, start, pattern, key)
    except ConditionFailed as failure:
        _failed(moment, definition, failure)


def _conclude_silences(moment: Moment) -> None:
    """End the silences whose proof has come since."""
    for pattern, waiting in list(moment.state.pending.items()):
        for key, pending in list(waiting.items()):
            known = moment.library.patterns.get(pattern) if pending.deadline is not None else None
            if known is not None and not unproven(moment, known[1], pending):
                _fire_pattern(moment, pattern, key)


def hear(moment: Moment, watermarks: dict[str, datetime]) -> None:
    """Learn up to when the declared sources were heard from, and conclude what waited for it (R7)."""
    moment.stale = set()
    for source, heard_at in watermarks.items():
        known = moment.state.watermarks.get(source)
        if known is None or heard_at > known:
            moment.state.watermarks[source] = heard_at
    for instance in list(moment.state.instances.values()):
        definition = moment.library.by_hash.get(instance.definition)
        if definition is not None and instance.status == "running":
            try:
                conclude_proven(moment, definition, instance)
            except ConditionFailed as failure:
                _failed(moment, definition, failure)
    _conclude_silences(moment)
    if moment.state.watching:
        recheck(moment)
    _apply_recorded(moment)
