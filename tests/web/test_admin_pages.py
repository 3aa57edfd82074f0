"""What an admin does on pages: the audit, users, tokens, erasures. Without a browser."""

import re
from datetime import timedelta
from typing import get_args

import pytest
from starlette.testclient import TestClient

from nofumble.web.audit import ACTS
from nofumble.web.roles import Permission
from nofumble.web.views.audit import ACT_WORDS, KIND_WORDS
from nofumble.web.views.users import PERMISSION_WORDS
from tests.web.application import URL, Site
from tests.web.test_pages import CANARY, NAME, as_demo, event, open_


def secret_of(answer_text: str) -> str:
    found = re.search(r'class="secret">([^<]+)<', answer_text)
    assert found is not None, answer_text[:2000]
    return found[1]


def anonymous(company: Site, path: str, **form: str) -> int:
    return company.browser().post(path, data=form).status_code


# ---------------------------------------------------------------------------------------------------------- the audit


def test_the_audit_is_narrowed_by_person_customer_kind_and_day(company: Site):
    admin, dana = company.signed_in("ada", "admin"), company.signed_in("dana", "cs")
    dana.get("/accounts/acme")
    dana.post(f"/work/{company.item('A1').id}", data={"deed": "ack"})
    company.clock.advance_to(company.clock.now() + timedelta(hours=1))

    def rows(query: str) -> str:
        page = open_(admin, f"/audit?{query}").text
        return page[page.index("to what") :] if "to what" in page else ""

    assert "changed work" in rows("person=dana")
    assert "looked at a customer" in rows("account=acme&kind=seen")
    assert "changed work" not in rows("account=acme&kind=seen")
    assert "changed work" in rows("kind=changed&from=2026-03-06&until=2026-03-06")
    assert "changed work" not in rows("kind=changed&until=2026-03-05")
    assert "changed work" not in rows("kind=changed&from=2026-03-07")
    assert rows("person=nobody-at-all") == ""


def test_the_audit_goes_on_where_its_page_ends(company: Site):
    admin = company.signed_in("ada", "admin")
    for _ in range(101):
        admin.get("/accounts/acme")

    first = open_(admin, "/audit?kind=seen")
    (more,) = [str(one["href"]) for one in first.all("a") if "before=" in str(one.get("href"))]

    assert "kind=seen" in more
    assert "looked at a customer" in open_(admin, more).text


@pytest.mark.parametrize("query", ["kind=explode", "from=yesterday", "until=99"])
def test_a_filter_that_is_none_is_refused_with_what_to_write(company: Site, query: str):
    admin = company.signed_in("ada", "admin")
    assert admin.get(f"/audit?{query}").status_code == 422


def test_the_api_of_the_audit_has_the_same_filters(company: Site):
    admin, dana = company.signed_in("ada", "admin"), company.signed_in("dana", "cs")
    dana.get("/accounts/acme")

    seen = admin.get("/api/v1/audit?kind=seen&person=dana").json()["items"]
    later = admin.get("/api/v1/audit?kind=seen&person=dana&from=2026-03-07T00:00:00Z").json()["items"]

    assert [one["act"] for one in seen] == ["GET /accounts/{account_id}"]
    assert later == []


def test_each_permission_has_words():
    assert set(PERMISSION_WORDS) == set(get_args(Permission))


def test_each_kind_of_deed_has_words_and_each_deed_a_kind():
    assert set(KIND_WORDS) == set(ACTS)
    patterns = [re.compile(one.replace(".", r"\.").replace("%", ".*")) for acts in ACTS.values() for one in acts]
    assert [act for act in ACT_WORDS if not any(one.fullmatch(act) for one in patterns)] == []


# ------------------------------------------------------------------------------------------------------------- users


def test_an_admin_lets_somebody_in_by_a_link_that_is_shown_once_and_opens_once(company: Site):
    admin = company.signed_in("ada", "admin")

    made = admin.post("/users", data={"deed": "add", "person": "yuki", "role": ["cs_ops"]})
    link = secret_of(made.text)
    path = link.removeprefix(company.app.state.shared.url)

    assert link not in admin.get("/users").text
    assert anonymous(company, path, person="yuki", password="correct horse battery") == 303
    assert anonymous(company, path, person="yuki", password="another horse battery") == 404
    assert anonymous(company, "/sign-in", person="yuki", password="correct horse battery") == 303
    assert "CS ops" in open_(admin, "/users").text


def test_roles_are_given_and_taken_and_count_from_the_next_request_on(company: Site):
    admin, yuki = company.signed_in("ada", "admin"), company.signed_in("yuki", "cs_ops")

    changed = admin.post("/users", data={"deed": "roles", "person": "yuki", "role": ["support"]})

    assert changed.headers["location"] == "/users?done=roles"
    assert yuki.get("/quarantine").status_code == 403
    assert yuki.get("/inbox").status_code == 200
    admin.post("/users", data={"deed": "roles", "person": "yuki"})
    assert yuki.get("/inbox").status_code == 403


