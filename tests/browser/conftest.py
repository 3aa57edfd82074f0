"""Chromium of the system, headless and with a fresh profile; and what it must never say."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.stage import Stage, stage
from tests.database import DatabaseServer

NAMES = ("chromium", "chromium-browser", "google-chrome")
REMEDY = "the pages need Chromium: `apt-get install chromium`, or name it in NOFUMBLE_TEST_CHROMIUM"
SLOWEST_MS = 15_000
"""Longer than anything takes on a busy machine; what is quicker is not waited for."""

TOUR_SEEN = 'localStorage.setItem("nofumble-tour", "yes")'
"""What the browser of somebody who was here before keeps."""

Open = Callable[..., Page]


def found_chromium() -> str | None:
    """Return the path of the browser, if there is one."""
    return os.environ.get("NOFUMBLE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give the browser, or skip and say what is missing."""
    found = found_chromium()
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(REMEDY)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def company(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give one company for all tests: each has a customer of its own, and its clock only goes forward."""
    with database_server.database() as database, stage(database, tmp_path_factory.mktemp("stage")) as one:
        yield one


@pytest.fixture
def open_page(company: Stage, chromium: Browser) -> Iterator[Open]:
    """Give what opens a page for somebody, in a window of her own; no page may have an error of any kind."""
    errors: list[str] = []
    contexts = []

    def opened(
        person: str,
        path: str = "/inbox",
        *roles: str,
        width: int = 1280,
        scheme: str = "light",
        cookie: str = "",
        is_first_visit: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=company.url, viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        contexts.append(context)
        if not is_first_visit:
            context.add_init_script(TOUR_SEEN)
        said = cookie or company.cookie(person, *roles)
        context.add_cookies([{"name": "nofumble", "value": said, "url": company.url}])
        page = context.new_page()
        page.set_default_timeout(SLOWEST_MS)
        page.on("pageerror", lambda error: errors.append(f"{path}: {error}"))
        page.on("console", lambda said: errors.append(f"{path}: {said.text}") if said.type == "error" else None)
        page.goto(path)
        page.wait_for_selector("body[data-follows=yes]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
