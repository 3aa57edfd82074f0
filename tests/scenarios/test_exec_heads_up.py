"""W19: our executives know before a friend at the customer tells them."""

import pytest

from tests.scenarios.scenario import Story, shipped

ROLES = {
    "csm": "dana",
    "am": "sam",
    "support_owner": "kim",
    "cs_manager": "lee",
    "exec_sponsor": "eve",
    "ceo": "carla",
    "cs_ops": "ops",
}
BESIDE = ("exec_heads_up", "crisis_hold_and_recovery", "account_nps", "onboarding_to_first_value")
OPENED, RESOLVED, CALLED = "support.ticket.opened", "support.ticket.resolved", "exec.contact.reported"


def acme(tier=1, **facts):
    definitions = {name: shipped()[name] for name in BESIDE}
    return Story(roles=ROLES, definitions=definitions, **{"lifecycle": "live", "tier": tier, **facts})


def dinner(story, when="Mon 03-02 09:00", at="2026-03-09T19:00:00Z"):
    return story.on(when, "exec.meeting.planned", our_exec="carla", their_exec="jo", at=at)


def crisis(story, when="Tue 03-03 10:00"):
    return story.on(when, OPENED, ticket_id="T-9", severity=1)


def called(story, when="Thu 03-05 11:00", **data):
    return story.on(when, CALLED, **{"our_exec": "carla", "their_exec": "jo", **data})


def versions(story):
    story.told()
    return [one.line.data["version"] for one in story.lines if one.line.type == "exec.brief.published"]


def ours(story, *words):
    """List what this workflow says of its tasks and alerts."""
    story.told()
    return [
        one.line.data["ref"]
        for one in story.lines
        if one.line.data.get("workflow") == "exec_heads_up" and one.line.type in words
    ]


def test_the_order_of_the_meeting_and_the_crisis_does_not_matter():
    story = dinner(crisis(acme()), "Tue 03-03 11:00")

    assert versions(story) == [1]
    assert [one.due.isoformat() for one in story.work("T1") if one.workflow == "exec_heads_up"] == [
        "2026-03-04T17:00:00+00:00"
    ]


@pytest.mark.parametrize("tier", [2, 3])
def test_a_crisis_at_another_tier_is_not_for_executives(tier):
    assert versions(crisis(dinner(acme(tier)))) == []


def test_without_a_tie_there_is_no_brief():
    assert versions(crisis(acme())) == []


def test_a_tie_without_an_issue_is_no_work():
    assert ours(dinner(acme()).until("Mon 03-09 09:00"), "task.proposed", "task.offered", "alert.raised") == []


def test_the_call_brings_the_next_version_and_says_that_it_was_known():
    story = called(crisis(dinner(acme())))

    said = story.last("alert.raised", "A2")
    assert (said["known"], said["brief_version"]) == (True, 2)
    assert versions(story) == [1, 2]


def test_each_change_of_the_issue_refreshes_the_brief():
    story = crisis(dinner(acme())).on("Wed 03-04 10:00", "support.ticket.escalated", ticket_id="T-9")

    assert versions(called(story)) == [1, 2, 3]


def test_the_brief_names_who_has_the_ball_and_the_plan():
    story = crisis(dinner(acme()))

    said = story.last("exec.brief.published")
    assert set(said["readers"]) == {"carla", "eve"}
    assert "crisis with kim since 2026-03-03, customer told not yet" in said["says"][1]
    assert "(dana, 2026-03-03)" in said["says"][2]


def test_a_brief_that_was_checked_is_fresh():
    story = crisis(dinner(acme()))
    story.on("Wed 03-04 10:00", "task.completed", workflow="exec_heads_up", ref="T1", actor="dana")

    assert ours(story.until("Wed 03-04 18:00"), "alert.raised") == []


def test_what_was_unknown_is_looked_into_and_what_was_known_is_not():
    assert "T3" in ours(called(acme()), "task.proposed")
    assert "T3" not in ours(called(crisis(acme())), "task.proposed")


def test_a_second_call_on_the_same_issue_is_the_same_matter():
    story = called(called(crisis(dinner(acme()))), "Thu 03-05 14:00", our_exec="eve")

    assert ours(story, "alert.raised").count("A2") == 1


def test_a_call_without_a_name_goes_to_the_sponsor():
    story = acme().on("Thu 03-05 11:00", CALLED, about="trouble")

    assert "T4 offered eve" in story.open()


def test_a_decision_maker_who_is_a_detractor_is_an_issue():
    story = acme(3).on("Mon 01-12 09:00", "customer.contact.joined", contact_id="jo", role_to="decision_maker")
    story.on("Mon 02-02 09:00", "exec.relation.recorded", our_exec="eve", their_exec="jo")
    story.on("Mon 03-02 09:00", "survey.nps.responded", wave="2026-Q1", response_id="R-1", contact_id="jo", score=3)

    assert versions(story) == [1]


def test_an_onboarding_that_is_stuck_is_an_issue():
    story = acme(2, lifecycle="signed").on("Mon 02-02 09:00", "exec.relation.recorded", our_exec="eve")
    story.on("Tue 03-03 10:00", "cs.kickoff.held", contract_id="C-1", products=["Core"])
    story.until("Tue 03-24 16:00")
    assert versions(story) == []

    assert versions(story.until("Tue 03-24 17:00")) == [1]


def test_it_is_over_when_the_executive_closed_the_loop_after_the_fix():
    story = called(crisis(dinner(acme()))).on("Fri 03-06 10:00", RESOLVED, ticket_id="T-9")
    assert "T5/live offered carla" in story.open()

    story.on("Mon 03-09 10:00", "task.completed", workflow="exec_heads_up", ref="T5", actor="carla")
    assert not any(one.startswith("exec_heads_up") for one in story.running())


def test_the_next_issue_of_a_tie_that_is_known_begins_again():
    story = acme().on("Mon 02-02 09:00", "exec.relation.recorded", our_exec="eve", their_exec="jo")
    crisis(story).on("Tue 03-03 15:00", RESOLVED, ticket_id="T-9")
    story.on("Thu 03-05 10:00", OPENED, ticket_id="T-10", severity=1)

    assert versions(story) == [1, 1]
