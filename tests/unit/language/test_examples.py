"""The examples in definitions: run on a virtual clock, compared, and every miss told so that one sees why."""

from pathlib import Path

import pytest

from workflows.directory import Directory
from workflows.language.checker import check_text
from workflows.language.examples import Sent, matches, run_example
from workflows.language.grammar import Example
from workflows.language.scenes import SceneRefused, scenes_of

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = {
    definition.name: definition
    for file in sorted((ROOT / "workflows" / "definitions").rglob("*.yaml"))
    if (definition := check_text(file.read_text(), str(file)).definition) is not None
}
EXAMPLES = [(name, example) for name, one in SHIPPED.items() for example in one.source.examples]

ACCOUNT = {
    "at": "2026-01-05T09:00:00Z",
    "type": "account.registered",
    "data": {"name": "Acme", "roles": {"csm": "dana", "ae": "sam"}},
}
SIGNED = {"at": "2026-03-03T10:00:00Z", "type": "sales.contract.signed", "data": {"contract_id": "C-1", "kind": "new"}}
TASK = {"type": "task.proposed", "ref": "T1", "at": "2026-03-03T10:00:00Z", "due": "2026-03-04T17:00:00Z"}
DONE = {"at": "2026-03-03T12:00:00Z", "type": "task.completed", "data": {"ref": "T1", "actor": {"person": "dana"}}}


@pytest.fixture
def run(definition):
    """Run an example of the small definition."""

    def of(then=(), never=(), when=(SIGNED,), until=None, changes=(), others=()):
        example = Example(name="x", given=[ACCOUNT], when=[*when], until=until, then=[*then], never=[*never])
        return run_example(definition(*changes), example, Directory(), others)

    return of


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}: {one.name}" for name, one in EXAMPLES])
def test_a_shipped_example_comes_true(name, example):
    result = run_example(SHIPPED[name], example, Directory(), [SHIPPED[one] for one in example.beside])

    assert result.misses == []
    assert result.passed


# ------------------------------------------------------------ what is compared


@pytest.mark.parametrize(
    "line",
    [
        TASK,
        {**TASK, "person": "dana", "role": "csm"},
        {**TASK, "due": "2026-03-04T18:00:00+01:00"},
        {**TASK, "title": "Call Acme"},
        {**TASK, "key": "C-1", "workflow": "call_after_signature", "subject": "acme"},
        {**TASK, "evidence": {"events": ["when-1"], "confidence": "confirmed"}},
        {"type": "workflow.started", "key": "C-1"},
    ],
)
def test_a_line_comes_true_when_each_of_its_keys_does(run, line):
    assert run(then=[line]).misses == []


@pytest.mark.parametrize(
    "line",
    [
        {**TASK, "at": "2026-03-03T10:00:01Z"},
        {**TASK, "due": "2026-03-05T17:00:00Z"},
        {**TASK, "person": "sam"},
        {**TASK, "ref": "T2"},
        {**TASK, "workflow": "another"},
        {**TASK, "subject": "other"},
        {**TASK, "evidence": {"confidence": "unconfirmed"}},
        {**TASK, "holder": "dana", "severity": "warn"},
        {"type": "task.offered", "ref": "T1"},
    ],
)
def test_a_line_does_not_come_true_when_one_of_its_keys_does_not(run, line):
    result = run(then=[line])

    assert not result.passed
    assert len(result.misses) == 1


def test_of_two_equal_expectations_each_needs_a_line_of_its_own(run):
    assert run(then=[TASK]).passed
    assert not run(then=[TASK, TASK]).passed


def test_lines_are_given_to_expectations_so_that_as_many_as_possible_come_true(run):
    result = run(
        then=[{"type": "workflow.started"}, {"type": "workflow.started", "key": "C-2"}],
        when=[SIGNED, {**SIGNED, "data": {"contract_id": "C-2", "kind": "new"}}],
    )

    assert result.misses == []


def test_what_must_never_come_is_a_miss_when_it_comes(run):
    assert run(never=[{"type": "alert.raised"}]).passed
    assert run(never=[TASK]).misses == [
        (
            "expected never task.proposed T1 at 2026-03-03T10:00:00Z (due 2026-03-04T17:00:00Z); "
            "came: task.proposed T1 at 2026-03-03T10:00:00Z (due 2026-03-04T17:00:00Z)"
        )
    ]


def test_the_person_of_a_list_is_any_of_them():
    line = Sent("acme", "alert.raised", {"to": [{"role": "csm", "person": "dana"}, {"role": "ae", "person": "sam"}]})

    assert matches({"type": "alert.raised", "person": "sam"}, line)
    assert matches({"type": "alert.raised", "role": "csm"}, line)
    assert not matches({"type": "alert.raised", "person": "pat"}, line)