def test_a_door_is_shut_and_opened_again_and_sessions_end(company: Site):
    admin, yuki = company.signed_in("ada", "admin"), company.signed_in("yuki", "cs_ops")
    assert "signed in" in open_(admin, "/users").text

    admin.post("/users", data={"deed": "sign-out", "person": "yuki"})
    assert yuki.get("/api/v1/me").status_code == 401
    yuki = company.signed_in("yuki", "cs_ops")
    admin.post("/users", data={"deed": "shut", "person": "yuki"})
    assert yuki.get("/api/v1/me").status_code == 401
    assert "Let in again" in admin.get("/users").text
    admin.post("/users", data={"deed": "open", "person": "yuki"})

    user = company.store.user("yuki")
    assert user is not None
    assert (user.disabled_at, list(user.roles)) == (None, ["cs_ops"])


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"deed": "shut", "person": "ada"}, 409, "lock yourself out"),
        ({"deed": "roles", "person": "ada", "role": "cs"}, 409, "lock yourself out"),
        ({"deed": "link", "person": "nobody"}, 404, "no user is called"),
        ({"deed": "add", "person": "ada"}, 409, "may sign in already"),
        ({"deed": "add", "person": "two words"}, 422, "is no id of a person"),
        ({"deed": "add", "person": "eve", "role": "queen"}, 422, "is no role"),
    ],
)
def test_what_cannot_be_done_to_a_user_is_said_on_the_page(
    company: Site, form: dict[str, str], status: int, words: str
):
    answer = company.signed_in("ada", "admin").post("/users", data=form)

    assert answer.status_code == status
    assert words in answer.text.casefold()
    assert company.store.user("eve") is None


def test_the_api_signs_a_person_out(company: Site):
    admin, yuki = company.signed_in("ada", "admin"), company.signed_in("yuki", "cs_ops")

    assert admin.delete("/api/v1/users/yuki/sessions").status_code == 204
    assert yuki.get("/api/v1/me").status_code == 401
    assert admin.delete("/api/v1/users/nobody/sessions").status_code == 404


# ------------------------------------------------------------------------------------------------------------ tokens


def make(browser: TestClient, **more: object) -> str:
    form = {"name": "crm", "scope": ["account.read"], "days": "7"} | more
    answer = browser.post("/tokens", data=form)
    assert answer.status_code == 200, answer.text
    return secret_of(answer.text)


def test_a_token_is_shown_once_opens_what_it_is_for_and_can_be_revoked(company: Site):
    dana = company.signed_in("dana", "cs")
    secret = make(dana)
    bearer = {"Authorization": f"Bearer {secret}"}
    system = company.browser()

    assert secret not in dana.get("/tokens").text
    assert system.get("/api/v1/accounts", headers=bearer).status_code == 200
    assert system.get("/api/v1/inbox", headers=bearer).status_code == 403

    (token,) = company.store.tokens("dana")
    assert dana.post(f"/tokens/{token.id}").headers["location"] == "/tokens?done=revoked"
    assert system.get("/api/v1/accounts", headers=bearer).status_code == 401
    assert dana.post(f"/tokens/{token.id}").status_code == 404


def test_everybody_sees_her_own_tokens_and_who_manages_users_those_of_all(company: Site):
    dana, sam, admin = (company.signed_in(*who) for who in (("dana", "cs"), ("sam", "sales"), ("ada", "admin")))
    make(dana, name="the-one-of-dana")
    (token,) = company.store.tokens("dana")

    assert "the-one-of-dana" in open_(admin, "/tokens").text
    assert "the-one-of-dana" not in open_(sam, "/tokens").text
    assert sam.post(f"/tokens/{token.id}").status_code == 404
    assert admin.post(f"/tokens/{token.id}").status_code == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": " ", "scope": "self"}, "a token has a name"),
        ({"name": "crm"}, "a token without a scope"),
        ({"name": "crm", "scope": "fly"}, "is no scope"),
        ({"name": "crm", "scope": "self", "days": "9999"}, "1 to 366 days"),
    ],
)
def test_a_token_that_cannot_be_made_says_why_and_keeps_what_was_typed(company: Site, form: dict[str, str], words: str):
    dana = company.signed_in("dana", "cs")
    answer = dana.post("/tokens", data=form)

    assert 400 <= answer.status_code < 500
    assert words in answer.text.casefold()
    assert f'value="{form["name"]}"' in answer.text
    assert company.store.tokens("dana") == []


# ---------------------------------------------------------------------------------------------------------- erasures


