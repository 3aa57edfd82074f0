"""W03: when sales contacts a customer about buying more, her CSM is in the loop, or hears of it at once.

1bd from Tue 03-03 is Wed 03-04 17:00; 10bd is Tue 03-17 17:00.
"""

import pytest

from tests.scenarios.scenario import Story

WORKFLOW = "sales_contact_without_csm"
ROLES = {"am": "sam", "csm": "dana"}
COMPANY = {
    "people": {
        "sam": {"team": "sales", "manager": "sue"},
        "dana": {"team": "cs", "manager": "max", "email": "dana@ours.example"},
        "sue": {"roles": ["sales_manager"]},
        "max": {"roles": ["cs_manager"]},
        "carla": {"roles": ["cco"]},
    }
}
TUESDAY = "Tue 03-03 10:00"


def a_customer(*, roles=ROLES, organisation=COMPANY, **more):
    return Story(WORKFLOW, roles=roles, organisation=organisation, **{"lifecycle": "live", **more})


def attempt(story, when=TUESDAY, **more):
    data = {"opportunity_id": "O-1", "offer": "Premium", "participants": ["sam", "jo@acme.example"], "actor": "sam"}
    return story.on(when, "sales.upsell.attempted", **{**data, "contact_ids": ["jo"], **more})


def contact(story, when=TUESDAY, **more):
    data = {"thread_id": "th-1", "direction": "out", "purpose": "upsell", "participants": ["sam"], "actor": "sam"}
    return story.on(when, "sales.contact.logged", **{**data, "contact_ids": ["jo"], **more})


# ---------------------------------------------------------------- the golden test


def test_the_csm_hears_of_an_attempt_at_once_and_sales_briefs_her_by_the_next_evening():
    story = attempt(a_customer())

    assert story.told()[1:] == [
        "Tue 03-03 10:00 alert.raised A1 warn dana",
        "Tue 03-03 10:00 task.offered T1 sam due Wed 03-04 17:00",
    ]


def test_a_copy_to_the_csm_that_is_known_late_takes_it_all_back():
    story = attempt(a_customer())
    contact(story, "Tue 03-03 09:58", arrived="Tue 03-03 15:00", cc=["dana"]).until("Wed 03-04 18:00")

    assert story.told("A1")[1:] == ["Tue 03-03 15:00 alert.retracted A1 late_evidence"]
    assert story.told("T1")[1:] == ["Tue 03-03 15:00 task.cancelled T1 late_evidence"]
    assert story.open() == []


def test_a_copy_that_is_known_in_time_raises_nothing():
    story = contact(a_customer(), "Tue 03-03 09:58", cc=["dana"])

    assert attempt(story).told() == []


# ---------------------------------------------------------------- what counts as a contact


@pytest.mark.parametrize("purpose", ["upsell", "cross_sell", "renewal", "intro_new_buyer"])
def test_a_contact_about_buying_counts(purpose):
    assert contact(a_customer(), purpose=purpose).raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


@pytest.mark.parametrize(
    "more",
    [
        {"purpose": "support"},
        {"purpose": "social"},
        {"purpose": "other"},
        {"direction": "in"},
    ],
)
def test_another_contact_does_not(more):
    assert contact(a_customer(), **more).told() == []


@pytest.mark.parametrize(
    ("lifecycle", "alerts"), [("prospect", 0), ("signed", 0), ("onboarding", 1), ("live", 1), ("churned", 0)]
)
def test_only_customers_have_a_csm_who_must_know(lifecycle, alerts):
    assert len(attempt(a_customer(lifecycle=lifecycle)).raised()) == alerts


def test_a_newsletter_is_no_contact():
    story = a_customer().on(TUESDAY, "marketing.email.sent", campaign_id="N-1", contact_id="jo")

    assert story.told() == []


# ---------------------------------------------------------------- in the loop


@pytest.mark.parametrize(
    "more",
    [
        {"participants": ["sam", "dana"]},
        {"participants": ["sam", "dana@ours.example"]},
        {"cc": ["dana@ours.example"]},
        {"actor": "dana"},
        {"actor": {"person": "dana", "team": "cs"}},
    ],
)
def test_a_csm_who_takes_part_is_in_the_loop(more):
    assert contact(a_customer(), **more).told() == []


