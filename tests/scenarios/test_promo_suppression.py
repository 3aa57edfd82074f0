"""W17: a campaign's list is asked contact by contact, over all accounts; nobody is written to who should not be."""

import pytest

from tests.scenarios.scenario import Story

SCHEDULED, JOINED, MAILED = "marketing.campaign.scheduled", "customer.contact.joined", "marketing.email.sent"


def company():
    """The campaign is answered at `acme`, a prospect; `beta` and `gamma` are customers."""
    story = Story("promo_suppression", roles={"marketer": "mo", "marketing_lead": "lou"}, lifecycle="prospect", tier=2)
    for account in ("beta", "gamma"):
        story.on("Mon 01-05 10:00", "account.registered", subject=account, lifecycle="live", roles={"csm": "dana"})
    return story


def contacts(story, account, *names):
    for name in names:
        story.on("Mon 01-05 11:00", JOINED, subject=account, contact_id=name, email=f"{name}@{account}.example")
    return story


def scheduled(story, *names, when="Tue 03-03 10:00", **more):
    data = {"campaign_id": "M-1", "kind": "promo", "stage": "prospect", "contact_ids": list(names), **more}
    return story.on(when, SCHEDULED, **data)


def answer(story):
    return story.last("preflight.answered")


def test_a_thousand_contacts_of_whom_120_are_customers_and_8_of_these_under_a_hold():
    story = contacts(company(), "beta", *(f"b{n}" for n in range(8)))
    contacts(story, "gamma", *(f"g{n}" for n in range(112)))
    story.on("Mon 03-02 09:00", "hold.placed", subject="beta", scope="promo", reason="merger", actor="dana")
    listed = [f"b{n}" for n in range(8)] + [f"g{n}" for n in range(112)] + [f"p{n}" for n in range(880)]

    said = answer(scheduled(story, *listed))

    assert said["counts"] == {"audience": 1000, "allowed": 880, "removed": 120}
    assert said["removed"] == {"hold": 8, "stage": 112}
    assert list(said["removed"]) == said["reasons"] == ["hold", "stage"]
    assert said["cleaned"] == [f"p{n}" for n in range(880)]


def test_the_total_is_one_verdict_and_one_task():
    story = scheduled(contacts(company(), "beta", "b1"), "b1", "p1")

    assert len([one for one in story.world.histories["beta"].drain().lines if one.type == "preflight.answered"]) == 0
    assert story.told("preflight.answered") == ["Tue 03-03 10:00 preflight.answered G1 hold stage"]
    assert story.told("task.proposed") == ["Tue 03-03 10:00 task.proposed T1 mo due Wed 03-04 17:00"]


@pytest.mark.parametrize(
    "one", ["b1", "b1@beta.example", {"contact_id": "b9", "account_id": "beta"}, {"email": "b1@beta.example"}]
)
def test_a_contact_is_known_by_id_by_address_or_by_its_account(one):
    story = scheduled(contacts(company(), "beta", "b1"), contact_ids=[], audience=[one, "p1"])

    assert answer(story)["removed"] == {"stage": 1}


def test_who_left_is_nobodys_contact():
    story = contacts(company(), "beta", "b1").on(
        "Mon 02-02 09:00", "customer.contact.left", subject="beta", contact_id="b1"
    )

    assert answer(scheduled(story, "b1"))["decision"] == "allow"


@pytest.mark.parametrize(
    ("send_at", "due"), [("2026-03-03T16:00:00Z", "Tue 03-03 14:00"), ("2026-03-09T16:00:00Z", "Wed 03-04 17:00")]
)
def test_the_list_is_clean_in_a_day_or_two_hours_before_the_send(send_at, due):
    story = scheduled(contacts(company(), "beta", "b1"), "b1", send_at=send_at)

    assert story.told("T1") == [f"Tue 03-03 10:00 task.proposed T1 mo due {due}"]


