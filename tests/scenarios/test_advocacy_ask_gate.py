"""W05: marketing asks at the right time only, and hears when that is."""

import pytest

from tests.scenarios.scenario import Story

ROLES = {"csm": "dana", "cs_manager": "kim", "marketer": "mo", "support_owner": "sue"}


@pytest.fixture
def story():
    return Story(roles=ROLES, lifecycle="live").on("Sat 01-10 09:00", "cs.value.realized", product="Core")


def verdicts(story):
    return story.told("preflight.answered")


def requested(story, when="Tue 03-03 10:00", **data):
    return story.on(when, "marketing.ask.requested", **{"ask_id": "ASK-1", "kind": "testimonial", **data})


def test_all_workflows_together_open_the_gate_ten_business_days_after_the_crisis(story):
    story.on("Mon 03-02 10:00", "support.ticket.opened", ticket_id="T-9", severity=1)
    requested(story)
    story.on("Wed 03-04 15:00", "support.ticket.resolved", ticket_id="T-9")
    story.on(
        "Fri 03-06 11:00", "task.completed", workflow="crisis_hold_and_recovery", ref="T5", actor={"person": "dana"}
    )
    story.until("Wed 04-01 09:00")

    assert verdicts(story) == [
        "Tue 03-03 10:00 preflight.answered G1 hold crisis",
        "Fri 03-06 11:00 preflight.answered G1 hold crisis",
        "Fri 03-27 17:00 preflight.answered G1 allow",
    ]
    assert story.told("alert.raised", "A2", "info") == ["Fri 03-27 17:00 alert.raised A2 info mo"]


def test_a_severity_that_was_wrong_opens_the_gate_at_once(story):
    story.on("Tue 03-03 09:00", "support.ticket.opened", ticket_id="T-9", severity=1)
    requested(story)
    story.on("Tue 03-03 11:00", "support.ticket.severity_changed", ticket_id="T-9", severity=3)

    assert verdicts(story) == [
        "Tue 03-03 10:00 preflight.answered G1 hold crisis",
        "Tue 03-03 11:00 preflight.answered G1 allow",
    ]


def test_a_crisis_that_is_told_late_takes_the_yes_back(story):
    requested(story)
    story.on("Mon 03-02 10:00", "support.ticket.opened", arrived="Wed 03-04 09:00", ticket_id="T-9", severity=1)

    assert verdicts(story) == [
        "Tue 03-03 10:00 preflight.answered G1 allow",
        "Wed 03-04 09:00 preflight.answered G1 hold crisis",
    ]
    assert "T1 offered dana" not in story.open("T1")


def test_a_verdict_is_told_once_although_much_happens(story):
    requested(story)
    for day in range(4, 7):
        story.on(f"{['Wed', 'Thu', 'Fri'][day - 4]} 03-{day:02d} 09:00", "cs.health.changed", to="green", score=day)

    assert len(verdicts(story)) == 1


def test_a_disputed_invoice_and_an_escalated_ticket_stand_in_the_way_until_they_are_settled(story):
    story.on("Mon 03-02 10:00", "finance.invoice.disputed", invoice_id="I-1")
    story.on("Mon 03-02 11:00", "support.ticket.escalated", ticket_id="T-1")
    requested(story)
    story.on("Wed 03-04 10:00", "finance.invoice.dispute_resolved", invoice_id="I-1")
    story.on("Thu 03-05 10:00", "support.ticket.resolved", ticket_id="T-1")

    assert verdicts(story) == [
        "Tue 03-03 10:00 preflight.answered G1 hold dispute escalation",
        "Wed 03-04 10:00 preflight.answered G1 hold escalation",
        "Thu 03-05 10:00 preflight.answered G1 allow",
    ]


def test_after_a_favour_the_next_one_needs_half_of_its_weight(story):
    story.on("Mon 02-02 10:00", "marketing.ask.completed", ask_id="ASK-0", kind="review", contact_id="al")
    requested(story)
    story.on("Wed 03-04 10:00", "marketing.event.attended", event_id="E-1", contact_id="al")
    story.on("Thu 03-05 10:00", "product.request.shipped", request_id="R-1")

    assert verdicts(story) == [
        "Tue 03-03 10:00 preflight.answered G1 hold balance",
        "Thu 03-05 10:00 preflight.answered G1 allow",  # -3 + 3 + 5 is more than half of 6
    ]


def test_somebody_who_may_not_override_is_told_so(story):
    story.on("Mon 03-02 10:00", "finance.invoice.disputed", invoice_id="I-1")
    requested(story)
    story.on("Tue 03-03 11:00", "override.recorded", ask_id="ASK-1", by="mo", reason="it is urgent")

    assert len(verdicts(story)) == 1
    assert any("mo may not override dispute" in one for one in story.refused())


def test_the_verdict_carries_the_table_of_checks_with_values_and_events(story):
    story.on("Mon 03-02 10:00", "sales.upsell.attempted", name="up-1", opportunity_id="O-1")
    requested(story)

    said = story.last("preflight.answered")
    table = {one["check"]: one for one in said["evidence"]["checks"]}

    assert said["earliest"] == "2026-03-16T17:00:00Z"
    assert table["selling"]["events"] == ["up-1"]
    assert table["no_value"] == {**table["no_value"], "passes": True, "read": {"account.value.realized": True}}
