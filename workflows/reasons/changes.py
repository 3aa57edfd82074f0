"""What can be changed of a world so that something else comes of it, in a form that can be applied?

Each change is one small thing: an event that is added, left out, or says something else in one field, a time that
passes, a hold that is lifted, a mode. `nofumble simulate --change` applies them to files, `why-not` to a past.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from events.envelope import Event
from events.parsing import event_to_json, parse_event
from workflows.language.plans import Definition
from workflows.reasons.attempts import active
from workflows.reasons.past import Heard, Past

Envelope = dict[str, Any]


class AddEvent(Struct, frozen=True, tag_field="change", tag="add_event", gc=False):
    """One more event, as its envelope; it arrives at its `recordedtime`, else at its `time`."""

    event: Envelope
    words: str


class LiftHold(Struct, frozen=True, tag_field="change", tag="lift_hold", gc=False):
    """A person lifts a hold: the event that says so."""

    hold: str
    event: Envelope
    words: str


class ChangeField(Struct, frozen=True, tag_field="change", tag="change_field", gc=False):
    """An event of the history says something else in one field, dotted, such as `data.direction`."""

    event: str
    source: str
    field: str
    value: Any
    was: Any
    words: str


class LeaveOut(Struct, frozen=True, tag_field="change", tag="leave_out_event", gc=False):
    """An event of the history had not happened."""

    event: str
    source: str
    words: str


class AdvanceTime(Struct, frozen=True, tag_field="change", tag="advance_time", gc=False):
    """Time passes, and nothing else happens."""

    to: datetime
    words: str


class SetMode(Struct, frozen=True, tag_field="change", tag="set_mode", gc=False):
    """A definition is in another mode."""

    workflow: str
    mode: str
    words: str


Change = AddEvent | LiftHold | ChangeField | LeaveOut | AdvanceTime | SetMode


class Said(Struct, gc=False):
    """The changes as an answer of `why-not` says them."""

    changes: list[Change]


def leave_out(event: Event) -> LeaveOut:
    """Leave an event out; of the part that came to one account the whole."""
    whole = whole_of(event)
    return LeaveOut(whole, event.source, f"{event.type} {whole} had not happened")


def change_field(event: Event, field: str, value: Any) -> ChangeField:
    """Let an event say another value in a field of its data, dotted."""
    was: Any = event.data
    for part in field.split("."):
        was = was.get(part) if isinstance(was, dict) else None
    words = f"{event.type} {whole_of(event)} had said {value!r} as {field}, in place of {was!r}"
    return ChangeField(whole_of(event), event.source, f"data.{field}", value, was, words)


def whole_of(event: Event) -> str:
    """Give the id under which an event came in: a part for one account has that of the whole, and its account."""
    whole = event.causation_id
    return whole if whole is not None and event.id == f"{whole}/{event.subject}" else event.id


def read_changes(raw: bytes) -> list[Change]:
    """Read changes: an answer of `why-not --json`, or the list of changes alone.

    Raises:
        msgspec.ValidationError, msgspec.DecodeError: it is neither.
    """
    if raw.lstrip()[:1] == b"[":
        return msgspec.json.decode(raw, type=list[Change])
    return msgspec.json.decode(raw, type=Said).changes


def changed_events(known: Iterable[Heard], changes: Sequence[Change], now: datetime) -> list[Heard]:
    """Apply changes to events, which stay in the order of their arrival.

    Raises:
        Refused: an event that is added or changed is none.
        KeyError: an event that is named is not there.
    """
    found = list(known)
    latest = max((one.catalogue for one in found), default=0)
    for one in changes:
        match one:
            case AddEvent() | LiftHold():
                event = parse_event(msgspec.json.encode(one.event), now=now)
                found.append(Heard(event, event.recorded_at or event.time, latest))
            case ChangeField():
                place = _place_of(found, one)
                found[place] = replace(found[place], event=_with_field(found[place].event, one.field, one.value, now))
            case LeaveOut():
                del found[_place_of(found, one)]
            case _:
                pass
    return sorted(found, key=lambda one: one.arrived_at)


def changed_past(past: Past, changes: Sequence[Change]) -> Past:
    """Apply changes to a past; its end moves on to what was added, or to the time that is to pass.

    Modes are a matter of its libraries (`attempts.in_force`).

    Raises:
        Refused, KeyError: as `changed_events` does.
    """
    heard = changed_events(past.heard, changes, past.until)
    ends = [one.to for one in changes if isinstance(one, AdvanceTime)]
    until = max([past.until, *ends, *(one.arrived_at for one in heard)])
    return replace(past, heard=tuple(heard), until=until)


def with_modes(definitions: Iterable[Definition], changes: Iterable[Change]) -> list[Definition]:
    """Give definitions in the modes that the changes say."""
    modes = {one.workflow: one.mode for one in changes if isinstance(one, SetMode)}
    return [active(one) if modes.get(one.name) == "active" else one for one in definitions]


def end_of(changes: Iterable[Change]) -> datetime | None:
    """Tell up to when time is to pass, if a change says so."""
    return max((one.to for one in changes if isinstance(one, AdvanceTime)), default=None)


def _place_of(found: Sequence[Heard], named: ChangeField | LeaveOut) -> int:
    for place, one in enumerate(found):
        if one.event.source == named.source and named.event in (one.event.id, one.event.causation_id):
            return place
    raise KeyError(named.event)


def _with_field(event: Event, field: str, value: Any, now: datetime) -> Event:
    envelope = msgspec.json.decode(event_to_json(event))
    *way, last = field.split(".")
    place = envelope
    for part in way:
        place = place.setdefault(part, {})
    place[last] = value
    return parse_event(msgspec.json.encode(envelope), now=now)
