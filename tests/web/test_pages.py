"""What pages show, to whom, and what their forms do; without a browser."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.rows import WorkFilter
from nofumble.clock import DemoClock
from nofumble.postgres import Database
from nofumble.web import sending
from nofumble.web.drawing import DEMO, NAVIGATION, TEMPLATES
from nofumble.web.passwords import new_link
from nofumble.web.roles import ROLES, Role
from nofumble.web.views.reader import Reader
from nofumble.web.views.sending import FORMS
from tests.database import DatabaseServer
from tests.web.application import NOW, Site, site
from workflows.directory import Directory

PAGE_BYTES_MAX = 100_000
CANARY = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"
NAME = "<img/src=x/onerror=alert(1)>\"'"
"""Hostile, and yet what an id may be: it has no spaces."""

LINK = "javascript:alert(3)"
PATHS = [
    "/inbox",
    "/inbox?scope=team",
    "/accounts",
    "/accounts/acme",
    "/accounts/acme?as_of=2026-03-04&by=arrival",
    "/why-not?account=acme&workflow=signature_to_kickoff",
    "/why-not?account=acme&workflow=review_avoidance",
    "/may-i?account=acme",
    "/send",
    "/send/sales-contact?account=acme",
    "/loops",
    "/capacity",
    "/overview",
    "/workflows",
    "/workflows/signature_to_kickoff",
    "/backtests",
    "/workflows/signature_to_kickoff/versions",
    "/workflows/signature_to_kickoff/edit",
    "/new-workflow",
    "/quarantine",
    "/demo",
    "/tour",
    "/audit",
    "/users",
    "/tokens",
    "/erasures",
    "/me",
]


@pytest.fixture(autouse=True)
def _nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "WAIT_MAX_S", 0)


@pytest.fixture(scope="module")
def shown(
    database_server: DatabaseServer, played: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Give a company that is only looked at, once for all tests of this module."""
    with database_server.copy_of(played) as database, site(database, tmp_path_factory.mktemp("shown")) as one:
        yield one


@pytest.fixture(scope="module")
def empty(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site of which nothing is known yet, once for all tests of this module."""
    with database_server.database() as database, site(database, tmp_path_factory.mktemp("empty")) as one:
        yield one


class Markup(HTMLParser):
    """What a page is made of: its tags, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)

    def has(self, tag: str, **wanted: str) -> bool:
        return any(wanted.items() <= attributes.items() for attributes in self.all(tag))


def open_(browser: TestClient, path: str, status: int = 200) -> Markup:
    answer = browser.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
    return Markup(answer.text)


def event(event_type: str, data: dict[str, Any], *, name: str, account: str = "acme", source: str = "/crm") -> Any:
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": event_type,
        "subject": account,
        "time": "2026-03-06T15:00:00Z",
        "data": data,
    }


# ------------------------------------------------------------------------------------------------------ what is shown


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu_opens_for_the_role_that_sees_it_in_the_menu(shown: Site, role: Role):
    browser = shown.signed_in("sam" if role == "sales" else f"p-{role}", role)
    links = {link.path: link.permission for _, section in NAVIGATION for link in section if link.path != DEMO}

    linked = {attributes.get("href") for attributes in open_(browser, "/me").all("a")}

    for path, permission in links.items():
        assert (path in linked) == (permission in ROLES[role].may), path
        open_(browser, path, 200 if path in linked else 403)


def test_nothing_on_any_page_is_inline(shown: Site):
    browser = shown.signed_in("dana", "admin")
    work = [f"/work/{row.id}" for row in shown.store.work(WorkFilter(is_open=None))]

    for path in [*PATHS, *work, f"{work[0]}/decline"]:
        for tag, attributes in open_(browser, path).tags:
            assert tag != "style", path
            assert tag != "script" or attributes.get("src", "") != "", path
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (path, tag)


def test_every_form_that_changes_something_carries_the_token_of_the_session(shown: Site):
    browser = shown.signed_in("dana", "admin")

    for path in [*PATHS, f"/work/{shown.item('A1').id}/snooze-alert", f"/work/{shown.item('T2').id}"]:
        page = open_(browser, path)
        forms = [one for one in page.all("form") if one.get("method") == "post"]
        tokens = [one for one in page.all("input") if one.get("name") == "_csrf" and one.get("value")]
        assert len(tokens) >= len(forms), path


