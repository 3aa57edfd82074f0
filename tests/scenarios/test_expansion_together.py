"""We sell more where value grew, and who sells and who looks after the customer say the same (W24)."""

import pytest

from tests.scenarios.scenario import Story

USED, DONE, PLACED = "product.usage.rolled_up", "task.completed", "hold.placed"


def customer(**facts):
    story = Story("expansion_together", roles={"csm": "dana", "am": "sam"}, lifecycle="live", **facts)
    return story.on("Mon 01-12 09:00", "cs.value.realized", criterion="hours")


def seats(story, when, used):
    return story.on(when, USED, seats_used=used, seats_bought=100)


def done(story, when, ref, **data):
    return story.on(when, DONE, workflow="expansion_together", ref=ref, **data)


def test_seats_that_are_used_up_for_less_than_two_weeks_start_nothing():
    story = seats(seats(customer(), "Tue 03-03 10:00", 90), "Mon 03-16 10:00", 84).until("Fri 03-27 10:00")

    assert story.running() == []


def test_85_percent_is_enough():
    assert seats(customer(), "Tue 03-03 10:00", 85).until("Tue 03-17 10:00").told("T1") == [
        "Tue 03-17 10:00 task.proposed T1 dana due Thu 03-19 17:00"
    ]


def test_seats_that_stay_used_up_are_another_matter_in_the_next_half_year():
    story = seats(customer(), "Mon 06-01 10:00", 90).until("Mon 07-06 10:00")

    assert [one.split("/")[-1] for one in story.running()] == ["2026-H1", "2026-H2"]


@pytest.mark.parametrize("outcome", ["deny", "no", "Disagree"])
def test_a_no_of_the_csm_ends_it(outcome):
    story = seats(customer(), "Tue 03-03 10:00", 90).until("Tue 03-17 10:00")
    done(story, "Wed 03-18 10:00", "T1", outcome=outcome)

    assert story.running() == []
    assert story.told("T2") == []


def test_a_sale_after_a_no_asks_for_no_check():
    story = seats(customer(), "Tue 03-03 10:00", 90).until("Tue 03-17 10:00")
    done(story, "Wed 03-18 10:00", "T1", outcome="deny")
    story.on("Thu 04-02 10:00", "sales.contract.amended", contract_id="C", delta_arr={"amount": 5, "currency": "EUR"})

    assert story.told("T4") == []


def test_a_smaller_contract_asks_for_no_check():
    story = seats(customer(), "Tue 03-03 10:00", 90).until("Tue 03-17 10:00")
    story.on("Wed 04-01 10:00", "sales.opportunity.won", opportunity_id="O")
    story.on("Thu 04-02 10:00", "sales.contract.amended", contract_id="C", delta_arr={"amount": -5, "currency": "EUR"})

    assert story.told("T4") == []


def test_what_the_customer_asked_for_goes_on_during_a_hold():
    story = customer().on("Mon 03-02 10:00", PLACED, scope="upsell", until="2026-04-01T12:00:00Z")
    story.on("Tue 03-03 10:00", "customer.message.received", thread_id="th", tags=["pricing"]).until("Wed 03-04 18:00")

    assert story.told("task.proposed") == ["Tue 03-03 10:00 task.proposed T1 dana due Tue 03-03 17:00"]
    assert story.told("escalation.raised") != []


def test_after_the_close_of_work_the_same_day_is_the_next_working_day():
    story = customer().on("Fri 03-06 18:00", "customer.message.received", thread_id="th", tags=["pricing"])

    assert story.told("T1") == ["Fri 03-06 18:00 task.proposed T1 dana due Mon 03-09 17:00"]


def test_nobody_is_asked_to_sell_while_selling_is_on_hold_and_the_time_moves():
    story = customer().on("Tue 03-03 10:00", "cs.milestone.reached", stage="new_team")
    story.on("Wed 03-04 09:00", PLACED, scope="upsell", until="2026-03-18T09:00:00Z")
    done(story, "Thu 03-05 10:00", "T1").until("Tue 03-17 18:00")
    assert story.told("T2") == []

    story.until("Wed 03-18 09:00")
    assert story.told("T2")[0:1] == ["Wed 03-18 09:00 task.offered T2 sam due Fri 03-20 17:00"]


def test_a_hold_that_is_reported_late_pauses_from_its_own_time():
    story = customer().on("Tue 03-03 10:00", "cs.milestone.reached", stage="new_team")
    story.on("Wed 03-04 09:00", PLACED, scope="ask", until="2026-03-06T09:00:00Z", arrived="Thu 03-05 09:00")

    assert story.until("Fri 03-06 09:00").told("task.updated") == [
        "Fri 03-06 09:00 task.updated T1 due Mon 03-09 17:00"
    ]


def test_a_plan_that_was_announced_is_announced_once():
    story = customer().on("Tue 03-03 10:00", "cs.milestone.reached", stage="new_team")
    done(story, "Wed 03-04 10:00", "T1").on("Thu 03-05 10:00", "sales.intent.announced", purpose="upsell")

    assert story.told("sales.intent.announced") == []


def test_a_plan_that_is_done_by_hand_is_announced_by_itself():
    story = customer().on("Tue 03-03 10:00", "cs.milestone.reached", stage="new_team")
    done(done(story, "Wed 03-04 10:00", "T1"), "Thu 03-05 10:00", "T2")

    assert story.last("sales.intent.announced")["purpose"] == "upsell"
    assert story.told("preflight.answered") == ["Thu 03-05 10:00 preflight.answered allow_with_notice csm_informed"]
