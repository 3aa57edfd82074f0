"""W12: in a crisis everybody stops selling, one of us leads, and we come back with our own words for what went wrong.

From Tue 03-03: 1bd Wed 03-04, 2bd Thu 03-05. From Thu 03-05: 3bd Tue 03-10, 5bd Thu 03-12, 10bd Thu 03-19.
"""

import pytest

from tests.scenarios.scenario import Story

WORKFLOW = "crisis_hold_and_recovery"
ROLES = {"csm": "dana", "am": "sam", "support_owner": "kim", "marketer": "mo", "pm": "pat", "exec_sponsor": "eva"}
COMPANY = {"people": {"dana": {"manager": "max"}, "max": {"roles": ["cs_manager"]}, "carla": {"roles": ["cco"]}}}
TUESDAY = "Tue 03-03 10:00"
HOLDS = ["H1 live ask", "H1 live promo", "H1 live survey", "H1 live upsell"]


def a_customer(*, roles=ROLES, organisation=COMPANY, **more):
    return Story(WORKFLOW, roles=roles, organisation=organisation, **{"lifecycle": "live", **more})


def ticket(story, when, word="opened", *, number="T-9", **more):
    return story.on(when, f"support.ticket.{word}", **{"ticket_id": number, **more})


def outage(story, when=TUESDAY):
    """A ticket of severity 1."""
    return ticket(story, when, severity=1, area="export")


def done(story, when, ref, **more):
    return story.on(when, "task.completed", workflow=WORKFLOW, ref=ref, actor="dana", **more)


def intent(story, when, purpose="upsell", **more):
    story.on(when, "sales.intent.announced", **{"purpose": purpose, "actor": "sam", **more})
    return story.told("preflight.answered")[-1]


def recovered():
    """Severity 1 on Tue, resolved on Wed, closed out on Thu 03-05 11:00."""
    story = ticket(outage(a_customer()), "Wed 03-04 15:00", "resolved")
    return done(story, "Thu 03-05 11:00", "T5")


# ---------------------------------------------------------------- the golden test


def test_an_outage_stops_selling_at_once_and_names_who_leads():
    story = outage(a_customer())

    assert story.told()[1:] == [
        "Tue 03-03 10:00 hold.placed H1 ask",
        "Tue 03-03 10:00 hold.placed H1 upsell",
        "Tue 03-03 10:00 hold.placed H1 promo",
        "Tue 03-03 10:00 hold.placed H1 survey",
        "Tue 03-03 10:00 loop.opened L1 kim",
        "Tue 03-03 10:00 alert.raised A1 urgent dana+sam+kim+mo",
        "Tue 03-03 10:00 task.proposed T1 dana due Tue 03-03 12:00",  # 2bh
        "Tue 03-03 10:00 task.offered T2 kim due Wed 03-04 17:00",  # 1bd
        "Tue 03-03 10:00 task.offered T3 kim due Tue 03-03 14:00",  # 4bh in severity 1
        "Tue 03-03 10:00 task.proposed T4 dana due Wed 03-04 17:00",  # tier 1
    ]


def test_a_salesman_who_asks_five_minutes_later_is_told_to_hold_and_whom_to_speak_to():
    story = outage(a_customer())

    assert intent(story, "Tue 03-03 10:05") == "Tue 03-03 10:05 preflight.answered hold crisis"
    answer = story.last("preflight.answered")
    assert answer["explained"] == ["service issue; speak to kim"]
    assert answer["speak_to"] == "kim"


def test_the_holds_are_lifted_when_it_has_stayed_quiet():
    story = recovered().until("Fri 03-13 09:00")

    # promo at T5; 5bd after Thu 03-05 is Thu 03-12
    assert sorted(story.told("hold.lifted")) == [
        "Thu 03-05 11:00 hold.lifted H1 promo",
        "Thu 03-12 17:00 hold.lifted H1 ask",
        "Thu 03-12 17:00 hold.lifted H1 survey",
        "Thu 03-12 17:00 hold.lifted H1 upsell",
    ]


