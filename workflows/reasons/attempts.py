"""Which events might have started a workflow, and what stood against each?

The past is folded once more with the definition's own conditions, each of which writes down what it was asked and what
it answered. So what is told is what the fold itself has seen, in its order: pattern, key, guards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from workflows.account import evidence_of_item
from workflows.language.clauses import Failed, first_failed, read_by
from workflows.language.conditions import Condition, ConditionFailed
from workflows.language.plans import Definition, GuardPlan, Matcher, StartPlan
from workflows.language.vocabulary import Bindings
from workflows.library import Library
from workflows.reasons.past import Folded, Past

Part = Literal["matcher", "first", "leave", "by", "of", "key", "guard"]
"""A condition of a start, or of a guard."""


_TESTS = frozenset({"matcher", "first", "leave", "guard"})

Note = Callable[[Part, int, Condition, Bindings, object], None]
"""Takes which condition it is, of which start or guard, what it was asked, and what it answered."""


class HoldNamed(Struct, frozen=True, gc=False):
    """A hold that was live then: what it stops, why, until when if that is known, and the events behind it."""

    id: str
    scope: str
    reason: str
    until: datetime | None
    events: list[str]


@dataclass(frozen=True, slots=True)
class Look:
    """What one condition answered to one event; `failed` is the first clause that did not hold.

    `holds` are those that were live when a condition read them.
    """

    part: Part
    index: int
    event: str
    at: datetime
    value: Any
    failed: Failed | None
    number: int
    holds: tuple[HoldNamed, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the fold saw of a workflow's starts: the looks in their order, and what came of it all."""

    folded: Folded
    looks: tuple[Look, ...]
    past: Past

    def of(self, part: Part, index: int) -> list[Look]:
        """List the looks at one condition, the latest of each event, in order."""
        found = {one.event: one for one in self.looks if one.part == part and one.index == index}
        return sorted(found.values(), key=lambda one: one.number)


@dataclass(frozen=True, slots=True)
class _Noted(Condition):
    """A condition that tells what it was asked."""

    note: Callable[[Bindings, Any], None] = field(default=lambda _bindings, _value: None, compare=False)

    def value(self, bindings: Any) -> Any:
        try:
            found = Condition.value(self, bindings)
        except ConditionFailed:
            self.note(bindings, None)
            raise
        self.note(bindings, found)
        return found


def active(definition: Definition) -> Definition:
    """Give the definition as if its mode were `active`."""
    return replace(definition, source=definition.source.model_copy(update={"mode": "active"}))


def in_force(past: Past, definition: Definition) -> Past:
    """Give the past as it would be, had the definition been among those in force from the beginning."""
    libraries = {}
    for number, library in past.libraries.items():
        others = [one for one in library.definitions.values() if one.name != definition.name]
        libraries[number] = Library([*others, definition], former=library.by_hash.values())
    return replace(past, libraries=libraries)


def look_on(past: Past, definition: Definition) -> Seen:
    """Fold a past, and write down what the conditions of a definition's starts answer on the way."""
    looks: list[Look] = []

    def write(asked: Part, index: int, condition: Condition, bindings: Bindings, value: object) -> None:
        event = bindings.event
        failed = None
        if asked in _TESTS and value is not True:
            failed = first_failed(condition, bindings)
        elif asked == "guard":
            failed = Failed(condition.source, value=True, read=read_by(condition, condition.source, bindings))
        holds = _holds(bindings) if failed is not None and "account.holds" in failed.read else ()
        looks.append(Look(asked, index, event.id if event else "", bindings.at, value, failed, len(looks), holds))

    return Seen(asked_of(past, definition, write), tuple(looks), past)


def _holds(bindings: Bindings) -> tuple[HoldNamed, ...]:
    account = bindings.account
    return tuple(
        HoldNamed(one.id, one.scope, one.reason, account.lifts_at(one), evidence_of_item(one).events)
        for one in account.holds()
    )


def asked_of(past: Past, definition: Definition, note: Note) -> Folded:
    """Fold a past, and hand over what each condition of a definition's starts and guards is asked and answers."""

    def noted(part: Part, index: int, condition: Condition | None) -> Any:
        if condition is None:
            return None
        of_condition = {one.name: getattr(condition, one.name) for one in fields(Condition)}
        return _Noted(**of_condition, note=lambda bindings, value: note(part, index, condition, bindings, value))

    def matcher(part: Part, index: int, one: Matcher) -> Matcher:
        return Matcher(one.types, noted(part, index, one.where))

    def start(one: StartPlan) -> StartPlan:
        return replace(
            one,
            matcher=matcher("matcher", one.index, one.matcher),
            first=None if one.first is None else matcher("first", one.index, one.first),
            leave=tuple(matcher("leave", one.index, each) for each in one.leave),
            of=noted("of", one.index, one.of),
            key=noted("key", one.index, one.key),
        )

    def guard(index: int, one: GuardPlan) -> GuardPlan:
        recent = None if one.recent is None else matcher("guard", index, one.recent)
        return replace(one, condition=noted("guard", index, one.condition), recent=recent)

    watched = replace(
        active(definition),
        starts=tuple(start(one) for one in definition.starts),
        guards=tuple(guard(index, one) for index, one in enumerate(definition.guards)),
    )
    return in_force(past, watched).fold()
