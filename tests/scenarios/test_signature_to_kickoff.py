"""W01: from the signature to the kickoff somebody always has the customer, and every gap is told before she feels it.

Deadlines: Nbd is 17:00 on the Nth working day after the day of the start (R6). From Tue 03-03:
1bd Wed 03-04, 2bd Thu 03-05, 3bd Fri 03-06, 7bd Thu 03-12, 10bd Tue 03-17.
"""

import pytest

from tests.scenarios.scenario import Story

WORKFLOW = "signature_to_kickoff"
ROLES = {"ae": "sam", "csm": "dana"}
COMPANY = {
    "people": {
        "sam": {"team": "sales", "manager": "sue"},
        "dana": {"team": "cs", "manager": "max"},
        "sue": {"roles": ["sales_manager"]},
        "max": {"roles": ["cs_manager"]},
        "carla": {"roles": ["cco"]},
        "mo": {"roles": ["marketing_lead"]},
    }
}


def a_prospect(*, roles=ROLES, organisation=COMPANY, **more):
    return Story(WORKFLOW, roles=roles, organisation=organisation, lifecycle="prospect", **more)


def signed(story, when="Tue 03-03 10:00", *, contract="C-1", kind="new", **more):
    return story.on(
        when, "sales.contract.signed", name=f"sf-{contract}", contract_id=contract, kind=kind, actor="sam", **more
    )


def handed_over(story):
    """The package, the introduction and the acceptance, all on Wed 03-04."""
    story.on("Wed 03-04 09:00", "sales.handoff.submitted", contract_id="C-1")
    story.on("Wed 03-04 11:00", "sales.contact.logged", direction="out", purpose="intro", actor="sam")
    return story.on("Wed 03-04 15:00", "cs.handoff.accepted", contract_id="C-1", actor="dana")


# ---------------------------------------------------------------- the golden test


def test_nothing_after_the_acceptance_raises_three_alerts_each_later_and_louder():
    story = handed_over(signed(a_prospect())).until("Wed 03-18 09:00")

    assert story.raised() == [
        "Fri 03-06 17:00 alert.raised A1 warn dana+sam",
        "Thu 03-12 17:00 alert.raised A2 urgent max+sue",
        "Tue 03-17 17:00 alert.raised A3 critical carla",
    ]


def test_the_work_of_the_handoff_goes_to_sales_then_to_the_csm_with_the_ball():
    story = handed_over(signed(a_prospect())).until("Wed 03-04 16:00")

    assert story.told("task.offered") + story.told("task.proposed") == [
        "Tue 03-03 10:00 task.offered T1 sam due Wed 03-04 17:00",
        "Tue 03-03 10:00 task.offered T2 sam due Wed 03-04 17:00",
        "Tue 03-03 10:00 task.offered T6 mo due Thu 03-05 17:00",
        "Wed 03-04 09:00 task.offered T3' dana due Thu 03-05 17:00",
        "Wed 03-04 15:00 task.proposed T4 dana due Thu 03-05 17:00",
    ]
    assert story.told("L1") == [
        "Tue 03-03 10:00 loop.opened L1 sam",
        "Wed 03-04 11:00 loop.customer_told L1",
        "Wed 03-04 15:00 loop.passed L1 sam>dana",
    ]


def test_a_kickoff_that_was_held_in_time_and_known_late_takes_the_alert_back():
    story = handed_over(signed(a_prospect()))
    story.on("Thu 03-12 11:00", "cs.kickoff.held", arrived="Fri 03-13 09:00", contract_id="C-1")
    story.until("Wed 03-18 09:00")

    assert story.told("A2") == [
        "Thu 03-12 17:00 alert.raised A2 urgent max+sue",
        "Fri 03-13 09:00 alert.retracted A2 late_evidence",
    ]
    assert story.told("A3") == []


# ---------------------------------------------------------------- other dates, zones, holidays