def test_the_inbox_groups_by_customer_what_asks_the_reader_the_most_urgent_first(shown: Site):
    page = open_(shown.signed_in("dana", "cs"), "/inbox")

    assert page.text.index("No kickoff was scheduled within 3 business days") < page.text.index("Accept the handoff")
    assert page.has("a", href="/accounts/acme")
    assert page.has("button", value="ack")
    assert page.has("div", id="live")


def test_work_that_asks_others_has_no_buttons_for_who_may_not_act_on_it(shown: Site):
    work = f"/work/{shown.item('A1').id}"

    assert open_(shown.signed_in("dana", "cs"), work).has("button", value="ack")
    assert not open_(shown.signed_in("leo", "product"), work).has("button", value="ack")


def test_the_page_of_work_tells_its_evidence_as_a_story(shown: Site):
    text = open_(shown.signed_in("dana", "cs"), f"/work/{shown.item('A1').id}").text

    assert "The customer signed a contract" in text
    assert "3 working days from" in text
    assert "Would not exist if cs.kickoff.scheduled or cs.kickoff.held had happened by" in text
    assert "signature_to_kickoff" in text
    assert "confirmed" in text


def test_the_page_of_a_customer_has_one_timeline_of_all_teams_that_can_be_narrowed(shown: Site):
    browser = shown.signed_in("dana", "cs")

    everything = open_(browser, "/accounts/acme")
    of_sales = open_(browser, "/accounts/acme?team=sales")

    assert "The customer signed a contract" in everything.text
    assert "Alert: no kickoff was scheduled" in everything.text
    assert "The customer signed a contract" in of_sales.text
    assert "Alert: no kickoff was scheduled" not in of_sales.text
    assert of_sales.has("input", name="team", value="sales")


def test_money_addresses_and_scores_are_written_only_for_roles_that_see_them(company: Site):
    joined = {"contact_id": "jo@acme.example", "name": "Jo March", "email": "jo@acme.example", "role_to": "sponsor"}
    score = {"contact_id": "jo@acme.example", "score": 3, "wave": "W1"}
    company.play(
        event("account.updated", {"arr": {"amount": 12_000_000, "currency": "EUR"}}, name="u-1"),
        event("customer.contact.joined", joined, name="c-1"),
        event("survey.nps.responded", score, name="n-1"),
    )
    said = {"money": "120,000", "contact": "jo@acme.example", "score": "Would they recommend us"}
    for role, view in ROLES.items():
        page = open_(company.signed_in("sam" if role == "sales" else f"p-{role}", role), "/accounts/acme")
        shown = {label for label, text in said.items() if text in page.text}
        assert shown == set(said) - view.hides, role


def test_times_are_those_of_the_reader(company: Site):
    person = {"name": "Dana", "team": "cs", "time_zone": "America/New_York"}
    company.play(event("people.person.registered", person, name="p-1", account="dana", source="/hr"))

    page = open_(company.signed_in("dana"), f"/work/{company.item('A1').id}")

    assert "America/New_York" in page.text
    assert "Tue 3 Mar 05:00" in page.text  # 10:00 UTC


def test_times_and_days_in_a_sentence_are_written_for_the_reader_and_keep_their_commas():
    reader = Reader("dana", Directory(), NOW)

    said = reader.sentence(
        "since 2026-03-05T11:59:00Z, and 2026-02-05, twice (2026-03-01); C-2026-01-01 of 2026-99-99."
    )

    assert said == "since Thu 5 Mar 11:59, and Thu 5 Feb, twice (2026-03-01); C-2026-01-01 of 2026-99-99."


