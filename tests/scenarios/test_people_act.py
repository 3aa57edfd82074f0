"""What people do with their work (D8, R10, R11, R12): accept, decline, snooze, finish, be away.

T1 of W03 is for Sam, from Tue 03-03 10:00, due Wed 03-04 17:00.
"""

import pytest

from tests.scenarios.scenario import Story

WORKFLOW = "sales_contact_without_csm"
COMPANY = {
    "people": {
        "sam": {"team": "sales", "manager": "sue"},
        "sue": {"team": "sales", "manager": "carla", "roles": ["sales_manager"]},
        "dana": {"team": "cs", "manager": "max", "delegate": "eve"},
        "eve": {"team": "cs", "manager": "max"},
        "max": {"roles": ["cs_manager"]},
        "carla": {"roles": ["cco"]},
    }
}


def an_attempt(organisation=COMPANY):
    story = Story(WORKFLOW, roles={"am": "sam", "csm": "dana"}, organisation=organisation, lifecycle="live")
    return story.on(
        "Tue 03-03 10:00", "sales.upsell.attempted", opportunity_id="O-1", participants=["sam"], actor="sam"
    )


def act(story, when, action, ref="T1", **more):
    return story.on(when, action, workflow=WORKFLOW, ref=ref, **{"actor": "sam", **more})


def snooze(story, when, until):
    return act(story, when, "task.snoozed", until=story.time(until).isoformat())


# ---------------------------------------------------------------- accept, start, finish


def test_work_goes_from_offered_to_done():
    story = act(an_attempt(), "Tue 03-03 11:00", "task.accepted")
    act(story, "Tue 03-03 12:00", "task.started")
    act(story, "Tue 03-03 13:00", "task.completed")

    assert [line.split()[3] for line in story.told("T1")] == [
        "task.offered",
        "task.accepted",
        "task.started",
        "task.completed",
    ]


def test_work_is_found_by_its_id_too():
    story = an_attempt()
    story.on("Tue 03-03 11:00", "task.accepted", id=story.work("T1")[0].id, actor="sam")

    assert story.open("T1") == ["T1 accepted sam"]


def test_an_action_on_work_that_is_not_there_says_so():
    story = an_attempt().on("Tue 03-03 11:00", "task.accepted", id="no-such-work", actor="sam")

    assert story.refused() == [
        "task.accepted names work 'no-such-work', which this account does not have; see `nofumble inbox`"
    ]


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("task.accepted", {}),
        ("task.started", {}),
        ("task.completed", {}),
        ("task.declined", {"reason": "no"}),
        ("task.snoozed", {"until": "2026-03-04"}),
    ],
)
def test_nothing_can_be_done_to_work_that_is_done(action, more):
    story = act(act(an_attempt(), "Tue 03-03 11:00", "task.completed"), "Tue 03-03 12:00", action, **more)

    assert [item.status for item in story.work("T1")] == ["done"]
    assert "is done; possible now: nothing (R11)" in story.refused()[-1]


def test_whoever_accepts_holds_it():
    story = act(an_attempt(), "Tue 03-03 11:00", "task.accepted", actor="sue")

    assert story.open("T1") == ["T1 accepted sue"]


def test_accepted_work_still_climbs_when_it_is_not_done():
    story = act(an_attempt(), "Tue 03-03 11:00", "task.accepted").until("Fri 03-06 09:00")

    assert [line[:15] for line in story.told("escalation.raised", "T1")] == [
        "Wed 03-04 13:15",
        "Wed 03-04 17:00",
        "Thu 03-05 17:00",
    ]


def test_work_that_is_passed_on_stops_to_climb_when_it_is_accepted():
    story = Story("product_request_relay", roles={"csm": "dana", "pm": "pat"}, organisation=COMPANY, lifecycle="live")
    story.on("Tue 03-03 10:00", "product.request.submitted", request_id="PR-7", problem="x", asker="jo", actor="dana")
    story.on("Wed 03-04 10:00", "task.accepted", workflow="product_request_relay", ref="T2", actor="pat")
    story.until("Fri 03-13 09:00")

    assert story.told("escalation.raised", "T2") == []


