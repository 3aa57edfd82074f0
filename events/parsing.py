"""Which event are these bytes, or why are they none; and which bytes is this event?

Everything hostile stops here (faults F30–F43): size, encoding, JSON that parsers read
differently, identifiers, times, and types of known fields. Inside, an `Event` is
trusted. No clock is read: the caller says what time it is.
"""

from datetime import UTC, datetime, timedelta
from typing import NoReturn

from events.catalogue import EVENT_TYPES, is_plan, needs_subject
from events.checking import check_data
from events.envelope import JSON, Event, Refused, event_of
from events.fields import ID_CHARACTERS_MAX
from events.instants import INSTANT_RULE, read_instant, write_instant
from events.wire import Wire, read_wire, write_wire
from events.wording import shown

BYTES_MAX = 256 * 1024  # a quarter of Kafka's default message; checked first (F31)
TIME_MIN = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD_MAX = timedelta(days=3653)  # ten years: plans lie ahead, mistakes far ahead (F43)
SKEW_MAX = timedelta(minutes=5)  # rule R2

_MODELS = {name: kind.model for name, kind in EVENT_TYPES.items()}
_NO_LINKS: tuple[str | None, str | None] = (None, None)
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
    if wire.specversion != "1.0":
        _refuse_version(wire.specversion)
    identity = _identity(wire)
    time, recorded_at = _times(wire, identity[2], now)
    links = _NO_LINKS
    if wire.correlationid is not None or wire.causationid is not None:
        links = _links(wire)
    return event_of(identity, time, recorded_at, _data(wire.data, identity[2]), links)


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


def _refuse_version(found: JSON) -> NoReturn:
    what = "is missing" if found is None else f"is {shown(found)}"
    raise Refused("specversion", f'{what}; it is the string "1.0"; send CloudEvents 1.0')


def _identity(wire: Wire) -> tuple[str, str, str, str]:
    four = (wire.id, wire.source, wire.type, wire.subject or "")
    try:
        if all(four) and _is_identifier("".join(four)):
            return four
    except TypeError:
        pass  # one of them is no string: find out which
    first = _identifier("id", wire.id), _identifier("source", wire.source)
    type_name = _identifier("type", wire.type)
    if wire.subject is None and not needs_subject(type_name):
        return *first, type_name, ""
    return *first, type_name, _identifier("subject", wire.subject)


def _is_identifier(text: str) -> bool:
    return 0 < len(text) <= ID_CHARACTERS_MAX and text.isascii() and text.isprintable() and " " not in text


def _identifier(name: str, value: object) -> str:
    if isinstance(value, str) and _is_identifier(value):
        return value
    found = "is missing" if value is None else f"is {shown(value)}"
    raise Refused(name, f"{found}; {_IDENTIFIER_RULE}; {_REMEDIES[name]}")


def _links(wire: Wire) -> tuple[str | None, str | None]:
    correlation, causation = wire.correlationid, wire.causationid
    return (
        None if correlation is None else _identifier("correlationid", correlation),
        None if causation is None else _identifier("causationid", causation),
    )


def _times(wire: Wire, type_name: str, now: datetime) -> tuple[datetime, datetime | None]:
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
        if time > recorded_at and not is_plan(type_name):
            _check_foresight(time, recorded_at)
    return time, recorded_at


def _refuse_no_instant(wire: Wire) -> NoReturn:
    name, value = "time", wire.time
    try:
        read_instant(value)
        name, value = "recordedtime", wire.recordedtime
    except (TypeError, ValueError):
        pass  # it was the time itself
    found = "is missing" if value is None else f"is {shown(value)}"
    raise Refused(name, f"{found}; {INSTANT_RULE}")


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


def _data(data: dict[str, JSON], type_name: str) -> dict[str, JSON]:
    if type(data) is not dict:
        rule = "the data is one JSON object; wrap it in one"
        raise Refused("data", f"is {shown(data)}; {rule}")
    model = _MODELS.get(type_name)
    if model is not None:
        actor = data.get("actor")
        if type(actor) is str:
            data["actor"] = {"person": actor}
        check_data(model, data)
    return data
