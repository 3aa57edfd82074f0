"""What is known late changes what was decided (R4, R8): untouched work goes, touched work stays with a note.

More than 72 h late is too late: it stays on the timeline and raises nothing.
"""

import pytest

from tests.scenarios.scenario import Story

TUESDAY = "Tue 03-03 10:00"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ROLES = {"ae": "sam", "am": "sam", "csm": "dana", "pm": "pat", "support_owner": "kim"}


def an_attempt():
    """W03: an upsell attempt without the CSM on Tue 03-03 10:00."""
    story = Story("sales_contact_without_csm", roles=ROLES, lifecycle="live")
    return story.on(
        TUESDAY, "sales.upsell.attempted", opportunity_id="O-1", contact_ids=["jo"], participants=["sam"], actor="sam"
    )


def the_copy(story, arrived="Tue 03-03 15:00"):
    """The e-mail that shows that the CSM was copied, two minutes before."""
    return story.on(
        "Tue 03-03 09:58",
        "sales.contact.logged",
        arrived=arrived,
        direction="out",
        purpose="upsell",
        contact_ids=["jo"],
        cc=["dana"],
        actor="sam",
    )


def act(story, when, action, ref, **more):
    return story.on(when, action, workflow="sales_contact_without_csm", ref=ref, **{"actor": "sam", **more})


# ---------------------------------------------------------------- touched work


def test_work_that_somebody_has_accepted_stays_with_a_note():
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "task.accepted", "T1"))

    assert story.told("task.updated") == ["Tue 03-03 15:00 task.updated T1 late_evidence"]
    assert story.told("alert.retracted") == ["Tue 03-03 15:00 alert.retracted A1 late_evidence"]
    assert story.open() == ["T1 accepted sam"]


def test_work_that_stayed_is_closed_by_its_holder():
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "task.accepted", "T1"))
    act(story, "Tue 03-03 16:00", "task.completed", "T1")

    assert story.open() == []
    assert story.told("task.completed") == ["Tue 03-03 16:00 task.completed T1"]


def test_work_that_stayed_brings_no_further_work():
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "task.accepted", "T1"))
    act(story, "Tue 03-03 16:00", "task.completed", "T1").until("Fri 03-13 09:00")

    assert story.told("T2") == []
    assert story.told("escalation.raised") == []


def test_an_alert_that_somebody_has_acknowledged_stays_with_a_note():
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "alert.acknowledged", "A1", actor="dana"))

    assert story.open() == ["A1 acknowledged warn"]
    assert story.told("alert.updated") == ["Tue 03-03 15:00 alert.updated A1 late_evidence"]


def test_work_that_was_done_stays_done():
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "task.completed", "T1"))

    assert [item.status for item in story.work("T1")] == ["done"]
    assert story.told("task.cancelled") == ["Tue 03-03 15:00 task.cancelled T2 late_evidence"]


def test_a_second_late_event_keeps_what_the_first_has_kept():
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "task.accepted", "T1"))
    story.on("Tue 03-03 09:00", "cs.health.changed", arrived="Tue 03-03 16:00", to="green")

    assert story.open() == ["T1 accepted sam"]
    assert len(story.told("task.updated")) == 1


# ---------------------------------------------------------------- actions that come late


def test_an_action_keeps_the_time_at_which_it_was_taken():
    # Offline: Sam was done on Wed at 16:00, before the task was due, and is online again on Thu.
    story = an_attempt()
    act(story, "Wed 03-04 16:00", "task.completed", "T1", arrived="Thu 03-05 09:00")

    assert story.told("task.completed") == ["Thu 03-05 09:00 task.completed T1"]
    assert [f"{item.closed_at:%a %H:%M}" for item in story.work("T1")] == ["Wed 16:00"]
    # T2 has 1bd from Wed 03-04, when T1 was done
    assert story.told("task.proposed", "T2") == ["Thu 03-05 09:00 task.proposed T2 dana due Thu 03-05 17:00"]


def test_an_action_that_comes_late_and_is_not_possible_says_so():
    story = an_attempt().on("Tue 03-03 12:00", "cs.health.changed", to="green")
    act(story, "Tue 03-03 11:00", "task.completed", "T7", arrived="Tue 03-03 13:00")

    assert [one for one in story.refused() if "T7" in one] != []


def test_what_was_refused_once_is_not_refused_again_with_every_late_event():
    story = act(an_attempt(), "Tue 03-03 11:00", "task.completed", "T7")
    the_copy(story)

    assert len(story.refused()) == 1


