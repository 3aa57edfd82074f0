"""Which wrong types of known fields are refused, where, and with which remedy."""
# ruff: noqa: E501 - a row of a table is one line

from typing import Any

import pytest

from events.envelope import Refused
from events.parsing import parse_event
from tests.unit.events.making import NOW, with_data

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("support.ticket.opened", {"severity": 1}, "data.ticket_id", "is missing; the event makes no sense without it"),
    ("support.ticket.opened", {"ticket_id": None}, "data.ticket_id", "is null; an id is a string"),
    ("support.ticket.opened", {"ticket_id": 8812}, "data.ticket_id", "is 8812; an id is a string"),
    ("support.ticket.opened", {"ticket_id": "T 1"}, "data.ticket_id", "without spaces"),
    ("support.ticket.opened", {"ticket_id": "T-1\n"}, "data.ticket_id", "printable ASCII"),
    ("support.ticket.opened", {"ticket_id": "T", "severity": "1"}, "data.severity", 'is "1"; a severity is an integer'),
    ("support.ticket.opened", {"ticket_id": "T", "severity": 0}, "data.severity", "is 0"),
    ("support.ticket.opened", {"ticket_id": "T", "severity": 5}, "data.severity", "from 1 (worst) to 4"),
    ("support.ticket.opened", {"ticket_id": "T", "severity": 1.0}, "data.severity", "is 1.0"),
    ("support.ticket.opened", {"ticket_id": "T", "severity": True}, "data.severity", "is true"),
    ("support.ticket.opened", {"ticket_id": "T", "area": "x" * 201}, "data.area", "at most 200 characters"),
    ("support.ticket.opened", {"ticket_id": "T", "area": "a\nb"}, "data.area", "on one line"),
    ("support.ticket.opened", {"ticket_id": "T", "title": ["x"]}, "data.title", "is a list; a text is a string"),
    ("survey.nps.responded", {}, "data.score", "is missing"),
    ("survey.nps.responded", {"score": 11}, "data.score", "is 11; an NPS score is an integer from 0 to 10"),
    ("survey.nps.responded", {"score": 9.5}, "data.score", "is 9.5"),
    ("support.csat.received", {"score": 100}, "data.score", "from 1 to 5; convert other scales"),
    ("finance.invoice.paid", {"invoice_id": "I", "amount": 5}, "data.amount", "is 5; money is an object such as"),
    ("finance.invoice.paid", {"invoice_id": "I", "amount": {"amount": 5}}, "data.amount.currency", "is missing"),
    ("finance.invoice.paid", {"invoice_id": "I", "amount": {"amount": 5.5, "currency": "EUR"}}, "data.amount.amount", "floating point"),
    ("finance.invoice.paid", {"invoice_id": "I", "amount": {"amount": "1e3", "currency": "EUR"}}, "data.amount.amount", 'is "1e3"'),
    ("finance.invoice.paid", {"invoice_id": "I", "amount": {"amount": 5, "currency": "€"}}, "data.amount.currency", "ISO 4217"),
    ("finance.invoice.paid", {"invoice_id": "I", "days": -1}, "data.days", "is -1; it is an integer from 0 on"),
    ("sales.contract.signed", {"contract_id": "C", "kind": "fresh"}, "data.kind", "is \"fresh\"; it is one of 'new'"),
    ("sales.contract.signed", {"contract_id": "C", "products": "Premium"}, "data.products", "it is a list; put it in brackets"),
    ("sales.contract.signed", {"contract_id": "C", "products": ["a", 1]}, "data.products[1]", "is 1; a label is a string"),
    ("sales.contract.signed", {"contract_id": "C", "start_date": "3/3/2026"}, "data.start_date", "a date is YYYY-MM-DD"),
    ("sales.contract.signed", {"contract_id": "C", "start_date": "2026-02-30"}, "data.start_date", 'is "2026-02-30"'),
    ("sales.contract.signed", {"contract_id": "C", "start_date": "2026-03-03T10:00:00"}, "data.start_date", "with Z or an offset"),
    ("sales.contract.signed", {"contract_id": "C", "start_date": "9999-12-31"}, "data.start_date", "leave the field out"),
    ("sales.contract.signed", {"contract_id": "C", "start_date": 20260303}, "data.start_date", "is 20260303"),
    ("sales.contract.signed", {"contract_id": "C", "actor": 5}, "data.actor", "is 5; an actor is a person's id or an object"),
    ("sales.contract.signed", {"contract_id": "C", "actor": {"person": 5}}, "data.actor.person", "is 5; an id is a string"),
    ("sales.contract.signed", {"contract_id": "C", "actor": "Sam Smith"}, "data.actor.person", "without spaces"),
    ("sales.contract.signed", {"contract_id": "C", "participants": ["Jo <jo@x>"]}, "data.participants[0]", "without spaces"),
    ("sales.contract.signed", {"contract_id": "C", "participants": {}}, "data.participants", "is an object; it is a list"),
    ("sales.contact.logged", {"direction": "outbound"}, "data.direction", "it is one of 'in' or 'out'"),
    ("sales.contact.logged", {"customer_initiated": "yes"}, "data.customer_initiated", "true or false, without quotes"),
    ("cs.health.changed", {"drivers": [{"name": "use"}, {"weight": "1"}]}, "data.drivers[1].weight", "it is a number"),
    ("cs.lifecycle.changed", {"to": "paused"}, "data.to", "'churned'"),
    ("cs.tier.changed", {"from": 2, "to": 4}, "data.to", "a tier is the integer 1, 2 or 3"),
    ("cs.handoff.accepted", {"questions": []}, "data", "a handoff is known by its contract_id or change_id"),
    ("market.news.mentioned", {"relevance": 60}, "data.relevance", "a share, a number from 0 to 1"),
    ("account.registered", {"tier": "1"}, "data.tier", "without quotes"),
    ("account.registered", {"links": {"zendesk": 8812}}, "data.links.zendesk", "is 8812; an id is a string"),
    ("account.registered", {"roles": ["sam"]}, "data.roles", "is a list; it is an object"),
    ("account.registered", {"name": "x" * 1_000}, "data.name", "at most 200 characters"),
    ("people.person.registered", {"time_zone": "Berlin"}, "data.time_zone", "IANA database, such as Europe/Berlin"),
    ("people.person.registered", {"time_zone": "../etc/passwd"}, "data.time_zone", "IANA database"),
    ("people.person.registered", {"country": "de"}, "data.country", "two capital letters"),
    ("people.person.registered", {"hours": {"monday": []}}, "data.hours.monday.[key]", "'mon'"),
    ("people.person.registered", {"hours": {"mon": "09:00-17:00"}}, "data.hours.mon", "hours of a day are spans"),
    ("people.person.registered", {"hours": {"mon": ["17:00-09:00"]}}, "data.hours.mon", "split what passes midnight"),
    ("people.person.registered", {"hours": {"mon": ["09:00-12:00", "11:00-17:00"]}}, "data.hours.mon", "not overlapping"),
    ("people.person.registered", {"hours": {"mon": ["9-17"]}}, "data.hours.mon", "such as 09:00-17:00"),
    ("people.user.away_set", {"from": "2026-03-03"}, "data.person", "is missing"),
    ("task.declined", {"id": "W-1"}, "data.reason", "is missing"),
    ("task.snoozed", {"id": "W-1", "until": "tomorrow"}, "data.until", 'is "tomorrow"; a date is'),
    ("task.accepted", {"workflow": "signature_to_kickoff"}, "data", "work is known by its id, or by workflow and ref"),
    ("loop.customer_told", {"ref": "T3"}, "data", "work is known by its id, or by workflow and ref"),
    ("alert.raised", {"severity": "sev1"}, "data.severity", "'info', 'warn', 'urgent' or 'critical'"),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "data", "path", "reason"), WRONG)
