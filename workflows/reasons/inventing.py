"""Which event would begin a workflow? Invented from the definition, its examples, and what is known of the account.

An invented event is a plain one: what its type needs, what the start's condition asks, and nothing else. Its values are
found by `mending`, so that they fit the account at hand: its own contacts, its own people, the facts as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from events.catalogue import EVENT_TYPES
from events.envelope import Event
from events.parsing import event_to_json
from workflows.account import AccountState, Remembered
from workflows.directory import Directory
from workflows.facts import PLAIN_FIELDS
from workflows.language.grammar import ROLES, Example
from workflows.language.plans import Definition, Matcher, StartPlan
from workflows.language.scenes import SceneRefused, scenes_of
from workflows.language.vocabulary import Bindings, as_time
from workflows.moment import iso, trace_of
from workflows.reasons.changes import AddEvent
from workflows.reasons.mending import Draft, mended, plainest, unmended
from workflows.reasons.past import Past

SOURCE = "/nofumble/why-not"
"""The source of invented events."""

EXAMPLES_MAX = 12
"""Examples of a definition that are tried."""

STEP = timedelta(minutes=1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """The account at the end of its past, where invented events come."""

    definition: Definition
    past: Past
    state: AccountState
    directory: Directory

    @property
    def at(self) -> datetime:
        """When the first invented event happens."""
        return self.past.until + STEP

    def bindings(self, event: Event, past: Remembered | None = None) -> Bindings:
        """Bind an event to the account."""
        return Bindings(self.state, self.directory, event.time, event, past)


def invented(scene: Scene) -> Iterator[list[AddEvent]]:
    """Give events that may begin the workflow, for each of its starts and each type that it asks for."""
    for start in scene.definition.starts:
        for name in _types(scene, start.matcher.types):
            for data in _bases(scene, name):
                yield from _for_start(scene, start, name, data)


def _for_start(scene: Scene, start: StartPlan, name: str, data: Mapping[str, Any]) -> Iterator[list[AddEvent]]:
    if start.kind == "seq":
        yield from _sequence(scene, start, name, data)
        return
    event = _event(scene, name, data, scene.at)
    for base in _changing(start, event, scene.state) if start.kind == "changed" else [event]:
        draft = _fitting(scene, start.matcher, base)
        if draft is None:
            continue
        if start.kind == "count":
            yield _repeated(scene, draft, start)
        else:
            yield _added(scene, [draft])


def _sequence(scene: Scene, start: StartPlan, name: str, data: Mapping[str, Any]) -> Iterator[list[AddEvent]]:
    assert start.first is not None
    for first_name in _types(scene, start.first.types):
        for first_data in _bases(scene, first_name):
            first = _fitting(scene, start.first, _event(scene, first_name, first_data, scene.at))
            if first is None or first.bindings.event is None:
                continue
            past = Remembered(trace_of(first.bindings.event), first.bindings.event.data)
            then = _fitting(scene, start.matcher, _event(scene, name, data, scene.at + STEP), past)
            if then is not None:
                yield _added(scene, [first, then])


def _fitting(scene: Scene, matcher: Matcher, event: Event, past: Remembered | None = None) -> Draft | None:
    """Make an event fit what is asked for, and no guard stand against it, as far as its own words decide."""
    draft = mended(matcher.where, scene.bindings(event, past))
    for guard in scene.definition.guards:
        if draft is not None and guard.condition is not None:
            draft = unmended(guard.condition, draft) or draft
    return draft


def _types(scene: Scene, types: frozenset[str]) -> list[str]:
    """Order types: those that the account knows first, since they are the likeliest to come."""
    known = {one.event.type for one in scene.past.heard}
    return sorted((one for one in types if one in EVENT_TYPES), key=lambda one: (one not in known, one))


def _bases(scene: Scene, name: str) -> Iterator[dict[str, Any]]:
    """Give what an event of a type may say to begin with: no more than it must, as in the examples, as the last did."""
    yield _least(name, scene.at)
    for example in scene.definition.source.examples[:EXAMPLES_MAX]:
        found = [one.event for one in _scenes(example, scene.definition) if one.event.type == name]
        if found:
            yield dict(found[-1].data)
            break
    last = [one.event for one in scene.past.heard if one.event.type == name]
    if last:
        yield dict(last[-1].data)


def _least(name: str, at: datetime) -> dict[str, Any]:
    """Give the data that a type cannot be without."""
    kind = EVENT_TYPES[name]
    fields = kind.fields()
    data: dict[str, Any] = {}
    for attribute, field in kind.model.model_fields.items():
        wire = field.alias or attribute
        if not field.is_required():
            continue
        if wire in fields:
            value = plainest(fields[wire], at)
            data[wire] = f"{wire}-1" if value == "x" else value
        else:
            data[wire] = {
                path.partition(".")[2]: plainest(one, at) for path, one in fields.items() if path.startswith(f"{wire}.")
            }
    return data


def _changing(start: StartPlan, event: Event, state: AccountState) -> Iterator[Event]:
    """Give events that change the fact which a start of the kind `changed` waits for."""
    fact = start.source.changed or ""
    if event.type in ("account.registered", "account.updated"):
        value: Any = {"tier": 1 if state.tier != 1 else 2, "test": not state.test}.get(fact, "x")
        data = {"roles": {fact: value}} if fact in ROLES else {fact: value} if fact in PLAIN_FIELDS else {}
        yield replace(event, data={**event.data, **data})
    yield event


def _repeated(scene: Scene, draft: Draft, start: StartPlan) -> list[AddEvent]:
    """Let an event come as often as is counted, each about another thing where different things count."""
    event = draft.bindings.event
    assert event is not None
    drafts = []
    for number in range(int(min(start.counts.at_least, 30))):
        data = dict(event.data)
        for name in start.distinct.reads if start.distinct is not None else ():
            path = name.removeprefix("event.").removeprefix("data.")
            if name.startswith("event.") and "." not in path:
                data[path] = f"{data.get(path) or path}-{number}"
        again = replace(event, data=data, time=scene.at + number * STEP)
        drafts.append(Draft(replace(draft.bindings, event=again), draft.edits))
    return _added(scene, drafts)


def _added(scene: Scene, drafts: Sequence[Draft]) -> list[AddEvent]:
    """Write drafts as events to add; what they ask of the account itself comes before them."""
    facts = {one.field: one for draft in drafts for one in draft.edits if one.of == "account"}
    found = [_told_of_account(scene, facts.values())] if facts else []
    return found + [
        _add(scene, draft.bindings.event, number)
        for number, draft in enumerate(drafts, start=len(found) + 1)
        if draft.bindings.event is not None
    ]


def _told_of_account(scene: Scene, facts: Any) -> AddEvent:
    data: dict[str, Any] = {}
    for one in facts:
        if one.field in ROLES:
            data.setdefault("roles", {})[one.field] = one.value
        elif one.field == "arr":
            data["arr"] = {"amount": one.value, "currency": scene.state.currency or "EUR"}
        else:
            data[one.field] = one.value
    return _add(scene, _event(scene, "account.updated", data, scene.at - STEP / 2), 1)


def _event(scene: Scene, name: str, data: Mapping[str, Any], at: datetime) -> Event:
    return Event("invented", SOURCE, name, scene.past.account_id, at, None, dict(data))


def _add(scene: Scene, event: Event, number: int) -> AddEvent:
    taken = {one.event.id for one in scene.past.heard if one.event.source == SOURCE}
    return added_event(scene, event, str(len(taken) + number))


def added_event(scene: Scene, event: Event, number: str) -> AddEvent:
    """Write an event as one to be added, under an id of its own."""
    event = replace(event, id=f"{scene.definition.name}-{number}", source=SOURCE, subject=scene.past.account_id)
    envelope = msgspec.json.decode(event_to_json(event))
    return AddEvent(envelope, f"{event.type} at {iso(event.time)}{_said(event)}")


def _said(event: Event) -> str:
    """Say the plain values of an event, as many as a sentence holds."""
    shown = [f"{name} {said}" for name, value in event.data.items() if (said := _plainly(value))]
    return f" with {', '.join(shown[:5])}" if shown else ""


def _plainly(value: Any) -> str:
    """Say a text, a number or a list of texts; nothing of what has parts of its own."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " and ".join(value)
    return str(value) if isinstance(value, str | int | float) else ""


