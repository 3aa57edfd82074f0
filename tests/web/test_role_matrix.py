"""Every endpoint for every role (F71, F72): whoever adds one says here how it is asked, and who may.

The table below is written by hand and not read from the code: where the two differ, one of them is wrong.
"""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from agents.rows import WorkFilter
from events.catalogue import EVENT_TYPES
from nofumble.postgres import Database
from nofumble.web.app import endpoints
from nofumble.web.roles import LABELS, ROLES, Permission, Role
from tests.database import DatabaseServer
from tests.web import pages_matrix
from tests.web.application import Site, site
from tests.web.pages_matrix import ALL, LEADS, OPEN, PAGES, WRITERS, Ask

NO_WORK = "00000000-0000-4000-8000-000000000000"
PARTS = {
    "account_id": "acme",
    "work_id": NO_WORK,
    "id": NO_WORK,
    "name": "signature_to_kickoff",
    "person": "somebody",
    "other": "another",
    "secret": "wrong",
} | pages_matrix.PARTS
EVENTS = ALL - {"executive"}
STREAM = "GET /events"
"""It goes on for a minute: tests/web/test_live.py asks it."""

MATRIX: dict[str, Ask] = {
    "GET /api/v1/health": Ask(OPEN),
    "GET /api/v1/me": Ask(ALL),
    "POST /api/v1/events": Ask(EVENTS, body=[]),
    "GET /api/v1/accounts": Ask(ALL),
    "GET /api/v1/accounts/{account_id}": Ask(ALL),
    "GET /api/v1/accounts/{account_id}/timeline": Ask(ALL),
    "GET /api/v1/accounts/{account_id}/why-not": Ask(ALL),
    "POST /api/v1/accounts/{account_id}/may-i": Ask(ALL, body={"purpose": "survey"}),
    "GET /api/v1/inbox": Ask(ALL),
    "GET /api/v1/tasks": Ask(ALL),
    "GET /api/v1/alerts": Ask(ALL),
    "GET /api/v1/loops": Ask(ALL),
    "GET /api/v1/holds": Ask(ALL),
    "GET /api/v1/notices": Ask(ALL),
    "GET /api/v1/work/{work_id}": Ask(ALL),
    "GET /api/v1/work/{work_id}/why": Ask(ALL),
    "POST /api/v1/work/{work_id}/accept": Ask(ALL),
    "POST /api/v1/work/{work_id}/decline": Ask(ALL, body={"reason": "no"}),
    "POST /api/v1/work/{work_id}/start": Ask(ALL),
    "POST /api/v1/work/{work_id}/done": Ask(ALL),
    "POST /api/v1/work/{work_id}/snooze": Ask(ALL, body={"until": "2026-03-20"}),
    "POST /api/v1/work/{work_id}/reassign": Ask(ALL, body={"to": "cleo"}),
    "POST /api/v1/work/{work_id}/ack": Ask(ALL),
    "POST /api/v1/work/{work_id}/snooze-alert": Ask(ALL, body={"until": "2026-03-20"}),
    "POST /api/v1/work/{work_id}/told": Ask(ALL, body={"text": "all is well"}),
    "POST /api/v1/work/{work_id}/feedback": Ask(ALL, body={"verdict": "noise"}),
    "GET /api/v1/workflows": Ask(ALL),
    "GET /api/v1/workflows/{name}": Ask(ALL),
    "GET /api/v1/backtests": Ask(ALL),
    "POST /api/v1/backtests": Ask(ALL, body={"definition": "name: x"}),
    "GET /api/v1/backtests/{name}": Ask(ALL),
    "GET /api/v1/backtests/{name}/differences": Ask(ALL),
    "GET /api/v1/backtests/{name}/against/{other}": Ask(ALL),
    "POST /api/v1/backtests/{name}/cancel": Ask(ALL),
    "POST /api/v1/workflows": Ask(WRITERS, body={"name": "signature_to_kickoff", "title": "x", "team": "cs"}),
    "GET /api/v1/workflows/{name}/versions": Ask(ALL),
    "GET /api/v1/workflows/{name}/diff": Ask(ALL),
    "GET /api/v1/workflows/{name}/draft": Ask(WRITERS),
    "PUT /api/v1/workflows/{name}/draft": Ask(WRITERS, body={"definition": "x"}),
    "DELETE /api/v1/workflows/{name}/draft": Ask(WRITERS),
    "POST /api/v1/workflows/{name}/check": Ask(WRITERS, body={"definition": "x"}),
    "GET /api/v1/workflows/{name}/shadow": Ask(WRITERS),
    "POST /api/v1/workflows/{name}/activate": Ask(WRITERS, body={"note": ""}),
    "POST /api/v1/workflows/{name}/shadow": Ask(WRITERS, body={"note": ""}),
    "POST /api/v1/workflows/{name}/deactivate": Ask(WRITERS, body={"note": ""}),
    "POST /api/v1/workflows/{name}/rollback": Ask(WRITERS, body={"note": ""}),
    "GET /api/v1/reports/loops": Ask(LEADS),
    "GET /api/v1/reports/workflows": Ask(LEADS),
    "GET /api/v1/reports/capacity": Ask(ALL),
    "GET /api/v1/reports/services": Ask({"finance", "executive", "cs_ops", "admin"}),
    "GET /api/v1/reports/friction": Ask({"finance", "executive", "cs_ops", "admin"}),
    "GET /api/v1/quarantine": Ask({"cs_ops", "admin"}),
    "GET /api/v1/quarantine/{id}": Ask({"cs_ops", "admin"}),
    "POST /api/v1/quarantine/{id}/release": Ask({"cs_ops", "admin"}),
    "GET /api/v1/parked": Ask({"cs_ops", "admin"}),
    "POST /api/v1/parked/link": Ask({"cs_ops", "admin"}, body={"ref": "crm:1", "account": "nobody"}),
    "GET /api/v1/audit": Ask({"admin"}),
    "GET /api/v1/tokens": Ask(ALL),
    "POST /api/v1/tokens": Ask(ALL, body={"name": "x", "scopes": ["self"]}),
    "DELETE /api/v1/tokens/{id}": Ask(ALL),
    "GET /api/v1/clock": Ask(ALL),
    "POST /api/v1/clock/advance": Ask({"admin"}, body={"hours": 1}),
    "POST /api/v1/erasures": Ask({"admin"}, body={"person": "nobody-at-all", "reason": "x"}),
    "POST /api/v1/erasures/preview": Ask({"admin"}, body={"person": "nobody-at-all"}),
    "GET /api/v1/users": Ask({"admin"}),
    "PUT /api/v1/users/{person}": Ask({"admin"}, body={"roles": []}),
    "POST /api/v1/users/{person}/link": Ask({"admin"}),
    "DELETE /api/v1/users/{person}/sessions": Ask({"admin"}),
    STREAM: Ask(ALL),
    "POST /sign-in": Ask(OPEN, form={"person": "x", "password": "y"}),
    "POST /sign-out": Ask(ALL),
    "GET /sign-in/company": Ask(OPEN),
    "GET /sign-in/company/back": Ask(OPEN),
    "POST /first/{secret}": Ask(OPEN, form={"password": "correct horse battery"}),
} | PAGES


