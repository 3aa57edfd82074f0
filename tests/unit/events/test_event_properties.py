"""Whatever arrives: an event is what it was after a round trip, and what is no event is refused, nothing else."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.catalogue import EVENT_TYPES
from events.checking import _verdict, check_data
from events.envelope import Event, Refused
from events.fields import EventData
from events.parsing import BYTES_MAX, event_to_json, parse_event, reread_event
from events.strict_json import _read_carefully, read_object
from events.wire import _wire_of, read_wire
from tests.unit.events.making import NOW, SIGNED, data_of, events, json_values, message, models

QUOTED = st.sampled_from(
    ['""', '"a"', '"b"', r'"a:\"b"', r'"\u0022"', r'"\\"', r'"\u0000"', r'"\ud800"', '":"', '"é"', r'"\n"', '"subject"']
)
LITERALS = st.sampled_from(
    [
        *("1", "-0", "0.5", "1e999", "NaN", "-Infinity", "null", "true", "1e22", "0.1234567890123456789012"),
        *("12345678901234567890.0", f"{2**63 - 1}", f"{2**63}", f"{-(2**63)}", f"{-(2**63) - 1}", f"{2**64}"),
    ]
)
CONFUSABLE: list[Any] = [
    *("1", 1, True, 1.0, 1.5, -1, "yes", "true", "a b", "2026-03-03", "", "\n", "x" * 201, None),
    *([], [1], ["1"], [True], [None], ["a b"], [{"person": 1}], {}, {"a": 1}, {"a b": "c"}, {"person": 1}),
    *({"mon": ["9"]}, {"amount": 1, "currency": "EUR"}, {"amount": 1.5, "currency": "EUR"}, {"amount": "1"}),
]
SPACES = st.sampled_from(["", " ", "\n\t"])


@st.composite
def _objects_as_text(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Draw the text of an object: keys may come twice, spaces may stand anywhere."""
    pairs = draw(st.lists(st.tuples(QUOTED, SPACES, values), max_size=4))
    return "{" + ",".join(f"{space}{key}{space}:{space}{value}" for key, space, value in pairs) + "}"


def _lists_as_text(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, max_size=3).map(lambda items: f"[{','.join(items)}]")


json_texts = st.recursive(
    QUOTED | LITERALS, lambda inner: _objects_as_text(inner) | _lists_as_text(inner), max_leaves=12
)


def refusal(call: Any, *arguments: Any, **options: Any) -> tuple[str, Any]:
    """Return ("refused", None) or ("read", what was read); let every other exception through."""
    try:
        return "read", call(*arguments, **options)
    except Refused:
        return "refused", None


@given(event=events())
def test_an_event_is_the_same_after_it_was_written_and_read(event: Event):
    raw = event_to_json(event)

    if len(raw) <= BYTES_MAX:
        again = parse_event(raw, now=NOW)
        lifted = (
            {**event.data, "actor": again.data["actor"]} if isinstance(event.data.get("actor"), str) else event.data
        )
        assert again == Event(
            event.id, event.source, event.type, event.subject, event.time, event.recorded_at, lifted,
            event.correlation_id, event.causation_id,
        )  # fmt: skip
        assert event_to_json(parse_event(event_to_json(again), now=NOW)) == event_to_json(again)


@given(raw=st.binary(max_size=200) | st.text(max_size=200))
@example(raw="\ud800")
def test_bytes_and_text_that_are_no_event_are_refused_and_nothing_else_happens(raw: bytes | str):
    assert refusal(parse_event, raw, now=NOW)[0] == "refused"


@given(attributes=st.dictionaries(st.sampled_from([*SIGNED, "other"]), json_values, max_size=5), start=st.booleans())
def test_any_json_in_any_attribute_is_an_event_or_refused(attributes: dict[str, Any], start: bool):  # noqa: FBT001
    envelope = SIGNED | attributes if start else attributes

    kind, event = refusal(parse_event, json.dumps(envelope), now=NOW)

    if kind == "read":
        assert parse_event(event_to_json(event), now=NOW) == event


@given(position=st.integers(0, 400), inserted=st.binary(max_size=3), removed=st.integers(0, 3))
def test_a_damaged_event_is_an_event_or_refused(position: int, inserted: bytes, removed: int):
    raw = message()
    position = min(position, len(raw))

    refusal(parse_event, raw[:position] + inserted + raw[position + removed :], now=NOW)