def test_an_intent_that_is_known_late_is_answered():
    story = Story("crisis_hold_and_recovery", roles=ROLES, lifecycle="live")
    story.on(TUESDAY, "support.ticket.opened", ticket_id="T-9", severity=1)
    story.on("Tue 03-03 10:30", "support.ticket.updated", ticket_id="T-9")
    story.on("Tue 03-03 10:05", "sales.intent.announced", arrived="Tue 03-03 11:00", purpose="upsell", actor="sam")

    assert story.told("preflight.answered") == ["Tue 03-03 11:00 preflight.answered hold crisis"]


def test_work_that_a_person_finished_while_it_was_being_taken_back_stays_finished():
    # Accepted at 11:00, done offline at 14:00; the copy is known at 15:00, the completion at 16:00.
    story = the_copy(act(an_attempt(), "Tue 03-03 11:00", "task.accepted", "T1"))
    act(story, "Tue 03-03 14:00", "task.completed", "T1", arrived="Tue 03-03 16:00")

    assert story.open() == []


# ---------------------------------------------------------------- late starts


def test_a_signature_that_is_known_two_days_late_begins_with_its_own_time():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on("Wed 03-04 10:00", "cs.health.changed", to="green")
    story.on(TUESDAY, "sales.contract.signed", arrived="Thu 03-05 18:00", contract_id="C-1", kind="new", actor="sam")

    assert story.told("task.offered", "T1") == ["Thu 03-05 18:00 task.offered T1 sam due Wed 03-04 17:00"]
    assert story.told("alert.raised") == ["Thu 03-05 18:00 alert.raised A4 warn sam+dana"]


def test_an_event_exactly_72_hours_late_still_counts():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", arrived="Fri 03-06 10:00", contract_id="C-1", kind="new", actor="sam")

    assert story.running() == ["signature_to_kickoff/acme/C-1"]


# ---------------------------------------------------------------- too late


def test_a_start_that_comes_too_late_starts_nothing_and_is_on_the_timeline():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", arrived="Fri 03-06 10:01", contract_id="C-1", kind="new", actor="sam")
    story.until("Wed 03-25 09:00")

    assert story.told() == []
    assert [(one.event.type, one.too_late) for one in story.history.entries if one.event][-1] == (
        "sales.contract.signed",
        True,
    )


def test_what_comes_too_late_is_still_known_of_the_account():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", arrived="Fri 03-06 10:01", contract_id="C-1", kind="new", actor="sam")

    assert story.history.state.lifecycle == "signed"


def test_a_proof_that_comes_too_late_ends_the_matter_and_takes_nothing_back():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", contract_id="C-1", kind="new", actor="sam").until("Mon 03-16 09:00")
    story.on("Thu 03-12 11:00", "cs.kickoff.held", arrived="Mon 03-16 10:00", contract_id="C-1").until(
        "Wed 03-18 09:00"
    )

    assert story.told("A2") == [
        "Thu 03-12 17:00 alert.raised A2 urgent cs.unassigned+sales.unassigned",
        "Mon 03-16 10:00 alert.resolved A2",
    ]
    assert story.told("A3") == []


def test_what_comes_too_late_raises_no_alert():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", contract_id="C-1", kind="new", actor="sam")
    # Booked for Thu 03-19, beyond the 7bd; in time this is told at once. A2 comes when its own time comes.
    data = {"contract_id": "C-1", "at": "2026-03-19T10:00:00Z"}
    story.on("Wed 03-04 10:00", "cs.kickoff.scheduled", arrived="Mon 03-09 10:00", **data).until("Thu 03-12 16:00")
    assert story.told("A2") == []

    story.until("Fri 03-13 09:00")
    assert story.told("A2") == ["Thu 03-12 17:00 alert.raised A2 urgent cs.unassigned+sales.unassigned"]


@pytest.mark.parametrize(("late", "alerts"), [("Fri 03-06 10:00", 1), ("Fri 03-06 10:01", 0)])
def test_a_state_that_is_known_too_late_was_not_held(late, alerts):
    story = Story("crisis_hold_and_recovery", roles=ROLES, lifecycle="live")
    story.on(TUESDAY, "support.ticket.opened", arrived=late, ticket_id="T-9", severity=2).until("Fri 03-13 09:00")

    assert len(story.raised()) == alerts


def test_an_end_that_is_known_too_late_still_ends_a_state():
    story = Story("crisis_hold_and_recovery", roles=ROLES, lifecycle="live")
    story.on("Mon 03-02 10:00", "support.ticket.opened", ticket_id="T-9", severity=4)
    # opened again with severity 2 on Fri 03-06: held until Tue 03-10 17:00; a resolution of Thu becomes known on Mon
    story.on("Fri 03-06 10:00", "support.ticket.reopened", ticket_id="T-9", severity=2)
    story.on("Fri 03-06 09:00", "support.ticket.resolved", arrived="Mon 03-09 10:00", ticket_id="T-9")
    story.until("Fri 03-13 09:00")

    assert story.told() == []