def test_finished_work_climbs_no_further():
    assert act(an_attempt(), "Tue 03-03 11:00", "task.completed").until("Fri 03-13 09:00").told("rung", "T1") == []


# ---------------------------------------------------------------- decline


def test_declined_work_goes_to_the_manager_with_a_deadline_of_her_own():
    story = act(an_attempt(), "Wed 03-04 10:00", "task.declined", reason="not my customer")

    # 1bd from Wed 03-04 is Thu 03-05
    assert story.told("T1")[1:] == [
        "Wed 03-04 10:00 task.declined T1 not my customer",
        "Wed 03-04 10:00 task.offered T1 sue due Thu 03-05 17:00",
    ]


def test_declining_needs_a_reason():
    story = act(an_attempt(), "Wed 03-04 10:00", "task.declined", reason="")

    assert story.open("T1") == ["T1 offered sam"]
    assert "needs a reason (R11)" in story.refused()[0]


def test_work_that_everybody_declines_waits_in_a_queue_and_never_gets_lost():
    story = an_attempt()
    for day, person in (("Tue 03-03", "sam"), ("Wed 03-04", "sue"), ("Thu 03-05", "carla"), ("Fri 03-06", "x")):
        act(story, f"{day} 11:00", "task.declined", reason="no", actor=person)

    assert story.open("T1") == ["T1 offered cs.unassigned"]


# ---------------------------------------------------------------- snooze


def test_a_snooze_moves_what_is_left_of_the_ladder():
    story = snooze(an_attempt(), "Tue 03-03 11:00", "Fri 03-06 10:00").until("Thu 03-12 09:00")

    # from the end of the snooze on: the holder then, her manager 1bd later (Mon 03-09), the head 3bd later (Wed 03-11)
    assert [line for line in story.told("escalation.raised", "T1") if "rung 1" not in line] == [
        "Fri 03-06 10:00 escalation.raised T1 rung 2 sam",
        "Mon 03-09 17:00 escalation.raised T1 rung 3 sue",
        "Wed 03-11 17:00 escalation.raised T1 rung 4 carla",
    ]


def test_nobody_is_reminded_of_what_is_snoozed():
    story = snooze(an_attempt(), "Tue 03-03 11:00", "Fri 03-06 10:00").until("Fri 03-06 09:59")

    assert story.told("escalation.raised", "T1") == []


def test_a_snooze_that_ends_before_the_due_time_leaves_the_ladder_after_it():
    story = snooze(an_attempt(), "Tue 03-03 11:00", "Wed 03-04 15:00").until("Thu 03-05 18:00")

    assert [line[:15] for line in story.told("escalation.raised", "T1")] == [
        "Wed 03-04 15:00",  # instead of 13:15
        "Wed 03-04 17:00",
        "Thu 03-05 17:00",
    ]


def test_work_is_snoozed_twice_at_most():
    story = snooze(an_attempt(), "Tue 03-03 11:00", "Wed 03-04 11:00")
    snooze(story, "Wed 03-04 11:00", "Thu 03-05 11:00")
    snooze(story, "Thu 03-05 11:00", "Fri 03-06 11:00")

    assert len(story.told("task.snoozed")) == 2
    assert "may be snoozed 2 times and 5bd in all (R12)" in story.refused()[0]


@pytest.mark.parametrize(
    ("until", "allowed"),
    [
        ("Tue 03-10 23:00", True),  # the 5th working day after Tue 03-03
        ("Wed 03-11 00:30", False),  # the 6th
    ],
)
def test_work_is_snoozed_for_five_working_days_at_most(until, allowed):
    story = snooze(an_attempt(), "Tue 03-03 11:00", until)

    assert (len(story.told("task.snoozed")) == 1) is allowed


@pytest.mark.parametrize(
    ("until", "allowed"),
    [
        ("Wed 03-11 10:00", True),  # 3bd until Fri 03-06, and 2bd from Mon 03-09 on
        ("Thu 03-12 10:00", False),
    ],
)
def test_two_snoozes_share_the_five_working_days(until, allowed):
    story = snooze(an_attempt(), "Tue 03-03 11:00", "Fri 03-06 10:00")
    snooze(story, "Mon 03-09 10:00", until)

    assert (len(story.told("task.snoozed")) == 2) is allowed


