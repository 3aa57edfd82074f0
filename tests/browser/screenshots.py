"""Take pictures of the main pages, of the made-up company on its last evening: `make screenshots`."""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright

from config.settings import embedded_default
from nofumble.clock import SystemClock
from nofumble.demo.company import play
from nofumble.opening import open_ready
from nofumble.store.web_store import WebStore
from nofumble.wiring import load_directory
from tests.browser.conftest import REMEDY, TOUR_SEEN, found_chromium
from tests.browser.stage import serving

SHOTS = {
    "inbox": ("dana", "/inbox"),
    "customers": ("dana", "/accounts"),
    "customer": ("dana", "/accounts/northwind"),
    "may-i": ("julia", "/may-i?account=harbour"),
    "send": ("sam", "/send/sign?account=northwind"),
    "loops": ("kim", "/loops"),
    "capacity": ("kim", "/capacity"),
    "overview": ("rafael", "/overview"),
    "workflows": ("yuki", "/workflows"),
    "workflow": ("yuki", "/workflows/signature_to_kickoff"),
    "work": ("dana", ""),
    "quarantine": ("ada", "/quarantine"),
    "audit": ("ada", "/audit"),
    "users": ("ada", "/users"),
    "tokens": ("ada", "/tokens"),
    "erasures": ("ada", "/erasures"),
    "demo": ("ada", "/demo"),
    "tour": ("ada", "/inbox"),
    "me": ("dana", "/me"),
}
"""Each picture: who looks, and where; the work is the first of her inbox, and the tour what a first visit shows."""

ADMINS = {"ada"}
VIEWS = (("", 1280, "light"), ("-narrow", 390, "light"), ("-dark", 1280, "dark"), ("-narrow-dark", 390, "dark"))


def main(folder: Path) -> None:
    """Write the pictures into a folder."""
    chromium = found_chromium()
    if chromium is None:
        sys.exit(REMEDY)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nofumble-pictures-") as home:
        settings = embedded_default(Path(home))
        with open_ready(settings, progress=print) as database:
            with closing(WebStore(database)) as store:
                store.ensure_partitions(settings.partitions)
                until = play(store, load_directory(), print)
            wall = SystemClock()
            with (
                serving(database, settings, wall, until - wall.now(), load_directory()) as stage,
                sync_playwright() as web,
            ):
                browser = web.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                for name, (person, path) in SHOTS.items():
                    cookie = stage.cookie(person, *(("admin",) if person in ADMINS else ()))
                    for suffix, width, scheme in VIEWS:
                        size = {"width": width, "height": 844}
                        context = browser.new_context(viewport=size, color_scheme=scheme, base_url=stage.url)  # type: ignore[arg-type]
                        context.add_cookies([{"name": "nofumble", "value": cookie, "url": stage.url}])
                        if name != "tour":
                            context.add_init_script(TOUR_SEEN)
                        page = context.new_page()
                        page.goto(path or "/inbox")
                        if not path:
                            page.locator("[data-open]").first.click()
                            page.wait_for_selector("#why")
                        page.screenshot(path=folder / f"{name}{suffix}.png")
                        context.close()
                browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
