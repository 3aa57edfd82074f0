"""Which accounts are behind a product request? For what concerns all of them: it is shipped, released, or taken back.

Requests name the accounts that want them, by their subject and by their list; a merged one brings its accounts along. A
release names requests and no account: it goes to each account that wants one of them, with just those that it wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from events.envelope import JSON, Event

FOR_ALL_BEHIND = frozenset({"product.request.shipped", "product.release.published", "product.release.rolled_back"})
"""Events that concern every account behind the requests that they name."""

ASKING = frozenset({"customer.request.raised", "cs.commitment.made"})
"""Events beside those of the request itself that put an account behind it."""


class Interest:
    """The accounts behind each request. Not safe for two threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._accounts: dict[str, dict[str, None]] = {}
        self._released: dict[str, list[str]] = {}

    def learn(self, event: Event, account: str) -> None:
        """Learn from an event of an account who is behind what it names."""
        request = event.data.get("request_id")
        if isinstance(request, str) and (event.type.startswith("product.request.") or event.type in ASKING):
            behind = self._accounts.setdefault(request, {})
            behind.update(dict.fromkeys([account, *_texts(event.data.get("accounts"))]))
            into = event.data.get("into")
            if isinstance(into, str) and into != request:
                self._accounts.setdefault(into, {}).update(behind)

    def behind(self, event: Event) -> dict[str, list[str]]:
        """List the accounts behind what an event names, each with the requests that it wants."""
        if event.type not in FOR_ALL_BEHIND:
            return {}
        release = event.data.get("release_id")
        requests = [*_texts([event.data.get("request_id")]), *_texts(event.data.get("request_ids"))]
        if isinstance(release, str):
            requests = list(dict.fromkeys([*requests, *self._released.get(release, ())]))
            self._released[release] = requests
        found: dict[str, list[str]] = {}
        for request in requests:
            for account in self._accounts.get(request, ()):
                found.setdefault(account, []).append(request)
        return found


def parts_for(event: Event, listed: Iterable[str], behind: dict[str, list[str]]) -> Iterator[Event]:
    """Give the event once for its subject and once for each other account, listed or behind it."""
    accounts = list(dict.fromkeys([*filter(None, [event.subject]), *listed, *behind]))
    for account in accounts:
        data: dict[str, JSON] = {**event.data, "accounts": list[JSON](accounts)}
        if account in behind and account != event.subject and "request_ids" in data:
            data["request_ids"] = list[JSON](behind[account])
        if account == event.subject:
            yield replace(event, data=data) if behind else event
        else:
            known, cause = f"{event.id}/{account}", event.id
            yield replace(event, id=known, subject=account, data=data, correlation_id=None, causation_id=cause)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
