"""The commands on a store: events go in, people look and act, and what they do comes out. On a real PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from nofumble.errors import NofumbleError
from nofumble.postgres import Database
from tests.database import DatabaseServer

pytestmark = pytest.mark.database

NOW = datetime.now(UTC).replace(microsecond=0)
SIGNED = NOW - timedelta(days=40)
"""Long enough ago that every deadline has passed, and within the lateness that a file may have."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return standard output as JSON, one object a line; fails when anything else stands there."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ended]


def url_of(database: Database) -> str:
    """Return the address of a database as the setting has it."""
    parts = {name: str(value) for name, value in conninfo_to_dict(database.dsn).items() if value is not None}
    return f"postgresql:///{parts.pop('dbname')}?{urlencode(parts)}"


@pytest.fixture
def nofumble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    from nofumble.cli.app import app

    monkeypatch.setenv("NOFUMBLE_HOME", str(tmp_path / "home"))
    for name in ("NOFUMBLE_DATABASE_URL", "NOFUMBLE_ORGANISATION", "NOFUMBLE_PERSON", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, stdin: str | None = None) -> Ended:
        result = CliRunner().invoke(app, list(words), input=stdin)
        if isinstance(result.exception, NofumbleError):
            return Ended(result.exception.exit_code, result.stdout, f"{result.stderr}nofumble: {result.exception}\n")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def on_database(nofumble: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line on a fresh database."""
    monkeypatch.setenv("NOFUMBLE_DATABASE_URL", url_of(database))
    return nofumble


def event(event_id: str, event_type: str, after: timedelta, subject: str = "acme", **data: object) -> dict[str, object]:
    """Return an event so long after the signature."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/crm",
        "type": event_type,
        "subject": subject,
        "time": (SIGNED + after).isoformat(),
        "data": data,
    }


def lines_of(events: list[dict[str, object]]) -> str:
    """Write events as a file has them."""
    return "".join(f"{json.dumps(one)}\n" for one in events)


EARLIER = timedelta(days=-2)
STORY = [
    event("hr-1", "people.person.registered", EARLIER, "sam", name="Sam Okoro", team="sales"),
    event("hr-2", "people.person.registered", EARLIER, "dana", name="Dana Weiss", team="cs"),
    event("hr-3", "people.person.registered", EARLIER, "mia", name="Mia Lund", team="marketing", roles=["marketer"]),
    event(
        "crm-1",
        "account.registered",
        EARLIER,
        name="Acme Robotics",
        tier=1,
        lifecycle="signed",
        roles={"ae": "sam", "csm": "dana"},
        links={"zendesk": "8812"},
    ),
    event("crm-2", "sales.contract.signed", timedelta(0), contract_id="C-1", kind="new", actor="sam"),
]


@pytest.fixture
def worked(on_database: Run) -> Iterator[Run]:
    """Return the command line on a store in which a contract was signed and nothing followed."""
    assert on_database("ingest", "-", stdin=lines_of(STORY)).code == 0
    assert on_database("run", "--once").code == 0
    return on_database


def id_of(run: Run, listing: str, ref: str) -> str:
    """Return the id of the work of one step."""
    return next(line["id"] for line in run(listing, "--all", "--json").lines if line["ref"] == ref)


def test_the_same_file_twice_is_accepted_once(on_database: Run):
    first = on_database("ingest", "-", "--json", stdin=lines_of(STORY)).lines
    again = on_database("ingest", "-", "--json", stdin=lines_of(STORY)).lines

    assert [first[-1][name] for name in ("rows", "accepted", "duplicate", "parked", "quarantined")] == [5, 5, 0, 0, 0]
    assert [again[-1][name] for name in ("rows", "accepted", "duplicate", "parked", "quarantined")] == [5, 0, 5, 0, 0]


def test_every_row_is_accounted_for(on_database: Run):
    elsewhere = event("z-1", "support.ticket.opened", timedelta(0), "zendesk:99", ticket_id="T-1", severity=3)
    text = f"{{broken\n{lines_of([*STORY, STORY[0], elsewhere])}"

    (tally,) = on_database("ingest", "-", "--json", stdin=text).lines

    assert tally["rows"] == 8
    assert tally["accepted"] + tally["duplicate"] + tally["parked"] + tally["quarantined"] == 8
    assert (tally["duplicate"], tally["parked"], tally["quarantined"]) == (1, 1, 1)


