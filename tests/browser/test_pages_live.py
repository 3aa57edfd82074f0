"""Pages in a real browser: what others do appears by itself, everything works by keyboard, and axe finds nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.stage import Stage
from tests.browser.test_stories import item, send

AXE = Path(__file__).with_name("axe-4.14.1.min.js")
PAGES = (
    "/inbox",
    "/accounts",
    "/accounts/lumen",
    "/may-i?account=lumen",
    "/send",
    "/loops",
    "/capacity",
    "/overview",
    "/workflows",
    "/workflows/signature_to_kickoff",
    "/quarantine",
    "/demo",
    "/tour",
    "/audit",
    "/users",
    "/tokens",
    "/erasures",
    "/me",
)


def ask_product(open_page: Open, account: str) -> Page:
    page = open_page("ada", "/send", "admin")
    send(page, "request", account, title="A report", problem="It matters", contact=f"jo.{account}")
    return page


def test_what_is_done_in_one_window_appears_in_the_other_without_a_reload(company: Stage, open_page: Open):
    cookie = company.cookie("priya")
    one, other = open_page("priya", cookie=cookie), open_page("priya", cookie=cookie)
    other.evaluate("window.isTheSamePage = true")

    ask_product(open_page, "mistral")
    expect(item(one, "of Mistral Airways").first).to_be_visible()
    expect(item(other, "of Mistral Airways").first).to_be_visible()
    item(one, "of Mistral Airways").first.get_by_role("button", name="Start").click()

    expect(item(other, "of Mistral Airways").first).to_contain_text("in progress")
    assert other.evaluate("window.isTheSamePage") is True


def test_work_is_found_opened_and_declined_by_keyboard_alone(company: Stage, open_page: Open):
    ask_product(open_page, "orchid")
    page = open_page("priya")
    wanted = item(page, "of Orchid Health").first
    expect(wanted).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    for _ in range(page.locator("article").count()):
        page.keyboard.press("j")
        if "of Orchid Health" in page.locator("article:focus").inner_text():
            break
    page.keyboard.press("x")
    expect(wanted.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(wanted.locator("textarea")).to_have_count(0)
    expect(wanted).to_be_focused()

    page.keyboard.press("s")
    expect(wanted.locator("input[name=until]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(item(page, "of Orchid Health")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("lumen")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Lumen Optics")


def test_what_somebody_is_writing_is_kept_while_others_change_the_page(company: Stage, open_page: Open):
    ask_product(open_page, "ferro")
    page = open_page("priya")
    wanted = item(page, "of Ferro Castings").first
    wanted.get_by_role("button", name="Decline").click()
    wanted.locator("textarea").fill("because it is half wri")

    ask_product(open_page, "cobalt")

    expect(page.locator("textarea")).to_have_value("because it is half wri")
    page.keyboard.press("Escape")
    expect(item(page, "of Cobalt Energy").first).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(open_page: Open, width: int, scheme: str):
    ask_product(open_page, "lumen")
    page = open_page("ada", "/inbox", "admin", width=width, scheme=scheme)
    script = AXE.read_text(encoding="utf-8")
    found: list[str] = []
    for path in (*PAGES, *_first_work(page)):
        page.goto(path)
        page.evaluate(script)
        said = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [one for one in said["violations"] if one["impact"] in {"serious", "critical"}]
        found += [f"{path}: {one['id']} at {one['nodes'][0]['html'][:120]}" for one in serious]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: wider than {width} pixels")

    assert found == []


def test_the_tour_opens_by_itself_on_the_first_visit_and_can_be_left_by_keyboard(open_page: Open):
    page = open_page("priya", is_first_visit=True)
    tour = page.locator("#tour")

    expect(tour).to_be_visible()
    expect(tour.locator("h2:visible")).to_have_text("A company to play with")
    expect(page.locator(":focus")).to_have_text("Next")
    page.keyboard.press("Enter")
    expect(tour.locator("h2:visible")).to_have_text("The inbox is where a day begins")
    page.keyboard.press("ArrowLeft")
    expect(tour.locator("h2:visible")).to_have_text("A company to play with")
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()

    page.reload()
    page.wait_for_selector("body[data-follows=yes]", state="attached")
    expect(tour).to_be_hidden()
    page.goto("/demo")
    page.get_by_role("link", name="Take the tour").click()
    expect(tour).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    said = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [one["id"] for one in said["violations"] if one["impact"] in {"serious", "critical"}] == []


def test_an_admin_lets_somebody_in_and_makes_a_token_by_keyboard_alone(open_page: Open):
    page = open_page("ada", "/users", "admin")
    page.locator("input[name=person]:visible").focus()
    page.keyboard.type("newcomer")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#link .secret")).to_contain_text("/first/")
    expect(page.locator("table")).to_contain_text("newcomer")

    page.goto("/tokens")
    page.locator("input[name=name]").focus()
    page.keyboard.type("crm")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#secret .secret")).to_contain_text("nfb_")
    page.get_by_role("button", name="Revoke crm").press("Enter")
    expect(page.locator("table")).to_contain_text("revoked")


def test_the_audit_is_narrowed_without_a_reload(open_page: Open):
    page = open_page("ada", "/audit", "admin")
    page.evaluate("window.isTheSamePage = true")
    expect(page.locator("#found")).to_contain_text("looked at the audit")

    page.locator("select[name=kind]").select_option("erased")

    expect(page.locator("#found")).to_contain_text("Nothing of this was done")
    assert "kind=erased" in page.url
    assert page.evaluate("window.isTheSamePage") is True


def _first_work(page: Page) -> list[str]:
    page.goto("/accounts/lumen")
    link = page.locator("article [data-open]").first.get_attribute("href")
    return [str(link), f"{link}/reassign"]