@pytest.mark.parametrize(
    ("when", "a1", "a2", "a3"),
    [
        # Fri 03-06 16:00: 3bd Mon Tue Wed; 7bd ends Tue 03-17; 10bd ends Fri 03-20
        ("Fri 03-06 16:00", "Wed 03-11 17:00", "Tue 03-17 17:00", "Fri 03-20 17:00"),
        # Sat 03-07: the first working day after is Mon 03-09, the same as for the Friday
        ("Sat 03-07 12:00", "Wed 03-11 17:00", "Tue 03-17 17:00", "Fri 03-20 17:00"),
        # Mon 03-02 00:30, before work: the day itself never counts, so 3bd is Thu 03-05
        ("Mon 03-02 00:30", "Thu 03-05 17:00", "Wed 03-11 17:00", "Mon 03-16 17:00"),
        # Tue 03-03 23:59: the same day as 10:00, so the same deadlines as in the golden test
        ("Tue 03-03 23:59", "Fri 03-06 17:00", "Thu 03-12 17:00", "Tue 03-17 17:00"),
    ],
)
def test_the_deadlines_count_working_days_after_the_day_of_the_signature(when, a1, a2, a3):
    story = signed(a_prospect(), when).until("Wed 03-25 09:00")

    assert [line[:15] for line in story.raised() if " A4 " not in line] == [a1, a2, a3]


def test_in_berlin_a_change_of_the_clocks_shifts_no_deadline():
    # Signed Thu 03-26; the clocks go forward on Sun 03-29. 3bd: Fri, Mon, Tue 03-31. 7bd: Mon 04-06 without holidays.
    story = signed(a_prospect(zone="Europe/Berlin"), "Thu 03-26 10:00").until("Tue 04-07 09:00")

    assert story.told("alert.raised", "A1") == ["Tue 03-31 17:00 alert.raised A1 warn dana+sam"]
    assert story.told("alert.raised", "A2") == ["Mon 04-06 17:00 alert.raised A2 urgent max+sue"]
    assert story.last("alert.raised", "A1")["evidence"]["clock"]["due"] == "2026-03-31T15:00:00Z"  # 17:00 CEST


def test_public_holidays_of_the_country_are_no_working_days():
    # Good Friday 04-03 and Easter Monday 04-06 are off in Germany. Signed Wed 04-01: Thu 04-02, Tue 04-07, Wed 04-08.
    story = signed(a_prospect(zone="Europe/Berlin", organisation={**COMPANY, "country": "DE"}), "Wed 04-01 10:00")
    story.until("Thu 04-09 09:00")

    assert story.told("alert.raised", "A1") == ["Wed 04-08 17:00 alert.raised A1 warn dana+sam"]


def test_explicit_days_off_are_no_working_days():
    # Thu 03-05 is off: 1bd Wed 03-04, 2bd Fri 03-06, 3bd Mon 03-09.
    story = signed(a_prospect(organisation={**COMPANY, "holidays": ["2026-03-05"]})).until("Tue 03-10 09:00")

    assert story.told("alert.raised", "A1") == ["Mon 03-09 17:00 alert.raised A1 warn dana+sam"]


def test_in_new_york_the_day_of_the_signature_is_the_local_day():
    # Tue 03-03 22:00 in New York is Wed 03-04 03:00 in UTC; it counts as the Tuesday: 3bd is Fri 03-06.
    story = signed(a_prospect(zone="America/New_York"), "Tue 03-03 22:00").until("Mon 03-09 09:00")

    assert story.told("alert.raised", "A1") == ["Fri 03-06 17:00 alert.raised A1 warn dana+sam"]
    assert story.last("alert.raised", "A1")["evidence"]["clock"]["due"] == "2026-03-06T22:00:00Z"  # 17:00 EST


