"""W07: a request of a customer to product has one holder at every moment, and she hears of it.

From Tue 03-03: 1bd Wed 03-04, 2bd Thu 03-05, 5bd Tue 03-10, 10bd Tue 03-17, 20bd Tue 03-31.
"""

import pytest

from tests.scenarios.scenario import Story

WORKFLOW = "product_request_relay"
ROLES = {"csm": "dana", "pm": "pat"}
COMPANY = {
    "people": {
        "dana": {"team": "cs", "manager": "max"},
        "max": {"roles": ["cs_manager"]},
        "pat": {"team": "product", "manager": "lea"},
        "lea": {"roles": ["product_lead"]},
        "carla": {"roles": ["cco"]},
    }
}
TUESDAY = "Tue 03-03 10:00"


def a_customer(*, roles=ROLES, organisation=COMPANY, **more):
    return Story(WORKFLOW, roles=roles, organisation=organisation, **{"lifecycle": "live", **more})


def submitted(story, when=TUESDAY, **more):
    data = {
        "request_id": "PR-7",
        "title": "Export",
        "problem": "no export",
        "asker": "jo",
        "contact": "jo",
        "actor": "dana",
    }
    return story.on(when, "product.request.submitted", **{**data, **more})


def product(story, when, word, **more):
    return story.on(when, f"product.request.{word}", **{"request_id": "PR-7", "actor": "pat", **more})


def told(story, when, **more):
    return story.on(when, "cs.contact.logged", **{"direction": "out", "request_id": "PR-7", "actor": "dana", **more})


# ---------------------------------------------------------------- the golden test


def test_a_request_that_nobody_acknowledges_and_then_nobody_decides():
    story = product(submitted(a_customer()), "Wed 03-11 09:00", "acknowledged").until("Wed 04-01 09:00")

    assert story.told("alert.raised") == [
        "Thu 03-05 17:00 alert.raised A1 warn pat+dana",
        "Tue 03-10 17:00 alert.raised A2 urgent lea",
        "Tue 03-17 17:00 alert.raised A3 warn lea+max",
        "Tue 03-31 17:00 alert.raised A4 urgent carla",
    ]
    assert story.told("alert.resolved") == [
        "Wed 03-11 09:00 alert.resolved A1",
        "Wed 03-11 09:00 alert.resolved A2",
    ]


def test_the_ball_goes_from_the_csm_to_product_and_the_customer_is_told():
    story = product(submitted(a_customer()), "Wed 03-11 09:00", "acknowledged")

    assert story.told("L1") == [
        "Tue 03-03 10:00 loop.opened L1 dana",
        "Wed 03-11 09:00 loop.passed L1 dana>pat",
    ]
    assert story.told("task.offered") + story.told("task.proposed") == [
        "Tue 03-03 10:00 task.offered T2 pat due Thu 03-05 17:00",
        "Wed 03-11 09:00 task.offered T4 pat due Tue 03-17 17:00",
        "Wed 03-11 09:00 task.proposed T3 dana due Thu 03-12 17:00",
    ]


def test_in_time_nobody_is_alarmed():
    story = product(submitted(a_customer()), "Thu 03-05 16:59", "acknowledged")
    product(story, "Tue 03-17 16:59", "triaged", status="planned").until("Mon 03-23 09:00")

    assert story.raised() == []


def test_in_berlin_over_the_change_of_the_clocks():
    # Thu 03-26 10:00: 2bd is Mon 03-30 17:00, 5bd Thu 04-02 17:00, both after the change of Sun 03-29
    story = submitted(a_customer(zone="Europe/Berlin"), "Thu 03-26 10:00").until("Fri 04-03 09:00")

    assert story.raised() == [
        "Mon 03-30 17:00 alert.raised A1 warn pat+dana",
        "Thu 04-02 17:00 alert.raised A2 urgent lea",
    ]


def test_public_holidays_are_no_days_to_acknowledge_on():
    # Thu 04-02: Good Friday and Easter Monday are off in Germany: 2bd is Wed 04-08, 5bd Mon 04-13
    story = submitted(a_customer(organisation={**COMPANY, "country": "DE"}), "Thu 04-02 10:00").until("Tue 04-14 09:00")

    assert [line[:15] for line in story.raised()] == ["Wed 04-08 17:00", "Mon 04-13 17:00"]


# ---------------------------------------------------------------- what starts it