def test_it_is_over_when_the_check_in_is_done_and_nothing_came_back():
    story = recovered().until("Thu 03-12 18:00")
    done(story, "Fri 03-13 10:00", "T6").until("Fri 03-20 09:00")

    # 10bd after T5, Thu 03-19
    assert story.told("workflow.completed") == [
        "Thu 03-19 17:00 workflow.completed crisis_hold_and_recovery crisis workflow_completed"
    ]
    assert story.told("loop.closed") == ["Thu 03-19 17:00 loop.closed L1 workflow_completed"]


def test_the_check_in_may_come_after_the_quiet_days():
    story = done(recovered().until("Fri 03-20 09:00"), "Fri 03-20 10:00", "T6")

    assert [line[:15] for line in story.told("workflow.completed")] == ["Fri 03-20 10:00"]


def test_in_berlin_the_holds_are_lifted_at_the_end_of_the_local_day():
    # Closed out Thu 03-26; the clocks change on Sun 03-29; 5bd is Thu 04-02 17:00, the day before Good Friday
    story = outage(a_customer(zone="Europe/Berlin", organisation={**COMPANY, "country": "DE"}), "Tue 03-24 10:00")
    done(ticket(story, "Wed 03-25 15:00", "resolved"), "Thu 03-26 11:00", "T5").until("Fri 04-03 09:00")

    assert "Thu 04-02 17:00 hold.lifted H1 upsell" in story.told("hold.lifted")


# ---------------------------------------------------------------- what is a crisis


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("support.ticket.severity_changed", {"ticket_id": "T-9", "severity": 1}),
        ("product.incident.opened", {"incident_id": "I-1", "severity": 2}),
        ("cs.risk.raised", {"risk_id": "R-1", "level": "high"}),
        ("customer.complaint.received", {"from": "jo", "level": "decision_maker", "about": "service"}),
        ("customer.complaint.received", {"from": "jo", "level": "sponsor", "about": "service"}),
        ("customer.complaint.received", {"from": "decision_maker", "about": "service"}),
    ],
)
def test_what_makes_a_crisis_at_once(event_type, data):
    story = a_customer().on(TUESDAY, event_type, **data)

    assert story.open("H1") == HOLDS
    assert story.open("T1", "T2") == ["T1 proposed dana", f"T2 offered {'pat' if 'incident' in event_type else 'kim'}"]


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("support.ticket.opened", {"ticket_id": "T-9", "severity": 3}),
        ("support.ticket.opened", {"ticket_id": "T-9"}),
        ("cs.risk.raised", {"risk_id": "R-1", "level": "medium"}),
        ("customer.complaint.received", {"from": "al", "level": "user", "about": "service"}),
    ],
)
def test_what_makes_none(event_type, data):
    assert a_customer().on(TUESDAY, event_type, **data).until("Fri 03-13 09:00").told() == []


def test_a_complaint_of_a_contact_who_is_known_to_decide():
    story = a_customer()
    story.on("Mon 03-02 10:00", "customer.contact.joined", contact_id="jo", name="Jo", role_to="decision_maker")
    story.on(TUESDAY, "customer.complaint.received", **{"from": "jo", "about": "service"})

    assert story.open("H1") == HOLDS


def test_an_incident_that_hits_many_is_a_crisis_at_each():
    story = a_customer()
    story.on(TUESDAY, "product.incident.opened", subject="", incident_id="I-1", severity=1, accounts=["acme", "other"])

    assert story.open("H1") == HOLDS
    assert story.world.histories["other"].state.holds() != []


@pytest.mark.parametrize("listed", [["other"], ["acme", "other", "other"]])
def test_an_incident_told_at_one_account_hits_the_others_that_it_lists(listed):
    story = a_customer()
    story.on(TUESDAY, "product.incident.opened", incident_id="I-1", severity=1, accounts=listed)

    assert story.open("H1") == HOLDS
    assert len(story.world.histories["other"].state.holds()) == 4


def test_a_request_of_many_stays_with_the_account_that_it_names():
    story = a_customer().on(TUESDAY, "product.request.submitted", request_id="PR-7", accounts=["acme", "other"])

    assert list(story.world.histories) == ["acme"]


def test_severity_2_becomes_a_crisis_when_it_lasts_two_days():
    # 2bd after Tue 03-03 is Thu 03-05 17:00
    story = ticket(a_customer(), TUESDAY, severity=2).until("Fri 03-06 09:00")

    assert story.told("hold.placed", "upsell") == ["Thu 03-05 17:00 hold.placed H1 upsell"]


