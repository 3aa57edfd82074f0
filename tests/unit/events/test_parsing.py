"""What is an event, and what is refused with its path and reason (F30-F43)."""

import dataclasses
import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.envelope import Event, Refused
from events.parsing import BYTES_MAX, event_to_json, parse_event
from tests.unit.events.making import NOW, SIGNED, message, with_data


def refused(raw: Any) -> Refused:
    """Return why a message is refused."""
    with pytest.raises(Refused) as caught:
        parse_event(raw, now=NOW)
    return caught.value


def parsed(raw: bytes | str) -> Event:
    """Return the event that a message is."""
    return parse_event(raw, now=NOW)


def in_data(value: bytes) -> bytes:
    """Return a message of an unknown type with one value, as it is in JSON, in its data."""
    return message(type="acme.custom.happened", data={"value": "HERE"}).replace(b'"HERE"', value)


def test_the_documented_example_is_an_event():
    assert parsed(message()) == Event(
        id="sf-0007",
        source="/crm/salesforce",
        type="sales.contract.signed",
        subject="acme",
        time=datetime(2026, 3, 3, 10, 0, tzinfo=UTC),
        recorded_at=datetime(2026, 3, 3, 10, 0, 4, tzinfo=UTC),
        data=SIGNED["data"],
    )


def test_text_and_bytes_are_the_same_event():
    assert parsed(message().decode()) == parsed(message())


def test_the_canonical_bytes_are_in_reading_order_and_the_same_for_equal_events():
    event = parsed(message(recordedtime=None, data={"contract_id": "C-1", "arr": {"currency": "EUR", "amount": 1}}))
    same = parsed(message(recordedtime=None, data={"arr": {"amount": 1, "currency": "EUR"}, "contract_id": "C-1"}))

    assert event_to_json(event) == event_to_json(same)
    assert event_to_json(event).decode() == (
        '{"specversion":"1.0","id":"sf-0007","source":"/crm/salesforce","type":"sales.contract.signed",'
        '"subject":"acme","time":"2026-03-03T10:00:00Z",'
        '"data":{"arr":{"amount":1,"currency":"EUR"},"contract_id":"C-1"}}'
    )


