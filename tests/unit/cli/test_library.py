"""`nofumble workflows …` and `nofumble explain`: the library, told and checked."""

import json
from pathlib import Path

import pytest

SMALL = """\
name: trial_follow_up
title: Nobody is left alone in a trial
team: sales
version: 1.0.0
purpose: The first days of a trial decide.
start:
  on: sales.opportunity.stage_changed
  where: event.to == "trial"
key: event.opportunity_id
steps:
  - ref: T1
    task: Ask {account.name} what the trial should show
    to: ae
    due: DUE
    done_by: {on: sales.contact.logged, where: event.direction == "out"}
done: {on: sales.contact.logged, where: event.direction == "out"}
cancel: {on: sales.opportunity.lost}
examples:
  - name: a trial begins
    when:
      - {at: 2026-03-03T10:00:00Z, type: sales.opportunity.stage_changed, data: {opportunity_id: O-1, to: trial}}
    then:
      - {type: task.proposed, ref: T1, at: 2026-03-03T10:00:00Z, due: EXPECTED}
"""


@pytest.fixture
def folder(tmp_path: Path):
    """Return a function that writes the small definition, with a due time and what its example expects."""

    def write(*, due: str = "2bd", expected: str = "2026-03-05T17:00:00Z", name: str = "trial_follow_up") -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(SMALL.replace("DUE", due).replace("EXPECTED", expected), encoding="utf-8")
        return str(tmp_path)

    return write


def test_the_list_tells_who_owns_each_workflow(nofumble):
    ended = nofumble("workflows", "list")

    assert ended.code == 0
    assert "signature_to_kickoff" in ended.out
    assert max(len(line) for line in ended.out.splitlines()) <= 80


def test_the_list_as_json_says_what_starts_each(nofumble):
    known = {line["name"]: line for line in nofumble("workflows", "list", "--json").lines}

    assert known["signature_to_kickoff"]["starts_on"] == ["sales.contract.signed"]
    assert {"team", "version", "mode", "steps", "title", "hash"} <= set(known["signature_to_kickoff"])


def test_a_workflow_is_told_as_a_timeline(nofumble):
    out = nofumble("workflows", "show", "signature_to_kickoff").out

    assert out.startswith("signature_to_kickoff 1.0.0, owned by cs, active\n")
    assert "3bd after the start without" in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_a_workflow_is_told_to_a_program(nofumble):
    (told,) = nofumble("workflows", "show", "signature_to_kickoff", "--json").lines

    assert told["name"] == "signature_to_kickoff"
    assert "A1" in {step["ref"] for step in told["timeline"]}


def test_the_shipped_definitions_pass_the_checker_and_their_examples_come_true(nofumble):
    checked, tested = nofumble("workflows", "check"), nofumble("workflows", "test")

    assert (checked.code, checked.out) == (0, "")
    assert "no findings" in checked.err
    assert tested.code == 0
    assert "none failed" in tested.err


def test_a_finding_says_file_line_and_remedy_and_ends_with_1(nofumble, folder):
    path = folder(due="3")

    ended = nofumble("workflows", "check", path)

    assert ended.code == 1
    assert ended.out.startswith(f"{path}/trial_follow_up.yaml:14: ")
    assert "3bd" in ended.out
    assert "1 definition, 1 finding" in ended.err


def test_findings_are_told_to_a_program(nofumble, folder):
    (finding,) = nofumble("workflows", "check", "--json", folder(due="3")).lines

    assert finding["line"] == 14
    assert set(finding) == {"file", "line", "message", "rule"}


def test_every_invalid_definition_of_the_collection_is_refused_and_none_ends_in_a_fault(nofumble):
    collection = Path(__file__).resolve().parents[2] / "invalid_definitions"

    ended = nofumble("workflows", "check", str(collection), "--json")

    assert ended.code == 1
    files = {Path(line["file"]).stem for line in ended.lines}
    assert {"duration", "unknown_event", "unknown_role", "cycle", "no_example"} <= files


def test_an_example_that_does_not_come_true_says_what_came_instead(nofumble, folder):
    ended = nofumble("workflows", "test", "--workflows", folder(expected="2026-03-06T17:00:00Z"))

    assert ended.code == 1
    assert "FAIL  a trial begins" in ended.out
    assert "2026-03-05T17:00:00Z" in ended.out
    assert "1 failed" in ended.err


def test_results_of_examples_are_told_to_a_program(nofumble, folder):
    (result,) = nofumble("workflows", "test", "trial_follow_up", "--workflows", folder(), "--json").lines

    assert result == {"workflow": "trial_follow_up", "example": "a trial begins", "passed": True, "misses": []}


def test_a_folder_of_ones_own_takes_the_place_of_the_library(nofumble, folder):
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/crm",
        "type": "sales.opportunity.stage_changed",
        "subject": "acme",
        "time": "2026-03-03T10:00:00Z",
        "data": {"opportunity_id": "O-1", "to": "trial"},
    }

    lines = nofumble("simulate", "-", "--workflows", folder(), "--json", stdin=json.dumps(event)).lines

    assert {line["data"]["workflow"] for line in lines} == {"trial_follow_up"}


def test_the_schema_is_a_json_schema(nofumble):
    ended = nofumble("workflows", "schema")

    assert ended.code == 0
    assert json.loads(ended.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_an_event_is_explained_over_all_workflows_with_what_follows(nofumble):
    out = nofumble("explain", "sales.contract.signed").out

    assert "The customer signed a contract" in out
    assert "starts: No pause after the signature" in out
    assert "A1" in out


def test_an_event_that_no_workflow_asks_for_is_kept(nofumble):
    ended = nofumble("explain", "exec.brief.read")

    assert ended.code == 0
    assert "no workflow asks for it: it is kept on the timeline" in ended.err


def test_effects_are_told_to_a_program(nofumble):
    effects = nofumble("explain", "cs.kickoff.held", "--json").lines

    assert {effect["workflow"] for effect in effects} >= {"signature_to_kickoff"}
    assert {"type", "workflow", "ref", "what", "condition"} == set(effects[0])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["explain", "sales.contract.singed"], "did you mean sales.contract.signed"),
        (["explain", "zzz"], "docs/reference/events.md"),
        (["workflows", "show", "signature"], "did you mean signature_to_kickoff"),
        (["workflows", "test", "qqq"], "`nofumble workflows list` lists what there is"),
        (["workflows", "check", "nowhere"], "nowhere: no such file or folder"),
        (["workflows"], "missing command; `nofumble workflows --help` says what there is"),
        (["workflows", "frobnicate"], "no such command 'frobnicate'"),
    ],
)
def test_wrong_use_of_the_library_is_one_sentence(words, sentence, nofumble):
    ended = nofumble(*words)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1
