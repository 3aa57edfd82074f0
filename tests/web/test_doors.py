"""Tokens, sessions and limits: what opens, for what, and until when. And the audit, which only grows."""

from datetime import timedelta

import psycopg
import pytest
from argon2 import Type
from starlette.testclient import TestClient

from nofumble.clock import DemoClock, VirtualClock
from nofumble.web.limits import Limit
from nofumble.web.passwords import hasher
from nofumble.web.problems import Problem
from nofumble.web.sessions import IDLE_MAX, SESSION_MAX
from tests.web.application import NOW, Site


def system(company: Site, person: str, *scopes: str, role: str = "cs_ops", days: int = 30) -> TestClient:
    """Return a system with a token of a person."""
    made = company.signed_in(person, role).post(
        "/api/v1/tokens", json={"name": "crm", "scopes": list(scopes), "days": days}
    )
    assert made.status_code == 201, made.text
    client = company.browser()
    del client.headers["Origin"]
    client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    return client


def test_a_token_opens_what_it_is_for_and_nothing_else(company: Site):
    client = system(company, "yuki", "account.read")

    assert client.get("/api/v1/accounts/acme").status_code == 200
    assert client.get("/api/v1/tasks").status_code == 403
    assert client.post("/api/v1/events", json=[]).status_code == 403


def test_a_token_needs_no_origin_for_no_browser_adds_it(company: Site):
    assert system(company, "yuki", "event.send").post("/api/v1/events", json=[]).status_code == 202


def test_a_token_may_no_more_than_its_person_may_now(company: Site):
    client = system(company, "yuki", "quarantine.read")
    assert client.get("/api/v1/quarantine").status_code == 200

    company.store.put_user("yuki", password=None, roles=["support"], at=NOW)

    assert client.get("/api/v1/quarantine").status_code == 403


def test_a_token_makes_no_token(company: Site):
    client = system(company, "yuki", "self")

    assert client.post("/api/v1/tokens", json={"name": "x", "scopes": ["self"]}).status_code == 403


def test_a_token_ends_with_its_day_and_when_it_is_revoked(company: Site):
    client, other = system(company, "yuki", "self", days=1), system(company, "yuki", "self")
    (id_, *_) = [one.id for one in company.store.tokens("yuki") if one.ends_at > NOW + timedelta(days=2)]

    assert company.signed_in("dana").delete(f"/api/v1/tokens/{id_}").status_code == 404
    assert company.signed_in("yuki", "cs_ops").delete(f"/api/v1/tokens/{id_}").status_code == 204
    assert (client.get("/api/v1/me").status_code, other.get("/api/v1/me").status_code) == (200, 401)
    company.clock.advance(timedelta(days=1, seconds=1))
    assert client.get("/api/v1/me").status_code == 401


def test_what_is_kept_of_a_token_opens_nothing(company: Site):
    client = system(company, "yuki", "self")
    secret = client.headers["Authorization"].partition(" ")[2]

    with psycopg.connect(company.database.dsn) as connection:
        rows = connection.execute("SELECT t::text FROM nofumble.web_token t").fetchall()

    assert rows
    assert secret not in str(rows)


def test_a_session_ends_when_nobody_was_there_for_long_and_after_a_working_day(company: Site):
    idle, busy = company.signed_in("dana"), company.signed_in("dana")
    steps = int(SESSION_MAX / timedelta(hours=1))
    answers = []
    for _ in range(steps):
        answers.append(busy.get("/api/v1/me").status_code)
        company.clock.advance(timedelta(hours=1))

    assert timedelta(hours=steps) > IDLE_MAX
    assert answers == [200] * steps
    assert idle.get("/api/v1/me").status_code == 401
    assert busy.get("/api/v1/me").status_code == 401


def test_a_cookie_that_was_put_into_the_browser_before_is_not_the_session_afterwards(company: Site):
    from nofumble.web.passwords import new_link

    secret = new_link(company.store, "dana", (), now=NOW)
    browser = company.browser()
    browser.cookies.set("nofumble", "planted", domain="localhost.local", path="/")

    browser.post(f"/first/{secret}", data={"password": "correct horse battery"})

    planted = company.browser()
    planted.cookies.set("nofumble", "planted")
    assert planted.get("/api/v1/me").status_code == 401


def test_who_guesses_passwords_is_stopped(company: Site):
    browser = company.browser()
    answers = [browser.post("/sign-in", data={"person": "dana", "password": "guess"}) for _ in range(11)]

    assert [one.status_code for one in answers] == [303] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_limit_lets_a_burst_pass_and_then_as_many_as_its_rate():
    at = [0.0]
    limit = Limit(3, 1.0, monotonic=lambda: at[0])
    for _ in range(3):
        limit.take("dana")
    with pytest.raises(Problem):
        limit.take("dana")
    limit.take("ben")
    at[0] = 1.0
    limit.take("dana")


def test_the_clock_of_the_demo_moves_work_and_no_doors(company: Site):
    demo = DemoClock(company.clock, timedelta(0))
    object.__setattr__(company.app.state.shared, "clock", demo)
    admin = company.signed_in("ada", "admin")

    moved = admin.post("/api/v1/clock/advance", json={"hours": 24 * 30})

    assert moved.json()["now"] == (NOW + timedelta(days=30)).isoformat()
    assert admin.get("/api/v1/me").status_code == 200


def test_the_clock_of_the_wall_is_moved_by_nobody(company: Site):
    assert isinstance(company.clock, VirtualClock)
    assert company.signed_in("ada", "admin").post("/api/v1/clock/advance", json={"hours": 1}).status_code == 409


def test_the_audit_tells_who_saw_and_changed_what(company: Site):
    company.signed_in("dana").get("/api/v1/accounts/acme")
    admin = company.signed_in("ada", "admin")
    admin.put("/api/v1/users/eve", json={"roles": ["cs"]})

    found = admin.get("/api/v1/audit").json()["items"]

    told = [(one["person"], one["act"], one["account_id"], one["object"]) for one in found]
    assert ("dana", "GET /api/v1/accounts/{account_id}", "acme", None) in told
    assert ("ada", "user.changed", None, "eve") in told
    first = admin.get("/api/v1/audit?limit=1").json()
    second = admin.get(f"/api/v1/audit?limit=1&cursor={first['next']}").json()
    assert second["items"][0]["seq"] < first["items"][0]["seq"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE nofumble.audit SET person = 'x'", "DELETE FROM nofumble.audit", "TRUNCATE nofumble.audit"],
)
def test_the_audit_only_grows(company: Site, statement: str):
    company.signed_in("dana").get("/api/v1/accounts/acme")

    with (
        psycopg.connect(company.database.dsn) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="only grows"),
    ):
        connection.execute(statement.encode())


def test_https_makes_cookies_that_are_sent_by_tls_alone(company: Site):
    settings = company.settings.model_copy(update={"web_url": "https://nofumble.example"})
    from nofumble.web.app import make_app
    from nofumble.web.passwords import new_link

    app = make_app(settings, company.database, clock=company.clock)
    browser = TestClient(app, base_url="https://nofumble.example", follow_redirects=False)
    secret = new_link(company.store, "dana", (), now=NOW)
    answer = browser.post(
        f"/first/{secret}",
        data={"password": "correct horse battery"},
        headers={"Origin": "https://nofumble.example"},
    )
    app.state.shared.stores.close()

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-nofumble=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"]


def test_a_password_costs_what_rfc_9106_recommends():
    made = hasher()

    assert made.type is Type.ID
    assert (made.memory_cost, made.time_cost) >= (64 * 1024, 3)
