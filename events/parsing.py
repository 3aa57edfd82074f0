"""Which event are these bytes, or why are they none; and which bytes is this event?

Everything hostile stops here (faults F30–F43): size, encoding, JSON that parsers read
differently, identifiers, times, and types of known fields. Inside, an `Event` is
trusted. No clock is read: the caller says what time it is.
"""

from datetime import UTC, datetime, timedelta
from typing import NoReturn

from events.catalogue import EVENT_TYPES, is_plan, needs_subject
from events.checking import check_data
from events.envelope import JSON, Draft, Event, Refused
from events.fields import ID_CHARACTERS_MAX
from events.instants import INSTANT_RULE, read_instant, write_instant
from events.wire import Wire, read_again, read_wire, write_wire
from events.wording import shown

BYTES_MAX = 256 * 1024  # a quarter of Kafka's default message; checked first (F31)
TIME_MIN = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD_MAX = timedelta(days=3653)  # ten years: plans lie ahead, mistakes far ahead (F43)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Bounds the times of what is read again: they were held against the clock when they were taken in."""
SKEW_MAX = timedelta(minutes=5)  # rule R2

_MODELS = {name: kind.model for name, kind in EVENT_TYPES.items()}
_IDENTIFIER_RULE = f"it is a string of 1 to {ID_CHARACTERS_MAX} printable ASCII characters without spaces"
_REMEDIES = {
    "id": "send the source system's own id of this fact",
    "source": 'send a path that names the system, such as "/crm/salesforce"',
    "type": 'send a type of the catalogue, such as "sales.contract.signed"',
    "subject": 'send the account\'s id, or a reference such as "zendesk:8812"',
    "correlationid": "send the id of the event that began it, or leave it out",
    "causationid": "send the id of the event that caused it, or leave it out",
}


def parse_event(raw: bytes | str, *, now: datetime) -> Event:
    """Return the event that the bytes are.

    raw: one CloudEvents 1.0 JSON object of at most 256 KiB in UTF-8.
    now: aware; bounds how far ahead a time may lie (ten years).
    Raises `Refused` with path and reason, and nothing else. A type that is not in
    the catalogue is an event with its data unchecked. Unknown attributes of the
    envelope are ignored. Without ``recordedtime`` the rule that facts do not lie in the
    future (R2) is left to the intake, which knows its own clock.
    """
    wire = read_wire(_bounded(raw))
    _check_identity(wire)
    time, recorded_at = _times(wire, now)
    data = _data(wire)
    subject = wire.subject or ""
    return Draft(
        wire.id, wire.source, wire.type, subject, time, recorded_at, data, wire.correlationid, wire.causationid
    ).frozen()


def reread_event(raw: bytes) -> Event:
    """Return the event that bytes are which `parse_event` has accepted before, at a third of the cost.

    Only for what comes from our own store: of other bytes it may make an event that no rule allows.
    """
    wire = read_again(raw)
    if wire is None:
        return parse_event(raw, now=LATEST)
    time, recorded_at = read_instant(wire.time), None
    if wire.recordedtime is not None:
        recorded_at = read_instant(wire.recordedtime)
    data = wire.data
    if isinstance(data.get("actor"), str):
        data = _data(wire)
    return Draft(
        wire.id,
        wire.source,
        wire.type,
        wire.subject or "",
        time,
        recorded_at,
        data,
        wire.correlationid,
        wire.causationid,
    ).frozen()


def event_to_json(event: Event) -> bytes:
    """Return the canonical bytes: equal events give equal bytes.

    Times in UTC with Z, absent attributes left out, the data's keys sorted, no
    spaces. ``parse_event(event_to_json(event), now=now) == event``.
    """
    return write_wire(event)