def test_a_wrong_type_is_refused_with_its_path_and_the_rule(type_name: str, data: Any, path: str, reason: str):
    with pytest.raises(Refused) as caught:
        parse_event(with_data(type_name, **data), now=NOW)

    assert caught.value.path == path
    assert reason in caught.value.reason


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("sales.contract.signed", {"contract_id": "C", "start_date": "2026-03-03", "promises": ["P-1", {"text": "soon"}]}),
    ("sales.contract.signed", {"contract_id": "C", "start_date": "2026-03-03T10:00:00+01:00", "kind": None}),
    ("sales.contract.amended", {"contract_id": "C", "delta_arr": {"amount": "-1200.50", "currency": "EUR"}}),
    ("sales.contact.logged", {"purpose": "intro_new_buyer", "cc": ["dana"], "topic": "request_shipped"}),
    ("sales.intent.announced", {"window": {"from": "2026-03-03", "to": "2026-03-10"}, "customer_initiated": True}),
    ("cs.kickoff.held", {}),
    ("cs.kickoff.deferred", {"contract_id": "C", "by": "customer", "until": "2026-05-01"}),
    ("cs.handoff.returned", {"change_id": "ev-9", "questions": ["who decides?"]}),
    ("cs.value.realized", {"value": "30 % faster"}),
    ("cs.value.realized", {"value": 30}),
    ("product.request.submitted", {"request_id": "PR-7", "users_hit": 40, "value": {"amount": 1}, "deadline": "2026-09-01"}),
    ("product.incident.opened", {"incident_id": "I-1", "severity": 1, "accounts": ["acme", "globex"]}),
    ("customer.advocacy.performed", {"act_id": "A-1", "asked": False}),
    ("customer.advocacy.performed", {"act_id": "A-1", "asked": "ask-1"}),
    ("team.request.created", {"request_id": "R-1", "from": {"team": "cs", "person": "dana"}, "customer_waiting": True}),
    ("team.request.created", {"request_id": "R-1", "from": "cs"}),
    ("account.registered", {"name": "Müller & Söhne 株式会社", "test": True, "roles": {"csm": "dana"}, "term_months": 12}),
    ("people.person.registered", {"time_zone": "Europe/Berlin", "hours": {"mon": ["09:00-12:00", "13:00-24:00"], "sun": []}}),
    ("people.user.away_set", {"person": "dana", "from": "2026-03-03", "to": "2026-03-10T12:00:00Z", "delegate": "kim"}),
    ("task.accepted", {"workflow": "signature_to_kickoff", "ref": "T3'", "key": "C-1"}),
    ("task.reassigned", {"id": "W-1", "to": "kim"}),
    ("task.reassigned", {"id": "W-1", "to": [{"role": "csm", "person": "kim"}]}),
    ("task.completed", {"id": "W-1", "outcome": "go", "checklist": ["read", "confirmed"]}),
    ("feedback.recorded", {"id": "W-1", "verdict": "noise"}),
    ("source.heartbeat", {"source": "/crm/salesforce", "watermark": "2026-03-03T10:00:00Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "data"), RIGHT)
def test_right_data_stays_as_it_was_sent(type_name: str, data: dict[str, Any]):
    assert parse_event(with_data(type_name, **data), now=NOW).data == data


def test_a_refusal_is_printable_and_short_whatever_the_value():
    hostile = "\x1b[31m\u202e" + "x" * 10_000

    with pytest.raises(Refused) as caught:
        parse_event(with_data("account.registered", links={hostile: hostile}), now=NOW)

    assert str(caught.value).isprintable()
    assert str(caught.value).isascii() or "…" in str(caught.value)
    assert len(str(caught.value)) < 400
