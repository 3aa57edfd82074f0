"""Every type of the vocabulary has a model, a meaning, fields for conditions, a schema and a place on the page."""

import doctest
import re
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from events import instants, money, wording
from events.catalogue import EVENT_TYPES, FieldKind, json_schema
from events.fields import EventData
from events.money import minor_units
from events.reference import render_reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "events.md"

VOCABULARY = """
account: registered updated linked merged
sales.opportunity: stage_changed won lost
sales.contract: signed amended renewed cancelled review_round
sales.handoff: submitted
sales.promise: recorded
sales.contact: logged
sales.upsell: attempted
sales.intent: announced
sales.owner: changed
sales.reference: requested
cs.owner: assigned changed
cs.handoff: accepted returned
cs.kickoff: scheduled held cancelled deferred
cs.meeting: requested scheduled declined rescheduled held no_show
cs.milestone: reached
cs.value: realized claimed
cs.health: changed
cs.risk: raised cleared
cs.commitment: made kept broken
cs.contact: logged
cs.note: logged
cs.time: logged
cs.lifecycle: changed
cs.tier: changed
support.ticket: opened updated replied transferred escalated severity_changed resolved reopened closed
support.csat: received
product.request: submitted acknowledged rerouted triaged status_changed date_changed merged declined shipped
product.release: published rolled_back
product.incident: opened updated resolved
product.usage: rolled_up
product.owner: changed
marketing.ask: requested approved sent accepted declined completed withdrawn
marketing.campaign: scheduled approved cancelled
marketing.email: sent bounced unsubscribed complained
marketing.content: shared opened
marketing.event: invited attended
customer.message: received
customer.request: raised
customer.complaint: received
customer.contact: joined left role_changed
customer.advocacy: performed
survey.nps: sent responded
finance.invoice: issued overdue paid disputed dispute_resolved
finance.charge: added reversed
finance.credit: granted
market.news: mentioned
market.social: posted
market.event: announced
exec.contact: reported
exec.relation: recorded
exec.meeting: planned
exec.brief: published read
people.person: registered
people.user: away_set returned left
people.capacity: set
team.request: created accepted declined updated completed withdrawn
source: heartbeat lagging recovered
task: proposed offered accepted declined started updated snoozed completed cancelled expired reassigned
alert: raised updated suppressed delivered acknowledged snoozed resolved retracted
escalation: raised
hold: placed lifted
loop: opened passed customer_told closed
preflight: answered
ledger: posted reversed
timer: set fired cancelled
workflow: started completed cancelled migrated
definition: drafted activated rolled_back
override: recorded
feedback: recorded
event: quarantined released
"""

NAMES = [
    f"{thing}.{verb}"
    for thing, _, verbs in (line.partition(": ") for line in VOCABULARY.strip().splitlines())
    for verb in verbs.split()
]


OUR_OWN = ["conduct.noted", "people.load.measured", "people.load.set", "cs.benchmark.ready", "cs.peers.matched"]
"""What stands in logs beyond the vocabulary: what crosses accounts, and so is noted, measured or matched outside."""


def test_the_catalogue_has_every_type_of_the_vocabulary_and_no_other_but_our_own():
    assert sorted(EVENT_TYPES) == sorted([*NAMES, *OUR_OWN])


@pytest.mark.parametrize("name", NAMES)
def test_every_type_has_a_frozen_model_and_a_meaning(name: str):
    kind = EVENT_TYPES[name]

    assert issubclass(kind.model, EventData)
    assert kind.name == kind.model.TYPE == name
    assert kind.model.model_config["frozen"]
    assert kind.model.model_config["extra"] == "allow"
    assert re.fullmatch(r"[A-Z][^\n]{10,90}[^.]", kind.summary)
    assert kind.model.__doc__ == f"{kind.summary}."
    assert kind.group