@pytest.fixture(scope="module")
def matrix(
    database_server: DatabaseServer, played: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with (
        database_server.copy_of(played) as database,
        site(database, tmp_path_factory.mktemp("matrix")) as one,
    ):
        yield one


def ask(browser: TestClient, endpoint: str, one: Ask) -> Any:
    method, _, path = endpoint.partition(" ")
    for name, value in PARTS.items():
        path = path.replace(f"{{{name}}}", value)
    how: dict[str, Any] = {} if one.body is None else {"json": one.body}
    how |= {} if one.form is None else {"data": one.form}
    return browser.request(method, path, headers={"If-Match": "*"}, **how)


def test_every_endpoint_is_in_the_matrix():
    assert {f"{one.method} {one.path}" for one in endpoints()} == set(MATRIX)


def test_every_permission_opens_something_and_every_role_may_do_something():
    assert {one.permission for one in endpoints()} - {None} <= set(get_args(Permission))
    assert set(get_args(Role)) == set(ROLES)


@pytest.mark.parametrize("endpoint", sorted(set(MATRIX) - {STREAM}))
def test_an_endpoint_answers_those_who_may_and_refuses_all_others(matrix: Site, endpoint: str):
    one = MATRIX[endpoint]
    answers = {role: ask(matrix.signed_in(f"p-{role}", role), endpoint, one).status_code for role in ROLES}
    answers["nobody"] = ask(matrix.browser(), endpoint, one).status_code

    assert {role for role, status in answers.items() if status not in {401, 403}} == one.who
    assert answers["nobody"] == 401 or "nobody" in one.who
    assert all(status < 500 for status in answers.values()), answers


SECRETS = {"money": "12000000", "contact": "jo@acme.example", "score": "a-score-of-3"}


def test_a_field_that_a_role_may_not_see_is_absent_from_the_bytes_of_every_answer(company: Site):
    score = {
        "specversion": "1.0",
        "id": "s-1",
        "source": "/survey",
        "type": "customer.survey.answered",
        "subject": "acme",
        "time": "2026-03-06T10:00:00Z",
        "data": {"score": "a-score-of-3", "respondent": {"email": "jo@acme.example"}, "kind": "nps"},
    }
    company.play(score | {"type": "x.unknown"})
    reads = [
        one
        for one in MATRIX
        if one.startswith("GET ") and one != STREAM and "{id}" not in one and "{work_id}" not in one
    ]
    for role, view in ROLES.items():
        browser = company.signed_in("sam" if role == "sales" else f"p-{role}", role)
        said = "".join(ask(browser, one, MATRIX[one]).text for one in reads)
        row = company.item("A1")
        said += browser.get(f"/api/v1/work/{row.id}").text + browser.get(f"/api/v1/work/{row.id}/why").text
        seen = {label for label, secret in SECRETS.items() if secret in said}
        assert not seen & view.hides, role
        assert seen == set(SECRETS) - view.hides, role


def test_an_address_inside_a_title_or_a_sentence_is_absent_for_roles_that_see_none(company: Site):
    """A definition may name a contact in the title of its work, and a contact's id may be her address."""
    jo = "jo.canary@acme.example"
    told = {"time": "2026-03-06T15:00:00Z", "specversion": "1.0", "source": "/survey", "subject": "acme"}
    company.play(
        told | {"id": "j-1", "type": "customer.contact.joined", "data": {"contact_id": jo, "role_to": "sponsor"}},
        told | {"id": "j-2", "type": "survey.nps.responded", "data": {"contact_id": jo, "score": 2, "wave": "W1"}},
        told | {"id": "j-3", "type": "sales.contact.logged", "data": {"contact_ids": [jo], "purpose": "upsell"}},
        told | {"id": "j-4", "type": "customer.message.received", "data": {"contact_id": jo, "message_id": "m-1"}},
    )
    works = company.store.work(WorkFilter(is_open=None))
    assert any(jo in row.title for row in works), "a title names her"
    reads = ["/inbox?scope=team", "/accounts/acme", "/loops", "/overview", "/capacity", "/may-i?account=acme"]
    reads += [f"/workflows/{name}" for name in {row.workflow for row in works}]
    reads += [f"/work/{row.id}{rest}" for row in works for rest in ("", "/reassign", "/told", "/decline")]
    reads += ["/api/v1/tasks?closed=true", "/api/v1/alerts?closed=true", "/api/v1/loops", "/api/v1/holds"]
    reads += ["/api/v1/accounts/acme", "/api/v1/accounts/acme/timeline"]
    reads += [f"/api/v1/work/{row.id}{rest}" for row in works for rest in ("", "/why")]

    for role in ("product", "admin"):
        browser = company.signed_in(f"p-{role}", role)
        found = [path for path in reads if _names(browser.get(path).text, jo)]
        assert bool(found) == (role == "admin"), found


def _names(text: str, address: str) -> bool:
    return address in text or address.replace("@", "%40") in text


def test_an_account_that_one_does_not_look_after_looks_as_if_it_were_not_there(company: Site):
    stranger, owner, boss = (company.signed_in(*who) for who in (("nina", "sales"), ("sam",), ("max",)))
    work = company.item("T2")
    paths = ["/accounts/acme", "/accounts/acme/timeline", f"/work/{work.id}", f"/work/{work.id}/why"]

    for path in paths:
        assert stranger.get(f"/api/v1{path}").status_code == 404, path
        assert owner.get(f"/api/v1{path}").status_code == 200, path
        assert boss.get(f"/api/v1{path}").status_code == 200, path
    assert stranger.post("/api/v1/accounts/acme/may-i", json={"purpose": "upsell"}).status_code == 404
    assert stranger.get("/api/v1/accounts").json()["items"] == []
    assert stranger.get("/api/v1/tasks?closed=true").json()["items"] == []


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(company: Site):
    admin, dana = company.signed_in("ada", "admin"), company.signed_in("yuki", "cs_ops")
    assert dana.get("/api/v1/quarantine").status_code == 200

    admin.put("/api/v1/users/yuki", json={"roles": ["support"]})
    assert dana.get("/api/v1/quarantine").status_code == 403

    admin.put("/api/v1/users/yuki", json={"roles": ["cs_ops"], "disabled": True})
    assert dana.get("/api/v1/me").status_code == 401


def test_every_field_of_money_in_the_catalogue_is_labelled_as_money():
    of_money = {name for one in EVENT_TYPES.values() for name in money_fields(one)}

    assert of_money
    assert of_money <= LABELS["money"]


def money_fields(model: Any) -> Iterator[str]:
    fields = model.model.model_fields.items()
    return (name for name, field in fields if "Money" in repr(field.annotation))
