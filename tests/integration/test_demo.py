"""Given the demo, then what it tells is what stands in the store, and nothing of it is left behind.

What the workflows conclude is the matter of their own tests: here nothing is said of outcomes.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import pytest

from agents.written import outbox_row
from events.parsing import parse_event
from nofumble.demo.play import period, played
from nofumble.demo.show import stories_of, write_demo
from nofumble.demo.thread import ROWS_MAX, Lines
from nofumble.sample import STORIES, quarter
from nofumble.wiring import load_definitions, load_directory
from workflows.account import Alert
from workflows.library import Library
from workflows.simulation import Arrival, World, simulate

pytestmark = pytest.mark.database

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def made(home):
    """The quarter, played once for this module."""
    with played(home, lambda _: None) as quarter_played:
        yield quarter_played


@pytest.fixture
def text(made, capsys, monkeypatch):
    """What a reader without a terminal sees of it."""
    monkeypatch.delenv("COLUMNS", raising=False)
    write_demo(made)
    return capsys.readouterr().out


def threads(made):
    return [thread for _, found in stories_of(made, Lines(made.store)) for thread in found]


def unfolded(text):
    """Return a text as it was before it was folded into lines with a margin."""
    return re.sub(r"[\s|]+", " ", text)


def test_every_row_of_the_quarter_is_accepted_and_nothing_is_quarantined(made):
    tally = made.tally

    assert tally.rows == len(quarter())
    assert tally.accepted + tally.duplicate + tally.parked + tally.quarantined == tally.rows
    assert (tally.parked, tally.quarantined) == (0, 0)
    assert made.store.quarantine() == []


def test_what_went_out_is_what_simulate_gives_id_for_id(made):
    arrivals = [parse_event(json.dumps(one), now=made.until) for one in quarter()]
    world = World(Library(load_definitions()), load_directory())

    out = simulate((Arrival(event, event.recorded_at or event.time) for event in arrivals), world, made.until)

    assert {outbox_row(one.account, one.line).id for one in out} == {row.id for row in made.store.unsent(ROWS_MAX)}


def test_every_story_has_a_thread_at_each_of_its_accounts(made):
    told = {(thread.account_id, thread.workflow) for thread in threads(made)}

    assert told >= {(account, story.workflow) for story in STORIES for account in story.accounts}


def test_the_events_that_a_story_and_its_evidence_name_stand_in_the_log_of_the_account(made):
    for thread in threads(made):
        logged = {(row.source, row.event_id, row.type) for row in made.store.entries(thread.account_id)}
        causes = {(event.source, event.id, event.type) for moment in thread.moments for event in moment.causes}
        proven = {(step.source, step.event, step.type) for proof in thread.proofs.values() for step in proof.pattern}

        assert causes <= logged
        assert proven <= logged
        assert thread.moments[0].causes, f"{thread.account_id}: nothing that arrived began {thread.workflow}"


def test_every_moment_of_a_story_went_out_and_every_item_stands_in_the_store(made):
    for thread in threads(made):
        sent = {(row.at, row.type) for row in made.store.unsent(ROWS_MAX) if row.account_id == thread.account_id}

        assert {(line.at, line.type) for line in thread.lines()} <= sent
        assert all(made.store.work_item(work_id) is not None for work_id in thread.work)


def test_the_page_tells_each_story_with_its_alerts_and_their_evidence(made, text):
    flat = unfolded(text)

    assert all(story.title in text for story in STORIES)
    for thread in threads(made)[:-1]:  # the last is told as a digest, without evidence
        assert thread.facts["name"] in text
        for item in thread.work.values():
            if isinstance(item, Alert):
                proof = thread.proofs[item.id]
                assert f"step {item.ref}, key {item.key}; {proof.confidence}" in flat
                assert all(f"{step.event} of {step.source}" in flat for step in proof.pattern)


def test_the_page_names_the_figures_of_the_quarter_and_people_by_their_names(made, text):
    people = made.directory.people.values()

    assert all(name in text for name in made.library.definitions)
    assert sum(person.name in text for person in people if person.name) >= 10
    assert f"{made.tally.rows:,} events of 40 customers" in unfolded(text)


def test_the_page_fits_80_columns_and_has_no_colours_without_a_terminal(text):
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_what_the_readme_shows_of_the_demo_is_what_the_demo_shows(text):
    shown = re.findall(r"^```text\n(.*?)^```$", (CHECKOUT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)

    assert shown
    for excerpt in shown:
        assert excerpt in text, "README.md shows of `make demo` what it does not print: copy that part anew"


def test_a_home_that_was_played_before_is_told_the_same_again(made, home, text, capsys):
    with played(home, lambda _: None) as again:
        write_demo(again)

    assert (again.tally.duplicate, again.lines) == (again.tally.rows, 0)
    assert timeless(capsys.readouterr().out) == timeless(text)


def timeless(text):
    return re.sub(r"in \d+\.\d s", "", unfolded(text))


def test_the_command_writes_each_thread_and_the_summary_as_json_and_leaves_nothing_behind(tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir(mode=0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOFUMBLE_")}
    environment |= {"TMPDIR": str(temporary), "NOFUMBLE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}

    ended = subprocess.run(
        [sys.executable, "-m", "nofumble", "demo", "--json"],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (0, "")
    *told, last = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {one["story"] for one in told} == {story.title for story in STORIES}
    assert all(moment["lines"] for one in told for moment in one["moments"])
    assert all(item["evidence"]["events"] for one in told for item in one["work"])
    assert last["summary"]["rows"] == last["summary"]["accepted"] == len(quarter())
    assert list(temporary.iterdir()) == []


def test_an_interrupted_demo_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def interrupt(step: str) -> None:
        if step.startswith("folding"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), played(None, interrupt):
        pass

    assert list(tmp_path.iterdir()) == []


def test_the_events_of_the_demo_are_a_file_for_simulate_and_ingest():
    ended = subprocess.run(
        [sys.executable, "-m", "nofumble", "demo", "--events"], cwd=CHECKOUT, capture_output=True, check=True
    )

    _, until = period(quarter())
    read = [parse_event(line, now=until) for line in ended.stdout.splitlines()]
    assert [event.id for event in read] == [one["id"] for one in quarter()]
    assert until == datetime.fromisoformat("2026-04-02T18:00:00Z")