@pytest.mark.parametrize(
    ("word", "more"),
    [("resolved", {}), ("closed", {}), ("severity_changed", {"severity": 3})],
)
def test_severity_2_that_ends_in_time_is_none(word, more):
    story = ticket(ticket(a_customer(), TUESDAY, severity=2), "Thu 03-05 16:59", word, **more).until("Fri 03-13 09:00")

    assert story.told() == []


def test_severity_2_that_ends_in_time_and_comes_back_begins_anew():
    story = ticket(a_customer(), TUESDAY, severity=2)
    ticket(story, "Wed 03-04 10:00", "resolved")
    ticket(story, "Wed 03-04 12:00", "reopened", severity=2).until("Mon 03-09 09:00")

    # 2bd after Wed 03-04 is Fri 03-06
    assert story.told("hold.placed", "upsell") == ["Fri 03-06 17:00 hold.placed H1 upsell"]


def test_two_tickets_of_severity_2_are_held_each_by_itself():
    story = ticket(a_customer(), TUESDAY, severity=2)
    ticket(story, "Wed 03-04 10:00", number="T-10", severity=2)
    ticket(story, "Wed 03-04 11:00", "resolved", number="T-9").until("Mon 03-09 09:00")

    assert story.told("hold.placed", "upsell") == ["Fri 03-06 17:00 hold.placed H1 upsell"]


def tickets(story, *times):
    for number, when in enumerate(times):
        ticket(story, when, number=f"T-{number}", severity=4)
    return story


WEEK = ("Mon 03-02 10:00", "Tue 03-03 10:00", "Wed 03-04 10:00", "Thu 03-05 10:00")


def test_five_tickets_within_seven_days():
    assert tickets(a_customer(), *WEEK, "Mon 03-09 10:00").open("H1") == HOLDS


def test_five_tickets_in_more_than_seven_days_are_none():
    assert tickets(a_customer(), *WEEK, "Mon 03-09 10:01").told() == []


def test_a_ticket_that_comes_far_too_late_uses_up_no_count():
    story = tickets(a_customer(), *WEEK)
    # More than 72 h late: it is on the timeline and raises nothing (R4)
    ticket(story, "Mon 03-02 12:00", arrived="Fri 03-06 10:00", number="T-late", severity=4)
    assert story.told() == []

    ticket(story, "Fri 03-06 12:00", number="T-5", severity=4)
    assert story.told("hold.placed", "upsell") == ["Fri 03-06 12:00 hold.placed H1 upsell"]


def test_a_ticket_that_is_reopened_twice():
    story = ticket(a_customer(), TUESDAY, severity=3)
    ticket(story, "Wed 03-04 10:00", "reopened")
    assert story.told() == []

    ticket(story, "Wed 03-18 10:00", "reopened")
    assert story.told("hold.placed", "upsell") == ["Wed 03-18 10:00 hold.placed H1 upsell"]


def test_two_tickets_that_are_reopened_once_each_are_none():
    story = ticket(a_customer(), TUESDAY, "reopened", number="T-1")

    assert ticket(story, "Wed 03-04 10:00", "reopened", number="T-2").told() == []


def test_new_signals_join_the_crisis():
    story = outage(a_customer())
    ticket(story, "Wed 03-04 10:00", number="T-10", severity=1)
    story.on("Wed 03-04 11:00", "cs.risk.raised", risk_id="R-1", level="high")

    assert len(story.told("hold.placed")) == 4
    assert len(story.told("workflow.started")) == 1


def test_it_is_fixed_when_the_last_signal_is():
    story = outage(a_customer())
    ticket(story, "Wed 03-04 10:00", number="T-10", severity=1)
    ticket(story, "Wed 03-04 11:00", "resolved", number="T-9")
    assert story.open("T5") == []

    ticket(story, "Wed 03-04 12:00", "resolved", number="T-10")
    # 3bd after Wed 03-04 is Mon 03-09
    assert story.told("T5") == ["Wed 03-04 12:00 task.proposed T5 dana due Mon 03-09 17:00"]


