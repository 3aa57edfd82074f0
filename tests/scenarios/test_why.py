"""Why does a piece of work exist, and what would have prevented it? Each answer is found in the past of the account."""

from tests.scenarios.scenario import Story
from workflows.account import Alert, Task
from workflows.reasons.past import Past, past_of
from workflows.reasons.why import line_id, why

OPENED, DECLINED = "support.ticket.opened", "cs.meeting.declined"


def past(story: Story) -> Past:
    """Return the past of the story's account, up to its latest timer or event."""
    history = story.history
    return past_of(history, max(one for one in (history.frontier, history.fired) if one is not None))


def signed() -> Story:
    story = Story("signature_to_kickoff", roles={"csm": "dana", "ae": "sam"})
    return story.on("Tue 03-03 10:00", "sales.contract.signed", name="sf-7", contract_id="C-1", kind="new", actor="sam")


def alert(story: Story, ref: str) -> Alert:
    return next(one for one in story.work(ref) if isinstance(one, Alert))


def test_an_alert_names_its_event_its_clock_its_rule_and_what_would_have_prevented_it():
    story = signed().until("Mon 03-09 10:00")

    found = why(past(story), alert(story, "A1").id)

    assert [(one.event, one.type, one.actor) for one in found.steps] == [("sf-7", "sales.contract.signed", "sam")]
    assert (found.clock.duration, found.clock.calendar, found.clock.pauses) == ("3bd", "organisation", [])
    assert (found.rule.workflow, found.rule.ref, found.rule.key) == ("signature_to_kickoff", "A1", "C-1")
    assert found.rule.when.startswith("3bd after the start without cs.kickoff.scheduled")
    assert found.values["csm"] == "dana"
    assert (found.confirmed, found.counterfactual.gone) == (True, True)
    assert found.counterfactual.words == "would not exist if sales.contract.signed sf-7 had not happened"
    assert "had happened by 2026-03-06T17:00:00Z" in found.counterfactual.rule
    assert found.sentence.startswith("no kickoff was scheduled within 3 business days of the signature; it began with")


def test_an_event_that_we_knew_of_late_has_both_of_its_times():
    story = Story("signature_to_kickoff", roles={"csm": "dana", "ae": "sam"})
    story.on("Tue 03-03 10:00", "sales.contract.signed", arrived="Wed 03-04 08:00", contract_id="C-1", kind="new")
    task = next(one for one in story.work() if isinstance(one, Task))

    (step,) = why(past(story), task.id).steps

    assert (step.time, step.arrived_at) == (story.time("Tue 03-03 10:00"), story.time("Wed 03-04 08:00"))


def test_where_another_event_would_have_begun_the_same_both_are_named():
    story = Story("crisis_hold_and_recovery", roles={"csm": "dana"}, lifecycle="live")
    story.on("Mon 03-02 10:00", OPENED, name="t-1", ticket_id="T", severity=1)
    story.on("Mon 03-02 11:00", OPENED, name="t-2", ticket_id="U", severity=1)
    hold = next(one for one in story.work() if one.ref == "H1")

    found = why(past(story), hold.id).counterfactual

    assert found.gone
    assert [one.event for one in found.without] == ["t-1", "t-2"]
    assert "nor support.ticket.opened t-2, which would have begun it as well" in found.words


def test_a_rung_of_a_ladder_says_which_task_was_open_and_until_when_it_might_have_been_done():
    story = signed().until("Mon 03-16 10:00")
    story.told()
    line = next(one.line for one in story.lines if one.line.type == "escalation.raised")

    known = past(story)
    found = why(known, line_id(known, line))

    assert (found.kind, found.of) == ("escalation", line.data["of"])
    assert found.id in {one.id for one in why(known, found.of).escalations}
    assert [one.event for one in found.counterfactual.without] == ["sf-7"]
    assert "or if the task had been done by" in found.counterfactual.words


def test_what_a_crisis_folds_into_its_thread_is_told_with_its_work():
    story = Story(roles={"csm": "dana", "am": "sam", "support_owner": "kim"}, lifecycle="live")
    story.on("Mon 03-02 10:00", OPENED, name="t-1", ticket_id="T", severity=1)
    story.on("Tue 03-03 10:00", DECLINED, type="review", by="customer")
    story.on("Wed 03-04 10:00", DECLINED, type="review", by="customer")
    hold = next(one for one in story.work("H1") if one.workflow == "crisis_hold_and_recovery")

    folded = why(past(story), hold.id).folded

    assert ("alert.suppressed", "review_avoidance") in {(one.type, one.workflow) for one in folded}


def test_a_hold_tells_whom_it_has_stopped():
    story = Story("crisis_hold_and_recovery", roles={"csm": "dana", "am": "sam"}, lifecycle="live")
    story.on("Mon 03-02 10:00", OPENED, name="t-1", ticket_id="T", severity=1)
    story.on("Mon 03-02 12:00", "sales.intent.announced", purpose="upsell", actor="sam")
    hold = next(one for one in story.work("H1") if one.scope == "upsell")

    stopped = [one for one in why(past(story), hold.id).folded if one.type == "preflight.answered"]

    assert [one.because.partition(":")[0] for one in stopped] == ["upsell"]


def test_clocks_that_stood_still_say_from_when_to_when():
    story = Story("onboarding_to_first_value", roles={"csm": "dana"}, lifecycle="onboarding")
    story.on("Tue 03-03 10:00", "cs.kickoff.held", products=["core"], actor="dana")
    story.on("Wed 03-11 10:00", "cs.note.logged", tags=["waiting_on_customer"])
    story.on("Wed 03-18 10:00", "cs.note.logged", tags=["customer_ready"]).until("Fri 05-29 10:00")
    clocks = [found.clock for item in story.work() if (found := why(past(story), item.id)).clock is not None]

    pauses = [one for clock in clocks for one in clock.pauses]

    assert {(one.since, one.until) for one in pauses} == {
        (story.time("Wed 03-11 10:00"), story.time("Wed 03-18 10:00"))
    }


def test_work_that_the_past_does_not_bring_has_no_why():
    assert why(past(signed()), "00000000-0000-0000-0000-000000000000") is None


def test_asking_changes_nothing():
    story = signed().until("Mon 03-09 10:00")
    before = past(story).fold().state

    why(past(story), alert(story, "A1").id)

    assert story.history.state == before
