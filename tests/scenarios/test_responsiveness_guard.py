"""The customer is answered: who has the message, until when, and who hears of it when nobody answers (W11)."""

import pytest

from tests.scenarios.scenario import Story

MESSAGE, REPLY = "customer.message.received", "cs.contact.logged"


def asked(when="Tue 03-03 10:00", *, tier=1, zone="UTC", people=None, **data):
    story = Story(
        "responsiveness_guard", roles={"csm": "dana"}, tier=tier, zone=zone, organisation={"people": people or {}}
    )
    asked = {"thread_id": "t", "channel": "mail", "from": "jo", "to": ["dana"], "expects_reply": True, **data}
    return story.on(when, MESSAGE, **asked)


@pytest.mark.parametrize(
    ("tier", "channel", "due"),
    [
        (1, "mail", "Mon 03-09 10:30"),
        (2, "phone", "Mon 03-09 12:30"),
        (3, "mail", "Mon 03-09 16:30"),
        (2, "chat", "Fri 03-06 16:45"),
    ],
)
def test_an_answer_is_due_by_tier_and_channel_in_hours_of_work(tier, channel, due):
    story = asked("Fri 03-06 16:30", tier=tier, channel=channel, zone="Europe/Berlin")

    assert story.told("T1") == [f"Fri 03-06 16:30 task.proposed T1 dana due {due}"]


def test_a_holding_reply_begins_the_second_clock_for_the_day_that_it_names():
    story = asked("Fri 03-06 16:30")
    story.on("Mon 03-09 09:40", REPLY, thread_id="t", direction="out", summary="by Wed", actor={"person": "dana"})
    story.until("Thu 03-12 18:00")

    assert story.told("T2") == ["Mon 03-09 09:40 task.proposed T2 dana due Wed 03-11 17:00"]
    assert story.told("A2") == ["Wed 03-11 17:00 alert.raised A2 warn dana"]


def test_a_holding_reply_without_a_day_gives_two_working_days():
    story = asked().on("Tue 03-03 11:00", REPLY, thread_id="t", direction="out", topic="holding_reply")

    assert story.told("T2") == ["Tue 03-03 11:00 task.proposed T2 dana due Thu 03-05 17:00"]


@pytest.mark.parametrize(
    "said",
    [{"promised_by": "2026-03-11"}, {"until": "Wed"}, {"due": "2026-03-11"}, {"summary": "we hold on until Wed"}],
)
def test_the_day_of_a_holding_reply_may_stand_in_a_field_or_in_its_words(said):
    story = asked().on("Mon 03-09 11:00", REPLY, thread_id="t", direction="out", **said)

    assert story.told("T2") == ["Mon 03-09 11:00 task.proposed T2 dana due Wed 03-11 17:00"]


def test_who_does_not_answer_is_nudged_warned_and_told_on():
    story = asked().until("Tue 03-03 16:00")

    assert story.raised() == [
        "Tue 03-03 11:00 alert.raised A1 info dana",
        "Tue 03-03 12:00 alert.raised A2 warn dana",
        "Tue 03-03 14:00 alert.raised A3 urgent cs.unassigned",
    ]


def test_an_answer_in_the_thread_ends_it_and_one_in_another_does_not():
    story = asked().on("Tue 03-03 10:10", REPLY, thread_id="other", direction="out")
    assert story.open() == ["L1 open dana", "T1 proposed dana"]

    story.on("Tue 03-03 10:20", "sales.contact.logged", thread_id="t", direction="out")

    assert story.told("T1")[-1] == "Tue 03-03 10:20 task.completed T1"
    assert story.open() == []


def test_an_answered_thread_may_ask_again():
    story = asked().on("Tue 03-03 10:20", REPLY, thread_id="t", direction="out")
    story.on("Wed 03-04 10:00", MESSAGE, thread_id="t", expects_reply=True, to=["dana"])

    assert story.told("loop.opened") == ["Tue 03-03 10:00 loop.opened L1 dana", "Wed 03-04 10:00 loop.opened L1 dana"]


def test_the_first_to_reply_owns_it():
    story = asked(to=["sam", "pat"])
    story.on("Tue 03-03 10:20", REPLY, thread_id="t", direction="out", holding=True, actor={"person": "pat"})

    assert story.open() == ["L1 open pat", "T2 offered pat"]


def test_a_message_that_is_said_to_expect_nothing_opens_nothing():
    assert asked(expects_reply=False).told() == []


def test_an_address_of_ours_is_the_person():
    people = {"dana": {"email": "dana@ours.example"}}

    assert asked(to=["dana@ours.example"], people=people).told("loop.opened") == ["Tue 03-03 10:00 loop.opened L1 dana"]


def test_what_the_customer_says_is_solved_is_over():
    story = asked().on("Tue 03-03 10:30", MESSAGE, thread_id="t", tags=["solved"])

    assert story.open() == []
    assert story.told("workflow.cancelled")