def test_a_request_of_the_customer_to_product_must_be_sent_on_first():
    story = a_customer().on(TUESDAY, "customer.request.raised", name="cr-1", target="product", text="export please")

    assert story.told("T1") == ["Tue 03-03 10:00 task.proposed T1 dana due Wed 03-04 17:00"]
    assert story.last("T1")["key"] == "cr-1"


@pytest.mark.parametrize("target", ["support", "cs", "finance"])
def test_a_request_to_another_team_is_not_products(target):
    assert a_customer().on(TUESDAY, "customer.request.raised", target=target, text="help").told() == []


def test_a_promise_of_the_csm_is_a_request():
    story = a_customer().on(TUESDAY, "cs.commitment.made", commitment_id="CM-1", kind="product_request", text="I ask")

    assert story.open() == ["L1 open dana", "T1 proposed dana", "T2 offered pat"]


def test_a_promise_of_another_kind_is_none():
    assert a_customer().on(TUESDAY, "cs.commitment.made", commitment_id="CM-1", kind="callback").told() == []


def test_a_request_without_its_problem_must_be_completed():
    story = submitted(a_customer(), problem="")

    assert story.open("T1") == ["T1 proposed dana"]


def test_a_request_that_names_nobody_whom_product_may_ask_must_be_completed():
    story = submitted(a_customer(), contact="")

    assert story.told("T1") == ["Tue 03-03 10:00 task.proposed T1 dana due Wed 03-04 17:00"]


def test_what_product_has_accepted_need_not_be_sent():
    story = submitted(a_customer(), problem="")
    story.on("Wed 03-04 10:00", "task.accepted", workflow=WORKFLOW, ref="T2", actor="pat")

    assert story.open("T1") == []
    assert story.told("task.completed", "T1") == ["Wed 03-04 10:00 task.completed T1"]


def test_a_promise_and_the_request_that_keeps_it_are_one_matter():
    story = a_customer().on(
        TUESDAY, "cs.commitment.made", commitment_id="CM-1", kind="product_request", request_id="PR-7"
    )
    submitted(story, "Wed 03-04 10:00")

    assert len(story.told("loop.opened")) == 1
    assert story.told("task.completed", "T1") == ["Wed 03-04 10:00 task.completed T1"]


def test_a_complete_request_needs_no_sending():
    assert submitted(a_customer()).told("T1") == []


def test_a_request_is_one_matter_however_often_it_is_sent():
    story = submitted(submitted(a_customer()), "Wed 03-04 10:00")

    assert len(story.told("loop.opened")) == 1


def test_a_closed_request_stays_closed():
    story = product(submitted(a_customer()), "Wed 03-04 10:00", "declined")
    told(story, "Wed 03-04 11:00")
    submitted(story, "Thu 03-05 10:00")

    assert story.open() == []
    assert len(story.told("loop.opened")) == 1


# ---------------------------------------------------------------- acknowledge


def test_the_manager_of_the_product_accepts_in_her_inbox():
    story = submitted(a_customer())
    story.on("Wed 03-04 10:00", "task.accepted", workflow=WORKFLOW, ref="T2", actor="pat").until("Fri 03-06 09:00")

    assert story.told("A1") == []
    assert story.open() == ["L1 open pat", "T3 proposed dana", "T4 offered pat"]


def test_not_mine_gives_the_next_owner_two_days_of_her_own():
    story = submitted(a_customer()).on("Wed 03-04 09:00", "product.owner.changed", area="export", to="pia")
    product(story, "Wed 03-04 10:00", "rerouted", area="export")

    # 2bd from Wed 03-04 is Fri 03-06
    assert story.told("task.cancelled", "T2") == [
        "Wed 03-04 10:00 task.cancelled T2 reopened by product.request.rerouted"
    ]
    assert story.told("task.offered", "T2")[-1] == "Wed 03-04 10:00 task.offered T2 pia due Fri 03-06 17:00"


def test_a_declined_task_goes_one_up_and_the_ball_stays_with_the_csm():
    story = submitted(a_customer())
    story.on("Wed 03-04 10:00", "task.declined", workflow=WORKFLOW, ref="T2", actor="pat", reason="not my area")

    assert story.open() == ["L1 open dana", "T2 offered lea"]


# ---------------------------------------------------------------- decide


@pytest.mark.parametrize("word", ["triaged", "declined", "shipped", "merged"])
def test_a_decision_is_told_to_the_customer_within_a_day(word):
    story = product(submitted(a_customer()), "Wed 03-04 10:00", "acknowledged")
    product(story, "Thu 03-05 10:00", word)

    assert story.told("task.proposed", "T5") == ["Thu 03-05 10:00 task.proposed T5 dana due Fri 03-06 17:00"]


