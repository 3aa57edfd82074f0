"""`nofumble backtest`: run, kept, listed, shown and compared, on files and on a store in memory."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Store
from config.settings import Settings
from nofumble.activation import propose, put
from nofumble.catalogue import begin, catalogues_of, open_world, read_members
from nofumble.cli import backtest
from nofumble.cli.session import Session
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import SHIPPED
from workflows.directory import Directory

NOW = datetime(2026, 3, 18, tzinfo=UTC)
SIGNED = datetime(2026, 3, 3, 12, tzinfo=UTC)
"""Two hours after the signature."""
UNTIL = ("--to", "2026-03-18", "--processes", "1")
WITHOUT_KICKOFF = "absent: {on: [cs.kickoff.scheduled, cs.kickoff.held], within: 3bd}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of the shipped definitions in which the kickoff has two business days in place of three."""
    found = tmp_path / "drafts"
    shutil.copytree(SHIPPED, found)
    file = found / "cs" / "signature_to_kickoff.yaml"
    text = file.read_text(encoding="utf-8")
    assert WITHOUT_KICKOFF in text
    file.write_text(text.replace(WITHOUT_KICKOFF, WITHOUT_KICKOFF.replace("3bd", "2bd")), encoding="utf-8")
    return found


@pytest.fixture
def opens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Store], None]:
    """Return what makes the command open a store."""

    def let_open(store: Store) -> None:
        @contextmanager
        def opened(_settings: Settings) -> Iterator[Session]:
            yield Session(store, Settings(home=tmp_path), NOW)

        monkeypatch.setattr(backtest, "session_of", opened)

    return let_open


@pytest.fixture
def store(signature: str, opens: Callable[[Store], None]) -> Store:
    """Return the store that the command opens: the ten events of the signature went in, and time has passed."""
    store = MemoryStore()
    store.ensure_partitions(8)
    works(store, Path(signature).read_bytes().splitlines(), NOW)
    opens(store)
    return store


def works(store: Store, rows: list[bytes], now: datetime) -> None:
    """Take rows in, and let the agents work until now."""
    Intake(store, Directory()).take([Incoming("f", n, row) for n, row in enumerate(rows)], now=now)
    EmbeddedAgents(store, open_world(store, Directory(), now=now), worker="w").run_until_idle(now)


def test_files_need_no_database_and_the_same_definitions_are_no_difference(nofumble, signature):
    ended = nofumble("backtest", "--events", signature, *UNTIL, "--json")

    last = ended.lines[-1]
    assert ended.code == 0
    assert (last["row"], last["gained"], last["lost"], last["moved"], last["changed"]) == ("backtest", 0, 0, 0, 0)
    assert last["history"] | {"until": ""} == {
        "source": "files",
        "accounts": 1,
        "events": 5,
        "since": None,
        "until": "",
    }


def test_a_shorter_deadline_moves_the_alert_a_day_forward(nofumble, signature, folder):
    ended = nofumble("backtest", "--events", signature, "--workflows", str(folder), *UNTIL, "--json")

    (moved,) = [one for one in ended.lines if one["row"] == "difference"]
    assert (moved["how"], moved["account"], moved["after"]["ref"]) == ("moved", "acme", "A1")
    assert (moved["before"]["told_at"], moved["after"]["told_at"]) == ("2026-03-06T17:00:00Z", "2026-03-05T17:00:00Z")
    (row,) = [one for one in ended.lines if one["row"] == "workflow" and one["workflow"] == "signature_to_kickoff"]
    assert (row["moved"], row["gained"], row["before"]["alerts"]) == (1, 0, row["after"]["alerts"])


def test_a_folder_to_compare_with_stands_in_place_of_the_shipped_definitions(nofumble, signature, folder):
    words = ("backtest", "--events", signature, "--workflows", str(folder), "--against", str(folder), *UNTIL)

    assert nofumble(*words, "--json").lines[-1]["moved"] == 0


def test_people_read_tables_and_open_the_differences_of_an_account(nofumble, signature, folder):
    words = ("backtest", "--events", signature, "--workflows", str(folder), *UNTIL)

    shown = nofumble(*words).out
    of_acme = nofumble(*words, "--account", "acme").out
    of_nobody = nofumble(*words, "--account", "nobody").out

    assert "differences: 0 gained, 0 lost, 1 moved, 0 changed" in shown
    assert "by workflow" in shown
    assert "Fri 06 Mar 17:00 > Thu 05 Mar 17:00" in " ".join(of_acme.split())
    assert "by workflow" not in of_acme
    assert of_nobody.strip() == "no difference"


def test_the_store_against_what_it_recorded_is_no_difference(nofumble, store):
    ended = nofumble("backtest", "--against", "recorded", "--processes", "1", "--json")

    last = ended.lines[-1]
    assert (last["gained"], last["lost"], last["moved"], last["changed"]) == (0, 0, 0, 0)
    assert last["before"]["work"] == last["after"]["work"] > len(store._work) > 0  # escalations, too
    assert last["history"]["source"] == "store"


@pytest.fixture
def changed_store(signature: str, folder: Path, opens: Callable[[Store], None]) -> Store:
    """Return the store as it is when the kickoff of two days has come into force, with a migration, on the way."""
    store = MemoryStore()
    store.ensure_partitions(8)
    begin(store, now=SIGNED - timedelta(days=30))
    rows = Path(signature).read_bytes().splitlines()
    works(store, rows[:7], SIGNED)
    file = folder / "cs" / "signature_to_kickoff.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 2.0.0"), encoding="utf-8")
    proposal = propose(catalogues_of(store), read_members([file]), "active", migrate=True)
    put(store, proposal, by="cleo", note="sooner", now=SIGNED, migrating=["acme"])
    works(store, rows[7:], NOW)
    opens(store)
    return store


