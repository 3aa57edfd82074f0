"""The reports as people and programs see them, on a store in memory."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.ports import Store
from config.settings import Settings
from nofumble.catalogue import open_world
from nofumble.cli import report
from nofumble.cli.app import app
from nofumble.cli.output import Cell
from nofumble.cli.report import PERIOD_DEFAULT, period_of, sides_of
from nofumble.cli.report_tables import write_benchmarks, write_capacity, write_friction, write_workflows
from nofumble.cli.session import Session
from nofumble.errors import WrongUse
from nofumble.reports.capacity import Load
from nofumble.reports.friction import Amount, Friction
from nofumble.reports.measures import Measures
from nofumble.reports.peers import Benchmark
from nofumble.reports.watchdog import Watch
from nofumble.store.memory_store import MemoryStore
from workflows.directory import Directory, directory_from
from workflows.watchdog import LostField, WatchedSource

SIGNATURE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "signature.jsonl"
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
"""Thursday, two working days after the signature and before the kickoff is heard of."""

PEOPLE = directory_from({"people": {"dana": {"team": "cs"}, "sam": {"team": "sales"}, "mia": {"team": "marketing"}}})
WORKED = {"person": "dana", "minutes": 90, "billable": False}

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the reports on a store into which the first nine events of the signature went, and an hour and a half."""
    store: Store = MemoryStore()
    store.ensure_partitions(8)
    time = {"specversion": "1.0", "id": "t-1", "source": "/notes", "type": "cs.time.logged", "subject": "acme"}
    time |= {"time": "2026-03-04T12:00:00Z", "data": WORKED}
    rows = [*SIGNATURE.read_bytes().splitlines()[:9], json.dumps(time).encode()]
    Intake(store, Directory()).take([Incoming("f", n, row) for n, row in enumerate(rows)], now=NOW)
    EmbeddedAgents(store, open_world(store, Directory(), now=NOW), worker="w").run_until_idle(NOW)
    return _runner(Session(store, Settings(home=tmp_path), NOW), monkeypatch)


@pytest.fixture
def run_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the reports on a store in which an executive of ours heard of trouble, before anybody knew of it."""
    store: Store = MemoryStore()
    store.ensure_partitions(8)
    call = {"specversion": "1.0", "id": "c-1", "source": "/notes", "type": "exec.contact.reported", "subject": "acme"}
    call |= {"time": "2026-03-04T12:00:00Z", "data": {"our_exec": "eve", "about": "the line stands still"}}
    Intake(store, Directory()).take([Incoming("f", 1, json.dumps(call).encode())], now=NOW)
    EmbeddedAgents(store, open_world(store, Directory(), now=NOW), worker="w").run_until_idle(NOW)
    return _runner(Session(store, Settings(home=tmp_path), NOW), monkeypatch)


@pytest.fixture
def run_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the reports on a store with nothing in it."""
    store: Store = MemoryStore()
    return _runner(Session(store, Settings(home=tmp_path), NOW), monkeypatch)