# ---------------------------------------------------------------- while it lasts


def test_in_severity_1_the_customer_hears_every_four_hours():
    story = outage(a_customer())
    done(story, "Tue 03-03 12:00", "T3")
    done(story, "Tue 03-03 15:00", "T3")

    # 4bh from 12:00 is 16:00; from 15:00 two hours are left today: Wed 11:00
    assert [line[-15:] for line in story.told("task.offered", "T3")] == [
        "Tue 03-03 14:00",
        "Tue 03-03 16:00",
        "Wed 03-04 11:00",
    ]


def test_otherwise_every_day():
    story = a_customer().on(TUESDAY, "cs.risk.raised", risk_id="R-1", level="high")
    ticket(done(story, "Wed 03-04 10:00", "T3"), "Wed 03-04 11:00", "replied")

    assert [line[-15:] for line in story.told("task.offered", "T3")] == [
        "Wed 03-04 17:00",
        "Thu 03-05 17:00",
        "Thu 03-05 17:00",
    ]


def test_in_a_lower_severity_the_customer_hears_every_day_again():
    story = ticket(outage(a_customer()), "Wed 03-04 09:30", "severity_changed", severity=3)
    ticket(story, "Wed 03-04 10:00", "replied")

    assert story.told("task.offered", "T3")[-1] == "Wed 03-04 10:00 task.offered T3 kim due Thu 03-05 17:00"


def test_an_outage_that_joins_makes_the_news_due_sooner():
    story = a_customer().on(TUESDAY, "cs.risk.raised", risk_id="R-1", level="high")
    ticket(story, "Tue 03-03 11:00", severity=1)

    # 1bd from Tue 03-03 becomes 4bh from 11:00
    assert story.told("task.offered", "T3") == [
        "Tue 03-03 10:00 task.offered T3 kim due Wed 03-04 17:00",
        "Tue 03-03 11:00 task.offered T3 kim due Tue 03-03 15:00",
    ]
    ticket(story, "Tue 03-03 12:00", number="T-10", severity=1)
    assert len(story.told("task.offered", "T3")) == 2


def test_a_second_outage_after_the_fix_asks_for_news_once():
    story = ticket(recovered(), "Mon 03-09 10:00", number="T-10", severity=1)

    assert story.told("task.offered", "T3")[1:] == ["Mon 03-09 10:00 task.offered T3 kim due Mon 03-09 14:00"]


def test_who_acknowledges_by_hand_has_told_the_customer():
    story = done(outage(a_customer()), "Tue 03-03 11:00", "T1")

    assert story.told("loop.customer_told") == ["Tue 03-03 11:00 loop.customer_told L1"]


def test_a_reply_in_the_ticket_is_an_update_and_the_first_acknowledges():
    story = ticket(outage(a_customer()), "Tue 03-03 11:00", "replied")

    assert story.told("task.completed") == [
        "Tue 03-03 11:00 task.completed T1",
        "Tue 03-03 11:00 task.completed T3",
    ]


def test_the_updates_end_with_the_crisis():
    story = ticket(outage(a_customer()), "Wed 03-04 15:00", "resolved")

    assert story.open("T1", "T2", "T3") == []
    assert story.told("task.cancelled", "T3") == ["Wed 03-04 15:00 task.cancelled T3 no_longer_needed"]


@pytest.mark.parametrize(("tier", "brief"), [(1, ["T4 proposed dana"]), (2, []), (3, [])])
def test_only_the_first_tier_gets_a_brief_for_the_executives(tier, brief):
    assert outage(a_customer(tier=tier)).open("T4") == brief


@pytest.mark.parametrize("purpose", ["upsell", "cross_sell", "testimonial", "promo", "survey"])
def test_everything_but_service_is_held(purpose):
    story = outage(a_customer())

    assert intent(story, "Tue 03-03 11:00", purpose=purpose) == "Tue 03-03 11:00 preflight.answered hold crisis"


def test_service_goes_on():
    story = outage(a_customer())

    assert intent(story, "Tue 03-03 11:00", purpose="support") == "Tue 03-03 11:00 preflight.answered allow"