def test_a_person_of_ours_who_has_a_log_of_her_own_is_no_customer(company: Site):
    person = {"name": "Dana Whitfield", "team": "cs"}
    company.play(
        event("people.person.registered", person, name="p-1", account="dana", source="/hr"),
        event("account.registered", {"name": "Harbour"}, name="a-1", account="harbour"),
        event("people.load.measured", {"person": "dana", "free_hours": 80}, name="l-1", account="dana"),
    )
    assert company.store.account("dana") is not None

    page = open_(company.signed_in("ada", "admin"), "/accounts")

    assert page.has("a", href="/accounts/harbour")
    assert not page.has("a", href="/accounts/dana")


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("/inbox", "it appears here by itself"),
        ("/inbox?scope=team", "it appears here by itself"),
        ("/accounts", "nofumble ingest"),
        ("/loops", "it appears here, with who has the ball"),
        ("/capacity", "Name your people"),
        ("/overview", "No critical or urgent alert is open"),
        ("/quarantine", "stands here, with its place and the reason"),
        ("/workflows/signature_to_kickoff", "Nothing began in the last seven days"),
    ],
)
def test_an_empty_page_says_what_will_fill_it_or_what_to_do(empty: Site, path: str, remedy: str):
    assert remedy in open_(empty.signed_in("ada", "admin"), path).text


def test_the_first_page_with_all_that_it_loads_is_small(shown: Site):
    browser = shown.signed_in("dana", "cs")
    row = shown.item("A1")
    loads = ["/inbox", *{a["src"] for a in open_(browser, "/inbox").all("script")}, "/static/nofumble.css"]

    total = sum(_bytes_on_the_wire(browser, str(path)) for path in loads)
    items = browser.get("/inbox").text.count("<article")
    per_item = len(_item_of(browser.get("/inbox").text, row.id))

    assert items >= 1
    assert total + (25 - items) * per_item < PAGE_BYTES_MAX


def _bytes_on_the_wire(browser: TestClient, path: str) -> int:
    with browser.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(map(len, answer.iter_raw()))


def _item_of(html: str, work_id: str) -> str:
    begin = html.index(f'id="w-{work_id}"')
    return html[begin : html.index("</article>", begin)]


# ------------------------------------------------------------------------------------------- hostile texts (F76)


def test_no_text_of_anybody_becomes_markup_on_any_page(company: Site):
    company.play(
        event("account.updated", {"name": CANARY, "industry": CANARY, "country": CANARY}, name="x-1"),
        event("customer.contact.joined", {"contact_id": NAME, "name": CANARY, "title": CANARY}, name="x-2"),
        event("cs.contact.logged", {"summary": CANARY, "purpose": CANARY, "actor": {"person": NAME}}, name=NAME),
        event("sales.contact.logged", {"summary": LINK, "actor": {"person": "sam"}}, name="x-4", source=NAME),
        event("product.request.submitted", {"request_id": NAME, "title": CANARY, "problem": CANARY}, name="x-5"),
        event("support.ticket.opened", {"ticket_id": NAME, "title": CANARY, "severity": 1}, name="x-6"),
        event("sales.contract.signed", {"contract_id": NAME, "kind": "new"}, name="x-7"),
        event("people.person.registered", {"name": CANARY, "team": CANARY}, name="x-8", account="eve", source="/hr"),
        event("x.unknown", {"summary": CANARY}, name="x-9"),
        event("cs.contact.logged", {"summary": CANARY}, name="x-10", account=f"crm:{NAME}"),
    )
    browser = company.signed_in("dana", "admin")
    browser.post("/api/v1/events", json=[event("sales.contract.signed", {"contract_id": 7}, name=NAME)])
    works = [row.id for row in company.store.work(WorkFilter(is_open=None))]
    for row in works:
        browser.post(f"/work/{row}", data={"deed": "reassign", "to": "eve", "reason": CANARY})
    company.work()
    forms = [f"/work/{one}/{deed}" for one in works[:3] for deed in ("done", "decline", "reassign")]

    seen = 0
    for path in [*PATHS, *(f"/work/{one}" for one in works), *forms, f"/accounts?q=no{CANARY}"]:
        page = open_(browser, path)
        seen += CANARY in page.text
        images = [one["src"] for one in page.all("img")]
        assert all(str(one).startswith("/workflows/") for one in images), path
        assert all(str(one.get("src")).startswith("/static/") for one in page.all("script")), path
        assert not [tag for tag, said in page.tags if any(name.startswith("on") for name in said)], path
        assert not any(str(one.get("href")).startswith("javascript:") for one in page.all("a")), path
    assert seen > 10