def test_what_the_agents_do_is_what_simulate_says(worked: Run):
    told = worked("simulate", "-", "--json", "--until", NOW.isoformat(), stdin=lines_of(STORY)).lines

    simulated = {line["data"]["id"] for line in told if line["type"].startswith(("task.", "alert.", "loop."))}
    stored = {line["id"] for name in ("tasks", "alerts", "loops") for line in worked(name, "--all", "--json").lines}
    assert stored == simulated != set()


def test_working_again_finds_nothing_to_do(worked: Run):
    ended = worked("run", "--once", "--json")

    assert ended.code == 0
    assert ended.lines[0]["records"] == 0
    assert ended.lines[0]["lines"] == 0


def test_the_inbox_shows_what_waits_for_a_person_by_account(worked: Run):
    ended = worked("inbox", "--person", "dana")

    assert ended.out.startswith("dana: 2 alerts")
    assert "acme (Acme Robotics, tier 1)" in ended.out
    assert all(line["for"] == "dana" for line in worked("inbox", "--person", "dana", "--json").lines)


def test_notices_show_what_somebody_was_told_newest_first(worked: Run):
    told = worked("notices", "--person", "dana", "--json").lines

    times = [line["time"] for line in told if line["type"] != "digest.waiting"]
    assert times == sorted(times, reverse=True) != []
    assert {line["person"] for line in told} == {"dana"}
    assert {line["account"] for line in told if line["type"] == "notice.sent"} == {"acme"}
    assert "notice.sent" in worked("notices", "--person", "dana").out
    assert worked("notices", "--person", "kim").err == "kim was told nothing\n"


def test_notices_show_what_waits_for_the_next_digest_until_it_is_told(on_database: Run):
    """Two contracts signed on a Saturday, two weeks ago: days off have no budget."""
    saturday = NOW - timedelta(days=14 + (NOW.weekday() - 5) % 7)
    told = {"kind": "new", "actor": "sam"}
    signed = [
        event(f"s-{n}", "sales.contract.signed", saturday - SIGNED, contract_id=n, **told) for n in ("C-1", "C-2")
    ]
    known = [{**one, "recordedtime": one["time"]} for one in (*STORY[:-1], *signed)]
    on_database("ingest", "-", stdin=lines_of(known))

    on_database("run", "--once", "--until", (saturday + timedelta(hours=1)).isoformat())
    waiting = on_database("notices", "--json").lines
    shown = on_database("notices").out
    on_database("run", "--once")
    later = on_database("notices", "--json").lines

    threads = {line["data"]["thread"] for line in waiting if line["type"] == "digest.waiting"}
    assert len(threads) >= 2
    assert "digest" in shown
    assert threads & {one["thread"] for line in later if line["type"] == "digest.sent" for one in line["data"]["lines"]}


def test_lists_narrow_by_person_account_and_workflow(worked: Run):
    assert {line["person"] for line in worked("tasks", "--person", "mia", "--json").lines} == {"mia"}
    assert worked("tasks", "--account", "zendesk:8812", "--json").lines == worked("tasks", "--json").lines != []
    assert worked("tasks", "--workflow", "crisis_hold_and_recovery", "--json").lines == []
    assert worked("holds").err == "no hold\n"


def test_a_loop_says_who_has_it_how_long_and_what_the_customer_knows(worked: Run):
    (loop,) = worked("loops", "--json").lines

    assert loop["holder"]["person"] == "sam"
    assert loop["held_bd"] >= 25  # 40 days have 28 or 29 working days, less what the calendar takes
    assert loop["told_at"] is None
    assert "never" in worked("loops").out


def test_reports_are_made_of_what_is_stored(worked: Run):
    spent = event("n-1", "cs.time.logged", timedelta(days=1), person="dana", minutes=90, billable=True)
    assert worked("ingest", "-", stdin=lines_of([spent])).code == 0
    assert worked("run", "--once").code == 0

    loop, *_ = worked("report", "loops", "--json").lines
    assert (loop["account"], loop["person"], loop["team"]) == ("acme", "sam", "sales")
    load = {line["person"]: line for line in worked("report", "capacity", "--json").lines}
    assert (load["dana"]["team"], load["dana"]["logged_h"]) == ("cs", 1.5)
    assert load["sam"]["open"] == load["sam"]["overdue"] > 0
    assert worked("report", "services", "--json").lines[-1]["paid_h"] == 1.5
    assert {line["times"] for line in worked("report", "friction", "--json").lines} == {0, None}
    fires = {line["workflow"]: line["fires"] for line in worked("report", "workflows", "--json").lines}
    assert fires["signature_to_kickoff"] == 1
    assert all(worked("report", name).out for name in ("loops", "capacity", "services", "friction", "workflows"))