def test_another_list_is_judged_at_once_and_a_clean_one_ends_it():
    story = scheduled(contacts(company(), "beta", "b1", "b2"), "b1", "b2", "p1")
    scheduled(story, "b2", "p1", when="Tue 03-03 11:00")
    assert answer(story)["removals"] == {"stage": ["b2"]}

    scheduled(story, "p1", when="Tue 03-03 12:00")
    assert answer(story)["decision"] == "allow"
    assert story.told("workflow.completed", "acme") == []
    assert [line for line in story.told("workflow.completed") if "M-1" in line] == [
        "Tue 03-03 12:00 workflow.completed promo_suppression M-1 clean_list_confirmed"
    ]


def test_a_campaign_that_is_called_off_asks_for_nothing():
    story = scheduled(contacts(company(), "beta", "b1"), "b1", "p1")
    story.on("Tue 03-03 11:00", "marketing.campaign.cancelled", campaign_id="M-1")

    assert story.told("T1")[-1] == "Tue 03-03 11:00 task.cancelled T1 campaign_cancelled"


def customer(**facts):
    return Story(
        "promo_suppression",
        roles={"csm": "dana", "marketer": "mo", "marketing_lead": "lou"},
        **{"lifecycle": "live", "tier": 2, **facts},
    )


@pytest.mark.parametrize(("tier", "people"), [(1, "mo+lou+dana"), (2, "mo+lou")])
def test_a_mail_to_whom_it_was_not_for_is_told(tier, people):
    story = scheduled(customer(tier=tier), "jo")
    story.on("Wed 03-04 10:00", MAILED, campaign_id="M-1", contact_id="jo")

    assert story.raised() == [f"Wed 03-04 10:00 alert.raised A1 warn {people}"]


@pytest.mark.parametrize("kind", ["transactional", "legal"])
def test_what_is_no_marketing_always_goes_out(kind):
    story = scheduled(customer(), "jo", kind=kind)
    assert answer(story)["decision"] == "allow"

    assert story.on("Wed 03-04 10:00", MAILED, campaign_id="M-1", contact_id="jo", kind=kind).raised() == []


def test_a_mail_without_a_campaign_that_is_known_is_judged_by_what_it_says_of_itself():
    story = customer().on("Wed 03-04 10:00", MAILED, campaign_id="M-9", contact_id="jo", kind="promo", stage="prospect")

    assert len(story.raised()) == 1


def test_the_fourth_mail_in_seven_days_is_one_too_many():
    story = customer()
    for day in ("Mon 03-02", "Tue 03-03", "Wed 03-04"):
        story.on(f"{day} 10:00", MAILED, campaign_id="M-1", contact_id="jo", kind="newsletter")
    assert story.raised() == []

    story.on("Thu 03-05 10:00", MAILED, campaign_id="M-2", contact_id="jo", kind="newsletter")
    assert len(story.raised()) == 1


def test_the_list_is_to_be_clean_two_working_hours_before_it_is_sent():
    story = contacts(company(), "beta", "b1")
    scheduled(story, "b1", when="Fri 03-06 15:00", send_at="2026-03-09T10:00:00Z")

    assert story.told("task.proposed") == ["Fri 03-06 15:00 task.proposed T1 mo due Fri 03-06 16:00"]


def test_a_list_that_only_waits_says_when_the_last_of_it_may_be_written_to():
    story = contacts(company(), "acme", "a1", "a2").on("Mon 01-05 12:00", "account.updated", lifecycle="live")
    for day in ("Sun 03-01", "Mon 03-02", "Tue 03-03"):
        story.on(f"{day} 09:00", MAILED, contact_id="a1")

    said = answer(scheduled(story, "a1", "a2", stage="customer"))

    assert (said["decision"], said["reasons"]) == ("hold", ["frequency"])
    assert said["earliest"] == "2026-03-08T09:00:00Z"


def test_a_list_of_which_some_are_refused_for_good_has_no_time():
    story = contacts(company(), "acme", "a1", "a2").on("Mon 01-05 12:00", "account.updated", lifecycle="live")
    story.on("Mon 01-05 13:00", "marketing.email.unsubscribed", contact_id="a2")
    for day in ("Sun 03-01", "Mon 03-02", "Tue 03-03"):
        story.on(f"{day} 09:00", MAILED, contact_id="a1")

    assert answer(scheduled(story, "a1", "a2", stage="customer"))["earliest"] is None
