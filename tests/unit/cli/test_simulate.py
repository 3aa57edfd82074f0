"""`nofumble simulate`: what would have gone out, for people and for programs."""

import json
from pathlib import Path

import pytest

from nofumble.wiring import SHIPPED

KEYS = {"specversion", "id", "source", "type", "subject", "time", "data"}


def event(number: int, **over: object) -> str:
    """Return one event as a line."""
    body = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/crm",
        "type": "sales.contract.signed",
        "subject": "acme",
        "time": "2026-03-03T10:00:00Z",
        "data": {"contract_id": f"C-{number}", "kind": "new", "actor": "sam"},
    }
    return json.dumps(body | over)


def test_a_line_of_json_is_an_engine_event_in_the_envelope_of_every_event(nofumble, signature):
    ended = nofumble("simulate", signature, "--until", "2026-03-18T00:00:00Z", "--json")

    assert ended.code == 0
    assert all(set(line) == KEYS for line in ended.lines)
    assert {line["source"] for line in ended.lines} == {"nofumble"}
    raised = next(line for line in ended.lines if line["type"] == "alert.raised" and line["data"]["ref"] == "A1")
    assert raised["time"] == "2026-03-06T17:00:00Z"  # Tue 3 March 10:00 and 3 business days
    assert raised["subject"] == "acme"
    assert raised["data"]["to"] == [{"role": "csm", "person": "dana"}, {"role": "ae", "person": "sam"}]


def test_lines_come_in_order_of_time_and_each_has_an_id_of_its_own(nofumble, signature):
    lines = nofumble("simulate", signature, "--json").lines

    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert len({line["id"] for line in lines}) == len(lines)


def test_the_same_files_give_the_same_bytes_whatever_their_order(nofumble, signature, tmp_path: Path):
    events = Path(signature).read_text(encoding="utf-8").splitlines(keepends=True)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text("".join(events[5:]), encoding="utf-8")
    second.write_text("".join(events[:5]), encoding="utf-8")

    whole = nofumble("simulate", signature, "--json")
    parts = nofumble("simulate", str(first), str(second), "--json")

    assert parts.out == whole.out


def test_until_lets_the_clock_run_past_the_last_event(nofumble):
    until_the_event = nofumble("simulate", "-", "--json", stdin=event(1)).lines
    until_april = nofumble("simulate", "-", "--json", "--until", "2026-04-01", stdin=event(1)).lines

    assert until_the_event == until_april[: len(until_the_event)]
    assert {line["data"]["ref"] for line in until_april if line["type"] == "alert.raised"} >= {"A1", "A2", "A3"}


def test_a_time_before_the_last_event_takes_nothing_away(nofumble, signature):
    assert nofumble("simulate", signature, "--until", "2026-01-01").out == nofumble("simulate", signature).out


def test_only_keeps_the_named_workflows_active(nofumble, signature):
    none = nofumble("simulate", signature, "--json", "--only", "product_request_relay")
    one = nofumble("simulate", signature, "--json", "--only", "signature_to_kickoff,product_request_relay")

    assert none.out == ""
    assert {line["data"]["workflow"] for line in one.lines} == {"signature_to_kickoff"}


def test_a_workflow_in_shadow_sends_nothing_until_it_is_named(nofumble, signature, tmp_path: Path):
    shipped = SHIPPED / "cs" / "signature_to_kickoff.yaml"
    text = shipped.read_text(encoding="utf-8").replace("\nteam: cs\n", "\nteam: cs\nmode: shadow\n")
    (tmp_path / shipped.name).write_text(text, encoding="utf-8")

    silent = nofumble("simulate", signature, "--workflows", str(tmp_path), "--json")
    named = nofumble("simulate", signature, "--workflows", str(tmp_path), "--json", "--only", "signature_to_kickoff")

    assert silent.out == ""
    assert {line["data"]["workflow"] for line in named.lines} == {"signature_to_kickoff"}