def test_a_task_follows_the_calendar_of_its_holder_and_an_absence_that_of_the_organisation():
    people = COMPANY["people"] | {"sam": {"team": "sales", "time_zone": "America/New_York"}}
    story = signed(a_prospect(organisation={"people": people})).until("Mon 03-09 09:00")

    # 1bd of Sam: Wed 03-04 17:00 in New York (UTC-5) is 22:00 UTC; 3bd of the organisation: Fri 03-06 17:00 UTC
    assert story.told("task.offered", "T1") == ["Tue 03-03 10:00 task.offered T1 sam due Wed 03-04 22:00"]
    assert story.told("alert.raised", "A1") == ["Fri 03-06 17:00 alert.raised A1 warn dana+sam"]


# ---------------------------------------------------------------- what starts it


@pytest.mark.parametrize("kind", ["renewal", "expansion"])
def test_a_contract_that_is_not_new_starts_nothing(kind):
    assert signed(a_prospect(), kind=kind).until("Wed 03-18 09:00").told() == []


def test_a_new_product_starts_it_too():
    assert signed(a_prospect(), kind="new_product").running() == ["signature_to_kickoff/acme/C-1"]


def test_a_test_account_starts_nothing():
    assert signed(a_prospect(test=True)).until("Wed 03-18 09:00").told() == []


def test_once_per_contract_and_each_contract_by_itself():
    story = signed(signed(a_prospect()), "Tue 03-03 11:00", contract="C-2")
    story.on("Wed 03-04 10:00", "sales.contract.signed", name="again", contract_id="C-1", kind="new", actor="sam")

    assert story.running() == ["signature_to_kickoff/acme/C-1", "signature_to_kickoff/acme/C-2"]
    assert len(story.told("task.offered", "T1")) == 2


def test_an_event_that_names_one_contract_touches_that_one_only():
    story = signed(signed(a_prospect()), "Tue 03-03 11:00", contract="C-2")
    story.on("Wed 03-04 09:00", "sales.handoff.submitted", contract_id="C-2")

    assert story.told("task.completed") == ["Wed 03-04 09:00 task.completed T1"]
    assert story.last("task.completed", "T1")["key"] == "C-2"


# ---------------------------------------------------------------- does


def test_silence_of_two_business_days_is_told():
    story = signed(a_prospect()).until("Fri 03-06 09:00")

    assert story.told("A4") == ["Thu 03-05 17:00 alert.raised A4 warn sam+dana"]


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("sales.contact.logged", {"direction": "out", "purpose": "other"}),
        ("cs.contact.logged", {"direction": "out"}),
        ("cs.meeting.requested", {"meeting_id": "M-1"}),
        ("cs.kickoff.scheduled", {"contract_id": "C-1", "at": "2026-03-10T10:00:00Z"}),
    ],
)
def test_any_touch_of_ours_is_no_silence(event_type, data):
    story = signed(a_prospect()).on("Thu 03-05 16:59", event_type, **data).until("Fri 03-06 09:00")

    assert story.told("A4") == []


def test_what_the_customer_writes_is_still_silence_of_ours():
    story = signed(a_prospect()).on("Wed 03-04 10:00", "sales.contact.logged", direction="in").until("Fri 03-06 09:00")

    assert story.told("A4") == ["Thu 03-05 17:00 alert.raised A4 warn sam+dana"]


def test_a_touch_exactly_at_the_deadline_counts():
    story = signed(a_prospect()).on("Thu 03-05 17:00", "cs.contact.logged", direction="out").until("Fri 03-06 09:00")

    assert story.told("A4") == []


def test_a_touch_before_the_signature_does_not_break_the_silence_after_it():
    story = a_prospect().on("Tue 03-03 09:00", "sales.contact.logged", direction="out", purpose="other")
    signed(story).until("Fri 03-06 09:00")

    assert story.told("A4") == ["Thu 03-05 17:00 alert.raised A4 warn sam+dana"]


def test_an_account_without_a_csm_asks_the_manager_to_name_one_within_four_hours():
    story = signed(a_prospect(roles={"ae": "sam"})).until("Tue 03-03 11:00")

    # 4bh from 10:00 is 14:00
    assert story.told("T3") == ["Tue 03-03 10:00 task.proposed T3 max due Tue 03-03 14:00"]
    assert story.told("T3'") == []


