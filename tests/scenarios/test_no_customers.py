"""Accounts that are none of our customers: test accounts get no work, and who has left is not sold to."""

import pytest

from tests.scenarios.scenario import Story

ROLES = {"csm": "dana", "am": "sam", "ae": "sam", "pm": "pat", "marketer": "mo", "support_owner": "kim"}
RESTS = [
    "renewal_runway",
    "expansion_together",
    "champion_care",
    "review_avoidance",
    "friction_watch",
    "advocacy_moment",
]


def a_week_of(story):
    """Tell of what would call for work at a customer."""
    story.on("Mon 03-02 09:00", "customer.contact.joined", contact_id="jo", role_to="decision_maker")
    story.on("Mon 03-02 10:00", "cs.value.realized", product="Core", criterion="less stops", said_by="jo")
    story.on(
        "Mon 03-02 11:00", "customer.message.received", thread_id="t", to=["dana"], expects_reply=True, tags=["price"]
    )
    story.on("Mon 03-02 12:00", "survey.nps.responded", wave="w", response_id="r", contact_id="jo", score=3)
    story.on("Mon 03-02 13:00", "product.request.submitted", request_id="R", asker="jo")
    story.on("Mon 03-02 14:00", "support.ticket.opened", ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", "sales.upsell.attempted", opportunity_id="O", offer="Plus", actor="sam")
    story.on("Tue 03-03 11:00", "finance.invoice.disputed", invoice_id="I")
    story.on("Tue 03-03 12:00", "customer.advocacy.performed", act_id="V", kind="review", contact_id="jo")
    for day in ("Wed 03-04", "Thu 03-05"):
        story.on(f"{day} 10:00", "cs.meeting.declined", meeting_id=f"M-{day[4:]}", type="review", by="customer")
    story.on("Fri 03-06 10:00", "customer.contact.left", contact_id="jo", role_from="decision_maker")
    return story.until("Fri 07-10 10:00")


def test_a_test_account_gets_no_work():
    story = a_week_of(Story(roles=ROLES, lifecycle="live", test=True, renewal_date="2026-06-30"))

    assert story.told("task.proposed") + story.told("task.offered") + story.raised() == []


@pytest.mark.parametrize("workflow", RESTS)
def test_at_a_customer_it_begins_and_at_one_who_has_left_it_does_not(workflow):
    facts = {"roles": ROLES, "renewal_date": "2026-06-30"}

    assert a_week_of(Story(workflow, lifecycle="live", **facts)).told("workflow.started") != []
    assert a_week_of(Story(workflow, lifecycle="churned", **facts)).told("workflow.started") == []


def test_the_runway_of_a_renewal_ends_when_the_customer_leaves():
    story = Story("renewal_runway", roles=ROLES, lifecycle="live", renewal_date="2026-06-30")
    story.on("Fri 04-10 10:00", "cs.lifecycle.changed", to="churned").until("Fri 07-10 10:00")

    assert "churned" in story.told("workflow.cancelled")[0]
    assert story.raised() == []
