"""Which events does an example give, and may it say what it says? Entries of `given` and `when` become events.

An entry is ``{at, type, data}`` with ``id``, ``subject``, ``source`` and ``arrived`` where they matter. What is
left out is filled in the same way each time, so that a run gives the same ids for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NoReturn

from events.catalogue import EVENT_TYPES, needs_subject
from events.envelope import Refused
from events.instants import INSTANT_RULE, read_instant
from events.parsing import parse_event
from events.work import NamedWork
from workflows.account import label_of
from workflows.language.grammar import DefinitionSource, Example
from workflows.language.rules import Fault, Where
from workflows.language.terms import nearest, unknown_event
from workflows.simulation import Arrival

ACCOUNT = "acme"
"""The account of an example that does not name another."""

ENTRY_KEYS = ("at", "type", "data", "id", "subject", "source", "arrived")
"""What an entry of `given` or `when` may say."""

SENT = (
    "task.",
    "alert.",
    "escalation.",
    "exec.brief.published",
    "hold.",
    "loop.",
    "workflow.",
    "preflight.",
    "ledger.",
    "event.quarantined",
)
"""The lines that the engine sends begin so."""

LINE_KEYS = frozenset({"at", "type", "subject", "person", "role", "queue", "holder"})
"""What an expected line may say besides the fields of its type."""

SENT_FIELDS = frozenset(
    {
        "part",
        "by",
        "copy",
        "event",
        "explained",
        "feedback",
        "from",
        "instance",
        "name",
        "note",
        "occurrence",
        "of",
        "rung",
    }
    | {"asked_by", "missing", "part", "told_at", "until", "event_id", "status", "severity"}
)
"""Fields of sent lines that the models of the catalogue leave open."""


class SceneRefused(ValueError):
    """An entry that is no valid event, with its fault."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault, whose place counts from the entry."""
        super().__init__(fault.message)
        self.fault = fault


def scenes_of(example: Example, workflow: str) -> list[Arrival]:
    """Read the events of an example, `given` first.

    Raises:
        SceneRefused: for the first entry that is no valid event; `check_examples` tells of all.
    """
    return [
        read_scene(entry, f"{word}-{index + 1}", workflow)
        for word in ("given", "when")
        for index, entry in enumerate(getattr(example, word))
    ]


def read_scene(entry: Mapping[str, Any], default_id: str, workflow: str) -> Arrival:
    """Read one entry as an event.

    Raises:
        SceneRefused: a key, a time, or what the catalogue says of the type does not hold.
    """
    for key in entry:
        if key not in ENTRY_KEYS:
            message = f"unknown key `{key}` in an event of an example; {nearest(key, ENTRY_KEYS, what='keys')}"
            _refuse((key,), message, "example_key")
    at = _instant(entry, "at")
    arrived = _instant(entry, "arrived") if "arrived" in entry else at
    name = entry.get("type")
    if not isinstance(name, str) or name not in EVENT_TYPES:
        _refuse(("type",), unknown_event(str(name)), "unknown_event")
    envelope = _envelope(entry, name, default_id, workflow)
    try:
        return Arrival(parse_event(json.dumps(envelope), now=at), arrived)
    except Refused as refusal:
        place = _place_of(refusal.path)
        what = f"`{'.'.join(place)}` of " if place else ""
        _refuse(place, f"{what}{name} {refusal.reason}", "example_event")


def check_examples(source: DefinitionSource) -> Iterator[Fault]:
    """Find what is wrong with the examples of a definition."""
    if not source.examples:
        message = "there is no example; add one with `when` and `then`, which `nofumble workflows test` runs"
        yield Fault((), message, "no_example")
    names: set[str] = set()
    for index, example in enumerate(source.examples):
        if example.name in names:
            message = f"two examples are named {example.name!r}; rename the second"
            yield Fault(("examples", index, "name"), message, "example_name")
        names.add(example.name)
        for fault in _of_example(example, source):
            yield Fault(("examples", index, *fault.where), fault.message, fault.rule)