def test_an_intent_that_was_announced_ten_working_days_ago_still_counts():
    story = a_customer().on("Tue 03-03 10:00", "sales.intent.announced", purpose="upsell", actor="sam")
    # 10bd after Tue 03-03 is Tue 03-17 17:00
    contact(story, "Tue 03-17 16:59")

    assert story.raised() == []


def test_an_intent_of_longer_ago_does_not():
    story = a_customer().on("Tue 03-03 10:00", "sales.intent.announced", purpose="upsell", actor="sam")
    contact(story, "Tue 03-17 17:01")

    assert story.raised() == ["Tue 03-17 17:01 alert.raised A1 warn dana"]


def test_an_intent_for_another_purpose_does_not():
    story = a_customer().on("Mon 03-02 10:00", "sales.intent.announced", purpose="renewal", actor="sam")

    assert contact(story).raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


def test_a_csm_who_attended_the_planning_is_in_the_loop():
    story = a_customer().on("Mon 03-02 10:00", "cs.meeting.held", meeting_id="M-1", type="planning", attendees=["dana"])

    assert contact(story).raised() == []


def test_a_csm_who_took_part_in_the_planning_is_in_the_loop():
    story = a_customer().on("Mon 03-02 10:00", "cs.meeting.held", type="planning", participants=["dana"])

    assert contact(story).raised() == []


def test_a_planning_without_her_is_none():
    story = a_customer().on("Mon 03-02 10:00", "cs.meeting.held", meeting_id="M-1", type="planning", attendees=["max"])

    assert contact(story).raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


def test_a_copy_in_another_conversation_does_not_help():
    story = contact(a_customer(), "Tue 03-03 09:58", thread_id="th-9", cc=["dana"])

    assert contact(story).raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


def test_the_delegate_of_a_csm_who_is_away_counts_as_the_csm():
    people = COMPANY["people"] | {"dana": {"team": "cs", "delegate": "eve"}, "eve": {"team": "cs"}}
    story = a_customer(organisation={"people": people})
    story.on(
        "Mon 03-02 08:00",
        "people.user.away_set",
        subject="dana",
        person="dana",
        **{"from": "2026-03-02", "to": "2026-03-06"},
    )

    assert contact(story, cc=["eve"]).raised() == []
    contact(story, "Mon 03-09 10:00", cc=["eve"], thread_id="th-2")  # Dana is back
    assert story.raised() == ["Mon 03-09 10:00 alert.raised A1 warn dana"]


def test_while_the_csm_is_away_her_delegate_is_told():
    people = COMPANY["people"] | {"dana": {"team": "cs", "delegate": "eve"}, "eve": {"team": "cs"}}
    story = a_customer(organisation={"people": people})
    story.on(
        "Mon 03-02 08:00",
        "people.user.away_set",
        subject="dana",
        person="dana",
        **{"from": "2026-03-02", "to": "2026-03-06"},
    )

    assert contact(story).raised() == ["Tue 03-03 10:00 alert.raised A1 warn eve"]


# ---------------------------------------------------------------- key and cool-down


def test_a_second_contact_on_the_same_opportunity_is_the_same_matter():
    story = attempt(attempt(a_customer()), "Wed 03-04 10:00")

    assert len(story.raised()) == 1


def test_a_second_opportunity_is_a_matter_of_its_own():
    story = attempt(attempt(a_customer()), "Wed 03-04 10:00", opportunity_id="O-2")

    assert story.running() == [f"{WORKFLOW}/acme/sam/O-1", f"{WORKFLOW}/acme/sam/O-2"]


def test_another_seller_is_a_matter_of_its_own():
    story = attempt(attempt(a_customer()), "Wed 03-04 10:00", actor="ann")

    assert len(story.raised()) == 2


def answered(story):
    story.on("Tue 03-03 14:00", "task.completed", workflow=WORKFLOW, ref="T1", actor="sam")
    return story.on("Tue 03-03 15:00", "task.completed", workflow=WORKFLOW, ref="T2", actor="dana", outcome="go")


def test_within_ten_working_days_the_same_matter_is_not_told_again():
    story = attempt(answered(attempt(a_customer())), "Tue 03-17 16:59")

    assert len(story.raised()) == 1


def test_after_ten_working_days_it_is():
    story = attempt(answered(attempt(a_customer())), "Tue 03-17 17:01")

    assert story.raised()[1:] == ["Tue 03-17 17:01 alert.raised A1 warn dana"]