def test_what_was_in_force_when_against_what_is_recorded_is_no_difference(nofumble, changed_store):
    ended = nofumble("backtest", "--against", "recorded", "--processes", "1", "--json")

    last = ended.lines[-1]
    assert (last["gained"], last["lost"], last["moved"], last["changed"]) == (0, 0, 0, 0)
    assert last["before"]["work"] == last["after"]["work"] > 5
    assert ended.err == ""


def test_one_version_against_several_says_so_and_what_the_activation_changed(nofumble, changed_store):
    ended = nofumble("backtest", "--workflows", str(SHIPPED), "--processes", "1", "--json")

    (moved,) = [one for one in ended.lines if one["row"] == "difference"]
    assert (moved["how"], moved["after"]["ref"]) == ("moved", "A1")
    assert (moved["before"]["told_at"], moved["after"]["told_at"]) == ("2026-03-05T17:00:00Z", "2026-03-06T17:00:00Z")
    assert "before are several versions" in ended.err


def test_a_version_of_the_store_can_be_tried_as_if_it_had_always_been_in_force(nofumble, changed_store):
    words = ("backtest", "--activate", "signature_to_kickoff", "--processes", "1", "--json")

    ended = nofumble(*words)

    assert [one for one in ended.lines if one["row"] == "difference"] == []
    assert ended.lines[-1]["after"]["definitions"] == "the active definitions with signature_to_kickoff"


def test_the_store_is_compared_with_its_active_definitions(nofumble, store, folder):
    last = nofumble("backtest", "--workflows", str(folder), "--processes", "1", "--json").lines[-1]

    assert (last["before"]["definitions"], last["after"]["definitions"]) == ("the active definitions", str(folder))
    assert last["moved"] == 1


def test_results_are_kept_listed_shown_and_compared(nofumble, signature, folder):
    same = ("backtest", "--events", signature, *UNTIL)
    nofumble(*same, "--name", "as-it-is")
    ran = nofumble(*same, "--workflows", str(folder), "--name", "two-days", "--json")

    listed = {one["name"]: one["moved"] for one in nofumble("backtest", "list", "--json").lines}
    assert listed == {"as-it-is": 0, "two-days": 1}
    assert nofumble("backtest", "show", "two-days", "--json").lines == ran.lines
    forth = nofumble("backtest", "compare", "as-it-is", "two-days", "--json").lines
    back = nofumble("backtest", "compare", "two-days", "as-it-is", "--json").lines
    assert (forth[-1]["moved"], back[-1]["moved"]) == (1, 1)
    assert (forth[0]["before"], forth[0]["after"]) == (back[0]["after"], back[0]["before"])
    assert "as-it-is" in nofumble("backtest", "list").out


def test_only_backtests_of_one_history_can_be_compared(nofumble, signature):
    nofumble("backtest", "--events", signature, *UNTIL, "--name", "short")
    nofumble("backtest", "--events", signature, "--to", "2026-04-01", "--processes", "1", "--name", "long")

    ended = nofumble("backtest", "compare", "short", "long")

    assert ended.code == 2
    assert "do not have the same history" in ended.err


def test_a_workflow_that_is_off_can_be_tried(nofumble, signature, folder):
    file = folder / "cs" / "signature_to_kickoff.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\nmode: shadow\n", encoding="utf-8")
    words = ("backtest", "--events", signature, "--workflows", str(folder), *UNTIL, "--json")

    off = nofumble(*words).lines[-1]
    tried = nofumble(*words, "--activate", "signature_to_kickoff").lines[-1]

    assert off["lost"] > 5
    assert (tried["lost"], tried["moved"]) == (0, 1)
    assert tried["after"]["definitions"].endswith("with signature_to_kickoff")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--name", "../x"), "is no name of a backtest"),
        (("--from", "2026-03-20"), "begin earlier"),
        (("--from", "soon"), "--from is 'soon'"),
        (("--against", "recorded"), "--against recorded is about the store"),
        (("--against", "nowhere"), "no such file or folder"),
        (("--activate", "kickof"), "no workflow is called"),
        (("--workflows", "nowhere"), "no such file or folder"),
        (("--processes", "0"), "greater than or equal to 1"),
    ],
)
def test_wrong_words_are_one_sentence(nofumble, signature, words, reason):
    ended = nofumble("backtest", "--events", signature, "--to", "2026-03-18", *words)

    assert ended.code == 2
    assert reason in ended.err
    assert ended.out == ""


def test_an_empty_store_has_nothing_to_fold(nofumble, opens):
    opens(MemoryStore())

    ended = nofumble("backtest")

    assert ended.code == 2
    assert "nothing is recorded yet" in ended.err


def test_what_is_recorded_cannot_end_earlier(nofumble, store):
    ended = nofumble("backtest", "--against", "recorded", "--to", "2026-03-10")

    assert ended.code == 2
    assert "leave --to out" in ended.err


def test_a_kept_result_that_cannot_be_read_is_told(nofumble, signature, tmp_path):
    nofumble("backtest", "--events", signature, *UNTIL)
    (tmp_path / "home" / "backtests" / "last.json").write_text(json.dumps({"name": "last"}), encoding="utf-8")

    ended = nofumble("backtest", "show", "last")

    assert ended.code == 2
    assert "no backtest that this version can read" in ended.err
    assert nofumble("backtest", "list").err.startswith("no backtest was kept yet")