def _runner(session: Session, monkeypatch: pytest.MonkeyPatch) -> Run:
    @contextmanager
    def opened() -> Iterator[Session]:
        yield session

    monkeypatch.setattr(report, "open_session", opened)
    monkeypatch.delenv("COLUMNS", raising=False)
    session.__dict__["directory"] = PEOPLE

    def run(*words: str) -> list[str]:
        result = CliRunner().invoke(app, ["report", *words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0
        return (result.stdout or result.stderr).splitlines()

    return run


def test_loops_are_told_with_holder_team_days_and_when_the_customer_was_told(run: Run):
    first, *_, by_team = [line for line in run("loops") if "sales" in line]

    assert first.split()[1:7] == ["acme", "sam", "(sales)", "2bd", "1bd", "ago"]
    assert by_team.split() == ["sales", "1", "2bd", "2bd", "0"]


def test_every_line_of_loops_says_what_kind_of_row_it_is(run: Run):
    rows = [json.loads(line) for line in run("loops", "--json")]

    assert [(row["row"], row.get("by")) for row in rows] == [("loop", None), ("sum", "holder"), ("sum", "team")]
    assert rows[0]["held_since"] == "2026-03-03T10:00:00Z"


def test_capacity_has_everybody_with_open_tasks_and_logged_hours(run: Run):
    rows = {row["person"]: row for row in map(json.loads, run("capacity", "--json"))}

    # Dana has a handoff to read and to take, Mia her mailing lists, all due by Thursday evening; Sam is done
    assert {who: (row["open"], row["due_10bd"], row["logged_h"]) for who, row in rows.items()} == {
        "dana": (2, 2, 1.5),
        "mia": (1, 1, 0),
        "sam": (0, 0, 0),
    }
    assert rows["dana"]["overdue"] == 0


def test_services_are_told_by_side_and_together(run: Run):
    assert run("services", "--by", "tier,account")[-1] == "1.5 hours: 0 paid, 1.5 given, 0 not said"
    rows = [json.loads(line) for line in run("services", "--by", "account", "--json")]
    assert rows == [
        {
            "row": "service",
            "account": "acme",
            "tier": None,
            "workflow": None,
            "hours": 1.5,
            "paid_h": 0,
            "given_h": 1.5,
            "unsaid_h": 0,
        },
        {"row": "sum", "hours": 1.5, "paid_h": 0, "given_h": 1.5, "unsaid_h": 0},
    ]


@pytest.mark.parametrize(("words", "figure", "value"), [("services", "hours", 1.5), ("loops", "open loops", 1)])
def test_a_customer_without_peers_has_no_benchmark(words: str, figure: str, value: float, run: Run):
    (row,) = map(json.loads, run(words, "--peers", "--json"))

    assert (row["account"], row["figure"], row["value"], row["median"]) == ("acme", figure, value, None)
    assert row["why"]


def test_workflows_are_all_in_it_and_what_ran_has_its_measures(run: Run):
    rows = {row["workflow"]: row for row in map(json.loads, run("workflows", "--json"))}

    # T1, the package, was proposed Tue 3 March 10:00 and done Wed 09:00, at the opening: 7 working hours
    row = rows["signature_to_kickoff"]
    assert (row["fires"], row["tasks"], row["done_bh"], row["dropped"]) == (1, 4, 7.0, 0)
    assert rows["crisis_hold_and_recovery"]["fires"] == 0


def test_friction_tells_of_every_kind(run: Run):
    lines = run("friction")

    assert lines[0].split() == ["kind", "times", "raised", "accounts", "hours", "amount"]
    assert len(lines) == 7


def test_briefs_tell_each_call_and_the_share_of_calls_that_found_one(run_told: Run):
    lines = run_told("briefs")
    *calls, share = [json.loads(line) for line in run_told("briefs", "--json")]

    assert [(one["our_exec"], one["brief_since"]) for one in calls] == [("eve", None)]
    assert share == {"row": "sum", "contacts": 1, "briefed": 0, "share": 0.0}
    assert lines[1].split()[-3:] == ["acme", "eve", "none"]
    assert lines[-1] == "0 of 1 call found a brief, 0%"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["loops"], "no open loop"),
        (["loops", "--peers"], "no customer yet"),
        (["services"], "no time was logged in this period"),
        (["workflows"], "no workflow has run on this store yet"),
        (["briefs"], "nobody of ours was told of trouble by a friend"),
    ],
)
def test_where_there_is_nothing_it_says_so(words: list[str], said: str, run_empty: Run):
    assert run_empty(*words) == [said]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["services", "--by", "teir"], r"no side of --by is called 'teir'; did you mean tier\?"),
        (["services", "--by", "colour"], "no side of --by is called 'colour'; `nofumble report services --help`"),
        (["friction", "--from", "yesterday"], "--from is 'yesterday': a time is a day or has an offset"),
        (["capacity", "--to", "1999-01-01"], "--to is '1999-01-01': a time lies between 2000"),
        (["workflows", "--from", "2026-04-01"], "--from is 2026-04-01 and the period ends now: it must end after"),
        (["friction", "--from", "2026-02-01", "--to", "2026-02-01"], "the period ends 2026-02-01: it must end after"),
    ],
)
def test_wrong_input_is_one_sentence(words: list[str], sentence: str, run: Run):
    with pytest.raises(WrongUse, match=sentence):
        run(*words)