def test_a_decision_without_an_acknowledgement_is_one_too():
    story = product(submitted(a_customer()), "Wed 03-04 10:00", "triaged", status="planned").until("Fri 03-13 09:00")

    assert story.raised() == []
    assert story.open("T3", "T4", "T5") == ["T3 proposed dana", "T5 proposed dana"]


@pytest.mark.parametrize(
    ("facts", "accounts", "told_to_cco"),
    [
        ({"tier": 1}, [], True),
        ({"tier": 2}, [], False),
        ({"tier": 2, "renewal_date": "2026-06-29"}, [], True),  # from 03-31: 30 of April, 31 of May, 29 of June: 90
        ({"tier": 2, "renewal_date": "2026-06-30"}, [], False),  # 91
        ({"tier": 2}, ["a", "b", "c", "d", "e"], True),
        ({"tier": 2}, ["a", "b", "c", "d"], False),
    ],
)
def test_the_cco_hears_of_it_when_much_depends_on_it(facts, accounts, told_to_cco):
    story = submitted(a_customer(**facts), accounts=accounts).until("Tue 03-31 18:00")

    assert story.told("A4") == (["Tue 03-31 17:00 alert.raised A4 urgent carla"] if told_to_cco else [])


def test_the_cco_hears_of_it_later_when_it_comes_to_matter_later():
    # The 90 days before Tue 06-30 begin on Wed 04-01, the next working day.
    story = submitted(a_customer(tier=2, renewal_date="2026-06-30")).until("Thu 04-02 09:00")

    assert story.told("A4") == ["Wed 04-01 17:00 alert.raised A4 urgent carla"]


# ---------------------------------------------------------------- told


def a_planned_request():
    story = product(submitted(a_customer()), "Wed 03-04 10:00", "triaged", status="planned", window="2026-Q2")
    return told(story, "Thu 03-05 10:00")


def test_a_contact_that_names_the_request_tells_her():
    story = a_planned_request()

    assert story.told("loop.customer_told") == ["Thu 03-05 10:00 loop.customer_told L1"]
    assert story.open() == ["L1 open pat"]


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"request_id": "PR-8"}, False),
        ({"request_id": None, "topic": "product_request"}, True),
        ({"request_id": None}, True),
        ({"request_id": None, "ticket_id": "T-1"}, False),
        ({"request_id": None, "topic": "renewal"}, False),
        ({"direction": "in"}, False),
    ],
)
def test_which_contact_counts_as_told(more, counts):
    story = product(submitted(a_customer()), "Wed 03-04 10:00", "acknowledged")
    data = {"direction": "out", "request_id": "PR-7", **more}
    story.on("Wed 03-04 11:00", "cs.contact.logged", **{k: v for k, v in data.items() if v is not None})

    assert (story.open("T3") == []) is counts


def test_when_the_date_slips_she_is_told_again():
    story = product(a_planned_request(), "Mon 03-09 10:00", "date_changed", window="2026-Q3")

    assert story.open("T5") == ["T5 proposed dana"]
    assert story.told("task.proposed", "T5")[-1] == "Mon 03-09 10:00 task.proposed T5 dana due Tue 03-10 17:00"


def test_a_date_before_any_decision_is_no_news_yet():
    story = product(submitted(a_customer()), "Wed 03-04 10:00", "date_changed", window="2026-Q3")

    assert story.open("T5") == []


def test_it_is_done_when_she_was_told_of_the_end():
    story = product(a_planned_request(), "Mon 04-06 10:00", "shipped")
    assert story.open("L1", "T5") == ["L1 open pat", "T5 proposed dana"]

    told(story, "Tue 04-07 10:00")
    assert story.open() == []
    assert story.told("workflow.completed") == [
        "Tue 04-07 10:00 workflow.completed product_request_relay PR-7 workflow_completed"
    ]


def test_what_she_was_told_before_the_end_does_not_count():
    story = product(a_planned_request(), "Mon 04-06 10:00", "declined", reason="no")

    assert story.running() == [f"{WORKFLOW}/acme/PR-7"]


def test_merged_counts_as_an_end_once_she_is_told():
    story = told(product(a_planned_request(), "Mon 04-06 10:00", "merged", into="PR-1"), "Tue 04-07 10:00")

    assert story.running() == []


