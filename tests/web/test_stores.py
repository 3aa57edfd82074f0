"""Many requests share a few connections: none waits in a thread, and none is left without."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from nofumble.store.web_store import WebStore
from nofumble.web import stores
from nofumble.web.problems import Problem
from nofumble.web.stores import CONNECTIONS, Stores
from tests.web.application import Site, served


def test_more_requests_at_once_than_threads_and_connections_are_all_answered(company: Site):
    cookies = dict(company.signed_in("dana").cookies)
    with (
        served(company) as address,
        httpx2.Client(base_url=address, cookies=cookies, timeout=60) as browser,
        ThreadPoolExecutor(60) as many,
    ):
        answers = list(many.map(lambda _: browser.get("/api/v1/inbox").status_code, range(120)))

    assert set(answers) == {200}
    assert len(company.app.state.shared.stores._idle) <= CONNECTIONS


def test_a_store_is_lent_to_one_at_a_time_and_who_waits_too_long_is_told(
    company: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stores, "WAIT_MAX_S", 0.01)

    async def borrowed() -> Problem:
        pool = Stores(lambda: WebStore(company.database), size=1)
        async with pool.lent() as first:
            with pytest.raises(Problem) as refused:
                async with pool.lent():
                    pass
        async with pool.lent() as again:
            assert again is first
        pool.close()
        return refused.value

    assert asyncio.run(borrowed()).status == 503
