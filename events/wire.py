"""How do an event's bytes and its attributes become each other, quickly?

`Wire` is the envelope in the order in which people read it. msgspec decodes and
encodes it in C; what it decodes is believed only with a proof (`strict_json`).
"""

from typing import Any

import msgspec

from events.envelope import JSON, Event, Refused
from events.strict_json import DEPTH_MAX, is_proven, read_object, strings_kept

_STRINGS_ALWAYS = 11  # the keys and strings of the attributes without a default


class Wire(msgspec.Struct, omit_defaults=True, gc=False, kw_only=True):
    """Hold the attributes that are read, unchecked: each may be anything JSON has."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str | None = None
    time: Any  # a string when decoded, a datetime when encoded
    recordedtime: Any = None
    correlationid: str | None = None
    causationid: str | None = None
    data: dict[str, Any]
    datacontenttype: str | None = None  # most senders say that it is JSON; ignored


_decode = msgspec.json.Decoder(Wire).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def read_wire(raw: bytes) -> Wire:
    """Return the envelope's attributes, or raise `Refused` for what is no strict JSON.

    A message with attributes that are not read here, nulls, or flaws goes the
    careful way; the result is the same.
    """
    try:
        wire = _decode(raw)
    except (ValueError, RecursionError):
        return _wire_of(read_object(raw))
    strings = _STRINGS_ALWAYS + strings_kept(wire.data, DEPTH_MAX - 1)
    if wire.subject is not None:
        strings += 2
    if wire.recordedtime is not None:
        strings += 2
    if wire.correlationid is not None:
        strings += 2
    if wire.causationid is not None:
        strings += 2
    if wire.datacontenttype is not None:
        strings += 2
    return wire if is_proven(raw, strings) else _wire_of(read_object(raw))


def read_again(raw: bytes) -> Wire | None:
    """Return the attributes of bytes that were proven before; ``None`` where only the careful way can read them."""
    try:
        return _decode(raw)
    except (ValueError, RecursionError):
        return None


def write_wire(event: Event) -> bytes:
    """Return the bytes of an event: attributes in order, the data's keys sorted."""
    return _encode(
        Wire(
            specversion="1.0",
            id=event.id,
            source=event.source,
            type=event.type,
            subject=event.subject or None,
            time=event.time,
            recordedtime=event.recorded_at,
            correlationid=event.correlation_id,
            causationid=event.causation_id,
            data=event.data,
        )
    )


def _wire_of(document: dict[str, JSON]) -> Wire:
    get: Any = document.get
    data = get("data")
    if data is None:
        if get("data_base64") is not None:
            reason = "is binary; an event's data is JSON; send it as an object in data"
            raise Refused("data_base64", reason)
        data = {}
    return Wire(
        specversion=get("specversion"),
        id=get("id"),
        source=get("source"),
        type=get("type"),
        subject=get("subject"),
        time=get("time"),
        recordedtime=get("recordedtime"),
        correlationid=get("correlationid"),
        causationid=get("causationid"),
        data=data,
    )