def test_what_a_person_does_counts_at_once(worked: Run):
    task = id_of(worked, "tasks", "T6")
    before = next(line for line in worked("tasks", "--json").lines if line["id"] == task)

    accepted = worked("task", "accept", task[:8], "--as", "mia", "--json")
    after = next(line for line in worked("tasks", "--json").lines if line["id"] == task)
    done = worked("task", "done", task, "--as", "mia")

    assert accepted.lines[0]["type"] == "task.accepted"
    assert accepted.lines[0]["data"] == {"id": task, "actor": {"person": "mia", "team": "marketing"}}
    assert (before["status"], after["status"]) == ("offered", "accepted")
    assert "task.completed noted for task T6 at acme" in done.err
    assert task not in {line["id"] for line in worked("tasks", "--json").lines}


def test_a_task_goes_to_somebody_else_and_a_stranger_is_pointed_out(worked: Run):
    task = id_of(worked, "tasks", "T6")

    ended = worked("task", "reassign", task, "--as", "mia", "--to", "dna")
    worked("task", "reassign", task, "--as", "mia", "--to", "dana")
    worked("run", "--once")

    assert "dna is not among the people known here: did you mean dana?" in ended.err
    assert task in {line["id"] for line in worked("tasks", "--person", "dana", "--json").lines}


def test_an_alert_is_seen(worked: Run):
    alert = id_of(worked, "alerts", "A1")

    assert worked("alert", "ack", alert, "--as", "dana").code == 0
    worked("run", "--once")

    assert "(acknowledged)" in worked("alerts").out


def test_one_impossible_action_of_several_writes_none(worked: Run):
    task, loop = id_of(worked, "tasks", "T6"), id_of(worked, "loops", "L1")

    ended = worked("task", "accept", task, loop, "--as", "mia")
    worked("run", "--once")

    assert ended.code == 2
    assert "needs a task" in ended.err
    assert next(line for line in worked("tasks", "--json").lines if line["id"] == task)["status"] == "offered"


def test_work_says_why_it_exists(worked: Run):
    alert = id_of(worked, "alerts", "A1")

    told = worked("why", alert[:8]).out
    (said,) = worked("why", alert, "--json").lines

    assert f"alert A1 at acme, {alert}" in told
    assert "(crm-2 of /crm) by sam" in told
    assert said["evidence"]["events"] == ["crm-2"]
    assert said["evidence"]["clock"]["duration"] == "3bd"


def test_an_account_is_shown_with_all_that_is_open(worked: Run):
    (said,) = worked("account", "zendesk:8812", "--json").lines
    told = worked("account", "acme").out

    assert said["id"] == "acme"
    assert said["roles"] == {"ae": "sam", "csm": "dana"}
    assert {row["ref"] for row in said["alerts"]} >= {"A1", "A2"}
    assert "people     ae sam, csm dana" in told
    assert [line["id"] for line in worked("account", "--json").lines] == ["acme"]


def test_a_timeline_tells_what_happened_and_what_was_done(worked: Run):
    out = worked("timeline", "acme").out

    assert out.index("sales.contract.signed") < out.index("alert raised")
    assert max(len(line) for line in out.splitlines()) <= 80
    assert {"event", "task", "alert", "loop"} <= {line["kind"] for line in worked("timeline", "acme", "--json").lines}


def test_the_preflight_answer_follows_from_the_holds(worked: Run):
    crisis = event("z-1", "support.ticket.opened", NOW - SIGNED - timedelta(hours=1), ticket_id="T-1", severity=1)

    before = worked("may-i", "upsell", "--account", "acme", "--as", "dana", "--json").lines
    worked("ingest", "-", stdin=lines_of([crisis]))
    worked("run", "--once")
    after = worked("may-i", "upsell", "--account", "acme", "--as", "dana", "--json").lines

    assert before[0]["decision"] == "allow"
    assert after[0]["decision"] == "hold"
    assert after[0]["reasons"] == ["crisis"]
    assert {line["scope"] for line in worked("holds", "--json").lines} >= {"upsell", "ask", "promo", "survey"}
    assert worked("may-i", "upsell", "--account", "acme").out.startswith("not now: upsell at acme")


