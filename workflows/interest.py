"""Which accounts are behind a product request? For what concerns all of them: it is shipped, released, or taken back.

Requests name the accounts that want them, by their subject and by their list; a merged one brings its accounts along. A
release names requests and no account: it goes to each account that wanted one of them by then, once for each of those.

The order of arrival does not matter: who is found to have asked before what is known already is given it then, and
who asked after it is not.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from events.envelope import JSON, Event

FOR_ALL_BEHIND = frozenset({"product.request.shipped", "product.release.published", "product.release.rolled_back"})
"""Events that concern every account behind the requests that they name."""

ASKING = frozenset({"customer.request.raised", "cs.commitment.made"})
"""Events beside those of the request itself that put an account behind it."""

_Since = dict[str, dict[str, datetime]]


@dataclass(frozen=True, slots=True)
class _News:
    """What concerns all behind it, which accounts have the event itself, and which parts were given."""

    event: Event
    told: frozenset[str]
    given: set[str] = field(default_factory=set)

    @property
    def at(self) -> datetime:
        return self.event.time


class Interest:
    """The accounts behind each request, and what they were to be told. Not safe for two threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._asked: _Since = {}
        self._merged: _Since = {}
        self._news: list[_News] = []
        self._released: dict[str, list[_News]] = {}

    def learn(self, event: Event, account: str) -> list[Event]:
        """Learn from an event of an account who is behind what it names.

        Gives what those accounts should have been told before this was known.
        """
        request = event.data.get("request_id")
        if not isinstance(request, str) or not (event.type.startswith("product.request.") or event.type in ASKING):
            return []
        for one in (account, *_texts(event.data.get("accounts"))):
            _since(self._asked, request, one, event.time)
        into = event.data.get("into")
        if isinstance(into, str):
            _since(self._merged, into, request, event.time)
        return self._parts(event.time)

    def tell(self, event: Event, told: Iterable[str]) -> list[Event]:
        """Give the parts of an event for all who are behind what it names, beside those who are `told` the event."""
        if event.type not in FOR_ALL_BEHIND:
            return []
        news = _News(event, frozenset(told))
        insort(self._news, news, key=_at)
        release = event.data.get("release_id")
        if isinstance(release, str):
            self._released.setdefault(release, []).append(news)
        return self._parts(event.time)

    def _parts(self, since: datetime) -> list[Event]:
        """List the parts that were not given yet, of what happened since then."""
        later = self._news[bisect_left(self._news, since, key=_at) :]
        return [part for news in later for part in self._parts_of(news)]

    def _parts_of(self, news: _News) -> Iterator[Event]:
        for request in self._requests_of(news):
            for account in self._behind(request, news.at, set()):
                part = _part(news.event, account, request)
                if account not in news.told and part.id not in news.given:
                    news.given.add(part.id)
                    yield part

    def _requests_of(self, news: _News) -> Iterable[str]:
        """List what an event names, by itself and by the release that it is about."""
        of_release = self._released.get(str(news.event.data.get("release_id")), ())
        named = [name for one in (news, *of_release) if one.at <= news.at for name in _named(one.event)]
        return dict.fromkeys(named)

    def _behind(self, request: str, at: datetime, seen: set[str]) -> Iterator[str]:
        seen.add(request)
        yield from (account for account, since in self._asked.get(request, {}).items() if since <= at)
        for merged, since in self._merged.get(request, {}).items():
            if since <= at and merged not in seen:
                yield from self._behind(merged, at, seen)


def _at(news: _News) -> datetime:
    return news.at


def _since(known: _Since, name: str, member: str, at: datetime) -> None:
    members = known.setdefault(name, {})
    members[member] = min(at, members.get(member, at))


def _part(event: Event, account: str, request: str) -> Event:
    """Give the event as it concerns one account; of a list of requests, as it concerns one of them."""
    known, data = f"{event.id}/{account}", event.data
    if "request_ids" in data:
        known, data = f"{known}/{request}", {**data, "request_ids": list[JSON]([request])}
    return replace(event, id=known, subject=account, data=data, correlation_id=None, causation_id=event.id)


def _named(event: Event) -> list[str]:
    return [*_texts([event.data.get("request_id")]), *_texts(event.data.get("request_ids"))]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
