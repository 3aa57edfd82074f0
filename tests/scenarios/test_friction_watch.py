"""W18: small obstacles are counted, their owner removes them, and the customer hears of it."""

import pytest

from tests.scenarios.scenario import Story

EXTRA = "finance.charge.added"


def acme(**facts):
    roles = {"csm": "dana", "ae": "sam", "support_owner": "kim", "finance_owner": "fin", "marketer": "mo"}
    return Story("friction_watch", roles=roles, **{"lifecycle": "live", **facts})


def charged(story, *days, kind="extra"):
    for number, day in enumerate(days):
        story.on(f"{day} 10:00", EXTRA, charge_id=f"CH-{number}", kind=kind, amount={"amount": 100, "currency": "EUR"})
    return story


def test_charges_of_more_than_ninety_days_ago_no_longer_count():
    assert charged(acme(), "Mon 01-05", "Tue 03-03", "Wed 04-08").raised() == []  # 01-05 and 90 days: 04-05


def test_what_belongs_to_the_contract_is_no_extra():
    assert charged(acme(), "Mon 03-02", "Tue 03-03", "Wed 03-04", kind="base").raised() == []


def test_two_more_after_it_was_told_are_not_told_again():
    story = charged(acme(), "Mon 03-02", "Tue 03-03", "Wed 03-04", "Thu 03-05", "Fri 03-06")

    assert story.raised() == ["Wed 03-04 10:00 alert.raised A1 warn dana+fin"]


@pytest.mark.parametrize("outcome", ["none", "credit"])
def test_no_gesture_and_one_that_is_posted_by_itself_are_not_posted(outcome):
    story = charged(acme(), "Mon 03-02", "Tue 03-03", "Wed 03-04")
    story.on("Thu 03-05 10:00", "task.completed", workflow="friction_watch", ref="T2", outcome=outcome, actor="dana")

    assert story.told("ledger.posted") == []


def test_it_is_over_when_the_owner_is_done_and_the_customer_was_told():
    story = charged(acme(), "Mon 03-02", "Tue 03-03", "Wed 03-04")
    story.on("Thu 03-05 09:00", "cs.contact.logged", direction="out")
    story.on("Thu 03-05 10:00", "task.completed", workflow="friction_watch", ref="T1", outcome="waived", actor="fin")
    assert story.told("workflow.completed") == []

    story.on("Thu 03-05 11:00", "cs.contact.logged", direction="out")
    assert story.told("workflow.completed") == [
        "Thu 03-05 11:00 workflow.completed friction_watch extra_charges/2026-Q1 told"
    ]
    assert story.open() == ["T2 proposed dana"]


def test_selling_stays_on_hold_until_the_last_dispute_is_solved():
    story = acme().on("Mon 03-02 10:00", "finance.invoice.disputed", invoice_id="I-1")
    story.on("Tue 03-03 10:00", "finance.invoice.disputed", invoice_id="I-2")
    story.on("Wed 03-04 10:00", "finance.invoice.dispute_resolved", invoice_id="I-1")
    assert story.open("H1", "T3") == ["H1 live upsell", "T3 offered fin"]

    story.on("Thu 03-05 10:00", "finance.invoice.paid", invoice_id="I-2")
    assert story.told("hold.lifted") == ["Thu 03-05 10:00 hold.lifted H1 upsell"]


def test_a_contract_that_leaves_legal_in_time_is_no_friction():
    story = acme().on("Mon 02-02 10:00", "sales.contract.review_round", contract_id="C-1", round=1, **{"with": "legal"})
    story.on("Fri 02-27 10:00", "sales.contract.signed", contract_id="C-1", kind="renewal")

    assert story.until("Mon 03-30 10:00").told() == []


@pytest.mark.parametrize("count", [2, 3])
def test_transfers_are_those_of_one_ticket(count):
    story = acme()
    for hour in range(count):
        story.on(f"Mon 03-02 1{hour}:00", "support.ticket.transferred", ticket_id="T-1")
        story.on(f"Tue 03-03 1{hour}:00", "support.ticket.transferred", ticket_id=f"T-2{hour}")

    assert len(story.raised()) == count - 2


def test_a_charge_of_which_two_systems_tell_is_one_charge():
    story = charged(acme(), "Mon 03-02", "Tue 03-03")
    story.on("Wed 03-04 10:00", EXTRA, charge_id="CH-1", kind="extra", amount={"amount": 100, "currency": "EUR"})
    assert story.raised() == []

    story.on("Thu 03-05 10:00", EXTRA, charge_id="CH-3", kind="extra", amount={"amount": 50, "currency": "EUR"})
    assert story.raised() == ["Thu 03-05 10:00 alert.raised A1 warn dana+fin"]
    assert "together 250 in" in story.last("alert.raised")["because"]