def test_a_snooze_into_the_past_is_none():
    story = snooze(an_attempt(), "Tue 03-03 11:00", "Tue 03-03 10:30")

    assert "a time to come" in story.refused()[0]


# ---------------------------------------------------------------- hand on, acknowledge, mark


def test_work_is_handed_to_somebody_else():
    story = act(an_attempt(), "Tue 03-03 11:00", "task.reassigned", to="ann", reason="she knows them")

    assert story.open("T1") == ["T1 offered ann"]


def test_an_alert_is_acknowledged_and_still_resolved_by_the_facts():
    story = act(an_attempt(), "Tue 03-03 11:00", "alert.acknowledged", "A1", actor="dana")
    assert story.open("A1") == ["A1 acknowledged warn"]

    act(story, "Tue 03-03 12:00", "task.completed")
    act(story, "Tue 03-03 13:00", "task.completed", "T2", actor="dana", outcome="go")
    assert story.open() == []


@pytest.mark.parametrize("events_after", [0, 8])
def test_work_that_was_closed_long_ago_is_refused_in_the_same_words_whether_it_was_forgotten_or_not(events_after):
    """When it is forgotten hangs on the number of entries, which differs between workers (0006)."""
    story = act(an_attempt(), "Tue 03-03 11:00", "task.completed")
    for _ in range(events_after):
        story.on("Mon 03-09 10:00", "acme.custom.happened")
    act(story, "Mon 03-09 11:00", "task.started")

    assert story.refused() == [
        f"task.started names work '{WORKFLOW}/T1', which this account does not have; see `nofumble inbox`"
    ]


def test_an_action_on_the_wrong_kind_of_work_is_refused():
    story = act(an_attempt(), "Tue 03-03 11:00", "task.completed", "A1")

    assert "task.completed needs a task" in story.refused()[0]


def test_a_mark_of_use_or_noise_is_kept_with_the_work():
    story = act(an_attempt(), "Tue 03-03 11:00", "feedback.recorded", "A1", mark="useful", note="thanks")

    assert [item.notes for item in story.work("A1")] == [["feedback: useful thanks"]]


# ---------------------------------------------------------------- away


def away(story, person, first, last, arrived="Mon 03-02 08:00", **more):
    return story.on(
        arrived, "people.user.away_set", subject=person, person=person, **{"from": first, "to": last, **more}
    )


def briefed(story):
    """T2 is for Dana, due Thu 03-05."""
    return act(story, "Wed 03-04 11:00", "task.completed")


def test_work_that_falls_due_while_its_holder_is_away_goes_to_her_delegate():
    story = briefed(away(an_attempt(), "dana", "2026-03-05", "2026-03-06", arrived="Tue 03-03 10:30"))

    assert story.told("T2") == ["Wed 03-04 11:00 task.proposed T2 eve due Thu 03-05 17:00"]
    assert story.last("T2")["to"] == {"role": "csm", "person": "eve", "away": "dana"}


def test_work_that_falls_due_when_she_is_back_stays_hers():
    story = briefed(away(an_attempt(), "dana", "2026-03-06", "2026-03-13", arrived="Tue 03-03 10:30"))

    assert story.open("T2") == ["T2 proposed dana"]


def test_without_a_delegate_the_next_in_the_chain_gets_it():
    people = COMPANY["people"] | {"dana": {"team": "cs"}}
    story = an_attempt({"people": people})
    briefed(away(story, "dana", "2026-03-05", "2026-03-06", arrived="Tue 03-03 10:30"))

    assert story.open("T2") == ["T2 proposed max"]


def test_an_absence_of_less_than_a_working_day_moves_nothing():
    story = away(an_attempt(), "dana", "2026-03-05T13:00:00Z", "2026-03-05T18:00:00Z", arrived="Tue 03-03 10:30")

    assert briefed(story).open("T2") == ["T2 proposed dana"]