def test_no_template_says_that_a_text_is_safe():
    for template in TEMPLATES.glob("*.html"):
        assert "|safe" not in template.read_text().replace(" ", ""), template.name


# -------------------------------------------------------------------------------------------------- what forms do


def test_a_button_becomes_an_event_and_the_page_after_it_is_where_it_was_pressed(company: Site):
    browser, work = company.signed_in("dana", "cs"), company.item("A1")

    pressed_on = {"HX-Current-URL": "http://localhost/inbox?scope=team"}
    answer = browser.post(f"/work/{work.id}", data={"deed": "ack"}, headers=pressed_on)
    company.work()

    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?scope=team")
    assert company.item("A1").status == "acknowledged"


@pytest.mark.parametrize("back", ["https://evil.example", "http://x//evil.example", "http://x/\\evil.example", ""])
def test_nobody_is_led_to_the_site_of_somebody_else(company: Site, back: str):
    work = company.item("A1")

    pressed_on = {"HX-Current-URL": back, "Referer": back}
    browser = company.signed_in("dana", "cs")
    answer = browser.post(f"/work/{work.id}", data={"deed": "ack"}, headers=pressed_on)

    assert answer.headers["location"] == f"/work/{work.id}"


def test_what_is_missing_is_asked_for_again_with_what_was_said(company: Site):
    browser, task = company.signed_in("dana", "cs"), company.item("T3'")
    deciding = f"/work/{task.id}"

    no_reason = browser.post(deciding, data={"deed": "decline"})
    over = browser.post(deciding, data={"deed": "snooze", "until": "2026-03-01T09:00"})
    unknown = browser.post(deciding, data={"deed": "explode"})

    assert (no_reason.status_code, over.status_code, unknown.status_code) == (422, 422, 404)
    assert "needs reason" in no_reason.text
    assert 'value="2026-03-01T09:00"' in over.text
    assert company.item("T3'").status == task.status


def test_a_time_of_a_form_is_one_of_the_readers_zone(company: Site):
    person = {"name": "Dana", "team": "cs", "time_zone": "America/New_York"}
    company.play(event("people.person.registered", person, name="p-1", account="dana", source="/hr"))
    task = company.item("T3'")

    company.signed_in("dana").post(f"/work/{task.id}", data={"deed": "snooze", "until": "2026-03-09T09:00"})
    company.work()

    assert b'"snoozed_until":"2026-03-09T13:00:00Z"' in company.item("T3'").body


def test_may_i_answers_and_is_noted_on_the_timeline(company: Site):
    browser = company.signed_in("sam", "sales")

    answer = browser.post("/may-i", data={"account": "acme", "purpose": "upsell"})
    company.work()

    assert answer.status_code == 200
    assert "Yes, and others are told of it" in answer.text
    assert "upsell, allow with notice" in open_(browser, "/accounts/acme").text
    assert browser.post("/may-i", data={"account": "nobody", "purpose": "upsell"}).status_code == 422
    assert browser.post("/may-i", data={"account": "acme", "purpose": "fun"}).status_code == 422


FILLED = {
    "sign": {"contract_id": "C-9", "kind": "new", "arr": "120 000", "term_months": "12"},
    "sales-contact": {"purpose": "upsell", "channel": "email", "contact_ids": "jo", "summary": "More?", "cc": "yes"},
    "request": {"title": "A report", "problem": "Nobody sees it", "area": "reporting", "contact": "jo"},
    "cs-contact": {"purpose": "checkin", "channel": "call", "summary": "All well"},
    "kickoff": {"contract_id": "C-1"},
    "ticket": {"title": "It stands still", "severity": "1", "area": "reporting"},
}


@pytest.mark.parametrize("form", FILLED)
def test_a_form_sends_an_event_that_holds(company: Site, form: str):
    before = company.store.timeline("acme", 1000)

    answer = company.signed_in("ada", "admin").post(f"/send/{form}", data={"account": "acme", **FILLED[form]})
    company.work()

    assert answer.status_code == 303, answer.text
    (sent,) = [one for one in company.store.timeline("acme", 1000) if one not in before and one.kind == "event"]
    assert sent.type == FORMS[form].event
    assert company.store.quarantine() == []


