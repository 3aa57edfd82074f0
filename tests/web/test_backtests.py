"""What another definition would have given: started, followed, cancelled, read and compared, by API and on pages."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from nofumble.backtest.kept import KeptBacktests
from nofumble.backtest.runs import Runs, Trace
from nofumble.errors import WrongUse
from nofumble.postgres import Database
from nofumble.wiring import SHIPPED
from tests.database import DatabaseServer
from tests.web.application import Site, site

PATIENCE_S = 60.0
FILE = SHIPPED / "cs" / "signature_to_kickoff.yaml"
WITHOUT_KICKOFF = "absent: {on: [cs.kickoff.scheduled, cs.kickoff.held], within: 3bd}"


@pytest.fixture(scope="module")
def company(
    database_server: DatabaseServer, played: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Give a company that no test of this module changes; each takes names of its own for its backtests."""
    with database_server.copy_of(played) as database, site(database, tmp_path_factory.mktemp("tried")) as one:
        yield one


def draft(days: int) -> str:
    """Return the shipped definition with another deadline for the kickoff."""
    text = FILE.read_text(encoding="utf-8")
    assert WITHOUT_KICKOFF in text
    return text.replace(WITHOUT_KICKOFF, WITHOUT_KICKOFF.replace("3bd", f"{days}bd"))


