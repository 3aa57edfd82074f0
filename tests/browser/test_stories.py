"""The three stories, played by clicking: what each person sees, and that it appears by itself."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SLOWEST_MS, Open
from tests.browser.stage import Stage

expect.set_options(timeout=SLOWEST_MS)


def send(page: Page, form: str, account: str, **said: str) -> None:
    page.goto(f"/send/{form}?account={account}")
    for name, value in said.items():
        place = page.locator(f"[name={name}]")
        if place.evaluate("one => one.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#sent")).to_contain_text("Sent")


def let_pass(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()


def item(page: Page, title: str) -> Locator:
    return page.locator("article").filter(has_text=title)


def test_a_signature_is_handed_over_and_the_pause_after_it_climbs(company: Stage, open_page: Open):
    sam, dana, ada = open_page("sam"), open_page("dana"), open_page("ada", "/demo", "admin")
    rafael = open_page("rafael")
    send(sam, "sign", "northwind", contract_id="C-1", arr="120000")
    sam.goto(f"{company.url}/inbox")
    item(sam, "Complete the handoff package").get_by_role("button", name="Done").click()
    item(sam, "Complete the handoff package").locator(".slot").get_by_role("button", name="Done").click()

    expect(item(dana, "Accept the handoff of Northwind Freight")).to_be_visible()
    item(dana, "Accept the handoff").get_by_role("button", name="Accept").click()
    expect(item(dana, "Schedule the kickoff with Northwind Freight")).to_be_visible()

    for _ in range(2):
        let_pass(ada, "3 days")
    expect(item(dana, "No kickoff was scheduled within 3 business days")).to_be_visible()
    for _ in range(2):
        let_pass(ada, "1 week")
    expect(item(rafael, "No kickoff was held within 10 business days")).to_be_visible()
    item(rafael, "No kickoff was held within 10").get_by_role("link").first.click()
    expect(rafael.locator("main")).to_contain_text("The customer signed a contract")
    expect(rafael.locator("main")).to_contain_text("Would not exist if cs.kickoff.held had happened by")


def test_a_sales_contact_without_the_csm_reaches_her_at_once(company: Stage, open_page: Open):
    dana, julia = open_page("dana"), open_page("julia")

    send(julia, "sales-contact", "harbour", purpose="upsell", contact_ids="jo.harbour", summary="A larger plan?")

    alert = item(dana, "of Harbour & Sons about upsell")
    expect(alert).to_be_visible()
    alert.get_by_role("button", name="I am on it").click()
    expect(item(dana, "of Harbour & Sons about upsell")).to_contain_text("acknowledged")


def test_a_product_request_that_lies_still_climbs_to_who_can_decide(company: Stage, open_page: Open):
    priya, helen = open_page("priya"), open_page("helen")
    ada = open_page("ada", "/send", "admin")

    send(ada, "request", "quarry", title="A report per site", problem="Nobody sees a site", contact="jo.quarry")
    expect(priya.locator("article").filter(has_text="Quarry Stone").first).to_be_visible()

    ada.goto(f"{company.url}/demo")
    for _ in range(2):
        let_pass(ada, "1 week")
    expect(priya.locator("main")).to_contain_text("overdue")
    expect(helen.locator("article").first).to_be_visible()