def test_a_refused_event_is_listed_shown_and_let_through_only_when_it_holds(on_database: Run):
    on_database("ingest", "-", stdin='{"specversion": "1.0", "id": 7}\n')

    (row,) = on_database("quarantine", "list", "--json").lines
    shown = on_database("quarantine", "show", row["id"][:8]).out
    released = on_database("quarantine", "release", row["id"])

    assert (row["origin"], row["position"], row["path"]) == ("-", 1, "id")
    assert '{"specversion": "1.0", "id": 7}' in shown
    assert released.code == 2
    assert "is refused as before" in released.err
    assert on_database("quarantine", "list", "--json").lines == [row]


def test_what_a_person_could_not_do_is_in_quarantine_and_needs_no_release(worked: Run):
    task = id_of(worked, "tasks", "T6")
    late = event("act-1", "task.completed", NOW - SIGNED, id=task, actor={"person": "mia"})
    later = event("act-2", "task.accepted", NOW - SIGNED + timedelta(seconds=1), id=task, actor={"person": "mia"})
    worked("ingest", "-", stdin=lines_of([late, later]))
    worked("run", "--once")

    (row,) = worked("quarantine", "list", "--json").lines
    released = worked("quarantine", "release", row["id"])

    assert "is done; possible now: nothing" in row["reason"]
    assert released.code == 2
    assert "needs no release" in released.err


def test_the_doctor_finds_all_well_and_hides_passwords(worked: Run):
    ended = worked("doctor")
    said = worked("doctor", "--json").lines

    assert ended.code == 0
    assert "NOFUMBLE_PARTITIONS" in ended.out
    assert all(line.get("well", True) for line in said)
    assert {line["setting"] for line in said if "setting" in line} >= {"NOFUMBLE_HOME", "NOFUMBLE_DATABASE_URL"}


def test_the_doctor_sees_a_misspelt_setting(worked: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_PARTITION", "4")

    ended = worked("doctor")

    assert ended.code == 1
    assert "NOFUMBLE_PARTITION: no such setting" in ended.out


def test_a_schema_that_is_up_to_date_needs_nothing(on_database: Run):
    assert on_database("db", "check").code == 0
    assert on_database("db", "migrate").err == "the schema is up to date\n"
    assert on_database("db", "migrate", "--json").out == ""


def test_a_database_of_ones_own_is_migrated_when_its_owner_says_so(
    nofumble: Run, database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
):
    with database_server.empty_database() as database:
        monkeypatch.setenv("NOFUMBLE_DATABASE_URL", url_of(database))

        refused, checked = nofumble("inbox"), nofumble("db", "check")
        migrated, then = nofumble("db", "migrate"), nofumble("inbox")

    assert refused.code == 2
    assert "run `nofumble db migrate`" in refused.err
    assert checked.code == 1
    assert migrated.out.startswith("applied 0001")
    assert (then.code, then.err) == (0, "nothing waits\n")


def test_a_database_that_is_not_to_be_had_is_exit_code_3(nofumble: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:1/nothing")

    ended = nofumble("inbox")

    assert (ended.code, ended.out) == (3, "")
    assert "hunter2" not in ended.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["account", "acmee"], "no account is called 'acmee'; did you mean acme?"),
        (["timeline", "zendesk:1"], "no account is called 'zendesk:1'"),
        (["tasks", "--account", "akme"], "did you mean acme?"),
        (["why", "T1"], "'T1' is no id of work"),
        (["why", "00000000"], "no work has an id that begins with 00000000"),
        (["task", "done", "{task}"], "missing option '--as'"),
        (["task", "decline", "{task}", "--as", "mia"], "missing option '--reason'"),
        (["task", "snooze", "{task}", "--as", "mia", "--until", "2001-01-01"], "which has passed"),
        (["alert", "ack", "{task}", "--as", "mia"], "needs an open alert"),
        (["may-i", "upsel", "--account", "acme"], "no purpose is called 'upsel'; did you mean upsell"),
        (["may-i", "upsell"], "missing option '--account'"),
        (["quarantine", "show", "123456"], "no id in quarantine begins with 123456"),
        (["quarantine", "show", "xyz"], "is no id of the quarantine"),
        (["report", "services", "--by", "teir"], "no side of --by is called 'teir'; did you mean tier?"),
        (["report", "friction", "--from", "2026-02-01", "--to", "2026-01-01"], "it must end after it begins"),
        (["ingest", "nothere.jsonl"], "nothere.jsonl: no such file"),
        (["timeline", "acme", "--limit", "0"], "--limit"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(words: list[str], sentence: str, worked: Run):
    task = id_of(worked, "tasks", "T6")

    ended = worked(*(word.format(task=task) for word in words))

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert len(ended.err.splitlines()) == 1