def test_bad_lines_are_told_with_place_and_reason_and_the_rest_goes_on(nofumble, tmp_path: Path):
    good, alone = tmp_path / "mixed.jsonl", tmp_path / "alone.jsonl"
    wrong = event(2, time="2026-03-03T10:00:00")
    good.write_text(f"{{broken\n{event(1)}\n{wrong}\n", encoding="utf-8")
    alone.write_text(f"{event(1)}\n", encoding="utf-8")

    mixed = nofumble("simulate", str(good), "--json")

    assert mixed.code == 0
    assert mixed.out == nofumble("simulate", str(alone), "--json").out
    assert f"{good}:1: " in mixed.err
    assert f"{good}:3: time: " in mixed.err
    assert "2 quarantined" in mixed.err


def test_only_the_first_twenty_bad_lines_are_shown_and_all_are_counted(nofumble, tmp_path: Path):
    path = tmp_path / "bad.jsonl"
    path.write_text("{\n" * 25, encoding="utf-8")

    ended = nofumble("simulate", str(path))

    assert ended.err.count(f"{path}:") == 20
    assert "… and 5 more bad lines" in ended.err
    assert "25 quarantined" in ended.err


def test_duplicates_and_parked_events_and_unknown_types_are_counted(nofumble):
    elsewhere = event(2, subject="zendesk:8812")
    strange = event(3, type="sales.cake.eaten")

    ended = nofumble("simulate", "-", stdin="\n".join([event(1), event(1), elsewhere, strange]))

    assert ended.code == 0
    assert "4 events of 1 account" in ended.err
    assert "0 quarantined, 1 parked, 1 duplicate" in ended.err
    assert "sales.cake.eaten (1)" in ended.err


def test_what_a_person_could_not_do_is_said(nofumble):
    act = event(2, type="task.completed", time="2026-03-03T11:00:00Z", data={"id": "no-such-work", "actor": "sam"})

    ended = nofumble("simulate", "-", stdin=f"{event(1)}\n{act}")

    assert ended.code == 0
    assert "event e-2" in ended.err
    assert "no-such-work" in ended.err


def test_people_read_a_story_by_day_within_80_columns(nofumble, signature):
    out = nofumble("simulate", signature, "--only", "signature_to_kickoff", "--until", "2026-03-18").out

    assert "Fri 6 March 2026" in out
    assert "17:00  acme  alert raised    A1   dana, sam" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "\x1b" not in out
    assert not [line for line in out.splitlines() if line != line.rstrip()]


def test_text_of_a_customer_cannot_steer_the_terminal(nofumble):
    account = event(0, type="account.registered", time="2026-03-01T00:00:00Z", data={"name": "Ac\x1b[2Jme\u202e"})

    ended = nofumble("simulate", "-", stdin=f"{account}\n{event(1)}")

    assert ended.code == 0
    assert "\x1b" not in ended.out


def test_no_events_at_all_are_no_error(nofumble):
    ended = nofumble("simulate", "-", "--json", stdin="")

    assert (ended.code, ended.out) == (0, "")
    assert "0 events of 0 accounts, 0 lines" in ended.err


def test_the_organisation_decides_about_working_time(nofumble, tmp_path: Path):
    organisation = tmp_path / "org.yaml"
    organisation.write_text("time_zone: America/New_York\n", encoding="utf-8")

    lines = nofumble("simulate", "-", "--json", "--organisation", str(organisation), stdin=event(1)).lines

    due = {line["data"]["ref"]: line["data"]["due"] for line in lines if line["type"].startswith("task.")}
    assert due["T1"] == "2026-03-04T22:00:00Z"  # Wednesday 17:00 in New York, five hours behind