def test_with_nobody_to_name_a_csm_the_task_waits_in_a_queue_and_says_how_it_came_there():
    story = signed(a_prospect(roles={"ae": "sam"}, organisation={})).until("Tue 03-03 11:00")

    assert story.told("T3") == ["Tue 03-03 10:00 task.proposed T3 cs.unassigned due Tue 03-03 14:00"]
    line = story.last("task.proposed", "T3")
    assert line["to"] == {"role": "cs_manager", "person": None, "queue": "cs.unassigned", "fallback": ["cs_manager"]}
    assert line["copy"] == [
        {"role": "cs_ops", "person": None, "queue": "cs.unassigned", "fallback": ["cs_ops", "cs_manager"]}
    ]


def test_a_csm_who_is_named_gets_the_handoff_as_soon_as_the_package_is_there():
    story = signed(a_prospect(roles={"ae": "sam"}))
    story.on("Tue 03-03 12:00", "cs.owner.assigned", to="dana")
    story.on("Wed 03-04 09:00", "sales.handoff.submitted", contract_id="C-1")

    assert story.told("task.completed", "T3") == ["Tue 03-03 12:00 task.completed T3"]
    assert story.told("task.offered", "T3'") == ["Wed 03-04 09:00 task.offered T3' dana due Thu 03-05 17:00"]


def test_the_package_may_be_there_before_the_csm_is_named():
    story = signed(a_prospect(roles={"ae": "sam"}))
    story.on("Tue 03-03 12:00", "sales.handoff.submitted", contract_id="C-1")
    story.on("Tue 03-03 13:00", "cs.owner.assigned", to="dana")

    assert story.told("task.offered", "T3'") == ["Tue 03-03 13:00 task.offered T3' dana due Wed 03-04 17:00"]


def test_the_handoff_is_accepted_by_the_task_as_well_as_by_the_event():
    story = signed(a_prospect()).on("Wed 03-04 09:00", "sales.handoff.submitted", contract_id="C-1")
    story.on("Wed 03-04 15:00", "task.accepted", workflow=WORKFLOW, ref="T3'", actor="dana")

    assert story.told("loop.passed") == ["Wed 03-04 15:00 loop.passed L1 sam>dana"]
    assert story.open("T4") == ["T4 proposed dana"]


def test_a_returned_handoff_brings_the_package_back_to_sales_and_then_to_the_csm_again():
    story = signed(a_prospect()).on("Wed 03-04 09:00", "sales.handoff.submitted", contract_id="C-1")
    story.on("Wed 03-04 10:00", "cs.handoff.returned", contract_id="C-1", questions=["why?"])
    story.on("Thu 03-05 10:00", "sales.handoff.submitted", contract_id="C-1")

    assert story.told("task.offered", "T1") == [
        "Tue 03-03 10:00 task.offered T1 sam due Wed 03-04 17:00",
        "Wed 03-04 10:00 task.offered T1 sam due Thu 03-05 17:00",
    ]
    assert story.open("T1", "T3'") == ["T3' offered dana"]


def test_marketing_keeps_its_task_after_the_kickoff():
    story = handed_over(signed(a_prospect())).on("Fri 03-06 10:00", "cs.kickoff.held", contract_id="C-1")

    assert story.open() == ["T6 offered mo"]
    assert story.running() == []


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("contract", ["C-1", "C-2"])
def test_a_kickoff_that_arrives_before_its_signature_closes_it_at_once(contract):
    # By arrival: the kickoff is known on Wed, the signature of Tue on Thu (CRM lag).
    story = a_prospect().on("Wed 03-04 11:00", "cs.kickoff.held", contract_id="C-1")
    signed(story, arrived="Thu 03-05 09:00", contract=contract).until("Wed 03-18 09:00")

    if contract == "C-1":
        assert story.told("workflow.completed") == [
            "Thu 03-05 09:00 workflow.completed signature_to_kickoff C-1 workflow_completed"
        ]
        assert story.raised() == []
        assert story.open() == ["T6 offered mo"]
    else:
        assert story.told("A3") == ["Tue 03-17 17:00 alert.raised A3 critical carla"]


