"""What the shipped workflows leave out, and the language lets one write: each a small definition and what it does."""

import pytest

from tests.scenarios.scenario import Story
from workflows.language.compiler import compile_definition
from workflows.language.grammar import DefinitionSource

OPENED = "support.ticket.opened"


def written(*steps, **more):
    """A definition with these steps, started by a signature."""
    plain = {
        "name": "corner",
        "title": "A corner of the language",
        "team": "cs",
        "version": "1.0.0",
        "purpose": "See what it does.",
        "start": {"on": "sales.contract.signed"},
        "key": "event.contract_id",
        "marks": {"touched": {"on": ["cs.contact.logged", "cs.kickoff.deferred"]}},
        "steps": list(steps),
        "done": {"on": "cs.kickoff.held"},
        "examples": [{"name": "none", "when": [{}], "never": [{"type": "alert.raised"}]}],
        **more,
    }
    return compile_definition(DefinitionSource.model_validate(plain))


def begun(*steps, **more):
    """A story of that definition, begun on Tue 03-03 10:00."""
    story = Story(roles={"csm": "dana"}, definitions={"corner": written(*steps, **more)})
    return story.on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1")


def task(ref="T1", **more):
    return {"ref": ref, "task": f"Do {ref}", "to": "csm", "due": "1bd", **more}


def test_a_step_that_is_done_before_its_delay_is_over_does_not_begin():
    story = begun(task(delay="2d", done_by={"on": OPENED}), task("T2", after="T1"))
    story.on("Wed 03-04 10:00", OPENED, ticket_id="T-1").until("Fri 03-06 10:00")

    assert story.told("T1") == []
    assert story.open() == ["T2 proposed dana"]


def test_a_task_that_repeats_is_open_once_at_a_time():
    story = begun(task(delay="30m", repeats=True, done_by={"on": OPENED}))
    story.on("Tue 03-03 10:10", OPENED, ticket_id="T-1").until("Fri 03-13 10:00")

    assert story.open() == ["T1 proposed dana"]


def test_a_task_that_waits_for_quiet_is_not_asked_for_twice():
    held = {"held": {"mark": "touched", "for": "5d"}, "clock": "trigger", "done_by": {"on": "cs.contact.logged"}}
    story = begun(task(**held)).on("Wed 03-04 10:00", "cs.contact.logged", direction="out")
    story.until("Mon 03-09 11:00")
    assert story.open() == ["T1 proposed dana"]

    # moved by something that does not complete it, and quiet again for five days
    story.on("Tue 03-10 10:00", "cs.kickoff.deferred").until("Mon 03-16 10:00")
    assert story.open() == ["T1 proposed dana"]


def test_an_expected_event_that_comes_is_followed_by_what_comes_after():
    expect = {"ref": "X1", "expect": {"on": OPENED, "within": "2bd"}}
    story = begun(expect, task(after="X1"), task("T2", missed="X1"))
    story.on("Thu 03-05 17:00", OPENED, ticket_id="T-1").until("Mon 03-09 10:00")

    assert story.open() == ["T1 proposed dana"]


def test_an_expected_event_that_does_not_come_is_followed_by_what_is_missed():
    expect = {"ref": "X1", "expect": {"on": OPENED, "within": "2bd"}}
    story = begun(expect, task(after="X1"), task("T2", missed="X1")).until("Thu 03-05 17:00")

    assert story.told("task.proposed") == ["Thu 03-05 17:00 task.proposed T2 dana due Wed 03-04 17:00"]


def test_an_absence_since_a_step_counts_from_when_it_was_done():
    alert = {"ref": "A1", "alert": "silence", "to": "csm", "severity": "warn"}
    story = begun(task(), {**alert, "absent": {"on": OPENED, "within": "1bd", "since": "T1"}})
    story.on("Thu 03-05 10:00", "task.completed", workflow="corner", ref="T1", actor="dana").until("Mon 03-09 10:00")

    assert story.raised() == ["Fri 03-06 17:00 alert.raised A1 warn dana"]


@pytest.mark.parametrize(
    ("second", "starts"),
    [
        ("Tue 03-10 17:00", 1),  # 5bd after Tue 03-03
        ("Tue 03-10 17:01", 0),
    ],
)
def test_a_sequence_within_five_days(second, starts):
    seq = {"first": {"on": OPENED}, "then": {"on": "sales.upsell.attempted"}, "within": "5bd"}
    definition = written(task(), start={"seq": seq}, key='"one"')
    story = Story(roles={"csm": "dana"}, definitions={"corner": definition})
    story.on("Tue 03-03 10:00", OPENED, ticket_id="T-1").on(second, "sales.upsell.attempted")

    assert len(story.running()) == starts


def test_a_sequence_is_known_by_time_and_not_by_arrival():
    seq = {"first": {"on": OPENED}, "then": {"on": "sales.upsell.attempted"}, "within": "5bd"}
    definition = written(task(), start={"seq": seq}, key='"one"')
    story = Story(roles={"csm": "dana"}, definitions={"corner": definition})
    story.on("Wed 03-04 10:00", "sales.upsell.attempted")
    story.on("Tue 03-03 10:00", OPENED, arrived="Thu 03-05 10:00", ticket_id="T-1")

    assert story.told("task.proposed") == ["Thu 03-05 10:00 task.proposed T1 dana due Thu 03-05 17:00"]


def test_two_alerts_that_answer_each_other_for_ever_are_parked():
    # Each is missed half an hour after the other: a loop of its own making (F49)
    story = begun(
        {"ref": "X1", "expect": {"on": OPENED, "within": "30m"}},
        task(missed="X1", delay="1m", ladder="none", repeats=True, done_by={"on": OPENED}),
    )
    for number in range(600):
        story.on("Tue 03-03 11:00", OPENED, ticket_id=f"T-{number}")

    assert "opened more than 500 items; it is parked (F49)" in story.refused()[0]


def test_steps_that_state_each_others_beginning_are_stopped():
    story = begun({"ref": "R1", "record": {"type": OPENED, "fields": {"ticket_id": "key"}}, "on": OPENED})
    story.on("Wed 03-04 10:00", OPENED, ticket_id="T-1")

    assert len(story.told(OPENED)) == 20
    assert story.refused() == ["steps stated more than 20 events in one go; the rest is dropped (F49)"]


def test_a_date_without_a_side_is_waited_for_itself():
    date = {"date": {"on": "cs.kickoff.scheduled", "of": "event.at"}}
    story = Story(roles={"csm": "dana"}, definitions={"corner": written(task(), start=date)})
    story.on("Tue 03-03 11:00", "cs.kickoff.scheduled", contract_id="C-1", at="2026-03-05T09:00:00Z")
    assert story.until("Fri 03-06 10:00").told("T1")[0] == "Thu 03-05 09:00 task.proposed T1 dana due Fri 03-06 17:00"