MATRIX: list[tuple[str, Any, str, str]] = [
    # what, the bytes, the path, a piece of the reason; the rows of the parser matrix and of F29-F36 first
    ("a tombstone", b"", "", "is empty"),
    ("no text", "", "", "is empty"),
    ("no message at all", None, "", "is empty"),
    ("NaN", in_data(b"NaN"), "data.value", "is NaN; numbers are finite"),
    ("Infinity", in_data(b"-Infinity"), "data.value", "is -Infinity; numbers are finite"),
    ("1e999", in_data(b"1e999"), "data.value", "is 1e999; numbers are finite"),
    ("NUL", in_data(b'"\\u0000"'), "data.value", "the character NUL"),
    ("NUL in a key", in_data(b'{"a\\u0000": 1}'), "data.value.a\\x00", "the character NUL"),
    ("NUL as a byte", in_data(b'"\x00"'), "", "is not JSON: invalid control character at"),
    ("lone surrogate", in_data(b'"\\ud800"'), "data.value", "half of a surrogate pair"),
    ("pair the wrong way round", in_data(b'"\\udc00\\ud800"'), "data.value", "half of a surrogate pair"),
    ("surrogate in UTF-8", in_data(b'"\xed\xa0\x80"'), "", "is not UTF-8 at byte"),
    ("surrogate in text", '{"id": "\ud800"}', "", "half of a surrogate pair at character 8"),
    ("2**63", in_data(b"9223372036854775808"), "data.value", "is 9223372036854775808; integers have 64 bits"),
    ("-2**63-1", in_data(b"-9223372036854775809"), "data.value", "integers have 64 bits"),
    ("2**64", in_data(b"18446744073709551616"), "data.value", "integers have 64 bits"),
    ("5000 digits", in_data(b"9" * 5000), "data.value", "is 99999999999999999999…; integers have 64 bits"),
    ("-5000 digits", in_data(b"-" + b"9" * 5000), "data.value", "integers have 64 bits"),
    ("a large integer in a list", in_data(b"[1, 9223372036854775808]"), "data.value[1]", "integers have 64 bits"),
    ("depth 33", in_data(b"[" * 31 + b"]" * 31), "", "is nested deeper than 32 levels"),
    ("depth 33 of objects", in_data(b'{"a":' * 31 + b"1" + b"}" * 31), "", "is nested deeper than 32 levels"),
    ("depth 900", in_data(b"[" * 900 + b"]" * 900), "", "is nested deeper than 32 levels"),
    ("depth 1100", in_data(b'{"a":' * 1100 + b"1" + b"}" * 1100), "", "is nested deeper than 32 levels"),
    ("200,000 brackets", b"[" * 200_000, "", "is nested deeper than 32 levels at character 32"),
    ("a key twice", in_data(b'1, "value": 1'), "data.value", "occurs twice in one object"),
    ("a key twice at the top", message().replace(b'{"spec', b'{"id": "x", "spec', 1), "id", "occurs twice"),
    ("a key twice, deep", in_data(b'[{"a": 1, "a": 1}]'), "data.value[0].a", "occurs twice in one object"),
    ("a key twice, once escaped", in_data(b'{"a": 1, "\\u0061": 1}'), "data.value.a", "occurs twice"),
    ("UTF-8 with BOM", b"\xef\xbb\xbf" + message(), "", "starts with a byte order mark"),
    ("UTF-16", message().decode().encode("utf-16"), "", "starts with a byte order mark"),
    ("UTF-16 without BOM", message().decode().encode("utf-16-le"), "", "is not JSON"),
    ("latin-1", message().replace(b"sam", "s\xe4m".encode("latin-1")), "", "is not UTF-8 at byte"),
    ("trailing bytes", message() + b"x", "", "is not JSON: extra data at character"),
    ("two objects", message() + message(), "", "is not JSON: extra data at character"),
    ("a trailing NUL", message() + b"\x00", "", "is not JSON"),
    ("cut off", message()[:-1], "", "is not JSON"),
    ("cut off in a string", message()[:30], "", "is not JSON"),
    ("no JSON", b"hello", "", "is not JSON: expecting value at character 0"),
    ("unterminated and escaped", b'"' + b'\\"' * 100_000, "", "is not JSON: unterminated string"),
    ("a list", b"[" + message() + b"]", "", "is a list; an event is one JSON object"),
    ("a string", b'"event"', "", 'is "event"; an event is one JSON object'),
    ("null", b"null", "", "is null; an event is one JSON object"),
    ("10 MB", b" " * 10_000_000, "", f"is 10000000 bytes long; an event has at most {BYTES_MAX}"),
    ("too long by its encoding", in_data(b'"HERE"').decode().replace("HERE", "é" * 140_000), "", "bytes long"),
    # the envelope
    ("no version", message(specversion=None), "specversion", "is missing"),
    ("version 0.3", message(specversion="0.3"), "specversion", 'is "0.3"; it is the string "1.0"'),
    ("version as a number", message(specversion=1.0), "specversion", "is 1.0"),
    ("no id", message(id=None), "id", "is missing"),
    ("an id that is a number", message(id=7), "id", "is 7; it is a string of 1 to 200"),
    ("an empty id", message(id=""), "id", 'is ""'),
    ("an id of 201 characters", message(id="x" * 201), "id", "1 to 200 printable ASCII characters"),
    ("an id of 12,000 bytes", message(id="x" * 12_000), "id", "1 to 200 printable ASCII characters"),
    ("no source", message(source=None), "source", "is missing"),
    ("a list as source", message(source=["crm"]), "source", "is a list"),
    ("no type", message(type=None), "type", "is missing"),
    ("a type with a line break", message(type="a\nb"), "type", "printable ASCII"),
    ("no subject", message(subject=None), "subject", "is missing"),
    ("an empty subject", message(subject=""), "subject", 'is ""'),
    ("a name as subject", message(subject="Acme Corporation"), "subject", "without spaces; send the account's id"),
    ("a homoglyph", message(subject="\u0430cme"), "subject", "printable ASCII"),
    ("right to left", message(subject="acme\u202e"), "subject", "printable ASCII"),
    ("zero width", message(subject="ac\u200bme"), "subject", "printable ASCII"),
    ("another normal form", message(subject="cafe\u0301"), "subject", "printable ASCII"),
    ("a delete character", message(subject="acme\x7f"), "subject", "printable ASCII"),
    ("an odd correlation", message(correlationid="a b"), "correlationid", "without spaces"),
    ("an odd causation", message(causationid=5), "causationid", "is 5"),
    ("data that is a list", message(data=[1]), "data", "is a list; the data is one JSON object"),
    ("data that is a string", message(data="{}"), "data", 'is "{}"'),
    ("binary data", message(data=None, data_base64="AAAA"), "data_base64", "is binary"),
]