# ------------------------------------------------------------ the examples of a definition


def transplanted(scene: Scene) -> Iterator[list[AddEvent]]:
    """Give the events of each example of the definition, as if they came to this account now.

    Its people and contacts take the place of those in the example, and times move on: by as little as may be, then by
    whole weeks, so that working days stay what they are.
    """
    for example in scene.definition.source.examples[:EXAMPLES_MAX]:
        if not example.then:
            continue
        scenes = [one for one in _scenes(example, scene.definition) if not one.event.type.startswith("people.")]
        scenes = [one for one in scenes if one.event.type in EVENT_TYPES and one.event.type != "source.heartbeat"]
        if not scenes:
            continue
        names = _names(scene, [one.event for one in scenes])
        gap = scene.at - min(one.event.time for one in scenes)
        weeks = -(-gap // WEEK) * WEEK
        for shift in (gap, weeks):
            yield [
                _add(scene, _moved(one.event, shift, names, scene.past.account_id), number)
                for number, one in enumerate(sorted(scenes, key=lambda one: one.event.time), start=1)
            ]


def _scenes(example: Example, definition: Definition) -> list[Any]:
    try:
        return scenes_of(example, definition.name)
    except SceneRefused:
        return []


def _names(scene: Scene, events: Sequence[Event]) -> dict[str, str]:
    """Say who of this account takes the place of whom in an example: people by role, contacts one after the other."""
    names: dict[str, str] = {}
    mine = list(scene.state.contacts.values())
    contacts = 0
    for event in events:
        roles = event.data.get("roles")
        for role, person in roles.items() if isinstance(roles, Mapping) else ():
            if isinstance(person, str) and role in scene.state.roles:
                names.setdefault(person, scene.state.roles[role])
        known = event.data.get("contact_id")
        if event.type == "customer.contact.joined" and isinstance(known, str) and contacts < len(mine):
            names.setdefault(known, mine[contacts].id)
            if isinstance(event.data.get("email"), str) and mine[contacts].email:
                names.setdefault(str(event.data["email"]), mine[contacts].email)
            contacts += 1
    return names


def _moved(event: Event, shift: timedelta, names: Mapping[str, str], account: str) -> Event:
    data = _mapped(event.data, shift, names)
    if isinstance(data.get("accounts"), list):
        data["accounts"] = [account]
    return replace(event, time=event.time + shift, recorded_at=None, source=SOURCE, data=data)


def _mapped(value: Any, shift: timedelta, names: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {key: _mapped(one, shift, names) for key, one in value.items()}
        case list():
            return [_mapped(one, shift, names) for one in value]
        case str() if value in names:
            return names[value]
        case str():
            return _later(value, shift)
        case _:
            return value


def _later(text: str, shift: timedelta) -> str:
    """Move a date or a time of an example on; any other text stays."""
    at = as_time(text) if text[:4].isdigit() and "-" in text else None
    if at is None:
        return text
    moved = at + shift
    return moved.date().isoformat() if len(text) == len(date.min.isoformat()) else iso(moved)