def test_a_model_cannot_be_changed_and_keeps_what_it_does_not_know():
    signed = EVENT_TYPES["sales.contract.signed"].model.model_validate(
        {"contract_id": "C-1", "actor": "sam", "products": ["Premium"], "colour": "red"}
    )

    with pytest.raises(ValidationError, match="frozen"):
        signed.contract_id = "C-2"  # type: ignore[attr-defined]
    assert signed.model_dump(by_alias=True, exclude_unset=True, mode="json") == {
        "contract_id": "C-1", "actor": {"person": "sam"}, "products": ["Premium"], "colour": "red",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field", "kind"),
    [
        ("sales.contract.signed", "kind", FieldKind.STRING),
        ("sales.contract.signed", "arr.amount", FieldKind.INT),
        ("sales.contract.signed", "arr.currency", FieldKind.STRING),
        ("sales.contract.signed", "products", FieldKind.STRINGS),
        ("sales.contract.signed", "start_date", FieldKind.TIMESTAMP),
        ("sales.contract.signed", "actor.person", FieldKind.STRING),
        ("sales.contract.signed", "actor.team", FieldKind.STRING),
        ("sales.contract.signed", "participants", FieldKind.STRINGS),
        ("sales.contract.signed", "promises", FieldKind.ENTRIES),
        ("sales.contract.review_round", "with", FieldKind.STRING),
        ("sales.contact.logged", "customer_initiated", FieldKind.BOOL),
        ("sales.contact.logged", "duration_min", FieldKind.DOUBLE),
        ("cs.owner.changed", "from", FieldKind.STRING),
        ("cs.tier.changed", "from", FieldKind.INT),
        ("cs.health.changed", "drivers", FieldKind.OBJECT),
        ("cs.value.realized", "value", FieldKind.OBJECT),
        ("support.ticket.opened", "severity", FieldKind.INT),
        ("account.registered", "roles", FieldKind.OBJECT),
        ("market.news.mentioned", "relevance", FieldKind.DOUBLE),
    ],
)
def test_a_condition_reads_each_field_by_its_kind(name: str, field: str, kind: FieldKind):
    assert EVENT_TYPES[name].fields()[field] is kind


def test_a_nested_object_is_read_by_its_parts_only():
    assert not {"arr", "actor"} & set(EVENT_TYPES["sales.contract.signed"].fields())


def test_what_the_engine_alone_sends_is_marked():
    emitted = {name for name, kind in EVENT_TYPES.items() if kind.is_emitted_only}

    assert {"task.offered", "alert.raised", "workflow.started", "timer.set"} <= emitted
    assert not emitted & {"task.accepted", "hold.placed", "sales.contract.signed", "source.heartbeat"}


@pytest.mark.parametrize("name", NAMES)
def test_every_type_has_a_schema_whose_references_lead_somewhere(name: str):
    schema = json_schema(name)

    assert schema["properties"]["type"] == {"const": name}
    assert schema["properties"]["data"]["type"] == "object"
    assert schema["properties"]["data"]["additionalProperties"] is True
    assert ("data" in schema["required"]) == bool(schema["properties"]["data"].get("required"))
    assert set(re.findall(r"#/\$defs/(\w+)", repr(schema))) <= set(schema["$defs"])


def test_the_schema_says_what_the_parser_says():
    data = json_schema("support.ticket.opened")["properties"]["data"]

    assert data["required"] == ["ticket_id"]
    assert {"type": "integer", "minimum": 1, "maximum": 4} in data["properties"]["severity"]["anyOf"]
    actor = data["properties"]["actor"]["anyOf"]
    assert {"$ref": "#/$defs/Actor"} in actor
    assert any(choice.get("type") == "string" for choice in actor)


def test_the_schema_of_an_unknown_type_is_not_to_be_had():
    with pytest.raises(KeyError):
        json_schema("sales.contract.singed")


def test_the_page_in_the_repository_is_the_page_of_the_code():
    assert PAGE.read_text(encoding="utf-8") == render_reference(), (
        "docs/reference/events.md is out of date: run `make docs`"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_type_has_a_row_on_the_page_with_its_meaning(name: str):
    row = next(line for line in render_reference().splitlines() if line.startswith(f"| `{name}` |"))

    assert EVENT_TYPES[name].summary in row


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (120000, "EUR", 120000),
        ("1200.00", "EUR", 120000),
        ("-0.01", "USD", -1),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("0.125", "EUR", 12),  # half to even
        ("0.135", "EUR", 14),
        ("999999999999999.9999", "CLF", 9_999_999_999_999_999_999),
    ],
)
def test_money_is_an_exact_integer_of_the_minor_unit(amount: int | str, currency: str, minor: int):
    assert minor_units(amount, currency) == minor
    assert isinstance(minor_units(amount, currency), int)
    assert Decimal(minor) == minor


@pytest.mark.parametrize("module", [instants, money, wording])
def test_the_examples_in_the_docstrings_hold(module: object):
    results = doctest.testmod(module)  # type: ignore[arg-type]

    assert results.attempted > 0
    assert results.failed == 0
