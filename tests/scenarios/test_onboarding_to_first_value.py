"""The same stages for every customer, and who hears when one is behind (W10)."""

import pytest

from tests.scenarios.scenario import Story

NOTE, MILESTONE = "cs.note.logged", "cs.milestone.reached"


def held(zone="UTC", **data):
    roles = {"csm": "dana", "cs_manager": "kim", "pm": "pat"}
    story = Story("onboarding_to_first_value", roles=roles, zone=zone)
    return story.on("Tue 03-03 10:00", "cs.kickoff.held", **{"contract_id": "C-1", **data})


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_the_set_up_is_behind_after_ten_working_days_and_stuck_after_fifteen(zone):
    story = held(zone).until("Tue 04-28 12:00")

    assert story.raised() == [
        "Tue 03-17 17:00 alert.raised A1 warn dana",
        "Tue 03-24 17:00 alert.raised A2 urgent kim",
    ]


def test_each_later_stage_has_its_own_dates():
    story = held().on("Tue 03-10 10:00", MILESTONE, stage="setup").until("Thu 03-26 10:00")
    assert story.raised() == ["Tue 03-24 17:00 alert.raised A1 warn dana"]

    story.on("Fri 03-27 10:00", "product.usage.rolled_up", active_users=3).until("Tue 04-21 10:00")
    assert story.told("A1")[1:] == [
        "Fri 03-27 10:00 alert.resolved A1",
        "Thu 04-02 10:00 alert.raised A1 warn dana",
    ]
    assert story.told("A2") == ["Fri 04-17 10:00 alert.raised A2 urgent kim"]


def test_clocks_that_wait_for_the_customer_go_on_where_they_stood():
    story = held().on("Mon 03-16 10:00", NOTE, tags=["waiting_on_customer"]).until("Mon 03-30 09:00")
    assert story.raised() == []

    story.on("Mon 03-30 10:00", NOTE, tags=["customer_ready"]).until("Wed 04-01 10:00")

    assert story.raised() == ["Tue 03-31 17:00 alert.raised A1 warn dana"]


def test_a_product_bought_is_a_run_of_its_own():
    story = held(products=["core", "reports"])

    assert [one.split("/")[-1] for one in story.running()] == ["core", "reports"]


def test_a_skipped_stage_needs_a_reason():
    story = held().on(
        "Wed 03-04 10:00", "task.completed", workflow="onboarding_to_first_value", ref="T1", outcome="skipped"
    )
    assert "needs a `reason`" in story.refused()[0]

    story.on(
        "Wed 03-04 11:00",
        "task.completed",
        workflow="onboarding_to_first_value",
        ref="T1",
        outcome="skipped",
        reason="they run it themselves",
    )

    assert story.open("T1", "T2") == ["T2 proposed dana"]


def test_a_part_of_an_alert_is_acknowledged_by_its_label():
    story = held().until("Wed 03-18 10:00")
    story.on("Wed 03-18 10:00", "alert.acknowledged", workflow="onboarding_to_first_value", ref="A1")

    assert story.open("A1/setup") == ["A1/setup acknowledged warn"]
    assert story.last("alert.raised")["part"] == "setup"
