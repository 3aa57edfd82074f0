"""The customer's hero shines, and is missed at once when she goes (W22)."""

import pytest

from tests.scenarios.scenario import Story

JOINED, LEFT, CHANGED = "customer.contact.joined", "customer.contact.left", "customer.contact.role_changed"


def customer(role="sponsor", tier=2, **facts):
    roles = {"csm": "dana", "am": "sam", "marketer": "mo", "exec_sponsor": "eve"}
    story = Story("champion_care", roles=roles, lifecycle="live", tier=tier, **facts)
    return story.on("Mon 01-05 10:00", JOINED, contact_id="jo", email="jo@acme.example", role_to=role)


@pytest.mark.parametrize("role", ["sponsor", "champion", "decision_maker"])
def test_whoever_of_weight_leaves_is_missed(role):
    story = customer(role).on("Tue 03-03 10:00", LEFT, contact_id="jo")

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 urgent dana+sam"]
    assert story.open("H1", "T5") == ["H1 live ask"]


def test_who_has_no_weight_may_leave():
    assert customer("power").on("Tue 03-03 10:00", LEFT, contact_id="jo").running() == []


def test_who_is_said_to_have_had_weight_had_it():
    story = customer("power").on("Tue 03-03 10:00", LEFT, contact_id="jo", role_from="champion")

    assert story.told("T4") == ["Tue 03-03 10:00 task.proposed T4 dana due Tue 03-10 17:00"]


def test_another_role_without_weight_is_a_loss_and_one_with_weight_is_none():
    story = customer("champion").on("Tue 03-03 10:00", CHANGED, contact_id="jo", role_to="power")
    assert [one.split("/")[2] for one in story.running()] == ["role"]
    assert story.open("T7") == []

    story = customer("champion").on("Tue 03-03 10:00", CHANGED, contact_id="jo", role_to="decision_maker")
    assert [one.split("/")[2] for one in story.running()] == ["promoted"]


def test_a_suspicion_is_a_warning_and_its_proof_is_urgent():
    story = customer().on("Tue 03-03 10:00", LEFT, contact_id="jo", confirmed=False)
    story.on("Wed 03-04 10:00", LEFT, contact_id="jo", role_from="sponsor", confirmed=True)

    assert story.raised() == [
        "Tue 03-03 10:00 alert.raised A1 warn dana+sam",
        "Wed 03-04 10:00 alert.raised A1 urgent dana+sam",
    ]
    assert story.open("H1", "T4") == ["H1 live ask", "T4 proposed dana"]


def test_a_suspicion_that_the_csm_clears_is_over():
    story = customer().on("Tue 03-03 10:00", LEFT, contact_id="jo", confirmed=False)
    story.on("Wed 03-04 10:00", "task.completed", workflow="champion_care", ref="T3", outcome="still there")

    assert story.open() == []


def test_mail_that_comes_back_is_no_suspicion_when_she_is_heard_of():
    story = customer().on("Tue 03-03 10:00", "marketing.email.bounced", campaign_id="M", contact_id="jo")
    story.on("Mon 03-09 10:00", "customer.message.received", **{"from": "jo@acme.example"}).until("Wed 03-25 10:00")

    assert story.running() == []


def test_an_heir_that_a_person_found_lifts_the_hold_and_is_shown_the_value():
    story = customer().on("Tue 03-03 10:00", LEFT, contact_id="jo")
    story.on("Fri 03-06 10:00", "task.completed", workflow="champion_care", ref="T4")

    assert story.told("hold.lifted") == ["Fri 03-06 10:00 hold.lifted H1 ask"]
    assert story.open("T6") == ["T6 proposed dana"]


def test_an_heir_ends_it_and_what_is_owed_to_her_stays():
    story = customer(tier=1).on("Tue 03-03 10:00", LEFT, contact_id="jo")
    story.on("Mon 03-09 10:00", JOINED, contact_id="al", role_to="champion")

    assert story.open("T1", "T2", "T3", "T4", "T5", "T6", "T7", "H1") == [
        "T3 proposed dana",
        "T5 offered eve",
        "T6 proposed dana",
        "T7 offered sam",
    ]


def test_a_manager_may_live_with_one_thread():
    story = customer().on("Tue 03-03 10:00", LEFT, contact_id="jo")
    story.on("Wed 03-04 10:00", "cs.note.logged", tags=["single_thread_accepted"])

    assert story.told("hold.lifted") == ["Wed 03-04 10:00 hold.lifted H1 ask"]


def test_who_wanted_no_mail_is_not_followed_to_her_new_company():
    story = customer().on("Mon 02-02 10:00", "marketing.email.unsubscribed", campaign_id="M", contact_id="jo")

    assert story.on("Tue 03-03 10:00", LEFT, contact_id="jo").open("T7") == []


def test_a_stage_waits_for_a_better_time():
    story = customer("champion").on("Mon 03-02 10:00", "hold.placed", scope="ask", until="2026-03-05T12:00:00Z")
    story.on("Tue 03-03 10:00", "market.social.posted", contact_id="jo", sentiment="positive").until("Thu 03-05 12:00")

    assert story.told("T1") == ["Tue 03-03 10:00 task.proposed T1 dana due Tue 03-10 17:00"]
    assert story.told("T2") == ["Thu 03-05 12:00 task.offered T2 mo due Thu 04-02 17:00"]


def test_a_word_that_comes_late_changes_what_was_lost():
    story = customer().on("Tue 03-03 10:00", LEFT, contact_id="jo")
    story.on("Mon 03-02 10:00", CHANGED, arrived="Wed 03-04 10:00", contact_id="jo", role_to="power")

    assert story.told("alert.retracted") == ["Wed 03-04 10:00 alert.retracted A1 late_evidence"]
    assert [one.split("/")[2] for one in story.running()] == ["role"]


def test_a_tier_1_account_with_two_seniors_is_not_told():
    story = customer(tier=1).on("Mon 01-12 10:00", JOINED, contact_id="al", role_to="champion")

    assert story.until("Tue 03-03 10:00").raised() == []
