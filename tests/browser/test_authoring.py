"""A definition is written in a real browser: faults at their lines, examples, and a deadline that comes into force."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from agents.rows import WorkFilter, WorkRow
from tests.browser.conftest import SLOWEST_MS, Open
from tests.browser.stage import Stage
from tests.browser.test_pages_live import AXE
from tests.browser.test_stories import send

expect.set_options(timeout=SLOWEST_MS)


def begin(page: Page, name: str) -> None:
    page.goto("/new-workflow")
    page.get_by_label("What it is for").fill("A call after the signature")
    page.get_by_label("Its name").fill(name)
    page.get_by_label("The team").select_option("cs")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#verdict")).to_contain_text("It holds")


def change(page: Page, before: str, after: str) -> None:
    area = page.locator("#definition")
    text = area.input_value()
    assert before in text
    area.fill(text.replace(before, after))


def put_in_force(page: Page, why: str) -> None:
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator(".notice.good").first).to_contain_text("Saved")
    page.get_by_role("link", name="Versions").click()
    page.get_by_label("Why", exact=True).fill(why)
    page.get_by_role("button", name="Put in force").click()
    expect(page.locator("#outcome")).to_contain_text("this would come of it")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator(".notice.good")).to_contain_text("Done")


def call_of(company: Stage, name: str, key: str) -> WorkRow | None:
    rows = company.store.work(WorkFilter(workflow=name, is_open=None))
    return next((row for row in rows if row.key == key), None)


def test_a_fault_is_told_at_its_line_mended_and_the_new_deadline_is_that_of_the_next_event(
    company: Stage, open_page: Open
):
    page, sam = open_page("dana", "/workflows"), open_page("sam")
    begin(page, "call_soon")

    change(page, "due: 2bd", "due: soon")
    expect(page.locator("#verdict")).to_contain_text("1 finding")
    line = page.locator("#definition").input_value().splitlines().index("    due: soon") + 1
    expect(page.locator("#gutter .bad")).to_have_text(str(line))
    page.get_by_role("button", name=f"line {line}").click()
    expect(page.locator("#definition")).to_be_focused()
    expect(page.locator("#here")).not_to_be_empty()

    change(page, "due: soon", "due: 4bd")
    expect(page.locator("#verdict")).to_contain_text("1 of 1 examples failed")
    change(page, "due: 2026-03-05", "due: 2026-03-09")
    expect(page.locator("#verdict")).to_contain_text("It holds: 1 example came true")
    expect(page.locator("#gutter .bad")).to_have_count(0)
    assert page.locator("#found img").evaluate("one => one.naturalWidth") > 100

    put_in_force(page, "customers wait too long")
    send(sam, "sign", "northwind", contract_id="C-71", arr="120000")
    page.goto("/inbox")
    expect(page.locator("main")).to_contain_text("Call Northwind Freight")
    row = call_of(company, "call_soon", "C-71")
    assert row is not None
    assert row.due_at is not None
    assert row.due_at - row.opened_at > timedelta(days=3)


def test_the_text_is_written_by_keyboard_and_left_by_it(open_page: Open):
    page = open_page("dana", "/workflows")
    begin(page, "by_keys")
    area = page.locator("#definition")
    area.focus()
    page.keyboard.press("Control+Home")

    page.keyboard.type("  # one")
    page.keyboard.press("Enter")
    page.keyboard.type("# two")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("# three")
    page.keyboard.press("Shift+Tab")
    assert area.input_value().startswith("  # one\n  # two\n  # three")
    page.keyboard.press("Control+z")

    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(area).not_to_be_focused()
    area.focus()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def test_who_writes_for_marketing_reads_a_definition_of_cs_and_cannot_write_it(open_page: Open):
    page = open_page("noor", "/workflows/signature_to_kickoff")

    expect(page.get_by_role("link", name="Write")).to_have_count(0)
    answer = page.request.get("/workflows/signature_to_kickoff/edit")
    assert answer.status == 403
    page.goto("/workflows/signature_to_kickoff/versions")
    expect(page.get_by_role("button", name="Switch off")).to_have_count(0)
    page.goto("/workflows/promo_suppression")
    expect(page.get_by_role("link", name="Write")).to_have_count(1)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_where_definitions_are_written(open_page: Open, width: int, scheme: str):
    page = open_page("ada", "/workflows", "admin", width=width, scheme=scheme)
    found: list[str] = []

    def look(where: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        said = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [one for one in said["violations"] if one["impact"] in {"serious", "critical"}]
        found.extend(f"{where}: {one['id']} at {one['nodes'][0]['html'][:120]}" for one in serious)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{where}: wider than {width} pixels")

    page.goto("/new-workflow")
    look("a new workflow")
    begin(page, f"in_shadow_{width}")
    page.get_by_role("link", name="Versions").click()
    page.get_by_label("Why", exact=True).fill("a try")
    page.get_by_role("button", name="Put in shadow").click()
    expect(page.locator("#outcome")).to_contain_text("this would come of it")
    look("what would come of it")
    page.get_by_role("button", name="Do it").click()
    look("versions")
    page.get_by_role("link", name="what it would have done").click()
    expect(page.locator("h1")).to_contain_text("in shadow")
    look("what it would have done")
    page.goto("/workflows/signature_to_kickoff/edit")
    expect(page.locator("#verdict")).to_contain_text("It holds")
    look("a text that holds")
    change(page, "team: cs", "team: moon")
    expect(page.locator("#verdict")).to_contain_text("finding")
    look("a text with a finding")

    assert found == []