def test_a_period_is_the_quarter_before_its_end_without_a_start():
    assert period_of(None, None, now=NOW).until == NOW
    assert period_of(None, "2026-03-01", now=NOW).since == datetime(2026, 3, 1, tzinfo=UTC) - PERIOD_DEFAULT
    assert timedelta(days=90) == PERIOD_DEFAULT


def test_sides_keep_their_order_however_they_are_given():
    assert sides_of(["workflow", "account"]) == ["account", "workflow"]
    assert sides_of(None) == ["account", "tier", "workflow"]


def test_a_load_stands_out_above_90_and_above_110_percent(monkeypatch: pytest.MonkeyPatch):
    shown: list[list[str | Cell]] = []
    monkeypatch.setattr("nofumble.cli.report_tables.write_table", lambda _, rows: shown.extend(rows))

    write_capacity([Load("dana", None, "cs", 9, 9, 0, 9, 9, 10, load, 0) for load in (0.9, 0.91, 1.1, 1.25, None)])

    assert [row[7] for row in shown] == [
        Cell("90%"),
        Cell("91%", "warn"),
        Cell("110%", "warn"),
        Cell("125%", "urgent"),
        Cell(""),
    ]


def test_money_is_written_as_people_write_it(capsys: pytest.CaptureFixture[str]):
    write_friction([Friction("dispute", "disputed invoices", 2, 1, 2, 0.75, (Amount(120050, "EUR"), Amount(9, "JPY")))])

    assert capsys.readouterr().out.splitlines()[1].endswith("0.75  1,200.50 EUR, 9 JPY")


def test_a_benchmark_says_how_many_peers_there_are_or_why_there_is_none(capsys: pytest.CaptureFixture[str]):
    write_benchmarks(
        [
            Benchmark("acme", 1, "robotics", "hours", 4, 5, 2.5, None),
            Benchmark("globex", 1, "banking", "hours", 4, 4, None, "the cell is too small: 4 of 5 accounts"),
        ]
    )

    _, acme, globex = capsys.readouterr().out.splitlines()
    assert acme.split() == ["acme", "1", "robotics", "4", "2.5", "5", "accounts"]
    assert globex.endswith("the cell is too small: 4 of 5 accounts")


def test_the_table_of_workflows_fits_80_columns_with_the_longest_name(capsys: pytest.CaptureFixture[str]):
    name = "onboarding_to_first_value"
    write_workflows([Measures(name, 144, 9, 9, 12.25, 113.14, 0.95, 0.07, 3, 1, 12.5, 2)])

    header, row, *_ = capsys.readouterr().out.splitlines()
    assert row.split() == [name, "144", "12.25", "113.14", "95%", "7%", "3", "of", "4", "12.5", "2"]
    assert len(row) <= 80
    assert header.split()[-2:] == ["h", "lost"]


def test_the_watchdog_says_that_nothing_fell_silent_and_how_often_each_workflow_comes(run: Run):
    lines = run("watchdog")

    assert lines[0] == "nothing has fallen silent"
    assert any(line.split()[:2] == ["signature_to_kickoff", "1"] for line in lines)


def test_the_watchdog_ends_with_one_when_something_fell_silent(run_empty: Run, monkeypatch):
    silent = WatchedSource("/mail", 9, 7.0, NOW, 21.0, 21.0, is_silent=True, cause="nothing came from it at all")
    lost = LostField("sales.contact.logged", "purpose", NOW, 30, 30.0, ("intent",), ("w",))
    monkeypatch.setattr(report, "watch", lambda *_: Watch("olga", [], [silent], [lost]))

    shown = CliRunner().invoke(app, ["report", "watchdog"])
    told = CliRunner().invoke(app, ["report", "watchdog", "--json"])

    assert (shown.exit_code, told.exit_code) == (1, 1)
    assert shown.stdout.startswith("2 findings for olga")
    assert "nothing came from it at all" in shown.stdout
    assert "intent" in shown.stdout
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["row"] for row in rows] == ["source", "field", "watchdog"]
    assert rows[-1] == {"row": "watchdog", "to": "olga", "silent": 2}
