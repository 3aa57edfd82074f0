"""Events for tests: one good example as bytes, and strategies for the data of every type."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from events.catalogue import EVENT_TYPES, is_plan, needs_subject
from events.envelope import JSON, Event
from events.fields import INT_MAX, EventData, Rule
from events.kinds import unwrapped

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)

SIGNED: dict[str, Any] = {
    "specversion": "1.0",
    "id": "sf-0007",
    "source": "/crm/salesforce",
    "type": "sales.contract.signed",
    "subject": "acme",
    "time": "2026-03-03T10:00:00Z",
    "recordedtime": "2026-03-03T10:00:04Z",
    "data": {
        "actor": {"person": "sam", "team": "sales"},
        "participants": ["sam", "jo@acme.example"],
        "contract_id": "C-1",
        "kind": "new",
        "arr": {"amount": 120000, "currency": "EUR"},
        "term_months": 12,
    },
}


def message(**changes: Any) -> bytes:
    """Return the bytes of a signature with some attributes replaced; None leaves the attribute out."""
    envelope = {**SIGNED, **changes}
    return json.dumps({name: value for name, value in envelope.items() if value is not None}).encode()


def with_data(type_name: str, **data: Any) -> bytes:
    """Return the bytes of an event of a type with this data."""
    return message(type=type_name, data=data)


identifiers = st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
texts = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
labels = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
finite = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), INT_MAX)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2026, 3, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | integers | finite | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, json_values, max_size=3)
moments = st.dates(datetime(1900, 1, 1).date(), datetime(2199, 12, 31).date()).map(str) | instants.map(  # noqa: DTZ001
    datetime.isoformat
)

_BY_RULE: dict[str, st.SearchStrategy[Any]] = {
    "amount": integers | st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,4})?", fullmatch=True),
    "checklist": st.lists(json_values, max_size=2) | objects,
    "count": st.integers(0, INT_MAX),
    "country": st.sampled_from(["DE", "US"]),
    "CSAT score": st.integers(1, 5),
    "currency": st.sampled_from(["EUR", "JPY"]),
    "date": moments,
    "flag": st.booleans(),
    "flag or id": st.booleans() | identifiers,
    "id": identifiers,
    "integer": integers,
    "label": labels,
    "measure": finite | integers | texts | objects,
    "NPS score": st.integers(0, 10),
    "number": finite | integers,
    "party": labels | st.fixed_dictionaries({"team": labels, "person": identifiers}),
    "recipients": identifiers | st.lists(st.fixed_dictionaries({"role": labels, "person": identifiers}), max_size=2),
    "said": json_values,
    "severity": st.integers(1, 4),
    "hours": st.floats(0, 100_000),
    "share": st.floats(0, 1),
    "spans": st.sampled_from([[], ["09:00-17:00"], ["00:00-12:00", "12:00-24:00"]]),
    "strength": finite | labels,
    "text": texts,
    "tier": st.integers(1, 3),
    "time zone": st.sampled_from(["Europe/Berlin", "UTC", "America/New_York"]),
    "version": integers | labels,
    "window": labels | objects,
}


def data_of(model: type[BaseModel]) -> st.SearchStrategy[dict[str, JSON]]:
    """Return valid data of a model: what it requires, some of the rest, sometimes a field that it does not know."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        value = _value_of(field.annotation, list(field.metadata))
        if field.is_required():
            required[name] = value
        else:
            optional[name] = value | st.none()
    optional["field_of_tomorrow"] = json_values
    return st.fixed_dictionaries(required, optional=optional).map(_naming_its_thing(model))


def _naming_its_thing(model: type[BaseModel]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Add the one name of several that a model asks for."""
    name = {"names_the_work": "id", "names_the_handoff": "change_id"}
    wanted = [field for method, field in name.items() if hasattr(model, method)]

    def named(data: dict[str, Any]) -> dict[str, Any]:
        return data | {field: data.get(field) or "X-1" for field in wanted}

    return named


def _value_of(annotation: Any, known: list[object]) -> st.SearchStrategy[Any]:
    core, marks = unwrapped(annotation, known)
    for mark in marks:
        if isinstance(mark, Rule):
            return _BY_RULE[mark.name]
    if get_origin(core) is Literal:
        return st.sampled_from(get_args(core))
    if get_origin(core) is tuple:
        return st.lists(_value_of(get_args(core)[0], []), max_size=3)
    if get_origin(core) is dict:
        key, value = get_args(core)
        return st.dictionaries(_value_of(key, []), _value_of(value, []), max_size=3)
    if isinstance(core, type) and issubclass(core, BaseModel):
        return data_of(core)
    return {str: texts, Any: json_values}[core]


models = st.sampled_from(list(EVENT_TYPES)).map(lambda name: EVENT_TYPES[name].model)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw an event of a known type, or of an unknown one with any data."""
    model: type[EventData] | None = draw(models | st.none())
    type_name = draw(identifiers.filter(lambda name: name not in EVENT_TYPES)) if model is None else model.TYPE
    time = draw(instants)
    delay = draw(st.none() | st.timedeltas(timedelta(minutes=-5), timedelta(days=400)))
    assert is_plan(type_name) or delay is None or delay >= timedelta(minutes=-5)
    subject = identifiers if needs_subject(type_name) else identifiers | st.just("")
    return Event(
        draw(identifiers),
        draw(identifiers),
        type_name,
        draw(subject),
        time,
        None if delay is None or time + delay < datetime(2000, 1, 1, tzinfo=UTC) else time + delay,
        draw(objects if model is None else data_of(model)),
        draw(st.none() | identifiers),
        draw(st.none() | identifiers),
    )