def ended(browser: TestClient, name: str) -> Any:
    """Wait until a backtest has ended, and return what it says."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        said = browser.get(f"/api/v1/backtests/{name}").json()
        if said["state"] != "running":
            return said
        time.sleep(0.1)
    pytest.fail(f"{name} still runs")


class Page:
    """What pages show to somebody."""

    def __init__(self, browser: TestClient) -> None:
        self.browser = browser

    def shows(self, path: str, *wanted: str) -> str:
        answer = self.browser.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        for one in wanted:
            assert one in answer.text, (path, one)
        return answer.text


def test_a_draft_is_tried_followed_read_and_compared(company: Site):
    browser, to = company.signed_in("yuki", "cs_ops"), "2026-03-06T18:00Z"

    begun = browser.post("/api/v1/backtests", json={"definition": draft(2), "name": "two-days", "to": to})
    second = browser.post("/api/v1/backtests", json={"definition": draft(1), "name": "one-day", "to": to})
    said = ended(browser, "two-days")

    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    assert (second.status_code, "one runs at a time" in second.json()["detail"]) == (409, True)
    assert (said["gained"], said["lost"], said["moved"]) == (0, 0, 1), said
    assert said["after"]["definitions"].startswith("the active definitions with a draft of signature_to_kickoff")
    (row,) = [one for one in said["workflows"] if one["workflow"] == "signature_to_kickoff"]
    assert row["moved"] == 1
    (moved,) = browser.get("/api/v1/backtests/two-days/differences").json()["items"]
    assert (moved["how"], moved["account"]) == ("moved", "acme")
    assert browser.get("/api/v1/backtests/two-days/differences?account=nobody").json()["items"] == []
    assert browser.get("/accounts/acme").status_code == 200

    browser.post("/api/v1/backtests", json={"definition": draft(1), "name": "one-day", "to": to})
    ended(browser, "one-day")
    compared = browser.get("/api/v1/backtests/two-days/against/one-day").json()
    assert (compared["moved"], compared["differences"][0]["account"]) == (1, "acme")
    listed = [one["name"] for one in browser.get("/api/v1/backtests").json()]
    assert listed.index("one-day") < listed.index("two-days")
    again = browser.post("/api/v1/backtests", json={"definition": draft(1), "name": "one-day"})
    assert again.status_code == 409
    seen_by_reader_without_reports = company.signed_in("mia").get("/api/v1/backtests/two-days").json()
    assert "people" not in seen_by_reader_without_reports
    assert "people" in said
    page = Page(browser)
    page.shows("/backtests", "one-day", "two-days", "signature_to_kickoff 1")
    page.shows("/backtests/two-days", "Acme", "goes out", "moved", "By workflow", "People with another week")
    page.shows("/backtests/two-days/against?other=one-day", "Acme", "moved")
    mia = Page(company.signed_in("mia"))
    assert "People with another week" not in mia.shows("/backtests/two-days", "By workflow")
    stranger = company.signed_in("nina", "sales").get("/api/v1/backtests/two-days/differences").json()
    assert stranger["items"] == []


def test_the_active_version_of_the_store_against_itself_is_no_difference(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    active = browser.get("/api/v1/workflows/signature_to_kickoff").json()["hash"]

    name = browser.post("/api/v1/backtests", json={"version": active}).json()["name"]

    said = ended(browser, name)
    assert (said["gained"], said["lost"], said["moved"], said["changed"]) == (0, 0, 0, 0), said


def test_a_backtest_is_cancelled_and_another_one_can_begin(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    browser.post("/api/v1/backtests", json={"definition": draft(2), "name": "first"})

    said = browser.post("/api/v1/backtests/first/cancel").json()

    assert said["state"] == "cancelled"
    assert browser.get("/api/v1/backtests/first").json()["state"] == "cancelled"
    assert not KeptBacktests(company.settings.home).has("first")
    assert browser.post("/api/v1/backtests/first/cancel").status_code == 404
    assert browser.post("/api/v1/backtests", json={"definition": draft(2), "name": "first"}).status_code == 202
    company.app.state.shared.runs.close()
    assert browser.get("/api/v1/backtests/first").json()["state"] == "cancelled"


def found(runs: Runs, name: str) -> Trace:
    trace = runs.get(name)
    assert trace is not None
    return trace


def test_a_server_that_is_started_anew_knows_what_runs_and_what_was_ended_from_outside(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    browser.post("/api/v1/backtests", json={"definition": draft(2), "name": "lone"})
    other = Runs(company.settings.home)
    trace = found(other, "lone")

    os.killpg(trace.process, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while found(other, "lone").state == "running" and time.monotonic() < deadline:
        time.sleep(0.05)

    assert trace.state == "running"
    trace = found(other, "lone")
    assert (trace.state, "from outside" in trace.error) == ("failed", True)
    with pytest.raises(WrongUse, match="no backtest called 'lone' runs"):
        other.cancel("lone")


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({}, None),
        ({"definition": "name: x", "version": "abcdef"}, None),
        ({"definition": "name: [x"}, "definition"),
        ({"version": "abc"}, "version"),
        ({"version": "ffffffffffff"}, "version"),
    ],
)
def test_what_cannot_be_tried_says_what_does_not_hold(company: Site, asked: dict[str, str], path: str | None):
    answer = company.signed_in("yuki", "cs_ops").post("/api/v1/backtests", json=asked)

    assert answer.status_code == 422, answer.text
    assert answer.json().get("path") == path
    assert answer.json()["remedy"]


def test_a_backtest_that_fails_says_why(company: Site):
    browser = company.signed_in("yuki", "cs_ops")

    browser.post(
        "/api/v1/backtests", json={"definition": draft(2), "name": "empty", "from": "2026-03-06", "to": "2026-03-05"}
    )

    said = ended(browser, "empty")
    assert (said["state"], "begin earlier" in said["error"]) == ("failed", True), said


def test_the_form_starts_a_backtest_its_page_shows_how_far_it_is_and_cancels_it(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    form = {"definition": draft(2), "name": "by-form", "_csrf": browser.headers["X-CSRF-Token"]}

    begun = browser.post("/backtests", data=form)
    running = Page(browser).shows("/backtests/by-form", "running", "Cancel", "every 1s")
    listed = Page(browser).shows("/backtests", "by-form", "running")
    ended_ = browser.post("/backtests/by-form/cancel", data=form)

    assert (begun.status_code, begun.headers["location"]) == (303, "/backtests/by-form")
    assert "hx-trigger" in running
    assert "Under way" in listed
    assert ended_.status_code == 303
    assert "every 1s" not in Page(browser).shows("/backtests/by-form", "It was cancelled")


def test_a_form_that_cannot_be_tried_keeps_what_was_typed_and_names_the_line(company: Site):
    browser = company.signed_in("yuki", "cs_ops")

    answer = browser.post("/backtests", data={"definition": "name: [typed", "name": "typed-name"})

    assert answer.status_code == 422
    assert all(one in answer.text for one in ("line 1", "name: [typed", "typed-name", 'role="alert"'))