@pytest.mark.parametrize(("raw", "path", "reason"), [row[1:] for row in MATRIX], ids=[row[0] for row in MATRIX])
def test_what_is_no_event_is_refused_with_path_and_reason(raw: Any, path: str, reason: str):
    found = refused(raw)

    assert found.path == path
    assert reason in found.reason
    assert str(found) == (f"{path}: {found.reason}" if path else found.reason)
    assert len(found.reason) < 400
    assert str(found).isprintable()


TIMES = [
    "2026-03-03T10:00:00",  # no offset
    "2026-03-03T10:00:00 Europe/Berlin",  # a zone is no offset
    "2026-03-03T10:00:00+01",
    "2026-03-03T10:00:00+0100",
    "2026-03-03T24:00:00Z",
    "2026-03-03T23:59:60Z",  # a leap second
    "2026-02-30T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-03-03 10:00:00Z",
    "2026-03-03t10:00:00z",
    "20260303T100000Z",
    "2026-W10-2T10:00:00Z",
    "2026-03-03",
    "2026-03-03T10Z",
    "2026-03-03T10:00:00+24:00",
    "٢٠٢٦-03-03T10:00:00Z",  # digits, but not ASCII ones
    "+294277-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",  # before the first moment that can be counted
    "9999-12-31T23:59:59-14:00",
    "",
    1_772_000_000,
    True,
    ["2026-03-03T10:00:00Z"],
]


@pytest.mark.parametrize("name", ["time", "recordedtime"])
@pytest.mark.parametrize("value", TIMES, ids=str)
def test_what_is_no_time_is_refused_by_one_rule(name: str, value: Any):
    found = refused(message(**{name: value}))

    assert found.path == name
    assert "a time is YYYY-MM-DDThh:mm:ss with Z or an offset like +01:00" in found.reason