def test_the_holder_of_a_loop_is_who_has_it_or_whom_it_was_passed_to():
    assert matches({"holder": "sam"}, Sent("acme", "loop.opened", {"holder": {"role": "ae", "person": "sam"}}))
    assert matches({"holder": "dana"}, Sent("acme", "loop.passed", {"to": {"role": "csm", "person": "dana"}}))


# ------------------------------------------------------------ how a miss is told


def test_a_miss_names_what_came_instead_and_the_nearest_first(run):
    (miss,) = run(then=[{**TASK, "due": "2026-03-05T17:00:00Z", "person": "dana"}]).misses

    assert miss == (
        "expected task.proposed T1 at 2026-03-03T10:00:00Z (due 2026-03-05T17:00:00Z, person dana); "
        "came: task.proposed T1 at 2026-03-03T10:00:00Z (due 2026-03-04T17:00:00Z, person dana)"
    )


def test_a_miss_says_when_nothing_like_it_came(run):
    (miss,) = run(then=[{"type": "hold.placed", "scope": "ask"}]).misses

    assert miss == "expected hold.placed (scope ask); nothing like it came"


def test_what_a_person_could_not_do_fails_the_example_and_says_why(run):
    checklist = ("due: 1bd", "due: 1bd\n    checklist: [date agreed]")

    (miss,) = run(then=[TASK], when=[SIGNED, DONE], changes=[checklist]).misses

    assert miss.startswith("could not be done: task ")
    assert "still needs: date agreed" in miss


def test_an_example_may_expect_that_something_cannot_be_done(run):
    checklist = ("due: 1bd", "due: 1bd\n    checklist: [date agreed]")
    refused = {"type": "event.quarantined", "reason": "still needs: date agreed"}

    assert run(then=[refused], when=[SIGNED, DONE], changes=[checklist]).passed


# ------------------------------------------------------------ the ways to start


def test_a_start_on_a_changed_fact_comes_when_the_fact_changes_and_not_when_it_is_said_again(run):
    raised = {"at": "2026-03-03T10:00:00Z", "type": "cs.tier.changed", "data": {"to": 1}}
    again = {"at": "2026-03-04T10:00:00Z", "type": "account.updated", "data": {"tier": 1}}
    changes = [
        ("{on: sales.contract.signed}", "{changed: tier, where: account.tier == 1}"),
        ("event.contract_id", "event.id"),
    ]

    result = run(then=[TASK], when=[raised, again], changes=changes)

    assert result.misses == []
    assert [line.type for line in result.lines].count("task.proposed") == 1


# ------------------------------------------------------------ the world of an example


def test_a_person_acts_on_the_step_of_the_workflow_without_naming_it(run):
    result = run(then=[{"type": "task.completed", "ref": "T1"}, {"type": "workflow.completed"}], when=[SIGNED, DONE])

    assert result.misses == []


def test_time_runs_until_the_end_of_the_example_and_no_further(run):
    escalation = {"type": "escalation.raised", "ref": "T1", "rung": 2, "at": "2026-03-04T17:00:00Z"}

    assert run(then=[escalation], until="2026-03-04T17:00:00Z").misses == []
    assert run(never=[escalation], until="2026-03-04T16:59:59Z").misses == []
    assert run(never=[escalation]).misses == []


def test_a_late_arrival_goes_out_when_it_arrives(run):
    late = {**SIGNED, "arrived": "2026-03-03T15:00:00Z"}

    assert run(then=[{**TASK, "at": "2026-03-03T15:00:00Z"}], when=[late]).misses == []


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_the_examples_of_a_definition_that_is_not_active_are_run_all_the_same(run, mode):
    assert run(then=[TASK], changes=[("purpose:", f"mode: {mode}\npurpose:")]).passed


def test_the_lines_of_other_workflows_do_not_count_unless_they_are_named(run, definition):
    other = definition(("name: call_after_signature", "name: call_again"))
    assert other is not None

    alone = run(then=[TASK, TASK], others=[other])
    named = run(then=[TASK, {**TASK, "workflow": "call_again"}], others=[other])

    assert not alone.passed
    assert named.passed


def test_two_runs_give_the_same_lines(run):
    assert run(then=[TASK]).lines == run(then=[TASK]).lines


def test_what_an_example_leaves_out_is_filled_in(definition):
    example = Example(name="x", given=[ACCOUNT], when=[SIGNED, DONE], then=[TASK])

    given, signed, done = (one.event for one in scenes_of(example, "call_after_signature"))

    assert (given.id, signed.id, done.id) == ("given-1", "when-1", "when-2")
    assert (given.source, given.subject) == ("example", "acme")
    assert done.data["workflow"] == "call_after_signature"


def test_an_entry_that_is_no_event_is_refused_with_its_fault():
    example = Example(name="x", when=[{"at": "2026-03-03T10:00:00Z", "type": "sales.contract.singed"}], then=[TASK])

    with pytest.raises(SceneRefused) as refused:
        scenes_of(example, "call_after_signature")

    assert refused.value.fault.rule == "unknown_event"