def _of_example(example: Example, source: DefinitionSource) -> Iterator[Fault]:
    refs = list(dict.fromkeys(name for step in source.steps for name in (step.ref, label_of(step.ref))))
    if example.until is not None and not _is_instant(example.until):
        yield Fault(("until",), f"`until` is {example.until!r:.60}; {INSTANT_RULE}", "example_time")
    for word in ("given", "when"):
        for index, entry in enumerate(getattr(example, word)):
            try:
                scene = read_scene(entry, f"{word}-{index + 1}", source.name)
            except SceneRefused as refusal:
                yield Fault((word, index, *refusal.fault.where), refusal.fault.message, refusal.fault.rule)
                continue
            if issubclass(EVENT_TYPES[scene.event.type].model, NamedWork):
                yield from _unknown_ref(scene.event.data, refs, source.name, (word, index, "data", "ref"))
    for word in ("then", "never"):
        for index, line in enumerate(getattr(example, word)):
            for fault in _of_line(line, refs, source.name):
                yield Fault((word, index, *fault.where), fault.message, fault.rule)


def _of_line(line: Mapping[str, Any], refs: list[str], workflow: str) -> Iterator[Fault]:
    name = line.get("type")
    if not isinstance(name, str) or name not in EVENT_TYPES or not name.startswith(SENT):
        sent = [one for one in EVENT_TYPES if one.startswith(SENT)]
        message = f"the engine sends no line of type {name!r:.60}; {nearest(str(name), sent, what='lines')}"
        yield Fault(("type",), message, "example_type")
        return
    known = {*LINE_KEYS, *SENT_FIELDS, *EVENT_TYPES[name].model.model_fields}
    for key in line:
        if key not in known:
            message = f"{name} has no field `{key}`; {nearest(key, sorted(known), what='fields')}"
            yield Fault((key,), message, "example_key")
    for key in ("at", "due", "until", "earliest"):
        if line.get(key) is not None and not _is_instant(line[key]):
            yield Fault((key,), f"`{key}` is {line[key]!r:.60}; {INSTANT_RULE}", "example_time")
    yield from _unknown_ref(line, refs, workflow, ("ref",))


def _unknown_ref(said: Mapping[str, Any], refs: list[str], workflow: str, where: Where) -> Iterator[Fault]:
    ref = said.get("ref")
    if ref is not None and said.get("workflow", workflow) == workflow and ref not in refs:
        message = f"there is no step {ref!r:.60} in this definition; {nearest(str(ref), refs, what='steps')}"
        yield Fault(where, message, "example_ref")


def _envelope(entry: Mapping[str, Any], name: str, default_id: str, workflow: str) -> dict[str, Any]:
    data = entry.get("data") or {}
    if issubclass(EVENT_TYPES[name].model, NamedWork) and isinstance(data, dict) and not data.get("id"):
        data = {"workflow": workflow, **data}
    envelope = {
        "specversion": "1.0",
        "id": entry.get("id", default_id),
        "source": entry.get("source", "example"),
        "type": name,
        "time": entry["at"],
        "data": data,
    }
    if "arrived" in entry:
        envelope["recordedtime"] = entry["arrived"]
    if "subject" in entry:
        envelope["subject"] = entry["subject"]
    elif name.startswith("people."):
        _refuse(("type",), f"{name} needs `subject`, the person's id; add it", "example_event")
    elif needs_subject(name):
        envelope["subject"] = ACCOUNT
    return envelope


def _instant(entry: Mapping[str, Any], key: str) -> datetime:
    value = entry.get(key)
    if not _is_instant(value):
        said = "is missing" if value is None else f"is {value!r:.60}"
        _refuse((key,), f"`{key}` {said}; {INSTANT_RULE}", "example_time")
    return read_instant(str(value))


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(read_instant(value))
    except ValueError:
        return False


_KEY_OF_ATTRIBUTE = {"time": "at", "recordedtime": "arrived"}


def _place_of(path: str) -> tuple[str, ...]:
    """Name the place in the entry of what the envelope's parser refused."""
    first, *rest = path.split(".") if path else [""]
    return tuple(part for part in (_KEY_OF_ATTRIBUTE.get(first, first), *rest) if part)


def _refuse(where: Where, message: str, rule: str) -> NoReturn:
    raise SceneRefused(Fault(where, message, rule))
