"""Who comes in, by what, and until when."""

from nofumble.web.passwords import new_link
from tests.web.application import URL, Site

PASSWORD = "correct horse battery"


def test_who_is_not_signed_in_is_told_so(website: Site):
    answer = website.browser().get("/api/v1/me")

    assert answer.status_code == 401
    assert answer.json()["remedy"] == "sign in, or send a token"


def test_who_is_signed_in_is_told_who_she_is(website: Site):
    answer = website.signed_in("dana", "cs").get("/api/v1/me")

    assert answer.status_code == 200
    assert (answer.json()["person"], answer.json()["roles"]) == ("dana", ["cs"])


def test_the_link_of_the_first_admin_opens_once(website: Site):
    secret = new_link(website.store, None, ("admin",), now=website.clock.now())
    browser = website.browser()

    opened = browser.post(f"/first/{secret}", data={"person": "ada", "password": PASSWORD})
    again = website.browser().post(f"/first/{secret}", data={"person": "eve", "password": PASSWORD})

    assert opened.status_code == 303
    assert browser.get("/api/v1/me").json()["roles"] == ["admin"]
    assert again.status_code == 404


def test_a_local_user_signs_in_by_her_password_and_out_again(website: Site):
    secret = new_link(website.store, "dana", ("cs",), now=website.clock.now())
    website.browser().post(f"/first/{secret}", data={"password": PASSWORD})
    browser = website.browser()

    assert (
        browser.post("/sign-in", data={"person": "dana", "password": "wrong"}).headers["location"]
        == "/sign-in?failed=1"
    )
    assert browser.post("/sign-in", data={"person": "dana", "password": PASSWORD}).headers["location"] == "/"
    assert browser.get("/api/v1/me").status_code == 200


def test_a_change_from_another_site_is_refused(website: Site):
    browser = website.signed_in("dana", "cs")

    assert browser.post("/sign-out", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    del browser.headers["Origin"]
    assert browser.post("/sign-out").status_code == 403


def test_a_change_without_the_token_of_the_session_is_refused(website: Site):
    browser = website.signed_in("dana", "cs")
    token = browser.headers.pop("X-CSRF-Token")

    assert browser.post("/sign-out").status_code == 403
    assert browser.post("/sign-out", data={"_csrf": token}).status_code == 303
    assert browser.get("/api/v1/me").status_code == 401


def test_a_host_that_is_not_ours_is_refused(website: Site):
    answer = website.browser().get("/api/v1/health", headers={"Host": "evil.example"})

    assert answer.status_code == 400


def test_every_answer_carries_the_policy(website: Site):
    answer = website.browser().get("/api/v1/health")

    assert answer.status_code == 200
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert URL.startswith("http:")
