"""Why did a workflow not begin, and what is the least that would have made it begin? Each change is tried."""

from dataclasses import replace

import msgspec
import pytest

from tests.scenarios.scenario import Story, shipped
from workflows.reasons.changes import changed_past, read_changes
from workflows.reasons.past import past_of
from workflows.reasons.why_not import WhyNot, why_not

OPENED, DECLINED = "support.ticket.opened", "cs.meeting.declined"


def asked(story: Story, workflow: str, *, at: str | None = None, key: str | None = None) -> WhyNot:
    """Ask why-not at the end of the story, or at a time of it."""
    history = story.history
    past = past_of(history, max(one for one in (history.frontier, history.fired) if one is not None))
    return why_not(past if at is None else past.as_of(story.time(at)), shipped()[workflow], key=key)


def begins(story: Story, found: WhyNot) -> bool:
    """Tell whether the workflow begins once the changes are applied, as an answer in JSON says them."""
    history = story.history
    past = past_of(history, found.at).as_of(found.at)
    changed = changed_past(past, read_changes(msgspec.json.encode(found)))
    return any(run.workflow == found.workflow for run in changed.fold().state.runs.values())


def customer(**facts):
    return Story(roles={"csm": "dana", "am": "sam", "support_owner": "kim"}, lifecycle="live", **facts)


def test_without_any_event_of_its_start_one_that_comes_would_begin_it():
    story = customer()

    found = asked(story, "signature_to_kickoff")

    assert (found.fired, found.stop.kind) == (False, "no_event")
    assert found.stop.words == "no sales.contract.signed was heard"
    assert [type(one).__name__ for one in found.changes] == ["AddEvent"]
    assert begins(story, found)


def test_the_first_clause_that_failed_is_named_with_what_it_read():
    story = customer().on("Tue 03-03 10:00", "sales.contract.signed", name="sf-7", contract_id="C-1", kind="renewal")

    found = asked(story, "signature_to_kickoff")

    assert (found.stop.kind, found.stop.event.id) == ("condition", "sf-7")
    assert found.stop.clause.text == 'event.kind in ["new", "new_product"]'
    assert (found.stop.clause.value, found.stop.clause.read) == (False, {"event.kind": "renewal"})


def test_an_event_that_came_near_had_only_to_say_something_else_in_one_field():
    story = customer().on("Tue 03-03 10:00", "sales.contract.signed", name="sf-7", contract_id="C-1", kind="renewal")

    found = asked(story, "signature_to_kickoff")

    (change,) = found.changes
    assert (change.event, change.field, change.value, change.was) == ("sf-7", "data.kind", "new", "renewal")
    assert found.words == "it would begin if sales.contract.signed sf-7 had said 'new' as kind, in place of 'renewal'"
    assert begins(story, found)


def test_what_waits_for_a_date_says_when_it_would_be_true_and_time_alone_begins_it():
    story = customer(renewal_date="2026-12-01")

    found = asked(story, "renewal_runway")

    assert (found.stop.kind, found.stop.due) == ("pending", story.time("Mon 08-03 00:00"))
    assert [type(one).__name__ for one in found.changes] == ["AdvanceTime"]
    assert begins(story, found)


def test_what_was_counted_says_how_much_is_missing():
    story = customer().on("Tue 03-03 10:00", DECLINED, name="cal-1", type="review", by="customer", reason="busy")

    found = asked(story, "review_avoidance")

    assert (found.stop.kind, found.stop.have, found.stop.need, found.stop.behind) == ("count", 1, 2, ["cal-1"])
    assert [type(one).__name__ for one in found.changes] == ["AddEvent"]
    assert begins(story, found)


def test_a_guard_is_named_with_its_reason_and_what_it_read():
    story = customer(test=True).on("Tue 03-03 10:00", DECLINED, type="review", by="customer")
    story.on("Wed 03-04 10:00", DECLINED, name="cal-2", type="review", by="customer")

    found = asked(story, "review_avoidance")

    assert (found.stop.kind, found.stop.words) == ("guard", "not started: a test account")
    assert found.stop.clause.read == {"account.test": True}
    assert begins(story, found)