def test_a_missing_time_is_said_to_be_missing():
    assert refused(message(time=None)).reason.startswith("is missing; a time is")


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2036-04-02T12:00:01Z", "9999-12-31T23:59:59Z"])  # fmt: skip # noqa: E501
def test_a_time_before_2000_or_more_than_ten_years_ahead_is_refused(value: str):
    found = refused(message(time=value, recordedtime=None))

    assert found.path == "time"
    assert "from 2000-01-01 to ten years ahead of now" in found.reason


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2036-04-01T12:00:00Z", datetime(2036, 4, 1, 12, tzinfo=UTC)),  # NOW + 3653 days
        ("2026-03-03T10:00Z", datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ("2026-03-03T11:00:00+01:00", datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ("2026-03-03T10:00:00-00:00", datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ("2026-03-03T10:00:00.123456789Z", datetime(2026, 3, 3, 10, 0, 0, 123456, tzinfo=UTC)),  # cut, not rounded
    ],
)
def test_a_time_is_read_in_utc(text: str, instant: datetime):
    event = parsed(message(time=text, recordedtime=None))

    assert event.time == instant
    assert event.time.tzinfo is UTC


@pytest.mark.parametrize(("ahead_s", "is_event"), [(0, True), (300, True), (301, False)])
def test_a_fact_is_not_recorded_more_than_five_minutes_before_it_happens(ahead_s: int, is_event: bool):  # noqa: FBT001
    recorded = datetime(2026, 3, 3, 10, tzinfo=UTC)
    raw = message(time=(recorded + timedelta(seconds=ahead_s)).isoformat(), recordedtime=recorded.isoformat())

    if is_event:
        assert parsed(raw).recorded_at == recorded
    else:
        assert refused(raw).path == "time"
        assert "0:05:01 after recordedtime" in refused(raw).reason


@pytest.mark.parametrize("plan", ["cs.kickoff.scheduled", "cs.meeting.scheduled", "marketing.campaign.scheduled"])
def test_a_plan_may_lie_ahead_of_its_recording(plan: str):
    raw = message(type=plan, time="2026-06-01T10:00:00Z", data={"campaign_id": "P-1"})

    assert parsed(raw).time == datetime(2026, 6, 1, 10, tzinfo=UTC)


def test_without_recordedtime_the_future_is_the_intake_s_to_judge():
    assert parsed(message(time="2027-01-01T00:00:00Z", recordedtime=None)).recorded_at is None


def test_an_unknown_type_is_an_event_with_any_data():
    event = parsed(message(type="acme.custom.happened", data={"severity": "1", "deep": [{"x": None}]}))

    assert event.data == {"severity": "1", "deep": [{"x": None}]}


def test_unknown_fields_of_a_known_type_are_kept():
    assert parsed(with_data("support.ticket.opened", ticket_id="T-1", zendesk={"x": 1})).data["zendesk"] == {"x": 1}


def test_other_attributes_are_ignored():
    raw = message(datacontenttype="application/json", traceparent="00-1", dataschema=None, sequence=5)

    assert parsed(raw) == parsed(message())


@pytest.mark.parametrize("missing", [b"null", b"{}", None])
def test_no_data_is_an_empty_object(missing: bytes | None):
    raw = message(type="acme.custom.happened", data=None)
    raw = raw if missing is None else raw[:-1] + b', "data": ' + missing + b"}"

    assert parsed(raw).data == {}


def test_null_attributes_count_as_absent():
    raw = message()[:-1] + b', "correlationid": null, "causationid": null}'

    assert parsed(raw) == parsed(message())


def test_links_between_events_are_kept():
    event = parsed(message(correlationid="run-1", causationid="sf-0006"))

    assert (event.correlation_id, event.causation_id) == ("run-1", "sf-0006")


@pytest.mark.parametrize("type_name", ["source.heartbeat", "product.release.published", "definition.activated"])
def test_what_concerns_no_account_may_leave_out_the_subject(type_name: str):
    event = parsed(message(type=type_name, subject=None, data={}))

    assert event.subject == ""
    assert b"subject" not in event_to_json(event)


def test_a_subject_may_be_a_reference():
    assert parsed(message(subject="domain:acme.example")).subject == "domain:acme.example"


def test_identifiers_may_have_200_characters_each():
    long = dict.fromkeys(("id", "source", "type", "subject", "correlationid"), "x" * 200)

    assert parsed(message(**long)).id == "x" * 200


def test_a_bare_string_as_actor_is_a_person():
    event = parsed(with_data("sales.contract.signed", contract_id="C-1", actor="sam"))

    assert event.data["actor"] == {"person": "sam"}


@pytest.mark.parametrize("depth", [1, 30])  # the object, its data, and 30 lists below
def test_nesting_up_to_32_is_read(depth: int):
    assert parsed(in_data(b"[" * depth + b"]" * depth)).data["value"] is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"\\ud83d\\ude00"', "😀"),
        ('"say \\"yes\\""', 'say "yes"'),
        ('"C:\\\\u0000"', "C:\\u0000"),  # a backslash and then text: no NUL
        ('"a\\\\"', "a\\"),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("12345678901234567890.0", 12345678901234567890.0),
        ("1e-999", 0.0),
    ],
)
def test_what_only_looks_odd_is_read_exactly(text: str, value: Any):
    event = parsed(in_data(text.encode()))

    assert event.data["value"] == value
    assert parsed(event_to_json(event)) == event


def test_spaces_around_and_inside_do_not_matter():
    assert parsed(b"\n " + json.dumps(SIGNED, indent=4).encode() + b"\r\n") == parsed(message())


def test_an_event_of_the_greatest_length_is_read():
    raw = in_data(b'"HERE"')
    padding = b"x" * (BYTES_MAX - len(raw) + len("HERE"))

    assert len(parsed(raw.replace(b"HERE", padding)).data["value"]) == len(padding)  # type: ignore[arg-type]


def test_a_parsed_event_is_as_frozen_as_one_that_was_constructed():
    event = parsed(message())

    assert type(event) is Event
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.id = "other"  # type: ignore[misc]
    assert dataclasses.replace(event, id="other").id == "other"
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301 - our own bytes
    assert hash(event) == hash(parsed(message()))
    assert {field.name for field in dataclasses.fields(event)} == set(Event.__slots__)


def test_a_refusal_survives_the_way_between_processes():
    found = pickle.loads(pickle.dumps(Refused("data.x", "is odd")))  # noqa: S301 - our own bytes

    assert (found.path, found.reason) == ("data.x", "is odd")