def test_a_kickoff_that_lies_before_the_signature_closes_it_at_once_too():
    story = a_prospect().on("Mon 03-02 11:00", "cs.kickoff.held", contract_id="C-1")
    signed(story).until("Wed 03-18 09:00")

    assert story.told("signature_to_kickoff") == [
        "Tue 03-03 10:00 workflow.started signature_to_kickoff C-1",
        "Tue 03-03 10:00 workflow.completed signature_to_kickoff C-1 workflow_completed",
    ]
    assert story.raised() == []


def test_a_kickoff_of_long_ago_that_names_no_contract_is_not_that_of_this_contract():
    story = a_prospect().on("Mon 03-02 11:00", "cs.kickoff.held")
    signed(story)

    assert story.running() == ["signature_to_kickoff/acme/C-1"]


def test_a_cancelled_kickoff_is_scheduled_again_within_two_days_and_the_deadlines_stay():
    story = handed_over(signed(a_prospect()))
    story.on("Thu 03-05 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-10T10:00:00Z")
    story.on("Mon 03-09 10:00", "cs.kickoff.cancelled", contract_id="C-1", by="customer").until("Wed 03-18 09:00")

    # 2bd after Mon 03-09 is Wed 03-11; A2 and A3 keep 7bd and 10bd of the signature
    assert story.told("task.proposed", "T4")[-1] == "Mon 03-09 10:00 task.proposed T4 dana due Wed 03-11 17:00"
    assert story.told("A2") == ["Thu 03-12 17:00 alert.raised A2 urgent max+sue"]
    assert story.told("A3") == ["Tue 03-17 17:00 alert.raised A3 critical carla"]


def test_a_kickoff_that_is_scheduled_again_asks_to_hold_it_again():
    story = handed_over(signed(a_prospect()))
    story.on("Thu 03-05 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-10T10:00:00Z")
    story.on("Mon 03-09 10:00", "cs.kickoff.cancelled", contract_id="C-1")
    story.on("Tue 03-10 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-12T10:00:00Z")

    assert story.open("T4", "T5") == ["T5 proposed dana"]


def test_a_kickoff_that_is_booked_too_late_is_told_at_once():
    story = handed_over(signed(a_prospect()))
    # Thu 03-19 is the 12th working day after Tue 03-03
    story.on("Thu 03-05 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-19T10:00:00Z")

    assert story.told("A2") == ["Thu 03-05 10:00 alert.raised A2 warn max+sue"]
    assert "kickoff is booked for 12bd" in story.last("alert.raised", "A2")["because"]


def test_a_kickoff_that_is_moved_to_an_earlier_date_takes_the_early_alert_back():
    story = handed_over(signed(a_prospect()))
    story.on("Thu 03-05 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-19T10:00:00Z")
    story.on("Fri 03-06 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-11T10:00:00Z")
    story.until("Fri 03-13 09:00")

    # and is told at its own time when it was not held after all
    assert story.told("A2") == [
        "Thu 03-05 10:00 alert.raised A2 warn max+sue",
        "Fri 03-06 10:00 alert.resolved A2",
        "Thu 03-12 17:00 alert.raised A2 urgent max+sue",
    ]


def test_a_kickoff_on_the_last_day_of_the_deadline_is_not_too_late():
    story = handed_over(signed(a_prospect()))
    story.on("Thu 03-05 10:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-12T16:00:00Z")

    assert story.told("A2") == []


