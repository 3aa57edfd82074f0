"""`why`, `why-not` and the questions as of a time, asked of the world in files: no database is needed."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run

APRIL = "2026-04-01T00:00:00Z"
FILE = ("--events", "{file}")


def ids(nofumble: Run, signature: str, line_type: str, **data: str) -> list[str]:
    """Return the ids of the work of some lines."""
    lines = nofumble("simulate", signature, "--json", "--until", APRIL).lines
    fitting = [one for one in lines if one["type"] == line_type and data.items() <= one["data"].items()]
    return [one["id"] if line_type == "escalation.raised" else one["data"]["id"] for one in fitting]


def test_why_tells_the_story_of_work_in_files(nofumble: Run, signature: str):
    (alert,) = ids(nofumble, signature, "alert.raised", ref="A1", workflow="signature_to_kickoff")

    told = nofumble("why", alert[:8], "--events", signature)
    (said,) = nofumble("why", alert, "--events", signature, "--json").lines

    assert told.code == 0
    assert f"alert A1 at acme, {alert}" in told.out
    assert "would not exist if sales.contract.signed crm-2 had not happened" in " ".join(told.out.split())
    assert [one["event"] for one in said["steps"]] == said["evidence"]["events"] == ["crm-2"]
    assert said["counterfactual"]["gone"] is True
    assert said["rule"]["hash"] == said["evidence"]["hash"]
    assert {"sentence", "clock", "values", "confirmed", "folded", "told", "escalations"} <= set(said)


def test_several_files_are_one_world_as_a_pattern_of_the_shell_gives_them(
    nofumble: Run, signature: str, tmp_path: Path
):
    events = Path(signature).read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("first", events[:6]), ("second", events[6:])):
        (tmp_path / name).write_text("".join(part), encoding="utf-8")
    (alert,) = ids(nofumble, signature, "alert.raised", ref="A1", workflow="signature_to_kickoff")

    whole = nofumble("why", alert, "--events", signature, "--json")
    parts = nofumble("why", alert, "--events", str(tmp_path / "first"), str(tmp_path / "second"), "--json")

    assert parts.out == whole.out


def test_work_says_who_was_told_of_it(nofumble: Run, signature: str):
    (alert,) = ids(nofumble, signature, "alert.raised", ref="A1", workflow="signature_to_kickoff")

    (said,) = nofumble("why", alert, "--events", signature, "--json").lines

    assert {(one["person"], one["how"]) for one in said["told"]} == {("dana", "notice"), ("sam", "notice")}


def test_a_rung_of_a_ladder_is_asked_by_the_id_of_its_line(nofumble: Run, signature: str):
    rung = ids(nofumble, signature, "escalation.raised")[0]

    (said,) = nofumble("why", rung, "--events", signature, "--until", APRIL, "--json").lines

    assert said["kind"] == "escalation"
    (task,) = nofumble("why", said["of"], "--events", signature, "--until", APRIL, "--json").lines
    assert rung in {one["id"] for one in task["escalations"]}


def test_the_answer_of_why_not_can_be_applied_and_then_it_begins(nofumble: Run, signature: str, tmp_path: Path):
    answer = nofumble("why-not", "review_avoidance", "--account", "acme", "--events", signature, "--json")
    change = tmp_path / "change.json"
    change.write_text(answer.out, encoding="utf-8")

    (said,) = answer.lines
    lines = nofumble("simulate", signature, "--change", str(change), "--json").lines

    assert (said["fired"], said["stop"]["kind"]) == (False, "no_event")
    begun = [
        one for one in lines if one["type"] == "workflow.started" and one["data"]["workflow"] == "review_avoidance"
    ]
    assert [one["subject"] for one in begun] == ["acme"]


def test_a_list_of_changes_alone_can_be_applied_too(nofumble: Run, signature: str, tmp_path: Path):
    change = tmp_path / "change.json"
    change.write_text(json.dumps([{"change": "leave_out_event", "event": "crm-2", "source": "/crm", "words": ""}]))

    lines = nofumble("simulate", signature, "--change", str(change), "--json").lines

    assert not [one for one in lines if one["data"].get("workflow") == "signature_to_kickoff"]


def test_why_not_says_for_a_person_what_stopped_it_and_what_would_not(nofumble: Run, signature: str):
    before = nofumble(
        "why-not", "signature_to_kickoff", "--account", "acme", "--at", "2026-03-03", "--events", signature
    )
    after = nofumble("why-not", "signature_to_kickoff", "--account", "acme", "--events", signature)

    assert "no sales.contract.signed was heard" in before.out
    assert "would begin if  sales.contract.signed at 2026-03-03T00:01:00Z" in before.out
    assert "did begin at acme, for C-1" in after.out


def test_a_definition_of_ones_own_that_is_off_is_stopped_by_its_mode(nofumble: Run, signature: str, tmp_path: Path):
    from nofumble.wiring import SHIPPED

    text = (SHIPPED / "cs" / "signature_to_kickoff.yaml").read_text(encoding="utf-8")
    (tmp_path / "signature_to_kickoff.yaml").write_text(text.replace("version:", "mode: 'off'\nversion:", 1))
    own = ("--workflows", str(tmp_path))

    answer = nofumble("why-not", "signature_to_kickoff", "--account", "acme", "--events", signature, *own, "--json")
    change = tmp_path / "change.json"
    change.write_text(answer.out, encoding="utf-8")
    lines = nofumble("simulate", signature, *own, "--change", str(change), "--json").lines

    (said,) = answer.lines
    assert (said["mode"], said["stop"]["kind"]) == ("off", "mode")
    assert [one["change"] for one in said["changes"]] == ["set_mode"]
    assert "workflow.started" in {one["type"] for one in lines}


def test_an_account_and_its_loops_and_the_inbox_look_as_they_did(nofumble: Run, signature: str):
    at = ("--as-of", "2026-03-05T09:00:00Z", "--events", signature)

    (account,) = nofumble("account", "acme", *at, "--json").lines
    (loop,) = nofumble("loops", *at, "--account", "acme", "--json").lines
    inbox = nofumble("inbox", *at, "--json").lines

    assert account["lifecycle"] == "signed"
    assert account["alerts"] == []
    assert (loop["holder"]["person"], loop["closed_at"]) == ("sam", None)
    assert {one["for"] for one in inbox} >= {"dana"}
    (now,) = nofumble("account", "acme", "--events", signature, "--json").lines
    assert now["lifecycle"] == "onboarding"


def test_what_arrived_after_the_time_is_not_known_yet(nofumble: Run, signature: str):
    known = nofumble("timeline", "acme", "--as-of", "2026-03-12T18:00:00Z", "--events", signature, "--json").lines
    later = nofumble("timeline", "acme", "--events", signature, "--json").lines

    held = [one for one in later if one.get("type") == "cs.kickoff.held"]
    assert [one for one in known if one.get("type") == "cs.kickoff.held"] == []
    assert [one["arrived_at"] > one["at"] for one in held] == [True]


def test_a_timeline_by_arrival_tells_the_story_as_it_became_known(nofumble: Run, signature: str):
    by_time = nofumble("timeline", "acme", "--events", signature).out
    by_arrival = nofumble("timeline", "acme", "--by", "arrival", "--events", signature).out

    assert "known Fri 13 Mar" in " ".join(by_time.split())
    assert "happened Thu 12 Mar" in " ".join(by_arrival.split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["why", "A1", *FILE], "'A1' is no id of work"),
        (["why", "00000000", *FILE], "no work has an id that begins with 00000000"),
        (["why", "00000000", "--events", "nothere.jsonl"], "nothere.jsonl: no such file"),
        (["why-not", "signature_to_kick", "--account", "acme", *FILE], "did you mean signature_to_kickoff?"),
        (["why-not", "signature_to_kickoff", "--account", "akme", *FILE], "did you mean acme?"),
        (["why-not", "signature_to_kickoff", "--account", "acme", "--at", "noon", *FILE], "--at is 'noon'"),
        (["why-not", "signature_to_kickoff", *FILE], "missing option '--account'"),
        (["why-not", "signature_to_kickoff", "--account", "acme", "--until", "2026-04-01"], "without --events"),
        (["why", "00000000", "{file}"], "files of events go with --events"),
        (["account", "acme", "--as-of", "2031-01-01", *FILE], "which has not come yet"),
        (["loops", "--as-of", "noon", *FILE], "--as-of is 'noon'"),
        (["inbox", "--as-of", "2026-03-05", "--events", "{empty}"], "no event in it"),
        (["simulate", "{file}", "--change", "{empty}"], "no changes"),
        (["simulate", "{file}", "--change", "{stranger}"], "the files have no event 'x-1'"),
        (["simulate", "{file}", "--change", "{bad}"], "an event of it is none"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    words: list[str], sentence: str, nofumble: Run, signature: str, tmp_path: Path
):
    texts = {
        "empty": "",
        "stranger": '[{"change": "leave_out_event", "event": "x-1", "source": "/x", "words": ""}]',
        "bad": '[{"change": "add_event", "event": {"id": "x"}, "words": ""}]',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = {"file": signature} | {name: str(tmp_path / name) for name in texts}

    ended = nofumble(*(word.format(**files) for word in words))

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1