# ---------------------------------------------------------------- snapshots, and times that are past


def test_a_snapshot_after_a_timer_is_none_for_what_happened_before_the_timer(monkeypatch):
    monkeypatch.setattr("workflows.history.SNAPSHOT_EVERY", 3)
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", contract_id="C-1", kind="new", actor="sam")
    # The third entry: of Wed, known on Fri 18:00, after A4 of Thu and A1 of Fri. The state is written down now.
    story.on("Wed 03-04 10:00", "cs.health.changed", arrived="Fri 03-06 18:00", to="green")
    story.on("Thu 03-05 10:00", "cs.kickoff.scheduled", arrived="Fri 03-06 19:00", contract_id="C-1")

    assert story.told("alert.retracted") == [
        "Fri 03-06 19:00 alert.retracted A4 late_evidence",
        "Fri 03-06 19:00 alert.retracted A1 late_evidence",
    ]


def test_what_is_forgotten_of_closed_work_does_not_depend_on_how_often_a_state_is_written_down(monkeypatch):
    def known_after_each_event(snapshot_every):
        monkeypatch.setattr("workflows.history.SNAPSHOT_EVERY", snapshot_every)
        story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
        story.on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1", kind="new", actor="sam")
        story.on("Tue 03-03 11:00", "sales.handoff.submitted", contract_id="C-1")
        known = []
        for day in range(4, 24):
            story.on(f"{WEEKDAYS[(day - 2) % 7]} 03-{day:02} 10:00", "cs.health.changed", to="green")
            known.append(sorted(item.ref for item in story.work()))
        return known

    known = known_after_each_event(5)

    assert "T1" in known[0]
    assert "T1" not in known[-1]  # closed for longer than anything may come late
    assert known_after_each_event(1) == known_after_each_event(23) == known


def test_work_that_comes_after_its_due_time_climbs_from_when_it_came():
    story = Story("signature_to_kickoff", roles=ROLES, lifecycle="prospect")
    story.on(TUESDAY, "sales.contract.signed", contract_id="C-1", kind="new", actor="sam")
    story.on("Mon 03-09 10:00", "sales.handoff.submitted", contract_id="C-1")
    story.on("Mon 03-09 11:00", "cs.handoff.accepted", contract_id="C-1").until("Mon 03-09 12:00")

    # T4 had 2bd from Tue 03-03, until Thu 03-05. It is due at once; whoever is above hears of it a working day later.
    (task,) = story.work("T4")
    assert task.opened_at == story.time("Mon 03-09 11:00")
    assert task.rungs == ["skipped", "2026-03-09T11:00:00Z"]
    (task,) = story.until("Tue 03-10 17:00").work("T4")
    assert task.rungs[2:] == ["2026-03-10T17:00:00Z"]


def test_work_that_stayed_is_not_taken_for_the_same_work_of_what_comes_after():
    story = Story("crisis_hold_and_recovery", roles=ROLES, lifecycle="live")
    story.on(
        "Fri 03-13 08:00", "support.ticket.opened", ticket_id="T-2", severity=2
    )  # a crisis from Tue 03-17 17:00 on
    story.on("Thu 03-19 08:00", "task.accepted", workflow="crisis_hold_and_recovery", ref="T1", actor="sam")
    story.on(
        "Tue 03-17 08:00", "support.ticket.resolved", arrived="Thu 03-19 10:00", ticket_id="T-2"
    )  # and there was none
    assert story.open() == ["T1 accepted sam"]

    story.on("Fri 03-20 08:00", "support.ticket.opened", ticket_id="T-3", severity=1)
    assert story.open("T1") == ["T1 accepted sam", "T1 proposed dana"]
    assert len({item.id for item in story.work("T1")}) == 2


def test_work_that_begins_later_than_it_was_accepted_stays_accepted():
    story = Story("crisis_hold_and_recovery", roles=ROLES, lifecycle="live")
    story.on("Fri 03-13 08:00", "support.ticket.opened", ticket_id="T-2", severity=2)
    story.on("Thu 03-19 08:00", "task.accepted", workflow="crisis_hold_and_recovery", ref="T2", actor="kim")
    story.on("Thu 03-19 12:00", "support.ticket.opened", ticket_id="T-3", severity=1)
    # The crisis began on Thu at noon, not on Tue: T-2 was solved in time
    story.on("Tue 03-17 08:00", "support.ticket.resolved", arrived="Thu 03-19 14:00", ticket_id="T-2")

    assert story.open("T2") == ["T2 accepted kim"]