# ---------------------------------------------------------------- what counts as a touch


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("sales.contact.logged", {"purpose": "intro", "actor": "sam"}),  # whoever logs it without a direction wrote
        ("cs.contact.logged", {"direction": "out"}),
        ("sales.upsell.attempted", {"opportunity_id": "O-1", "actor": "sam"}),
        ("cs.meeting.requested", {"meeting_id": "M-1", "actor": "dana"}),
        ("cs.meeting.scheduled", {"meeting_id": "M-1", "by": "us"}),
        ("cs.meeting.held", {"meeting_id": "M-1"}),
        ("cs.kickoff.scheduled", {"contract_id": "C-1"}),
        ("support.ticket.replied", {"ticket_id": "T-1", "by": "us"}),
        ("support.ticket.replied", {"ticket_id": "T-1", "actor": {"person": "kim"}}),
    ],
)
def test_any_touch_of_ours_breaks_the_silence(kind, data):
    story = signed(a_prospect()).on("Wed 03-04 11:00", kind, **data).until("Fri 03-06 09:00")

    assert story.told("A4") == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("sales.contact.logged", {"direction": "in"}),
        ("customer.message.received", {"thread_id": "th-1"}),
        ("cs.meeting.requested", {"meeting_id": "M-1", "by": "customer"}),
        ("support.ticket.replied", {"ticket_id": "T-1", "by": "customer"}),
        ("support.ticket.replied", {"ticket_id": "T-1"}),
        ("marketing.email.sent", {"campaign_id": "N-1", "contact_id": "jo"}),  # a newsletter touches nobody (W03)
    ],
)
def test_what_the_customer_does_and_what_goes_to_everybody_does_not(kind, data):
    story = signed(a_prospect()).on("Wed 03-04 11:00", kind, **data).until("Fri 03-06 09:00")

    assert story.told("A4") == ["Thu 03-05 17:00 alert.raised A4 warn sam+dana"]


def test_a_csm_whom_the_record_of_the_account_names_is_assigned_too():
    story = signed(a_prospect(roles={"ae": "sam"})).on("Tue 03-03 12:00", "account.updated", country="DE")
    story.on("Tue 03-03 13:00", "account.updated", roles={"csm": "dana"})

    assert story.told("T3") == [
        "Tue 03-03 10:00 task.proposed T3 max due Tue 03-03 14:00",
        "Tue 03-03 13:00 task.completed T3",
    ]
    assert story.told("T4") == ["Tue 03-03 13:00 task.proposed T4 dana due Thu 03-05 17:00"]


# ---------------------------------------------------------------- cancel, wait


def test_a_cancelled_contract_takes_everything_back():
    story = handed_over(signed(a_prospect())).until("Mon 03-09 09:00")
    story.on("Mon 03-09 10:00", "sales.contract.cancelled", contract_id="C-1").until("Wed 03-18 09:00")

    assert story.open() == []
    assert story.told("workflow.cancelled") == [
        "Mon 03-09 10:00 workflow.cancelled signature_to_kickoff C-1 contract_cancelled"
    ]
    assert story.told("A2") == []


def a_customer_who_waits():
    """Deferred on Fri 03-06 until Wed 04-15; nothing else happens."""
    story = handed_over(signed(a_prospect()))
    return story.on("Fri 03-06 10:00", "cs.kickoff.deferred", contract_id="C-1", by="customer", until="2026-04-15")


def test_when_the_customer_asks_to_wait_the_clocks_run_from_her_date():
    story = a_customer_who_waits().until("Fri 05-01 09:00")

    # From Wed 04-15: 3bd Mon 04-20, 7bd Fri 04-24, 10bd Wed 04-29
    assert [line for line in story.raised() if " A4 " not in line] == [
        "Mon 04-20 17:00 alert.raised A1 warn dana+sam",
        "Fri 04-24 17:00 alert.raised A2 urgent max+sue",
        "Wed 04-29 17:00 alert.raised A3 critical carla",
    ]


def test_while_the_customer_waits_she_is_touched_once_a_month():
    story = a_customer_who_waits().until("Tue 04-14 09:00")

    # 25 days after Fri 03-06 10:00 is Tue 03-31 10:00, and the task has 5 days: a month in all
    assert story.told("T7") == ["Tue 03-31 10:00 task.proposed T7 dana due Sun 04-05 10:00"]
    assert story.raised() == []