def test_after_ten_working_days_a_further_contact_is_told_although_the_first_was_never_answered():
    story = attempt(attempt(a_customer()), "Tue 03-17 17:01")

    assert story.raised()[1:] == ["Tue 03-17 17:01 alert.raised A1 warn dana"]
    assert story.open("T1") == ["T1 offered sam", "T1 offered sam"]


def test_an_answer_to_the_first_leaves_the_further_one_open():
    story = attempt(attempt(a_customer()), "Tue 03-17 17:01")
    first = story.work("T1")[0].id
    story.on("Wed 03-18 09:00", "task.completed", id=first, actor="sam")
    answer = story.work("T2")[0].id
    story.on("Wed 03-18 10:00", "task.completed", id=answer, actor="dana", outcome="go")

    assert story.running() == [f"{WORKFLOW}/acme/sam/O-1#2"]
    assert attempt(story, "Thu 03-19 10:00").raised()[2:] == []  # within the cool-down of the second


# ---------------------------------------------------------------- how loud


def test_a_reply_in_a_thread_that_the_customer_began_is_told_and_asks_for_nothing():
    story = a_customer().on("Mon 03-02 10:00", "customer.message.received", thread_id="th-1", to=["sam"])
    contact(contact(story, "Mon 03-02 11:00", purpose="support"))  # an answer, then an offer

    assert story.told()[1:] == ["Tue 03-03 10:00 alert.raised A1 info dana"]


@pytest.mark.parametrize(
    "first",
    [
        {"thread_id": "th-1", "direction": "out", "purpose": "social"},  # we began, and the customer answered
        {"thread_id": "th-2", "direction": "in"},  # she began another one
        {"direction": "in"},
    ],
)
def test_a_contact_in_a_thread_that_she_did_not_begin_is_no_reply(first):
    story = a_customer().on("Mon 03-02 09:00", "sales.contact.logged", **first)
    story.on("Mon 03-02 10:00", "customer.message.received", thread_id="th-2")

    assert contact(story).raised() == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


def test_a_message_of_the_customer_that_is_known_late_makes_it_a_reply():
    story = contact(a_customer())
    story.on("Mon 03-02 10:00", "customer.message.received", arrived="Tue 03-03 15:00", thread_id="th-1")

    assert story.told("T1")[1:] == ["Tue 03-03 15:00 task.cancelled T1 late_evidence"]
    assert story.told("A1")[1:] == ["Tue 03-03 15:00 alert.updated A1 info dana"]


def test_the_third_time_within_ninety_days_is_urgent_whatever_it_is_about():
    # 10bd of Tue 01-13 end on Tue 01-27 17:00, those of Wed 01-28 on Wed 02-11; 90 days before Tue 03-03 is 12-03
    story = attempt(attempt(a_customer(), "Tue 01-13 10:00"), "Wed 01-28 10:00")

    assert attempt(story).raised()[1:] == [
        "Wed 01-28 10:00 alert.raised A1 warn dana",
        "Tue 03-03 10:00 alert.raised A1 urgent dana+max+sue",
    ]


def test_a_contact_that_was_taken_back_is_not_counted():
    story = contact(attempt(a_customer(), "Tue 02-03 10:00"), "Tue 02-03 09:58", arrived="Tue 02-03 15:00", cc=["dana"])
    attempt(attempt(story, "Tue 02-24 10:00", opportunity_id="O-2"), opportunity_id="O-3")

    assert story.raised()[2:] == ["Tue 03-03 10:00 alert.raised A1 warn dana"]


def test_a_reply_to_the_customer_is_told_and_asks_for_nothing():
    story = contact(a_customer(), customer_initiated=True).until("Mon 03-09 09:00")

    assert story.told()[1:] == ["Tue 03-03 10:00 alert.raised A1 info dana"]


def test_a_reply_to_the_customer_does_not_keep_the_matter_open_for_ever():
    story = contact(a_customer(), customer_initiated=True)
    contact(story, "Wed 03-18 10:00")  # after the cool-down, and not asked for by the customer

    assert story.raised()[1:] == ["Wed 03-18 10:00 alert.raised A1 warn dana"]


def test_without_a_csm_the_manager_is_informed():
    story = contact(a_customer(roles={"am": "sam"}))

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 info max"]
    assert story.last("A1")["to"] == [{"role": "cs_manager", "person": "max"}]