@given(text=json_texts)
@example(text='{"a":1,"a":2}')
@example(text='{"a":"\\u0022\\u0022","b":{"b":1,"b":1}}')
@example(text='{"a":"\\"","a":""}')
@example(text='{"a" :{},":":{"b":1,"b" :1}}')
@example(text='{"a":"\\\\","b":"\\\\","c":1,"c":1}')
def test_the_quick_reader_reads_what_the_careful_one_reads(text: str):
    raw = text.encode()

    assert refusal(read_object, raw) == refusal(_read_carefully, raw)


@given(data=json_texts, name=st.sampled_from(["id", "other", "subject", "time"]), value=QUOTED | LITERALS)
@example(data='{"a":{"a":1,"a":1}}', name="other", value="1")
@example(data='{"a":1,"a":1}', name="time", value="1")
def test_the_quick_envelope_is_the_careful_one(data: str, name: str, value: str):
    raw = f'{message().decode()[:-1]},"{name}":{value},"data":{data}}}'.replace('"data": {', '"was": {', 1).encode()

    quick, careful = refusal(read_wire, raw), refusal(lambda: _wire_of(_read_carefully(raw)))

    # A time that is no string may be left to the parser, which refuses it.
    if quick[0] == "refused" or isinstance(quick[1].time, str):
        assert quick == careful


@given(model=models, data=st.data())
def test_valid_data_of_every_type_passes_and_stays_as_it_was(model: type[EventData], data: st.DataObject):
    values = data.draw(data_of(model))
    before = json.dumps(values)

    check_data(model, values)

    assert json.dumps(values) == before


@given(model=models, data=st.data())
def test_the_quick_verdict_on_any_data_is_the_verdict_of_the_model(model: type[EventData], data: st.DataObject):
    names = [field.alias or name for name, field in model.model_fields.items() if name != "actor"]
    values = data.draw(data_of(model)) | {data.draw(st.sampled_from(names)): data.draw(json_values)}

    assert accepts(lambda: _verdict(model).validate_python(values)) == accepts(lambda: model.model_validate(values))


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_the_quick_verdict_on_every_field_is_the_verdict_of_the_model(name: str):
    model = EVENT_TYPES[name].model
    for attribute, field in model.model_fields.items():
        for value in CONFUSABLE:
            values = {**least_data(model), (field.alias or attribute): value}
            is_bare_actor = attribute == "actor" and isinstance(value, str)  # made an object before it is checked
            verdict = accepts(lambda: _verdict(model).validate_python(values))  # noqa: B023 - called at once

            assert is_bare_actor or verdict == accepts(lambda: model.model_validate(values)), (attribute, value)  # noqa: B023


def accepts(check: Any) -> bool:
    """Say if a check passes."""
    try:
        check()
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_the_least_data_of_every_type_passes(name: str):
    model = EVENT_TYPES[name].model

    check_data(model, least_data(model))


def least_data(model: type[EventData]) -> dict[str, Any]:
    """Return no more than what a model requires."""
    required = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    values = {"score": 5, "until": "2026-05-01", "free_hours": 40.0, "is_over": True}
    named = {"id": "W-1"} if hasattr(model, "names_the_work") else {}
    handoff = {"contract_id": "C-1"} if hasattr(model, "names_the_handoff") else {}
    return {name: values.get(name, "X-1") for name in required} | named | handoff


@given(events())
def test_what_was_accepted_once_is_read_again_as_the_same_event(event: Event):
    raw = event_to_json(event)

    assert reread_event(raw) == parse_event(raw, now=NOW)


@pytest.mark.parametrize(
    "more",
    [
        {"data": {"actor": "dana", "contract_id": "C-1"}},
        {"time": "2026-03-03T10:00:00.5+02:00", "recordedtime": "2026-03-03T09:00:00Z"},
        {"traceparent": "00-1", "datacontenttype": "application/json"},
    ],
    ids=["a bare actor", "an offset", "unknown attributes"],
)
def test_the_rare_ways_to_write_an_event_are_read_again_too(more: dict[str, Any]):
    raw = json.dumps({**SIGNED, **more}).encode()

    assert reread_event(raw) == parse_event(raw, now=NOW)
