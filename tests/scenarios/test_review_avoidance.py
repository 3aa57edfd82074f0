"""The customer puts the review off, and we look for the reason with ourselves first (W04)."""

import pytest

from tests.scenarios.scenario import Story

DECLINED, MOVED, MISSED = "cs.meeting.declined", "cs.meeting.rescheduled", "cs.meeting.no_show"
ASKED, HELD, OFFERED = "cs.meeting.requested", "cs.meeting.held", "sales.upsell.attempted"
SAM = {"person": "sam", "team": "sales"}


def customer(*, alone=True, **facts):
    roles = {"csm": "dana", "am": "sam", "cs_manager": "kim", "exec_sponsor": "eve"}
    return Story("review_avoidance" if alone else None, roles=roles, **{"lifecycle": "live", "tier": 2, **facts})


def refused(story, when="Thu 02-26 10:00", event_type=DECLINED, **more):
    return story.on(when, event_type, **{"type": "review", "by": "customer", **more})


def reasons(story):
    return [(one["reason"], one["event"]) for one in story.last("alert.raised", "A1")["evidence"]["reasons"]]


def test_the_golden_case_with_all_workflows_beside_it():
    story = customer(alone=False).on("Fri 02-20 10:00", OFFERED, name="up-1", contact_ids=["jo"], actor=SAM)
    refused(refused(story), "Tue 03-03 10:00", MOVED)

    assert reasons(story) == [("upsell_without_csm", "up-1")]
    assert story.last("alert.raised", "A1")["workflow"] == "review_avoidance"
    assert story.told("hold.placed", "H1") == ["Tue 03-03 10:00 hold.placed H1 upsell"]


def test_the_evidence_has_the_refusals_with_their_times_and_then_the_reasons():
    story = customer().on("Fri 02-20 10:00", OFFERED, name="up-1", actor=SAM)
    refused(refused(story, name="no-1"), "Tue 03-03 10:00", name="no-2")
    evidence = story.last("alert.raised", "A1")["evidence"]

    assert evidence["events"] == ["no-1", "no-2", "up-1"]
    assert [one["time"] for one in evidence["pattern"]] == ["2026-02-26T10:00:00Z", "2026-03-03T10:00:00Z"]


@pytest.mark.parametrize(
    "more",
    [
        {"cc": ["dana"]},
        {"participants": ["dana", "jo"]},
        {"actor": {"person": "dana"}},
    ],
)
def test_an_offer_that_the_csm_knew_of_is_no_reason(more):
    story = customer().on("Fri 02-20 10:00", OFFERED, **{"actor": SAM, **more})
    refused(refused(story), "Tue 03-03 10:00")

    assert reasons(story) == []
    assert story.open("T2", "H1") == []


def test_an_offer_that_was_announced_is_no_reason():
    story = customer().on("Mon 02-16 10:00", "sales.intent.announced", purpose="upsell")
    story.on("Fri 02-20 10:00", OFFERED, actor=SAM)

    assert reasons(refused(refused(story), "Tue 03-03 10:00")) == []


@pytest.mark.parametrize(("when", "is_found"), [("Mon 01-26 10:00", False), ("Tue 01-27 10:00", True)])
def test_the_look_back_goes_30_days_back_from_the_first_refusal(when, is_found):
    story = customer().on(when, OFFERED, actor=SAM)

    assert bool(reasons(refused(refused(story), "Tue 03-03 10:00"))) is is_found


def test_what_comes_after_the_first_refusal_is_no_reason_for_it():
    story = refused(customer()).on("Fri 02-27 10:00", OFFERED, actor=SAM)

    assert reasons(refused(story, "Tue 03-03 10:00")) == []


def test_reasons_stand_in_the_order_of_the_definition_each_with_its_latest_event():
    story = customer().on("Mon 02-09 10:00", "market.news.mentioned", name="n", title="New boss")
    story.on("Tue 02-10 10:00", "support.ticket.opened", name="t", ticket_id="Z")
    story.on("Wed 02-11 10:00", "finance.invoice.disputed", name="i", invoice_id="I")
    story.on("Thu 02-12 10:00", OFFERED, name="up-1", actor=SAM)
    story.on("Fri 02-13 10:00", "sales.contact.logged", name="up-2", direction="out", purpose="upsell", actor=SAM)

    assert reasons(refused(refused(story), "Tue 03-03 10:00")) == [
        ("upsell_without_csm", "up-2"),
        ("dispute", "i"),
        ("open_ticket", "t"),
        ("news", "n"),
    ]