def test_a_customer_who_asks_to_buy_may():
    story = outage(a_customer())

    assert intent(story, "Tue 03-03 11:00", customer_initiated=True) == (
        "Tue 03-03 11:00 preflight.answered allow_with_notice customer_initiated crisis"
    )


def test_a_customer_who_announces_it_herself_asks_to_buy():
    story = outage(a_customer())
    story.on("Tue 03-03 10:30", "customer.contact.joined", contact_id="jo", email="jo@acme.example")

    assert intent(story, "Tue 03-03 11:00", actor="jo@acme.example") == (
        "Tue 03-03 11:00 preflight.answered allow_with_notice customer_initiated crisis"
    )


# ---------------------------------------------------------------- the severity was wrong


def test_a_severity_that_is_lowered_within_four_hours_takes_everything_back():
    # 4bh from 10:00 is 14:00
    story = ticket(outage(a_customer()), "Tue 03-03 14:00", "severity_changed", severity=3)

    assert story.open() == []
    assert story.told("alert.retracted") == ["Tue 03-03 14:00 alert.retracted A1 severity_was_wrong"]
    assert len(story.told("hold.lifted")) == 4


def test_a_severity_that_is_lowered_by_one_was_wrong_too_and_what_is_left_is_held_by_itself():
    story = ticket(outage(a_customer()), "Tue 03-03 12:00", "severity_changed", severity=2)
    assert story.open() == []
    assert story.told("alert.retracted") == ["Tue 03-03 12:00 alert.retracted A1 severity_was_wrong"]

    # 2bd in severity 2 after Tue 03-03 is Thu 03-05
    story.until("Fri 03-06 09:00")
    assert story.told("hold.placed", "upsell")[-1] == "Thu 03-05 17:00 hold.placed H1 upsell"


def test_a_severity_that_is_lowered_later_is_not_taken_back():
    story = ticket(outage(a_customer()), "Tue 03-03 14:01", "severity_changed", severity=3)

    assert story.open("H1") == HOLDS


def test_a_severity_that_is_lowered_takes_nothing_back_while_something_else_is_wrong():
    story = ticket(outage(a_customer()), "Tue 03-03 11:00", number="T-10", severity=1)
    ticket(story, "Tue 03-03 12:00", "severity_changed", severity=3)

    assert story.open("H1") == HOLDS


def test_the_severity_of_another_ticket_takes_nothing_back():
    story = ticket(outage(a_customer()), "Tue 03-03 12:00", "severity_changed", number="T-10", severity=3)

    assert story.open("H1") == HOLDS


def test_after_a_false_alarm_the_next_crisis_is_one():
    story = ticket(outage(a_customer()), "Tue 03-03 11:00", "severity_changed", severity=3)
    ticket(story, "Wed 03-04 10:00", number="T-10", severity=1)

    assert story.open("H1") == HOLDS
    assert story.running() == [f"{WORKFLOW}/acme/crisis#2"]


# ---------------------------------------------------------------- after the fix


def test_the_sponsor_calls_after_severity_1():
    story = ticket(outage(a_customer()), "Wed 03-04 15:00", "resolved")

    # 5bd after Wed 03-04 is Wed 03-11
    assert story.told("T7") == ["Wed 03-04 15:00 task.offered T7 eva due Wed 03-11 17:00"]


def test_the_sponsor_calls_after_an_outage_that_only_joined():
    story = a_customer().on(TUESDAY, "cs.risk.raised", risk_id="R-1", level="high")
    ticket(ticket(story, "Tue 03-03 11:00", severity=1), "Tue 03-03 15:00", "resolved")
    story.on("Wed 03-04 10:00", "cs.risk.cleared", risk_id="R-1")

    assert story.open("T7") == ["T7 offered eva"]


@pytest.mark.parametrize(
    ("resolved", "calls"),
    [
        ("Tue 03-10 10:00", False),  # the 5th working day after Tue 03-03
        ("Wed 03-11 10:00", True),  # the 6th
    ],
)
def test_the_sponsor_calls_after_more_than_five_days_of_less(resolved, calls):
    story = a_customer().on(TUESDAY, "cs.risk.raised", risk_id="R-1", level="high")
    story.on(resolved, "cs.risk.cleared", risk_id="R-1")

    assert (story.open("T7") == ["T7 offered eva"]) is calls