def test_without_a_csm_and_with_much_at_stake_it_is_urgent_for_both_managers():
    story = contact(a_customer(roles={"am": "sam"}, health="red"))

    assert story.raised() == ["Tue 03-03 10:00 alert.raised A1 urgent max+sue"]


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"health": "red"}, "urgent dana+max+sue"),
        ({"health": "yellow"}, "warn dana"),
        ({"renewal_date": "2026-05-02"}, "urgent dana+max+sue"),  # 28 days of March, 30 of April, 2 of May: 60
        ({"renewal_date": "2026-05-03"}, "warn dana"),  # 61
    ],
)
def test_it_is_urgent_and_told_to_both_managers_when_much_is_at_stake(facts, severity):
    assert attempt(a_customer(**facts)).raised() == [f"Tue 03-03 10:00 alert.raised A1 {severity}"]


def test_it_is_urgent_while_selling_is_on_hold():
    story = Story(roles={**ROLES, "support_owner": "kim"}, organisation=COMPANY, lifecycle="live")
    story.on("Mon 03-02 10:00", "support.ticket.opened", ticket_id="T-9", severity=1)
    attempt(story)

    assert "Tue 03-03 10:00 alert.raised A1 urgent dana+max+sue" in story.raised()


# ---------------------------------------------------------------- the answer


def test_the_csm_answers_within_a_day_of_the_briefing():
    story = attempt(a_customer()).on("Wed 03-04 11:00", "task.completed", workflow=WORKFLOW, ref="T1", actor="sam")

    # T2 has 1bd from Wed 03-04: Thu 03-05
    assert story.told("task.proposed") == ["Wed 03-04 11:00 task.proposed T2 dana due Thu 03-05 17:00"]


def test_an_answer_is_go_go_with_care_or_wait():
    story = attempt(a_customer()).on("Wed 03-04 11:00", "task.completed", workflow=WORKFLOW, ref="T1", actor="sam")
    story.on("Wed 03-04 12:00", "task.completed", workflow=WORKFLOW, ref="T2", actor="dana", outcome="perhaps")

    assert story.open("T2") == ["T2 proposed dana"]
    assert "needs an outcome of go, go_with_care, wait; got 'perhaps' (R11)" in story.refused()[0]
    story.on("Wed 03-04 13:00", "task.completed", workflow=WORKFLOW, ref="T2", actor="dana", outcome="go with care")
    assert story.open() == []
    assert story.told("workflow.completed") == [
        "Wed 03-04 13:00 workflow.completed sales_contact_without_csm sam/O-1 workflow_completed"
    ]


def test_a_note_of_the_csm_on_the_thread_is_an_answer_too():
    story = contact(a_customer()).on("Tue 03-03 16:00", "cs.note.logged", thread_id="th-1", text="fine with me")

    assert story.open() == []


@pytest.mark.parametrize(
    "links", [["th-1"], ["thread:th-1"], ["https://mail.example/th-1"], [{"kind": "thread", "id": "th-1"}]]
)
def test_a_note_that_links_the_thread_is_one_too(links):
    story = contact(a_customer()).on("Tue 03-03 16:00", "cs.note.logged", links=links, text="fine with me")

    assert story.open() == []
    assert story.told("A1")[1:] == ["Tue 03-03 16:00 alert.resolved A1"]


def test_a_note_that_links_the_opportunity_is_one_too():
    assert attempt(a_customer()).on("Tue 03-03 16:00", "cs.note.logged", links=["O-1"]).open() == []


@pytest.mark.parametrize("links", [[], ["th-11"], ["xth-1"], [7, None]])
def test_a_note_that_links_something_else_is_not(links):
    story = contact(a_customer()).on("Tue 03-03 16:00", "cs.note.logged", links=links)

    assert story.open("A1") == ["A1 raised warn"]


def test_the_alert_names_who_contacted_whom_about_what_and_when():
    assert attempt(a_customer()).last("A1")["because"] == (
        "sam contacted jo of acme about Premium on 2026-03-03 and the CSM was not in the loop"
    )


def test_a_note_on_another_thread_is_not():
    story = contact(a_customer()).on("Tue 03-03 16:00", "cs.note.logged", thread_id="th-2", text="fine with me")

    assert story.open("A1") == ["A1 raised warn"]


def test_when_the_account_has_no_manager_the_one_who_wrote_briefs():
    story = attempt(a_customer(roles={"csm": "dana"}), actor="ann")

    assert story.told("T1") == ["Tue 03-03 10:00 task.offered T1 ann due Wed 03-04 17:00"]