@pytest.mark.parametrize(
    ("form", "said", "words"),
    [
        ("sign", {"account": "acme"}, "contract number is missing"),
        ("sign", {"account": "acme", "contract_id": "C-9", "arr": "a lot"}, "is no whole number"),
        ("sign", {"account": "nobody", "contract_id": "C-9"}, "no customer is called"),
        ("ticket", {"account": "acme", "title": "x", "severity": "9"}, "is no choice of severity"),
    ],
)
def test_a_form_that_does_not_hold_says_which_field_and_sends_nothing(
    company: Site, form: str, said: dict[str, str], words: str
):
    before = company.store.partitions()

    answer = company.signed_in("ada", "admin").post(f"/send/{form}", data=said)

    assert answer.status_code == 422
    assert words in Markup(answer.text).text
    assert company.store.partitions() == before


def as_demo(company: Site) -> None:
    """Let the site be the made-up company."""
    shared = company.app.state.shared
    company.app.state.shared = replace(shared, clock=DemoClock(company.clock, timedelta(0)))


def test_a_demo_lets_time_pass_and_never_back(company: Site):
    as_demo(company)
    browser = company.signed_in("ada", "admin")

    browser.post("/demo/clock", data={"by": "3d"})

    assert (company.app.state.shared.clock.now() - NOW).days == 3
    assert browser.get("/demo").status_code == 200, "whoever was signed in stays so: no time passed for her"
    assert browser.post("/demo/clock", data={"by": "-3d"}).status_code == 422


def test_in_a_demo_one_may_be_anybody_and_nowhere_else(company: Site):
    nobody_else = company.signed_in("mia", "marketing").post("/demo/as", data={"person": "dana"})
    assert nobody_else.status_code == 409
    as_demo(company)
    browser = company.signed_in("mia", "marketing")

    became = browser.post("/demo/as", data={"person": "dana"})

    assert (became.status_code, became.headers["location"]) == (303, "/")
    browser.cookies.set("nofumble", became.cookies["nofumble"])
    assert browser.get("/api/v1/me").json()["person"] == "dana"
    assert any(line.act == "demo.became" for line in company.store.audit(before=None, limit=9))


def test_what_was_refused_is_shown_as_it_came_and_what_is_parked_can_be_linked(company: Site):
    browser = company.signed_in("yuki", "cs_ops")
    browser.post("/api/v1/events", json=[event("sales.contract.signed", {"contract_id": 7}, name="bad")])
    contact = event("cs.contact.logged", {"summary": "hello"}, name="late", account="crm:77")
    assert browser.post("/api/v1/events", json=[contact]).status_code == 202

    page = open_(browser, "/quarantine")
    linked = browser.post("/quarantine/link", data={"ref": "crm:77", "account": "acme"})
    company.work()

    assert "data.contract_id" in page.text
    assert "crm:77" in page.text
    assert linked.headers["location"] == "/quarantine?done=linked"
    assert "crm:77" not in open_(browser, "/quarantine").text
    assert "hello" in open_(browser, "/accounts/acme").text


# ----------------------------------------------------------------------------------------------------- refusals


def test_who_is_not_signed_in_is_led_to_the_form(shown: Site):
    answer = shown.browser().get("/inbox", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert open_(shown.browser(), "/sign-in").has("input", name="password", type="password")


def test_who_works_here_is_told_by_a_link_that_opens_and_by_no_other(company: Site):
    secret = new_link(company.store, None, ("admin",), now=company.clock.now())

    assert open_(company.browser(), f"/first/{secret}").has("option", value="dana")
    assert not open_(company.browser(), "/first/guessed").has("option", value="dana")


def test_a_refusal_is_a_page_for_a_browser_and_a_document_for_a_part_of_one(shown: Site):
    browser = shown.signed_in("dana", "cs")

    page = open_(browser, "/accounts/nobody", 404)
    part = browser.get("/accounts/nobody", headers={"Accept": "text/html", "HX-Request": "true"})

    assert "No account is called 'nobody'" in page.text
    assert part.headers["content-type"] == "application/problem+json"