def test_the_customer_withdraws():
    story = product(a_planned_request(), "Mon 03-09 10:00", "status_changed", status="withdrawn")

    assert story.told("loop.closed") == ["Mon 03-09 10:00 loop.closed L1 withdrawn"]
    assert story.open() == []


# ---------------------------------------------------------------- the heartbeat


def test_while_it_is_open_she_hears_of_it_once_a_month():
    story = a_planned_request().until("Wed 04-08 09:00")

    # told Thu 03-05 10:00; 25d later is Mon 03-30 10:00, with 5d for the task; 30d is Sat 04-04 10:00
    assert story.told("T6")[:1] == ["Mon 03-30 10:00 task.proposed T6 dana due Sat 04-04 10:00"]
    # the status moved last on Wed 03-04 10:00: 30d is Fri 04-03 10:00, and that is told first
    assert story.told("A5") == ["Fri 04-03 10:00 alert.raised A5 warn dana"]


def test_news_to_her_begins_the_month_again():
    story = told(
        product(a_planned_request(), "Wed 03-25 10:00", "status_changed", status="building"), "Wed 03-25 11:00"
    )
    story.until("Fri 04-24 09:00")

    # 25d after Wed 03-25 11:00 is Sun 04-19 11:00; 30d is Fri 04-24 10:00, not yet reached
    assert story.told("task.proposed", "T6") == ["Sun 04-19 11:00 task.proposed T6 dana due Fri 04-24 11:00"]
    assert story.told("A5") == []


def test_a_request_of_which_she_has_never_heard_is_told_from_the_start_on():
    story = submitted(a_customer()).until("Fri 04-03 09:00")

    # 25d after Tue 03-03 10:00 is Sat 03-28 10:00; 30d is Thu 04-02 10:00
    assert story.told("task.proposed", "T6") == ["Sat 03-28 10:00 task.proposed T6 dana due Thu 04-02 10:00"]
    assert story.told("A5") == ["Thu 04-02 10:00 alert.raised A5 warn dana"]


def test_the_standstill_is_told_again_when_it_happens_again():
    story = submitted(a_customer()).until("Fri 04-03 09:00")
    told(story, "Fri 04-03 10:00")
    product(story, "Fri 04-03 11:00", "acknowledged")
    story.until("Tue 05-05 09:00")

    # told Fri 04-03 10:00 and moved at 11:00: 30d later is Sun 05-03
    assert [line[:15] for line in story.told("alert.raised", "A5")] == ["Thu 04-02 10:00", "Sun 05-03 10:00"]


# ---------------------------------------------------------------- a person's word is as good as an event


def done(story, when, ref, **more):
    return story.on(when, "task.completed", workflow=WORKFLOW, ref=ref, actor="dana", **more)


def test_who_does_the_telling_by_hand_has_told_the_customer():
    story = product(submitted(a_customer()), "Wed 03-04 09:00", "acknowledged")
    done(story, "Thu 03-05 10:00", "T3").until("Sat 04-04 12:00")

    assert story.told("loop.customer_told") == ["Thu 03-05 10:00 loop.customer_told L1"]
    # 25 d after Thu 03-05 10:00 is Mon 03-30, and it is due after 30 d, Sat 04-04
    assert story.told("task.proposed", "T6") == ["Mon 03-30 10:00 task.proposed T6 dana due Sat 04-04 10:00"]


def test_the_loops_own_word_that_she_was_told_completes_what_asks_for_it():
    story = product(a_planned_request(), "Mon 03-09 10:00", "shipped")
    story.on("Mon 03-09 12:00", "loop.customer_told", workflow=WORKFLOW, ref="L1", actor="dana")

    assert story.told("task.completed", "T5")[-1] == "Mon 03-09 12:00 task.completed T5"
    assert [line[:15] for line in story.told("workflow.completed")] == ["Mon 03-09 12:00"]


def test_a_contact_that_names_the_request_and_no_direction_tells_her():
    story = told(a_planned_request(), "Mon 03-09 12:00", direction=None)

    assert story.open("T3", "T5") == []


@pytest.mark.parametrize(("outcome", "ends"), [("declined", True), ("planned", False)])
def test_a_decision_by_hand_counts_as_the_decision(outcome, ends):
    story = product(submitted(a_customer()), "Wed 03-04 09:00", "acknowledged")
    done(story, "Fri 03-06 09:00", "T4", outcome=outcome)
    done(story, "Mon 03-09 11:00", "T5")

    assert (len(story.told("workflow.completed")) == 1) is ends
