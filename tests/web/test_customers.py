"""Lists of customers have customers only: our own people have logs, too, of their loads (W20)."""

import msgspec
import pytest
from typer.testing import CliRunner

from nofumble.cli import account, report
from nofumble.cli.app import app
from nofumble.cli.session import Session
from tests.web.application import NOW, Site

LOAD = {
    "specversion": "1.0",
    "id": "load-1",
    "source": "/nofumble/capacity",
    "type": "people.load.measured",
    "subject": "dana",
    "time": "2026-03-06T07:00:00Z",
    "data": {"person": "dana", "due_hours": 1.0, "free_hours": 40.0},
}
HIRED = LOAD | {"id": "hr-1", "type": "people.person.registered", "data": {"name": "Dana", "team": "cs"}}


@pytest.fixture
def measured(company: Site) -> Site:
    company.play(HIRED, LOAD)
    assert company.store.account("dana") is not None
    return company


def test_pages_and_the_api_list_customers_and_no_people_of_ours(measured: Site):
    browser = measured.signed_in("kim", "admin")

    listed = browser.get("/api/v1/accounts").json()["items"]
    page = browser.get("/accounts").text

    assert [one["id"] for one in listed] == ["acme"]
    assert "/accounts/acme" in page
    assert "/accounts/dana" not in page


@pytest.mark.parametrize(
    ("words", "module", "name"),
    [(["account"], account, "id"), (["report", "loops", "--peers"], report, "account")],
)
def test_commands_list_customers_and_no_people_of_ours(measured: Site, monkeypatch, words, module, name):
    session = Session(measured.store, measured.settings, NOW)
    monkeypatch.setattr(module, "open_session", lambda: _Opened(session))

    lines = CliRunner().invoke(app, [*words, "--json"]).stdout.splitlines()

    assert [msgspec.json.decode(line)[name] for line in lines] == ["acme"]


class _Opened:
    def __init__(self, session: Session) -> None:
        self.session = session

    def __enter__(self) -> Session:
        return self.session

    def __exit__(self, *_: object) -> None:
        pass
