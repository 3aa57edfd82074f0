"""Which names may a condition use where: `event.*`, `start.*`, `past.*`, `account.*` and the instance's own.

Each name has a type and a getter over :class:`Bindings`. Text that is missing reads as "",
a list as [], a yes-or-no as false; a number or a time that is missing is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from events.catalogue import EVENT_TYPES
from events.envelope import Event
from events.kinds import FieldKind
from events.money import minor_units
from workflows.account import AccountState, Found, Instance, Remembered
from workflows.directory import Directory
from workflows.language.conditions import UNSET, Condition, Getter, Vocabulary
from workflows.language.gate_names import names_of_gate
from workflows.language.promises import HOLDING, READ_MAX, promised_date
from workflows.working_time import business_days_between, next_opening

REPEATS_WITHIN = timedelta(days=90)
"""How far back `earlier.by_actor` looks (W03)."""


@dataclass(slots=True)
class Bindings:
    """What the names stand for at one moment of one account."""

    account: AccountState
    directory: Directory
    at: datetime
    event: Event | None = None
    past: Remembered | None = None
    instance: Instance | None = None
    found: Found | None = None
    member: str = ""


class UnknownEventType(ValueError):
    """A definition asks for an event type that the catalogue does not have."""


PROMISED = ("promised_by", "answer_by", "reply_by", "due_by", "until", "due")
"""Fields of a contact that say by when the customer hears more."""

_TEXTS = {FieldKind.STRING, FieldKind.TIMESTAMP}
"""Kinds that are texts in JSON: a field that is one here and the other there reads as a text."""

_ENVELOPE = {
    "type": FieldKind.STRING,
    "id": FieldKind.STRING,
    "source": FieldKind.STRING,
    "time": FieldKind.TIMESTAMP,
}
"""What the envelope says; a field of the data with such a name is read as ``event.data.type``."""


def event_names(prefix: str, types: Iterable[str]) -> Vocabulary:
    """Name the fields of the types under ``event``, ``start`` or ``past``; a field of one type is enough.

    Raises:
        UnknownEventType: the catalogue has no such type.
        ValueError: two of the types have the field with different kinds.
    """
    kinds: dict[str, FieldKind] = {}
    for type_name in types:
        for path, kind in fields_of(type_name).items():
            if kinds.setdefault(path, kind) is not kind:
                kinds[path] = FieldKind.STRING if {kind, kinds[path]} <= _TEXTS else FieldKind.OBJECT
    read = _READ_DATA[prefix]
    names = {f"{prefix}.{path}": (kind, _field(read, path, kind)) for path, kind in kinds.items() if kind in _MISSING}
    for path, kind in kinds.items():
        if kind is FieldKind.ENTRIES:
            names[f"{prefix}.{path}"] = (FieldKind.STRINGS, _entries(read, path, lambda value: list(_texts_in(value))))
            names[f"{prefix}.{path}_count"] = (FieldKind.INT, _entries(read, path, _count_of))
        if "." in path:
            whole = path.split(".")[:-1]
            names[f"{prefix}.{'.'.join(whole)}.fields"] = (FieldKind.STRINGS, _keys_of(read, whole))
    names[f"{prefix}.fields"] = (FieldKind.STRINGS, lambda bindings: list(read(bindings)))
    if "summary" in kinds:
        names[f"{prefix}.by_when"] = (FieldKind.TIMESTAMP, _by_when(prefix))
        names[f"{prefix}.promises"] = (FieldKind.BOOL, _promises(prefix))
    for name, kind in _ENVELOPE.items():
        if f"{prefix}.{name}" in names:
            names[f"{prefix}.data.{name}"] = names[f"{prefix}.{name}"]
        names[f"{prefix}.{name}"] = (kind, _meta(prefix, name))
    return Vocabulary(names)


def fields_of(type_name: str) -> Mapping[str, FieldKind]:
    """Give the flat fields of an event type.

    Raises:
        UnknownEventType: the catalogue has no such type.
    """
    known = EVENT_TYPES.get(type_name)
    if known is None:
        raise UnknownEventType(type_name)
    return known.fields()


def instance_names(
    start_types: Iterable[str],
    *,
    values: Mapping[str, FieldKind],
    tracked: Iterable[str],
    marks: Iterable[str],
    refs: Iterable[str],
    gates: Iterable[str] = (),
) -> Vocabulary:
    """Name what a running instance knows: start, key, `values`, `tracked`, `done`, `deadline`, `verdict` and so on."""
    names: dict[str, tuple[FieldKind, Getter]] = dict(_INSTANCE)
    for name, kind in values.items():
        names[f"value.{name}"] = (kind, _value_named(name, kind))
    for name in tracked:
        names[f"tracked.{name}"] = (FieldKind.STRINGS, _tracked(name))
    for name in marks:
        names[f"marked.{name}"] = (FieldKind.BOOL, _marked(name))
        names[f"times.{name}"] = (FieldKind.INT, _times(name))
    for ref in refs:
        names[f"done.{cel_ref(ref)}"] = (FieldKind.BOOL, _done(ref))
        names[f"outcome.{cel_ref(ref)}"] = (FieldKind.STRING, _outcome(ref))
        names[f"count.{cel_ref(ref)}"] = (FieldKind.INT, _count(ref))
        names[f"deadline.{cel_ref(ref)}"] = (FieldKind.TIMESTAMP, _deadline(ref))
    for ref in gates:
        names |= names_of_gate(ref, cel_ref(ref))
    return event_names("start", start_types) + Vocabulary(names)


def cel_ref(ref: str) -> str:
    """Write a ref as CEL can read it: ``T3'`` is ``T3_prime``, ``A1/setup`` is ``A1_setup``."""
    return ref.replace("'", "_prime").replace("/", "_")


