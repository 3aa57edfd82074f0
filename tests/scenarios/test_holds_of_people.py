"""A person holds contact with a customer, until a time, an event or her word (R15)."""

import pytest

from tests.scenarios.scenario import Story

ROLES = {"am": "sam", "csm": "dana", "cs_manager": "max", "sales_manager": "sue"}


def a_customer():
    return Story(roles=ROLES, lifecycle="live")


def held(story, when="Mon 03-02 10:00", scope="upsell", name="h-1", **more):
    return story.on(when, "hold.placed", name=name, scope=scope, reason="a review first", placed_by="dana", **more)


def offered(story, when, opportunity="O-1"):
    return story.on(when, "sales.upsell.attempted", opportunity_id=opportunity, actor="sam")


def test_an_offer_while_a_person_holds_upsells_is_urgent():
    story = offered(held(a_customer()), "Tue 03-03 10:00")

    assert story.told("hold.placed") == ["Mon 03-02 10:00 hold.placed upsell"]
    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 urgent dana+max+sue"]
    assert story.last("hold.placed")["evidence"]["events"] == ["h-1"]


@pytest.mark.parametrize("scope", ["ask", "promo", "survey"])
def test_a_hold_on_something_else_does_not_make_it_so(scope):
    assert offered(held(a_customer(), scope=scope), "Tue 03-03 10:00").raised() == [
        "Tue 03-03 10:00 alert.raised A1 warn dana"
    ]


def test_a_hold_ends_at_its_time_by_itself():
    story = held(a_customer(), until="2026-03-04T12:00:00Z").until("Fri 03-06 09:00")

    assert story.told("hold.lifted") == ["Wed 03-04 12:00 hold.lifted upsell"]
    assert story.history.state.pending == {"~holds until a time": {}}


def test_a_hold_ends_with_its_event():
    story = held(a_customer(), until_event="cs.meeting.held").on("Tue 03-03 09:00", "cs.meeting.declined", by="us")
    story.on("Wed 03-04 09:00", "cs.meeting.held", meeting_id="M-1")

    assert story.told("hold.lifted") == ["Wed 03-04 09:00 hold.lifted upsell"]


def test_to_lift_one_leaves_the_others():
    story = held(held(held(a_customer()), scope="ask", name="h-2"), name="h-3", until="2026-03-04T12:00:00Z")
    first = story.last("hold.placed", "ask")["id"]
    story.on("Tue 03-03 09:00", "hold.lifted", id=first, actor="dana")

    assert story.told("hold.lifted") == ["Tue 03-03 09:00 hold.lifted ask"]
    story.on("Tue 03-03 10:00", "hold.lifted", scope="upsell", actor="dana").until("Thu 03-05 09:00")
    assert story.told("hold.lifted", "upsell") == ["Tue 03-03 10:00 hold.lifted upsell"] * 2
    assert story.open() == []


def test_the_pre_flight_knows_the_hold_and_when_it_ends():
    story = held(a_customer(), until="2026-03-04T12:00:00Z")
    story.on("Tue 03-03 10:00", "sales.intent.announced", purpose="upsell", actor="sam")

    answer = story.last("preflight.answered")
    assert (answer["decision"], answer["earliest"]) == ("hold", "2026-03-04T12:00:00Z")


def test_a_hold_that_is_known_late_raises_what_was_told():
    story = offered(a_customer(), "Tue 03-03 10:00")
    held(story, "Mon 03-02 10:00", arrived="Tue 03-03 15:00")

    assert story.told("A1")[1:] == ["Tue 03-03 15:00 alert.updated A1 urgent dana+max+sue"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"scope": "everything"}, "has the scope 'everything'; there are ask, upsell"),
        ({"scope": "ask", "until": "2026-03-01"}, "which is not after it was placed"),
    ],
)
def test_what_cannot_be_held_is_told(data, said):
    story = a_customer().on("Mon 03-02 10:00", "hold.placed", **data)

    assert said in story.refused()[0]
    assert story.open() == []


def test_to_lift_what_is_not_held_is_told():
    assert "that is not live" in a_customer().on("Mon 03-02 10:00", "hold.lifted", scope="ask").refused()[0]


def test_the_lines_of_the_engine_itself_place_and_lift_nothing():
    story = a_customer().on("Mon 03-02 10:00", "hold.placed", workflow="crisis_hold_and_recovery", scope="ask")
    story.on("Mon 03-02 11:00", "hold.lifted", workflow="crisis_hold_and_recovery", scope="ask")

    assert (story.open(), story.refused()) == ([], [])