def test_a_person_is_looked_at_first_and_then_erased_with_proof(company: Site):
    admin = company.signed_in("ada", "admin")
    joined = {"contact_id": "bo@acme.example", "name": "Bo Canary", "email": "bo@acme.example"}
    company.play(event("customer.contact.joined", joined, name="c-1"))

    looked = admin.post("/erasures/preview", data={"person": "bo@acme.example"})
    assert "Bo Canary" in looked.text
    assert "Bo Canary" in admin.get("/accounts/acme").text, "looking changes nothing"

    without_reason = admin.post("/erasures", data={"person": "bo@acme.example", "reason": " "})
    assert without_reason.status_code == 422
    done = admin.post("/erasures", data={"person": "bo@acme.example", "reason": "request of 6 March"})

    assert "nothing is left" in done.text
    assert "Canary" not in admin.get("/accounts/acme").text
    after = admin.get("/erasures").text
    assert "request of 6 March" in after
    assert "bo@acme.example" not in after
    assert admin.post("/erasures/preview", data={"person": "bo@acme.example"}).status_code == 422


def test_the_preview_counts_the_rows_that_erasing_rewrites(company: Site):
    admin = company.signed_in("ada", "admin")
    joined = {"contact_id": "bo@acme.example", "name": "Bo Canary", "email": "bo@acme.example"}
    company.play(event("customer.contact.joined", joined, name="c-1"))

    seen = admin.post("/api/v1/erasures/preview", json={"person": "bo@acme.example"}).json()
    proof = admin.post("/api/v1/erasures", json={"person": "bo@acme.example", "reason": "hers"}).json()

    assert seen["tables"] == {one["table"]: one["rewritten"] for one in proof["tables"] if one["rewritten"]}
    assert seen["rows"] == proof["rewritten"] > 0
    assert admin.post("/api/v1/erasures/preview", json={"person": "bo@acme.example"}).status_code == 404


# ---------------------------------------------------------------------------------------------------------- the tour


def test_the_tour_is_there_in_the_made_up_company_and_nowhere_else(company: Site):
    dana = company.signed_in("dana", "cs")
    assert not open_(dana, "/inbox").has("dialog", id="tour")
    as_demo(company)

    page = open_(dana, "/tour")

    assert page.has("dialog", id="tour")
    assert "The inbox is where a day begins" in page.text
    marketing = open_(company.signed_in("mia", "marketing"), "/tour")
    assert not marketing.has("a", href="/loops"), "what she may not see is no step of hers"


# ------------------------------------------------------------------------------------------------- all of these pages


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/users", {"deed": "link", "person": "dana"}),
        ("/tokens", {"name": "crm", "scope": "self"}),
        ("/erasures", {"person": "dana", "reason": "x"}),
        ("/erasures/preview", {"person": "dana"}),
    ],
)
def test_a_form_without_the_token_of_the_session_or_from_elsewhere_changes_nothing(
    company: Site, path: str, form: dict[str, str]
):
    admin = company.signed_in("ada", "admin")
    token = admin.headers.pop("X-CSRF-Token")

    assert admin.post(path, data=form).status_code == 403
    elsewhere = {"Origin": "https://evil.example"}
    assert admin.post(path, data=form | {"_csrf": token}, headers=elsewhere).status_code == 403
    assert admin.post(path, data=form | {"_csrf": token}, headers={"Origin": URL}).status_code < 500


def test_no_text_of_anybody_becomes_markup_on_the_pages_of_an_admin(company: Site):
    admin = company.signed_in("ada", "admin")
    company.signed_in(NAME, "cs")
    joined = {"contact_id": "bo@acme.example", "name": CANARY, "email": "bo@acme.example"}
    company.play(event("customer.contact.joined", joined, name="c-1"))
    admin.post(f"/work/{company.item('T2').id}", data={"deed": "decline", "reason": CANARY})
    pages = [
        admin.post("/tokens", data={"name": CANARY, "scope": "self"}),
        admin.post("/tokens", data={"name": CANARY}),
        admin.post("/users", data={"deed": "add", "person": CANARY}),
        admin.post("/erasures/preview", data={"person": CANARY, "reason": CANARY}),
        admin.post("/erasures/preview", data={"person": "bo@acme.example", "reason": CANARY}),
        admin.post("/erasures", data={"person": "bo@acme.example", "reason": CANARY}),
        *(admin.get(path) for path in ("/users", "/tokens", "/erasures", f"/audit?person={NAME}&account={CANARY}")),
        admin.get("/audit"),
    ]

    for page in pages:
        assert page.status_code < 500
        assert "<img" not in page.text.casefold()
        assert "<script>alert" not in page.text.casefold()
    assert sum("&lt;img" in page.text for page in pages) > 6
