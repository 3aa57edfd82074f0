"""W23: a customer is neither forgotten nor pestered. Tier 1 may be quiet for 15 days, tier 2 for 30, else 90."""

import pytest

from tests.scenarios.scenario import Story

CALLED = "cs.contact.logged"
DANA, SAM = {"person": "dana", "team": "cs"}, {"person": "sam", "team": "sales"}


def acme(tier=1, **facts):
    roles = {"csm": "dana", "am": "sam", "marketer": "mo", "cs_manager": "kim"}
    return Story("contact_balance", roles=roles, **{"lifecycle": "live", "tier": tier, **facts})


def write(story, *moments, actor=DANA, contact="jo", **more):
    for moment in moments:
        story.on(moment, CALLED, direction="out", contact_ids=[contact], actor=actor, **more)
    return story


@pytest.mark.parametrize(("tier", "told"), [(1, "Mon 03-02"), (2, "Tue 03-17"), (3, "Sat 05-16")])
def test_each_tier_has_its_time(tier, told):
    story = acme(tier).on("Sun 02-15 10:00", CALLED, direction="in").until("Mon 05-18 10:00")

    assert story.told("task.proposed")[0].startswith(f"{told} 10:00 task.proposed T1 dana")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("marketing.email.sent", {"contact_id": "jo", "campaign_id": "M-1"}),
        ("cs.meeting.no_show", {"meeting_id": "M-1"}),
        ("customer.message.received", {"from": "jo", "tags": ["out_of_office"]}),
        (CALLED, {"direction": "out", "channel": "newsletter"}),
        (CALLED, {"direction": "out", "topic": "voicemail"}),
    ],
)
def test_what_is_no_conversation_does_not_begin_the_time_anew(kind, data):
    story = acme().on("Sun 02-15 10:00", CALLED, direction="in").on("Wed 02-25 10:00", kind, **data)

    assert story.until("Tue 03-03 10:00").told("task.proposed") == [
        "Mon 03-02 10:00 task.proposed T1 dana due Thu 03-05 17:00"
    ]


@pytest.mark.parametrize("kind", ["customer.message.received", "cs.meeting.held", "support.ticket.replied"])
def test_a_word_of_either_side_begins_the_time_anew(kind):
    data = {"ticket_id": "T-1"} if kind.startswith("support") else {}
    story = acme().on("Sun 02-15 10:00", CALLED, direction="in").on("Wed 02-25 10:00", kind, **data)

    assert story.until("Wed 03-11 10:00").told("task.proposed") == []


def test_a_prospect_is_not_reminded_of():
    story = acme(lifecycle="prospect").on("Sun 02-15 10:00", CALLED, direction="in")

    assert story.until("Mon 03-30 10:00").told() == []


def test_who_leaves_us_is_forgotten_here():
    story = acme().on("Sun 02-15 10:00", CALLED, direction="in").until("Tue 03-03 10:00")
    story.on("Wed 03-04 10:00", "cs.lifecycle.changed", to="churned").until("Mon 03-30 10:00")

    assert story.open() == []
    assert story.told("alert.raised") == []


def test_a_reply_to_what_the_customer_began_is_no_pestering():
    story = write(acme(), "Mon 03-02 09:00", "Tue 03-03 09:00", "Wed 03-04 09:00", "Thu 03-05 09:00")
    write(story, "Fri 03-06 09:00", customer_initiated=True)

    assert story.raised() == []


def test_touches_of_two_contacts_are_counted_apart():
    story = write(acme(), "Mon 03-02 09:00", "Tue 03-03 09:00", "Wed 03-04 09:00")
    write(story, "Thu 03-05 09:00", "Fri 03-06 09:00", contact="al")

    assert story.raised() == []


def test_the_hold_is_on_the_contact_and_not_on_the_account():
    story = write(acme(), "Mon 03-02 09:00", "Tue 03-03 09:00", "Wed 03-04 09:00", "Thu 03-05 09:00", "Fri 03-06 09:00")

    assert [(one.scope, one.contact) for one in story.work("H1")] == [("all_outbound", "jo")]
    assert story.until("Wed 03-11 17:00").told("hold.lifted") == ["Wed 03-11 17:00 hold.lifted H1 all_outbound"]


def test_five_touches_over_more_than_ten_business_days_are_no_pestering():
    story = write(acme(2), "Mon 03-02 09:00", "Tue 03-03 09:00", "Wed 03-04 09:00", "Thu 03-05 09:00")

    assert write(story, "Tue 03-17 09:00").raised() == []  # ten business days after Mon 03-02 are over on Mon 03-16


def test_the_alert_names_the_touches_and_who_is_to_speak():
    story = write(acme(), "Mon 03-02 09:00", "Tue 03-03 09:00", "Wed 03-04 09:00")
    write(story, "Thu 03-05 09:00", "Fri 03-06 09:00", actor=SAM)

    said = story.last("alert.raised")
    assert {one["person"] for one in said["to"]} == {"dana", "sam"}
    assert "dana on 2026-03-02T09:00:00Z" in said["because"]
    assert len(said["evidence"]["events"]) == 5
