"""A request to another team has one holder from the first minute, and its sender knows who that is (W09)."""

import pytest

from tests.scenarios.scenario import Story

PEOPLE = {"kim": {"manager": "lou", "team": "support"}}


def asked(**data):
    roles = {"csm": "dana", "support_owner": "kim", "cs_manager": "chris", "pm": "pat"}
    story = Story("cross_team_request", roles=roles, organisation={"people": PEOPLE})
    request = {"request_id": "R-1", "from": "dana", "to_team": "support", "what": "a log", **data}
    return story.on("Tue 03-03 10:00", "team.request.created", **request)


def again(story, when):
    return story.on(when, "team.request.created", **{"request_id": "R-1", "from": "dana", "to_team": "support"})


@pytest.mark.parametrize(
    ("to_team", "holder"),
    [
        ("support", "kim"),
        ("Product", "pat"),
        ("engineering", "pat"),
        ("pm", "pat"),
        ("marketing", "marketing.unassigned"),
        ("legal", "legal.unassigned"),
    ],
)
def test_it_is_offered_to_who_stands_for_the_team_on_the_account(to_team, holder):
    assert asked(to_team=to_team).told("T1") == [f"Tue 03-03 10:00 task.offered T1 {holder} due Wed 03-04 17:00"]


def test_what_nobody_takes_in_time_is_told_to_the_manager_there_and_stays_the_senders():
    story = asked(customer_waiting=True).until("Tue 03-03 14:30")

    assert story.told("escalation.raised")[-2:] == [
        "Tue 03-03 14:00 escalation.raised T1 rung 2 lou",
        "Tue 03-03 14:00 escalation.raised T1 rung 3 dana",
    ]
    assert story.open("L1") == ["L1 open dana"]


def test_who_takes_it_holds_it_until_the_day_that_was_needed():
    story = asked(needed_by="2026-03-13")
    story.on("Tue 03-03 15:00", "team.request.accepted", request_id="R-1", actor={"person": "ray"})

    assert story.told("loop.passed") == ["Tue 03-03 15:00 loop.passed L1 dana>ray"]
    assert story.told("task.accepted") == ["Tue 03-03 15:00 task.accepted T1 ray due Fri 03-13 17:00"]


def test_news_in_the_first_half_of_the_time_puts_the_nudge_off():
    story = asked().on("Tue 03-03 15:00", "team.request.accepted", request_id="R-1", actor={"person": "kim"})
    story.on("Thu 03-05 09:00", "team.request.updated", request_id="R-1").until("Tue 03-10 16:00")

    assert story.told("escalation.raised") == ["Mon 03-09 14:00 escalation.raised T1 rung 1 kim"]


def test_the_third_no_is_told_to_both_managers():
    story = asked()
    for day in ("Tue 03-03", "Wed 03-04", "Thu 03-05"):
        story.on(f"{day} 12:00", "team.request.declined", request_id="R-1", reason="not ours")
        again(story, f"{day} 13:00")

    assert story.raised() == ["Thu 03-05 12:00 alert.raised A2 warn lou+chris"]


def test_the_sender_confirms_and_a_no_of_hers_brings_it_back():
    story = asked().on("Tue 03-03 15:00", "team.request.completed", request_id="R-1", actor={"person": "kim"})
    assert story.told("T2") == ["Tue 03-03 15:00 task.proposed T2 dana due Thu 03-05 17:00"]

    story.on("Wed 03-04 09:00", "task.declined", workflow="cross_team_request", ref="T2", reason="half of it")

    assert story.open("T4") == ["T4 offered kim"]
    assert story.until("Tue 03-10 09:00").running()


def test_what_was_asked_twice_is_told_to_the_second_sender():
    story = asked()
    second = {"request_id": "R-2", "from": "sam", "to_team": "support", "what": "a log"}
    story.on("Wed 03-04 10:00", "team.request.created", **second)

    assert story.raised() == ["Wed 03-04 10:00 alert.raised A3 info sam"]


def test_a_request_that_is_withdrawn_asks_nothing_more():
    story = asked().on("Wed 03-04 10:00", "team.request.withdrawn", request_id="R-1")

    assert story.open() == []