def test_a_contact_about_the_close_out_is_the_close_out():
    story = ticket(outage(a_customer()), "Wed 03-04 15:00", "resolved")
    story.on("Thu 03-05 10:00", "cs.contact.logged", direction="out", topic="close_out")

    assert story.told("hold.lifted") == ["Thu 03-05 10:00 hold.lifted H1 promo"]
    assert story.open("T5", "T6") == ["T6 proposed dana"]


def test_a_complaint_is_over_when_we_say_so_to_her():
    story = a_customer().on(TUESDAY, "customer.complaint.received", **{"from": "jo", "level": "sponsor"})
    story.on("Wed 03-04 10:00", "cs.contact.logged", direction="out", topic="resolved")

    assert story.open("T5") == ["T5 proposed dana"]


# ---------------------------------------------------------------- it comes back


def test_a_ticket_that_is_reopened_after_the_close_out_keeps_the_holds():
    story = ticket(recovered(), "Mon 03-09 10:00", "reopened").until("Fri 03-13 09:00")

    assert story.told("hold.lifted") == ["Thu 03-05 11:00 hold.lifted H1 promo"]
    assert {"H1 live ask", "H1 live survey", "H1 live upsell"} <= set(story.open("H1"))


def test_promotions_are_held_again_when_it_comes_back():
    story = ticket(recovered(), "Mon 03-09 10:00", "reopened")

    assert story.open("H1") == HOLDS


def test_what_came_back_is_led_again_and_closed_out_again():
    story = ticket(recovered(), "Mon 03-09 10:00", "reopened")
    assert story.open("T1", "T2", "T3") == ["T1 proposed dana", "T2 offered kim", "T3 offered kim"]

    ticket(story, "Mon 03-09 15:00", "resolved")
    done(story, "Tue 03-10 11:00", "T5").until("Wed 03-18 09:00")
    # 5bd after Tue 03-10 is Tue 03-17
    assert "Tue 03-17 17:00 hold.lifted H1 upsell" in story.told("hold.lifted")


def test_what_came_back_and_was_closed_out_again_ends_ten_days_later():
    story = ticket(recovered(), "Mon 03-09 10:00", "reopened")
    ticket(story, "Mon 03-09 15:00", "resolved")
    done(story, "Tue 03-10 11:00", "T5")
    done(story, "Wed 03-11 11:00", "T6").until("Wed 03-25 09:00")

    # 10bd after Tue 03-10 is Tue 03-24
    assert [line[:15] for line in story.told("workflow.completed")] == ["Tue 03-24 17:00"]


def test_a_new_outage_before_the_holds_are_lifted_keeps_them():
    story = ticket(recovered(), "Mon 03-09 10:00", number="T-10", severity=1).until("Fri 03-13 09:00")

    assert story.open("H1") == HOLDS


def test_a_new_outage_after_the_holds_were_lifted_places_them_again():
    story = ticket(recovered().until("Fri 03-13 09:00"), "Fri 03-13 10:00", number="T-10", severity=1)

    assert story.open("H1") == HOLDS


def test_a_new_outage_after_the_end_is_a_new_crisis():
    story = done(recovered(), "Fri 03-13 10:00", "T6").until("Fri 03-20 09:00")
    ticket(story, "Fri 03-20 10:00", number="T-10", severity=1)

    assert story.open("H1") == HOLDS
    assert story.running() == [f"{WORKFLOW}/acme/crisis#2"]


def test_a_new_outage_in_the_quiet_days_does_not_end_with_them():
    story = done(recovered().until("Fri 03-13 09:00"), "Fri 03-13 10:00", "T6")
    ticket(story, "Wed 03-18 10:00", number="T-10", severity=1).until("Fri 03-20 09:00")

    assert story.told("workflow.completed") == []
    assert story.open("H1") == HOLDS


def test_a_ticket_of_which_two_systems_tell_is_one_of_the_five():
    story = a_customer()
    for number in (1, 2, 3, 4, 4):
        ticket(story, "Tue 03-03 10:00", number=f"T-{number}", severity=3)
    assert story.open() == []

    ticket(story, "Wed 03-04 10:00", number="T-5", severity=3)
    assert set(HOLDS) <= set(story.open())
