"""Which accounts are behind a product request? For what concerns all of them: it is shipped, released, or taken back.

Requests name the accounts that want them, by their subject and by their list; a merged one brings its accounts along. A
release names requests and no account: it goes to each account that wanted one of them by then, once for each of those.

The order of arrival does not matter: who is found to have asked before what is known already is given it then, and
who asked after it is not.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
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


def keys_of(event: Event) -> frozenset[str]:
    """Name the requests and releases by which an event concerns more accounts than it names; none for most."""
    is_news = event.type in FOR_ALL_BEHIND
    if not (is_news or event.type.startswith("product.request.") or event.type in ASKING):
        return frozenset()
    named = [f"request:{one}" for one in (*_named(event), *texts([event.data.get("into")]))]
    return frozenset(named + [f"release:{one}" for one in texts([event.data.get("release_id")]) if is_news])


class Interest:
    """The accounts behind each request, and what they were to be told. Not safe for two threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._asked: _Since = {}
        self._merged: _Since = {}
        self._news: list[_News] = []
        self._released: dict[str, list[_News]] = {}

    def take(self, event: Event, accounts: Sequence[str]) -> list[Event]:
        """Take in an event that these accounts are given as it is.

        Gives its parts for all others who are behind what it names, and those of earlier news for who is now known to
        have been behind them.
        """
        if not keys_of(event):
            return []
        for account in accounts:
            self._learn(event, account)
        if event.type in FOR_ALL_BEHIND:
            self._tell(event, accounts)
        return self._parts(event.time)

    def accounts(self) -> set[str]:
        """Name every account that is behind something, by its id or by the reference under which it asked."""
        return {account for members in self._asked.values() for account in members}

    def _learn(self, event: Event, account: str) -> None:
        request = event.data.get("request_id")
        if not isinstance(request, str):
            return
        for one in (account, *texts(event.data.get("accounts"))):
            _since(self._asked, request, one, event.time)
        into = event.data.get("into")
        if isinstance(into, str):
            _since(self._merged, into, request, event.time)

    def _tell(self, event: Event, told: Iterable[str]) -> None:
        news = _News(event, frozenset(told))
        insort(self._news, news, key=_at)
        for release in texts([event.data.get("release_id")]):
            self._released.setdefault(release, []).append(news)

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
    return [*texts([event.data.get("request_id")]), *texts(event.data.get("request_ids"))]


def texts(value: object) -> list[str]:
    """Give what of a list is text; nothing of what is no list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
