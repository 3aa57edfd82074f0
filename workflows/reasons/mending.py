"""What would an event have to say, and the account to be, for a condition to hold? A search over small changes.

The clauses of the condition are taken one by one. What a clause reads is given other values: those that stand in the
clause itself, the values of the other names in it, and the plainest ones of the kind. Each try is asked of the
condition itself, so that what is found does hold; that nothing is found says only that it is no small change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise, product
from typing import Any

from msgspec import structs

from events.catalogue import EVENT_TYPES
from events.envelope import Event
from events.kinds import FieldKind
from workflows.account import AccountState
from workflows.facts import PLAIN_FIELDS
from workflows.language.clauses import Clause, clause_of, plain_value
from workflows.language.conditions import UNSET, Condition, ConditionFailed
from workflows.language.grammar import ROLES
from workflows.language.vocabulary import Bindings
from workflows.moment import iso

VALUES_MAX = 24
"""Values that are tried for one name."""

TRIES_MAX = 600
"""Values that are tried for one condition, before it is said that no small change makes it hold."""

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'')
_NUMBER = re.compile(r"(?<![\w.\"'])-?\d+(?:\.\d+)?(?![\w\"'])")
_HOURS = re.compile(r'duration\("(\d+)h"\)')
_META = {"type", "id", "source", "time", "fields"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One value that is set: of the event (`event`) or of the account (`account`), by the name that conditions read."""

    of: str
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Draft:
    """An event and an account as they would have to be, and the edits that made them so."""

    bindings: Bindings
    edits: tuple[Edit, ...] = ()


def mended(condition: Condition | None, bindings: Bindings) -> Draft | None:
    """Change the event of the bindings, and the account, until the condition holds; ``None`` where that is too much."""
    draft = Draft(bindings)
    if condition is None:
        return draft
    return _Search(condition).satisfy(draft)


def unmended(condition: Condition, draft: Draft) -> Draft | None:
    """Change them until the condition does not hold."""
    return _Search(condition).satisfy(draft, wanted=False)