def test_a_hold_that_a_guard_met_is_named_with_what_began_it_and_without_that_it_begins():
    story = customer().on("Mon 02-02 10:00", "cs.value.realized", criterion="hours saved")
    story.on("Mon 03-02 10:00", OPENED, name="t-1", ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", "cs.milestone.reached", name="m-1", stage="new_team")

    found = asked(story, "expansion_together")

    assert (found.stop.kind, found.stop.event.id) == ("guard", "m-1")
    assert found.stop.words.startswith("not started: selling is on hold (")
    assert {"upsell"} <= {one.scope for one in found.stop.holds}
    assert set(found.stop.behind) == {"t-1"}
    assert [(type(one).__name__, one.event) for one in found.changes] == [("LeaveOut", "t-1")]
    assert begins(story, found)


def test_what_was_folded_into_a_thread_names_the_thread_and_begins_without_it():
    story = customer().on("Mon 03-02 10:00", OPENED, name="t-1", ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", DECLINED, type="review", by="customer")
    story.on("Wed 03-04 10:00", DECLINED, type="review", by="customer")

    found = asked(story, "review_avoidance")

    assert (found.stop.kind, found.stop.behind) == ("folded", ["t-1"])
    assert "folded into crisis_hold_and_recovery crisis" in found.stop.words
    assert [getattr(one, "event", None) for one in found.changes] == ["t-1"]
    assert begins(story, found)


def test_a_workflow_that_is_off_is_stopped_by_its_mode_and_nothing_else():
    story = Story("advocacy_moment", roles={"csm": "dana", "ae": "sam"})
    story.on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1", kind="new")
    known = shipped()["signature_to_kickoff"]
    off = replace(known, source=known.source.model_copy(update={"mode": "off"}))
    history = story.history

    found = why_not(past_of(history, history.frontier), off)

    assert (found.mode, found.stop.kind) == ("off", "mode")
    assert [(type(one).__name__, one.workflow, one.mode) for one in found.changes] == [
        ("SetMode", "signature_to_kickoff", "active")
    ]


def test_what_did_begin_says_so_with_its_steps_and_why_it_does_not_begin_again():
    story = customer().on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1", kind="new")
    story.on("Wed 03-04 10:00", "sales.contract.signed", contract_id="C-1", kind="new")

    found = asked(story, "signature_to_kickoff")

    (run,) = found.runs
    assert (found.fired, run.key, run.status, found.changes) == (True, "C-1", "running", [])
    assert run.steps["L1"] == "open"
    assert story.time("Fri 03-06 17:00") in run.waits.values()
    assert (found.stop.kind, found.stop.key) == ("reentry", "C-1")


def test_a_key_asks_for_that_run_alone():
    story = customer().on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1", kind="new")

    assert asked(story, "signature_to_kickoff", key="C-1").fired
    assert not asked(story, "signature_to_kickoff", key="C-2").fired


def test_at_a_time_only_what_had_arrived_by_then_counts():
    story = customer()
    story.on("Tue 03-03 10:00", "sales.contract.signed", arrived="Wed 03-04 09:00", contract_id="C-1", kind="new")

    before = asked(story, "signature_to_kickoff", at="Tue 03-03 18:00")

    assert (before.fired, before.stop.kind) == (False, "no_event")
    assert asked(story, "signature_to_kickoff", at="Wed 03-04 09:00").fired


def test_an_event_that_came_too_late_is_named_as_what_was_too_late():
    story = customer()
    story.on(
        "Tue 03-03 10:00", "sales.contract.signed", arrived="Mon 03-09 10:00", name="sf-7", contract_id="C", kind="new"
    )

    found = asked(story, "signature_to_kickoff")

    assert (found.stop.kind, found.stop.event.id) == ("too_late", "sf-7")
    assert "(R4)" in found.stop.words
    assert begins(story, found)


def test_a_run_that_a_gate_holds_back_says_what_the_gate_says():
    story = customer().on("Mon 03-02 10:00", OPENED, ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", "customer.contact.joined", contact_id="jo", role_to="champion")
    story.on("Tue 03-03 11:00", "marketing.ask.requested", ask_id="A-1", kind="testimonial", contact_id="jo")

    found = asked(story, "advocacy_ask_gate")

    assert found.fired
    assert [gate.decision for run in found.runs for gate in run.gates] == ["hold"]
    assert "crisis" in str([gate.reasons for run in found.runs for gate in run.gates])


NO_SINGLE_CHANGE = {"owner_return": "a long absence, and work that others hold because of it"}
"""What begins after a story only, which no single event stands for."""


@pytest.mark.parametrize("workflow", sorted(NO_SINGLE_CHANGE))
def test_of_what_begins_after_a_story_only_no_change_is_made_up(workflow: str):
    found = asked(customer(), workflow)

    assert not found.fired
    assert found.changes == []
    assert found.words == "no small change is known that would make it begin"


@pytest.mark.parametrize("workflow", sorted(shipped().keys() - NO_SINGLE_CHANGE))
def test_every_shipped_workflow_can_be_made_to_begin_at_a_customer_of_whom_little_is_known(workflow: str):
    story = customer()
    story.on("Tue 03-03 10:00", "customer.contact.joined", contact_id="jo", role_to="champion", email="jo@acme.example")

    found = asked(story, workflow)

    assert found.fired or found.changes, found.sentence
    assert found.fired or begins(story, found), found.words