def as_time(value: Any) -> datetime | None:
    """Read a time or a date (its midnight, UTC) of an event's data; ``None`` if it is neither."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-03-03"):
            return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return None


def person_of(data: Mapping[str, Any]) -> str:
    """Name the person of ours who acted, or ""."""
    actor = data.get("actor")
    if isinstance(actor, str):
        return actor
    found = actor.get("person") if isinstance(actor, Mapping) else None
    return found if isinstance(found, str) else ""


def _time(value: Any) -> Any:
    return as_time(value) or UNSET


def _int(value: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else UNSET


def _amount(money: Any) -> Any:
    """Read an amount of money in minor units, as the other amounts of its currency."""
    if not isinstance(money, Mapping) or not isinstance(money.get("amount"), int | str):
        return UNSET
    return minor_units(money["amount"], money.get("currency") or "")


def _party(value: Any) -> str:
    """Read who is meant: a bare id or name, or the person, else the team, of an object."""
    if isinstance(value, Mapping):
        value = value.get("person") or value.get("team")
    return value if isinstance(value, str) else ""


def _texts(parts: Iterable[Any]) -> Iterator[str]:
    """Read a list of texts; what is an object in it gives the texts of its fields."""
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            yield from (text for text in part.values() if isinstance(text, str))


_MISSING: dict[FieldKind, Any] = {
    FieldKind.STRING: lambda value: value if isinstance(value, str) else "",
    FieldKind.INT: _int,
    FieldKind.DOUBLE: lambda value: float(value) if isinstance(value, int | float) else UNSET,
    FieldKind.BOOL: lambda value: value is True,
    FieldKind.TIMESTAMP: _time,
    FieldKind.STRINGS: lambda value: list(_texts(value)) if value else [],
    FieldKind.PARTY: _party,
}
"""How a value of JSON, or its absence, is read for a kind."""

_READ_DATA: dict[str, Any] = {
    "event": lambda bindings: bindings.event.data,
    "start": lambda bindings: bindings.instance.data,
    "past": lambda bindings: bindings.past.data,
}

_TRACE: dict[str, Any] = {
    "event": lambda bindings: bindings.event,
    "start": lambda bindings: bindings.instance.start,
    "past": lambda bindings: bindings.past.trace,
}


def _meta(prefix: str, attribute: str) -> Getter:
    trace = _TRACE[prefix]
    return lambda bindings: getattr(trace(bindings), attribute)


def _by_when(prefix: str) -> Getter:
    """Read by when a contact promises more: a field that says so, else a date in the summary."""
    read, trace = _READ_DATA[prefix], _TRACE[prefix]

    def found(bindings: Bindings) -> Any:
        data = read(bindings)
        zone = bindings.directory.default_calendar.table.zone
        today = trace(bindings).time.astimezone(zone).date()
        for text in [*(f"by {data.get(name)}" for name in PROMISED if data.get(name)), data.get("summary")]:
            said = as_time(text.removeprefix("by ")) or promised_date(text, today) if isinstance(text, str) else None
            if said is not None:
                return said
        return UNSET

    return found


def _promises(prefix: str) -> Getter:
    """Tell whether a contact says that the answer proper is still to come, in a field, its words, or by a date."""
    read, by_when = _READ_DATA[prefix], _by_when(prefix)

    def found(bindings: Bindings) -> bool:
        data = read(bindings)
        said = [data.get(name) for name in ("topic", "purpose", "kind", "summary", "outcome")]
        said += data["tags"] if isinstance(data.get("tags"), list) else []
        words = any(isinstance(one, str) and HOLDING.search(one[:READ_MAX]) for one in said)
        flagged = data.get("holding") is True or data.get("holding_reply") is True
        return flagged or words or by_when(bindings) is not UNSET

    return found


def _entries(read: Any, path: str, convert: Callable[[Any], Any]) -> Getter:
    parts = path.split(".")
    return lambda bindings: convert(_dig(read(bindings), parts))


def _keys_of(read: Any, parts: list[str]) -> Getter:
    def found(bindings: Bindings) -> list[str]:
        whole = _dig(read(bindings), parts)
        return list(whole) if isinstance(whole, Mapping) else []

    return found


def _texts_in(value: Any) -> Iterator[str]:
    """Give all the texts of what was said in whatever form; what is true of an object counts as said."""
    match value:
        case str():
            yield from filter(None, [value.strip()])
        case Mapping():
            for key, part in value.items():
                yield from [key] if part is True else _texts_in(part)
        case list():
            for part in value:
                yield from _texts_in(part)
        case _:
            pass


def _count_of(value: Any) -> int:
    """Count the things that were said: the entries of a list or an object, one for a text, a number for itself."""
    match value:
        case bool() | None:
            return int(value is True)
        case int() | float():
            return int(value)
        case str():
            return int(bool(value.strip()))
        case Mapping():
            return sum(1 for part in value.values() if part not in (None, "", [], {}))
        case list():
            return sum(1 for part in value if part not in (None, "", [], {}))
        case _:
            return 0


def _field(read: Any, path: str, kind: FieldKind) -> Getter:
    convert = _MISSING[kind]
    if path == "actor.person":
        return lambda bindings: person_of(read(bindings))
    if "." not in path:
        return lambda bindings: convert(read(bindings).get(path))
    parts = path.split(".")
    if parts[-1] == "amount":
        return lambda bindings: _amount(_dig(read(bindings), parts[:-1]))
    return lambda bindings: convert(_dig(read(bindings), parts))


def _dig(data: Any, parts: list[str]) -> Any:
    for part in parts:
        if not isinstance(data, Mapping):
            return None
        data = data.get(part)
    return data


def _value_named(name: str, kind: FieldKind) -> Getter:
    """Read a value; a time that was written down and read back is a text until here."""
    if kind is FieldKind.TIMESTAMP:
        return lambda bindings: _instant(bindings.instance.values.get(name, UNSET))
    return lambda bindings: bindings.instance.values.get(name, UNSET)


def _instant(value: Any) -> Any:
    return as_time(value) or UNSET if isinstance(value, str) else value


def _tracked(name: str) -> Getter:
    return lambda bindings: bindings.instance.tracked.get(name, [])


def _marked(name: str) -> Getter:
    return lambda bindings: name in bindings.instance.marks


def _times(name: str) -> Getter:
    return lambda bindings: bindings.instance.counts.get(name, 0)


def missing_names(requirements: Mapping[str, Mapping[str, Condition]]) -> Vocabulary:
    """Name what is missing of each list of requirements: those that do not hold of the event at hand."""
    return Vocabulary({f"missing.{name}": (FieldKind.STRINGS, _missing(items)) for name, items in requirements.items()})


def _missing(items: Mapping[str, Condition]) -> Getter:
    def found(bindings: Bindings) -> list[str]:
        if bindings.event is None:
            return []
        return [name for name, condition in items.items() if not condition.holds(bindings)]

    return found


def _done(ref: str) -> Getter:
    return lambda bindings: bindings.instance.steps[ref].status == "done"


def _outcome(ref: str) -> Getter:
    return lambda bindings: bindings.instance.steps[ref].outcome


def _count(ref: str) -> Getter:
    return lambda bindings: bindings.instance.steps[ref].occurrence


def _deadline(ref: str) -> Getter:
    return lambda bindings: bindings.instance.timers.get(ref, UNSET)


def _elapsed(bindings: Bindings) -> Any:
    instance = bindings.instance
    if instance is None:
        return UNSET
    return business_days_between(instance.clock_from, bindings.at, bindings.directory.default_calendar)


def _earlier_by_actor(bindings: Bindings) -> int:
    """Count the starts of the workflow by who did this one, at any account, in the 90 days before."""
    instance = bindings.instance
    assert instance is not None
    since = instance.started_at - REPEATS_WITHIN
    return sum(
        one.workflow == instance.workflow
        and one.actor == instance.start.actor != ""
        and since <= one.at <= instance.started_at
        and name != instance.id
        for name, one in bindings.account.deeds.items()
    )


_INSTANCE: dict[str, tuple[FieldKind, Getter]] = {
    "key": (FieldKind.STRING, lambda b: b.instance.key),
    "start.way": (FieldKind.STRING, lambda b: b.instance.way),
    "earlier.by_actor": (FieldKind.INT, _earlier_by_actor),
    "elapsed.bd": (FieldKind.INT, _elapsed),
    "clock.working": (FieldKind.BOOL, lambda b: next_opening(b.at, b.directory.default_calendar) == b.at),
    "clock.paused": (FieldKind.BOOL, lambda b: b.at < b.instance.clock_from or b.instance.paused_at is not None),
}
