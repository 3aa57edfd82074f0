"""A change of one person, or of an event, is before the others within a moment: by a real server, and real streams."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2
import pytest

from nofumble.web import live
from nofumble.web.live import ACCOUNTS_MAX, AGAIN, TOLD_AT_ONCE, Change, Holders, Hub, Watcher, change_of
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


def owed(watcher: Watcher, *changes: Change, holders: Holders | None = None) -> Change | None:
    """Return what a page gets when it is its turn after some changes."""
    hub = Hub(lambda: "", nobody)
    hub.join(watcher, None)
    for change in changes:
        hub._owe(watcher, change, holders or {})
    watcher.tell()
    return None if watcher.told.empty() else watcher.told.get_nowait()


async def nobody(_accounts: Sequence[str]) -> Holders:
    return {}


ONE, OTHER = Change(("acme",), ("dana",)), Change(("globex",), ("sam",))


def test_a_page_that_waits_for_its_turn_gets_what_came_up_meanwhile_in_one_message():
    assert owed(Watcher(frozenset({"dana"})), ONE, OTHER) == Change(("acme", "globex"), ("dana",))


def test_a_page_that_would_be_told_of_too_much_is_told_to_look_again():
    many = [Change((f"a{number}",)) for number in range(ACCOUNTS_MAX + 1)]

    assert owed(Watcher(), *many) == AGAIN


@pytest.mark.parametrize(
    ("cares", "told"),
    [
        ("all", Change(("acme", "globex"), ("dana",))),
        ("mine", Change((), ("dana",))),
        ("globex", Change(("globex",))),
        ("initech", None),
        ("", None),
    ],
)
def test_a_page_is_told_only_of_what_it_cares_for(cares: str, told: Change | None):
    assert owed(Watcher(frozenset({"dana"}), cares=cares), ONE, OTHER) == told


def test_who_sees_some_accounts_is_told_only_of_these():
    holders = {"acme": {"sam"}, "globex": {"nina", "queue:sales"}}

    assert owed(Watcher(sees=frozenset({"nina"})), ONE, OTHER, holders=holders) == Change(("globex",))


def test_pages_are_told_in_turns_so_that_not_all_ask_again_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "TOLD_PER_S", 0.001)
    hub, watchers = Hub(lambda: "", nobody), [Watcher() for _ in range(int(TOLD_AT_ONCE) + 5)]

    async def spread() -> int:
        for one in watchers:
            hub.join(one, None)
        hearing = [asyncio.create_task(one.told.get()) for one in watchers]
        telling = asyncio.create_task(hub._tell_in_turns())
        await hub._spread(ONE)
        heard, _ = await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
        telling.cancel()
        return len(heard)

    assert asyncio.run(spread()) == TOLD_AT_ONCE
    assert sum(one.owed is not None for one in watchers) == 5


def test_a_page_that_is_back_after_a_moment_is_told_of_what_it_missed_and_of_nothing_else():
    hub, there, back = Hub(lambda: "", nobody), Watcher(), Watcher()

    async def away() -> str:
        await hub._spread(ONE)
        place = hub.place
        await hub._spread(OTHER)
        return place

    place = asyncio.run(away())
    hub.join(there, hub.place)
    hub.join(back, place)

    assert (there.owed, back.owed) == (None, Change(OTHER.accounts))


def test_a_page_that_was_away_for_long_looks_again():
    hub, back, foreign = Hub(lambda: "", nobody), Watcher(), Watcher()

    async def much() -> str:
        place = hub.place
        for _ in range(live.JOURNAL_MAX + 1):
            await hub._spread(ONE)
        return place

    hub.join(back, asyncio.run(much()))
    hub.join(foreign, "of-another-process-1")

    assert (back.owed, foreign.owed) == (AGAIN, AGAIN)


def test_a_batch_that_touches_very_many_accounts_names_them_all(company: Site):
    names = [f"a{number:05d}" for number in range(1_000)]
    with company.database.connect(autocommit=True) as connection:
        connection.execute("LISTEN nofumble_changed")
        connection.execute("SELECT nofumble.tell_changed(%s, %s)", [names, ["dana"]])
        told = [change_of(one.payload) for one in connection.notifies(timeout=PATIENCE_S, stop_after=10)]

    assert sorted(name for one in told for name in one.accounts) == names
    assert [one.people for one in told if one.people] == [("dana",)]


def test_a_message_that_says_too_much_for_its_size_means_anything():
    assert change_of("*") == AGAIN