def test_a_touch_while_she_waits_answers_for_another_month():
    story = a_customer_who_waits().on("Wed 04-01 10:00", "cs.contact.logged", direction="out").until("Tue 04-14 09:00")

    assert story.told("T7") == [
        "Tue 03-31 10:00 task.proposed T7 dana due Sun 04-05 10:00",
        "Wed 04-01 10:00 task.completed T7",
    ]


def test_our_own_wish_to_wait_moves_nothing():
    story = handed_over(signed(a_prospect()))
    story.on("Fri 03-06 10:00", "cs.kickoff.deferred", contract_id="C-1", by="us", until="2026-04-15")
    story.until("Wed 03-18 09:00")

    assert [line[:15] for line in story.raised()] == ["Fri 03-06 17:00", "Thu 03-12 17:00", "Tue 03-17 17:00"]


def test_what_was_already_told_is_taken_back_when_the_customer_asks_to_wait():
    story = handed_over(signed(a_prospect())).until("Mon 03-09 09:00")
    story.on("Mon 03-09 10:00", "cs.kickoff.deferred", contract_id="C-1", by="customer", until="2026-04-15")

    assert story.told("A1") == [
        "Fri 03-06 17:00 alert.raised A1 warn dana+sam",
        "Mon 03-09 10:00 alert.resolved A1",
    ]


# ---------------------------------------------------------------- evidence, escalation


def test_an_alert_says_what_it_rests_on_and_what_would_have_prevented_it():
    evidence = handed_over(signed(a_prospect())).until("Mon 03-09 09:00").last("alert.raised", "A1")["evidence"]

    assert evidence["events"] == ["sf-C-1"]
    assert evidence["clock"] == {
        "calendar": "organisation",
        "start": "2026-03-03T10:00:00Z",
        "due": "2026-03-06T17:00:00Z",
        "duration": "3bd",
    }
    assert evidence["confidence"] == "confirmed"
    assert "cs.kickoff.scheduled" in evidence["counterfactual"]


def test_an_undone_task_climbs_to_the_holder_her_manager_and_the_head_of_the_house():
    story = signed(a_prospect()).until("Tue 03-10 09:00")

    # T1 from Tue 10:00 to Wed 17:00 has 7 + 8 = 15 working hours; 75 % is 11.25: Wed 13:15 (7 on Tue, 4.25 from 09:00)
    assert story.told("escalation.raised", "T1") == [
        "Wed 03-04 13:15 escalation.raised T1 rung 1 sam",
        "Wed 03-04 17:00 escalation.raised T1 rung 2 sam",
        "Thu 03-05 17:00 escalation.raised T1 rung 3 sue",
        "Mon 03-09 17:00 escalation.raised T1 rung 4 carla",
    ]


def test_the_work_that_is_open_when_the_customer_waits_is_due_after_her_date():
    story = a_customer_who_waits()

    # T4 has 2bd from Wed 04-15: Fri 04-17; its ladder begins then: 3/4 of 24 working hours are 8 + 8 + 2
    assert story.told("task.updated", "T4") == ["Fri 03-06 10:00 task.updated T4 due Fri 04-17 17:00"]
    told_before = story.told("escalation.raised", "T4")
    story.until("Fri 04-17 16:00")
    assert story.told("escalation.raised", "T4")[len(told_before) :] == [
        "Fri 04-17 11:00 escalation.raised T4 rung 1 dana"
    ]


def test_who_accepts_the_customers_of_a_colleague_has_not_accepted_the_handoff():
    story = signed(a_prospect()).on("Wed 03-04 09:00", "sales.handoff.submitted", contract_id="C-1")
    story.on("Wed 03-04 11:00", "cs.handoff.accepted", change_id="CH-1")
    assert story.told("task.completed", "T3'") == []

    story.on("Wed 03-04 15:00", "cs.handoff.accepted", contract_id="C-1")
    assert story.told("task.completed", "T3'") == ["Wed 03-04 15:00 task.completed T3'"]