class _Search:
    """One condition, and how many tries are left."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.left = TRIES_MAX

    def satisfy(self, draft: Draft, *, wanted: bool = True) -> Draft | None:
        whole = clause_of(self.condition.source)
        found = self._clause(draft, whole, wanted=wanted)
        if found is not None and not self._is(found, whole, wanted=wanted):  # one clause has undone another
            found = self._clause(found, whole, wanted=wanted)
        return found if found is not None and self._is(found, whole, wanted=wanted) else None

    def _clause(self, draft: Draft, clause: Clause, *, wanted: bool) -> Draft | None:
        if self._is(draft, clause, wanted=wanted):
            return draft
        match clause.word:
            case "not":
                return self._clause(draft, clause.parts[0], wanted=not wanted)
            case "choice":
                return self._choice(draft, clause, wanted=wanted)
            case "and" | "or":
                needs_all = (clause.word == "and") == wanted
                return (self._all if needs_all else self._any)(draft, clause, wanted=wanted)
            case _:
                return self._leaf(draft, clause, wanted=wanted)

    def _all(self, draft: Draft, clause: Clause, *, wanted: bool) -> Draft | None:
        found: Draft | None = draft
        for part in clause.parts:
            found = self._clause(found, part, wanted=wanted) if found is not None else None
        return found

    def _any(self, draft: Draft, clause: Clause, *, wanted: bool) -> Draft | None:
        tries = (self._clause(draft, part, wanted=wanted) for part in clause.parts)
        found = [one for one in tries if one is not None and self._is(one, clause, wanted=wanted)]
        return min(found, key=lambda one: len(one.edits), default=None)

    def _choice(self, draft: Draft, clause: Clause, *, wanted: bool) -> Draft | None:
        test, then, other = clause.parts
        taken = self._is(draft, test, wanted=True)
        for is_then in (taken, not taken):
            turned = self._clause(draft, test, wanted=is_then)
            found = self._clause(turned, then if is_then else other, wanted=wanted) if turned is not None else None
            if found is not None and self._is(found, clause, wanted=wanted):
                return found
        return None

    def _leaf(self, draft: Draft, clause: Clause, *, wanted: bool) -> Draft | None:
        part = self.condition.part(clause.source)
        names = [name for name, _ in part.getters if _may_edit(name, draft.bindings)]
        read = {name: getter(draft.bindings) for name, getter in part.getters}
        values = {name: list(_values(name, clause.source, read, draft.bindings))[:VALUES_MAX] for name in names}
        for one in names:
            for value in values[one]:
                found = _edited(draft, one, value)
                if found is not None and self._is(found, clause, wanted=wanted):
                    return found
        for first, second in pairwise(names):
            for one, other in product(values[first][:8], values[second][:8]):
                half = _edited(draft, first, one)
                found = _edited(half, second, other) if half is not None else None
                if found is not None and self._is(found, clause, wanted=wanted):
                    return found
        return None

    def _is(self, draft: Draft, clause: Clause, *, wanted: bool) -> bool:
        self.left -= 1
        if self.left < 0:
            return False
        try:
            found = self.condition.part(clause.source).value(draft.bindings)
        except ConditionFailed:
            return False
        return found is wanted


# ------------------------------------------------------------ which values


def _may_edit(name: str, bindings: Bindings) -> bool:
    prefix, _, path = name.partition(".")
    if prefix == "account":
        return path in PLAIN_FIELDS or path in ROLES
    event = bindings.event
    if prefix != "event" or event is None:
        return False
    known = EVENT_TYPES[event.type].fields() if event.type in EVENT_TYPES else {}
    return path == "fields" or _path_of(path) in known


def _path_of(path: str) -> str:
    """Name the field of the data that a name reads: `event.data.type` reads the field `type`."""
    return path.removeprefix("data.")


def _values(name: str, source: str, read: Mapping[str, Any], bindings: Bindings) -> Iterator[Any]:
    """Give values for a name, the likeliest first: what the clause itself says, what else it reads, the plainest."""
    texts = [one or other for one, other in _LITERAL.findall(source)]
    others = [plain_value(value) for key, value in read.items() if key != name and value is not UNSET]
    texts += [text for value in others for text in (value if isinstance(value, list) else [value]) if text]
    kind = _kind_of(name, bindings)
    match kind:
        case FieldKind.BOOL:
            yield from (True, False)
        case FieldKind.INT | FieldKind.DOUBLE:
            yield from _numbers(source, read)
        case FieldKind.TIMESTAMP:
            yield from _times(source, bindings)
        case FieldKind.STRINGS | FieldKind.ENTRIES:
            yield from ([one] for one in texts if isinstance(one, str))
            yield ["x"]
            yield []
            yield [one for one in texts if isinstance(one, str)]
        case _:
            yield from (one for text in texts if isinstance(text, str) for one in (text, *_matching(text)))
            yield ""
            yield "x"
            yield from dict.fromkeys(bindings.account.contacts)
            yield from dict.fromkeys(bindings.account.roles.values())


def _numbers(source: str, read: Mapping[str, Any]) -> Iterator[float]:
    found = [float(one) for one in _NUMBER.findall(source)]
    found += [float(one) for one in read.values() if isinstance(one, int | float) and not isinstance(one, bool)]
    for one in found:
        yield from (int(one) if one.is_integer() else one, int(one) + 1, int(one) - 1, int(one // 100) + 1)
    yield from (1, 0, 10, 100, 100_000)


def _times(source: str, bindings: Bindings) -> Iterator[str]:
    hours = [int(one) for one in _HOURS.findall(source)]
    at = bindings.at
    for one in (1, 24, 24 * 7, 24 * 30, 24 * 60, *hours, *(hour + 1 for hour in hours)):
        yield iso(at + timedelta(hours=one))
        yield iso(at - timedelta(hours=one))


def _matching(pattern: str) -> Iterator[str]:
    """Give texts that a regular expression may match: each of its alternatives without its signs."""
    bare = re.sub(r"^\(\?\w+\)", "", pattern)
    for one in bare.split("|"):
        yield re.sub(r"\\[bBwWdDsS]|[\\^$()?*+\[\]{}]", "", one)


def _kind_of(name: str, bindings: Bindings) -> FieldKind:
    prefix, _, path = name.partition(".")
    if prefix == "account":
        return {
            "tier": FieldKind.INT,
            "test": FieldKind.BOOL,
            "arr": FieldKind.INT,
            "renewal_date": FieldKind.TIMESTAMP,
        }.get(path, FieldKind.STRING)
    assert bindings.event is not None
    if path == "fields":
        return FieldKind.STRING
    return EVENT_TYPES[bindings.event.type].fields()[_path_of(path)]


# ------------------------------------------------------------ setting them


def _edited(draft: Draft, name: str, value: Any) -> Draft | None:
    prefix, _, path = name.partition(".")
    bindings = draft.bindings
    if prefix == "account":
        account = _account_with(bindings.account, path, value)
        edit = Edit("account", path, value)
        return Draft(replace(bindings, account=account), (*_others(draft, edit), edit))
    assert bindings.event is not None
    if path == "fields":
        return _with_present(draft, value)
    field = _path_of(path)
    event = _event_with(bindings.event, field, value)
    edit = Edit("event", field, value)
    return Draft(replace(bindings, event=event), (*_others(draft, edit), edit))


def _with_present(draft: Draft, field: Any) -> Draft | None:
    """Let a field be there at all, with the plainest value of its kind; or not be there any more."""
    event = draft.bindings.event
    assert event is not None
    kind = EVENT_TYPES[event.type].fields().get(field) if isinstance(field, str) else None
    if kind is None:
        return None
    value = plainest(kind, draft.bindings.at) if field not in event.data else None
    edit = Edit("event", field, value)
    return Draft(replace(draft.bindings, event=_event_with(event, field, value)), (*_others(draft, edit), edit))


def plainest(kind: FieldKind, at: datetime) -> Any:
    """Give a value of a kind that says as little as may be."""
    return {
        FieldKind.INT: 1,
        FieldKind.DOUBLE: 1.0,
        FieldKind.BOOL: True,
        FieldKind.TIMESTAMP: iso(at + timedelta(days=7)),
        FieldKind.STRINGS: ["x"],
        FieldKind.ENTRIES: ["x"],
        FieldKind.OBJECT: {},
    }.get(kind, "x")


def _others(draft: Draft, edit: Edit) -> tuple[Edit, ...]:
    return tuple(one for one in draft.edits if (one.of, one.field) != (edit.of, edit.field))


def _event_with(event: Event, field: str, value: Any) -> Event:
    *way, last = field.split(".")
    data: dict[str, Any] = dict(event.data)
    place = data
    for part in way:
        inner = place.get(part)
        place[part] = dict(inner) if isinstance(inner, Mapping) else {}
        place = place[part]
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return replace(event, data=data)


def _account_with(account: AccountState, field: str, value: Any) -> AccountState:
    if field in ROLES:
        return structs.replace(account, roles={**account.roles, field: value})
    return structs.replace(account, **{field: value})
