"""Whatever the intake lets in can be folded: strange values of every field that a workflow or a fact reads (P2)."""

from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from events.catalogue import EVENT_TYPES
from events.checking import check_data
from events.envelope import Event, Refused
from tests.properties.folding import MANY
from tests.properties.strategies import ACTIONS, END, MONDAY, MOULDS, SLOTS, library, world
from workflows.account import decode, encode
from workflows.actions import ACTIONS as POSSIBLE_ACTIONS
from workflows.facts import FACTS
from workflows.simulation import Arrival

STRANGE = [
    *("", "x", "C-1", "T-1", "P-1", "sam", "dana", "1", "-1", "upsell", "high", "customer", "out", "in", "new", "live"),
    *(
        "new_product",
        "product",
        "product_request",
        "decision_maker",
        "withdrawn",
        "resolved",
        "EUR",
        "\u202eevil",
        "a" * 200,
    ),
    *("2026-03-10", "2026-03-10T10:00:00Z", "1900-01-01", "2199-12-31", "2199-12-31T23:59:59Z"),
    *(0, 1, 2, 4, 12, 2**31, 2**63 - 1, -1, 0.5, 1e300, True, False, None),
    *([], ["dana"], ["x"] * 50, [1, None], {}, {"person": "dana"}, {"contact": "jo"}, {"x": {"y": []}}),
    *({"amount": 2**63 - 1, "currency": "EUR"}, {"amount": "-12.50", "currency": "EUR"}, {"csm": "dana", "ae": "x"}),
]
"""Values of which a field takes those that its type allows."""


def allowed(type_name):
    """List, for each field of a type, the strange values that its model takes."""
    model = EVENT_TYPES[type_name].model
    found = {}
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        values = [value for value in STRANGE if not _refuses(model, name, value)]
        found[name] = (field.is_required(), values)
    return found


def _refuses(model, name, value):
    try:
        model.model_validate({name: value})
    except ValueError as error:
        return any(not one["loc"] or one["loc"][0] == name for one in error.errors())
    return False


ASKED_FOR = sorted({*library().starts, *library().reacting, *library().remembering, *POSSIBLE_ACTIONS, *FACTS})
ALLOWED = {name: allowed(name) for name in ASKED_FOR}


@st.composite
def strange_events(draw):
    found = []
    for number in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(ASKED_FOR))
        data = {
            field: draw(st.sampled_from(values))
            for field, (is_required, values) in ALLOWED[name].items()
            if values and (is_required or draw(st.booleans()))
        }
        at = MONDAY + timedelta(days=draw(st.integers(0, 40)), minutes=draw(st.sampled_from(SLOTS)))
        found.append(Event(f"s-{number}", "/any", name, "acme", at, None, data))
    return found


@MANY
@given(strange_events(), st.booleans())
def test_whatever_is_valid_can_be_folded(events, declares_sources):
    found = world(declares_sources=declares_sources)
    for event in events:
        try:
            check_data(EVENT_TYPES[event.type].model, event.data)
        except Refused:  # two fields that do not go together
            assume(condition=False)
    for event in sorted(events, key=lambda one: one.time):
        found.receive(Arrival(event, event.time))
    found.advance(END)

    assert all(encode(decode(encode(history.state))) for history in found.histories.values())


def test_the_drawn_events_are_what_the_intake_takes():
    for event_type, data in [*MOULDS, *ACTIONS]:
        if event_type in EVENT_TYPES:
            check_data(EVENT_TYPES[event_type].model, dict(data, actor={"person": data.get("actor", "sam")}))