def _bounded(raw: bytes | str) -> bytes:
    if not raw:
        raise Refused("", "is empty (a tombstone); send one JSON object")
    if len(raw) > BYTES_MAX:
        _refuse_length(len(raw))
    if isinstance(raw, bytes):
        return raw
    try:
        encoded = raw.encode("utf-8")
    except UnicodeEncodeError as error:
        found = f"holds half of a surrogate pair at character {error.start}"
        raise Refused("", f"{found}; send whole characters") from None
    if len(encoded) > BYTES_MAX:
        _refuse_length(len(encoded))
    return encoded


def _refuse_length(length: int) -> NoReturn:
    found = f"is {length} bytes long; an event has at most {BYTES_MAX}"
    raise Refused("", f"{found}; refer to long texts and files by a link")


def _check_identity(wire: Wire) -> None:
    if wire.specversion != "1.0":
        raise Refused("specversion", f'{_found(wire.specversion)}; it is the string "1.0"; send CloudEvents 1.0')
    four = (wire.id, wire.source, wire.type, wire.subject or "")
    try:
        is_plain = all(four) and _is_identifier("".join(four))
    except TypeError:  # one of them is no string
        is_plain = False
    if not is_plain:
        _check_one_by_one(wire)
    if wire.correlationid is not None:
        _check_identifier("correlationid", wire.correlationid)
    if wire.causationid is not None:
        _check_identifier("causationid", wire.causationid)


def _check_one_by_one(wire: Wire) -> None:
    _check_identifier("id", wire.id)
    _check_identifier("source", wire.source)
    _check_identifier("type", wire.type)
    if wire.subject is not None or needs_subject(wire.type):
        _check_identifier("subject", wire.subject)


def _is_identifier(text: str) -> bool:
    return 0 < len(text) <= ID_CHARACTERS_MAX and text.isascii() and text.isprintable() and " " not in text


def _check_identifier(name: str, value: object) -> None:
    if not isinstance(value, str) or not _is_identifier(value):
        raise Refused(name, f"{_found(value)}; {_IDENTIFIER_RULE}; {_REMEDIES[name]}")


def _times(wire: Wire, now: datetime) -> tuple[datetime, datetime | None]:
    recorded = wire.recordedtime
    try:
        time = read_instant(wire.time)
        recorded_at = None if recorded is None else read_instant(recorded)
    except (TypeError, ValueError):
        _refuse_no_instant(wire)
    if time < TIME_MIN or time > now:
        _check_range("time", time, now)
    if recorded_at is not None:
        if recorded_at < TIME_MIN or recorded_at > now:
            _check_range("recordedtime", recorded_at, now)
        if time > recorded_at and not is_plan(wire.type):
            _check_foresight(time, recorded_at)
    return time, recorded_at


def _refuse_no_instant(wire: Wire) -> NoReturn:
    name, value = "time", wire.time
    try:
        read_instant(value)
        name, value = "recordedtime", wire.recordedtime
    except (TypeError, ValueError):
        pass  # it was the time itself
    raise Refused(name, f"{_found(value)}; {INSTANT_RULE}")


def _found(value: object) -> str:
    return "is missing" if value is None else f"is {shown(value)}"


def _check_range(name: str, instant: datetime, now: datetime) -> None:
    if instant < TIME_MIN or instant - now > AHEAD_MAX:
        found = f"is {write_instant(instant)}"
        rule = "a time is from 2000-01-01 to ten years ahead of now"
        raise Refused(name, f"{found}; {rule}; check the source's clock")


def _check_foresight(time: datetime, recorded_at: datetime) -> None:
    ahead = time - recorded_at
    if ahead > SKEW_MAX:
        found = f"is {write_instant(time)}, {ahead} after recordedtime"
        rule = "nothing is recorded more than 5 minutes before it happens"
        raise Refused("time", f"{found}; {rule}; plans end in .scheduled")


def _data(wire: Wire) -> dict[str, JSON]:
    data = wire.data
    if type(data) is not dict:
        raise Refused("data", f"is {shown(data)}; the data is one JSON object; wrap it in one")
    model = _MODELS.get(wire.type)
    if model is not None:
        actor = data.get("actor")
        if type(actor) is str:
            data["actor"] = {"person": actor}
        check_data(model, data)
    return data