def test_the_tables_of_a_crm_are_simulated(nofumble, tmp_path: Path):
    tables = {
        "accounts.csv": "account,sector,office_location,subsidiary_of\nAcme,retail,Germany,\n",
        "products.csv": "product\nGTX Pro\n",
        "sales_teams.csv": "sales_agent,manager,regional_office\nSam Okoro,Max Ito,East\n",
        "sales_pipeline.csv": "opportunity_id,sales_agent,product,account,deal_stage,engage_date,"
        "close_date,close_value\n"
        "A1,Sam Okoro,GTXPro,Acme,Won,2026-02-01,2026-03-03,1000\nA2,Sam Okoro,GTXPro,,Prospecting,,,\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    ended = nofumble("simulate", "--format", "crm", str(tmp_path), "--json")

    assert {line["subject"] for line in ended.lines} == {"acme"}
    assert "1 quarantined" in ended.err
    assert "taken as 'GTX Pro'" in ended.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothere.jsonl"], "nothere.jsonl: no such file; name a file that exists, or - for standard input"),
        (["{folder}"], "a folder where a file is wanted"),
        (["{noise}"], "no text at all"),
        (["{good}", "--until", "soon"], "--until is 'soon': a time is a day or has an offset"),
        (["{good}", "--until", "2026-03-18T09:00:00"], "a time is a day or has an offset"),
        (["{good}", "--until", "9999-12-31"], "between 2000 and ten years from now"),
        (["{good}", "--only", "signature_to_kickof"], "did you mean signature_to_kickoff?"),
        (["{good}", "--workflows", "{folder}"], "no definition in this folder"),
        (["{good}", "--workflows", "nowhere"], "nowhere: no such file or folder"),
        (["{good}", "--organisation", "nowhere.yaml"], "nowhere.yaml: no such file or directory"),
        (["{good}", "--account", "product"], "only a log in XES names customers so"),
        (["{good}", "--format", "pdf"], "'pdf' is not one of 'events', 'xes', 'crm'"),
        (["{good}", "--loudly"], "no such option: --loudly"),
        ([], "missing argument 'FILE'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(words, sentence, nofumble, tmp_path: Path, signature):
    noise, folder = tmp_path / "noise", tmp_path / "folder"
    noise.write_bytes(bytes(range(256)) * 40)
    folder.mkdir()

    ended = nofumble("simulate", *(word.format(good=signature, noise=noise, folder=folder) for word in words))

    assert ended.code == 2
    assert ended.out == ""
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_definition_that_does_not_hold_is_told_with_file_and_line(nofumble, tmp_path: Path, signature):
    (tmp_path / "broken.yaml").write_text("name: broken\ntitle: Broken\nteam: nobody\n", encoding="utf-8")

    ended = nofumble("simulate", signature, "--workflows", str(tmp_path))

    assert ended.code == 2
    assert "broken.yaml:" in ended.err


@pytest.fixture
def with_shadow(tmp_path: Path) -> Path:
    """A folder with a workflow, and beside it a version in shadow that gives T1 three days instead of one."""
    text = (SHIPPED / "cs" / "signature_to_kickoff.yaml").read_text(encoding="utf-8")
    (tmp_path / "signature_to_kickoff.yaml").write_text(text, encoding="utf-8")
    second = text.replace("version: 1.0.0", "version: 2.0.0\nmode: shadow").replace("due: 1bd", "due: 3bd")
    (tmp_path / "signature_to_kickoff.shadow.yaml").write_text(second, encoding="utf-8")
    return tmp_path


def test_a_version_in_shadow_says_nothing_unless_it_is_asked_for(nofumble, with_shadow: Path, signature):
    alone = nofumble("simulate", signature, "--json")

    beside = nofumble(
        "simulate", signature, "--workflows", str(with_shadow), "--only", "signature_to_kickoff", "--json"
    )
    plain = nofumble("simulate", signature, "--workflows", str(with_shadow), "--json")

    mine = [line for line in alone.lines if line["data"].get("workflow") == "signature_to_kickoff"]
    assert [line["id"] for line in plain.lines if "workflow" in line["data"]] == [line["id"] for line in mine]
    assert beside.out == plain.out


def test_lines_of_shadow_work_are_marked_and_compared_with_what_went_out(nofumble, with_shadow: Path, signature):
    plain = nofumble("simulate", signature, "--workflows", str(with_shadow), "--json")

    asked = nofumble("simulate", signature, "--workflows", str(with_shadow), "--shadow", "--json")

    shadows = [line for line in asked.lines if "shadow" in line["data"]]
    assert [line for line in asked.lines if line not in shadows] == plain.lines
    assert {line["data"]["shadow"] for line in shadows} == {"2.0.0"}
    assert len({line["id"] for line in asked.lines}) == len(asked.lines)
    assert [line["time"] for line in asked.lines] == sorted(line["time"] for line in asked.lines)
    assert "signature_to_kickoff 2.0.0 in shadow" in asked.err
    assert "otherwise" in asked.err


def test_who_asks_for_shadow_work_where_there_is_none_is_told(nofumble, signature):
    assert "no definition is in shadow" in nofumble("simulate", signature, "--shadow").err
