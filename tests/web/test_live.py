"""A change of one person, or of an event, is before the others within a moment: by a real server, and real streams."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from nofumble.web.live import AGAIN, WAITING_MAX, Change, Watcher, change_of
from tests.web.application import Site, served

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "live-1",
    "source": "/helpdesk",
    "type": "support.ticket.opened",
    "subject": "acme",
    "time": "2026-03-06T10:00:00Z",
    "data": {"ticket_id": "4711"},
}
PATIENCE_S = 20.0


@pytest.fixture
def address(company: Site) -> Iterator[str]:
    with served(company) as address:
        yield address


def told(lines: Iterator[str]) -> dict[str, Any]:
    """Return what the next event of a stream says."""
    return json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))


def test_a_page_is_told_of_an_event_at_an_account_and_of_its_own_work(company: Site, address: str):
    cookies = dict(company.signed_in("dana").cookies)
    with (
        httpx2.Client(base_url=address, cookies=cookies, timeout=PATIENCE_S) as browser,
        browser.stream("GET", "/events", headers={"Last-Event-ID": "1"}) as answer,
    ):
        lines = answer.iter_lines()
        assert told(lines) == {"again": True}
        company.play(EVENT | {"id": "live-0"})
        seen = told(lines)
        while "again" in seen:
            seen = told(lines)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert seen["accounts"] == ["acme"]


def test_a_page_is_told_nothing_of_accounts_that_its_person_does_not_see(company: Site, address: str):
    cookies = dict(company.signed_in("nina", "sales").cookies)
    company.play(
        EVENT | {"id": "r-0", "type": "account.registered", "subject": "globex", "data": {"roles": {"ae": "nina"}}}
    )
    with (
        httpx2.Client(base_url=address, cookies=cookies, timeout=PATIENCE_S) as browser,
        browser.stream("GET", "/events", headers={"Last-Event-ID": "1"}) as answer,
    ):
        lines = answer.iter_lines()
        assert told(lines) == {"again": True}
        company.play(EVENT)
        company.play(EVENT | {"id": "g-1", "subject": "globex"})
        seen = told(lines)
        while "again" in seen:
            seen = told(lines)

    assert seen == {"accounts": ["globex"], "mine": False}


def test_who_is_not_signed_in_hears_nothing(address: str):
    assert httpx2.get(f"{address}/events").status_code == 401


def test_streams_keep_no_connection_to_the_database(company: Site, address: str):
    cookies = dict(company.signed_in("dana").cookies)
    with httpx2.Client(base_url=address, cookies=cookies, timeout=PATIENCE_S) as browser:
        streams = [browser.stream("GET", "/events") for _ in range(20)]
        for one in streams:
            one.__enter__()
        try:
            assert browser.get("/api/v1/me").status_code == 200
        finally:
            for one in streams:
                one.__exit__(None, None, None)


def test_a_page_that_is_too_slow_is_told_to_look_again():
    watcher = Watcher()
    for number in range(WAITING_MAX + 1):
        watcher.tell(Change((f"a{number}",)))

    assert watcher.waiting.qsize() == 1
    assert watcher.waiting.get_nowait() == AGAIN


def test_a_message_that_says_too_much_for_its_size_means_anything():
    assert change_of("*") == AGAIN
