"""Who signs in by the company's provider is known by an address that it has verified: against a real provider."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey

from nofumble.postgres import Database
from tests.database import DatabaseServer
from tests.web.application import Site, site
from tests.web.provider import SECRET, Provider, provider


@pytest.fixture(scope="module")
def theirs() -> Iterator[Provider]:
    with provider() as one:
        yield one


@pytest.fixture
def guarded(database_server: DatabaseServer, played: Database, tmp_path: Path, theirs: Provider) -> Iterator[Site]:
    theirs.changes, theirs.signs_with = {}, theirs.key
    theirs.who = {"sub": "42", "email": "dana@vendor.example", "email_verified": True}
    with (
        database_server.copy_of(played) as database,
        site(database, tmp_path, oidc_issuer=theirs.url, oidc_client_secret=SECRET) as one,
    ):
        yield one


def journey(browser: Any) -> Any:
    """Go to the provider and back, as a browser does."""
    there = browser.get("/sign-in/company")
    assert there.status_code in {302, 303}, there.text
    back = httpx2.get(there.headers["location"]).headers["location"]
    parts = urlsplit(back)
    return browser.get(f"{parts.path}?{parts.query}")


def test_somebody_with_a_verified_address_of_the_directory_is_signed_in(guarded: Site):
    browser = guarded.browser()

    answer = journey(browser)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/me").json()["person"] == "dana"
    assert browser.get("/api/v1/me").json()["roles"] == ["cs"]


@pytest.mark.parametrize(
    "who",
    [
        {"sub": "1", "email": "dana@vendor.example", "email_verified": False},
        {"sub": "1", "email": "eve@vendor.example", "email_verified": True},
        {"sub": "1"},
    ],
)
def test_somebody_without_one_is_not(guarded: Site, theirs: Provider, who: dict[str, Any]):
    theirs.who = who

    assert journey(guarded.browser()).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody else"},
        {"nonce": "another"},
        {"exp": int(time.time()) - 3600},
    ],
    ids=["issuer", "audience", "nonce", "expired"],
)
def test_a_token_that_was_meant_for_another_is_refused(guarded: Site, theirs: Provider, changes: dict[str, Any]):
    theirs.changes = changes

    assert journey(guarded.browser()).status_code == 403


def test_a_token_of_another_key_is_refused(guarded: Site, theirs: Provider):
    theirs.signs_with = RSAKey.generate_key(2048, {"kid": "one"})

    assert journey(guarded.browser()).status_code == 403


def test_a_browser_that_did_not_set_out_does_not_come_in(guarded: Site):
    there = guarded.browser().get("/sign-in/company")
    back = urlsplit(httpx2.get(there.headers["location"]).headers["location"])
    other = guarded.browser()

    assert other.get(f"{back.path}?{back.query}").status_code == 400
    other.get("/sign-in/company")
    assert other.get(f"{back.path}?{back.query}").status_code == 403


def test_a_door_that_is_shut_stays_shut(guarded: Site):
    journey(guarded.browser())
    guarded.store.disable_user("dana", guarded.clock.now())

    assert journey(guarded.browser()).status_code == 403
    assert guarded.browser().get("/api/v1/me").status_code == 401


def test_without_a_provider_the_way_there_is_not_there(company: Site):
    assert company.browser().get("/sign-in/company").status_code == 404