def test_what_was_found_before_stands_first_and_says_how_often():
    story = customer().on("Thu 02-12 10:00", "market.news.mentioned", title="New boss")
    refused(refused(story), "Tue 03-03 10:00").on("Tue 03-10 10:00", HELD, type="review")
    story.on("Mon 06-01 10:00", OFFERED, actor=SAM).on("Tue 06-02 10:00", "market.news.mentioned", title="New plant")
    refused(refused(story, "Thu 06-11 10:00"), "Tue 06-16 10:00")

    assert [one for one, _ in reasons(story)] == ["news", "upsell_without_csm"]
    found = story.last("alert.raised", "A1")["evidence"]["reasons"][0]
    assert (found["seen_before"], found["of"]) == (1, 1)


def test_a_copy_that_comes_late_takes_the_reason_and_the_pause_back():
    story = customer().on("Fri 02-20 10:00", OFFERED, actor=SAM)
    refused(refused(story, "Sun 02-22 10:00"), "Sun 02-22 15:00")
    assert story.open("T2", "H1") == ["H1 live upsell", "T2 offered sam"]

    story.on("Fri 02-20 09:00", "sales.intent.announced", arrived="Sun 02-22 18:00", purpose="upsell")
    assert story.open("T2", "H1") == []


@pytest.mark.parametrize(
    ("first", "second", "begins"),
    [
        ({}, {"event_type": MISSED}, True),
        ({"type": "annual_review"}, {"type": "ebr"}, True),
        ({"by": ""}, {}, True),
        ({"event_type": MOVED, "by": "us"}, {}, False),
        ({"event_type": MOVED, "by": ""}, {}, False),
        ({"type": "cadence"}, {}, False),
        ({"reason": "merger", "until": "2026-05-01"}, {}, False),
    ],
)
def test_two_refusals_of_hers_are_needed(first, second, begins):
    story = refused(refused(customer(), **first), "Tue 03-03 10:00", **second)

    assert bool(story.told("A1")) is begins


def test_refusals_that_lie_more_than_45_days_apart_are_two_matters():
    assert refused(refused(customer(), "Thu 01-15 10:00"), "Tue 03-03 10:00").running() == []


def test_an_answer_breaks_the_silence():
    story = customer().on("Tue 03-03 10:00", ASKED, type="review")
    story.on("Mon 03-16 10:00", "customer.message.received", **{"from": "jo"})

    assert story.on("Tue 03-17 10:00", ASKED, type="review").until("Fri 04-10 10:00").running() == []


def test_two_requests_at_once_are_silence_when_the_second_has_run_out():
    story = customer().on("Tue 03-03 10:00", ASKED, type="review").on("Wed 03-04 10:00", ASKED, type="review")

    assert story.until("Fri 03-20 10:00").told("A1") == ["Fri 03-13 17:00 alert.raised A1 warn dana"]


def test_a_country_that_nobody_knows_has_our_holidays():
    story = customer(country="XX").on("Tue 03-03 10:00", ASKED, type="review")

    assert story.on("Fri 03-13 10:00", ASKED, type="review").until("Tue 03-24 18:00").told("A1") == [
        "Tue 03-24 17:00 alert.raised A1 warn dana"
    ]


def test_a_renewal_within_120_days_makes_it_urgent():
    story = refused(refused(customer(renewal_date="2026-07-01")), "Tue 03-03 10:00")

    assert story.told("A2") == ["Tue 03-03 10:00 alert.raised A2 urgent kim"]
    assert story.open("T3") == ["T3 offered eve"]


def test_the_csm_may_lift_the_hold_by_its_id():
    story = customer().on("Fri 02-20 10:00", OFFERED, actor=SAM)
    refused(refused(story), "Tue 03-03 10:00")
    known = story.work("H1")[0].id

    assert story.on("Wed 03-04 10:00", "hold.lifted", id=known, actor={"person": "dana"}).open("H1") == []


def test_a_review_that_was_scheduled_meanwhile_is_not_asked_for_again():
    story = refused(customer(), reason="vacation until the first", until="2026-04-01")
    story.on("Mon 03-16 10:00", "cs.meeting.scheduled", type="review")

    assert story.until("Thu 04-02 10:00").told("workflow.started") == []
