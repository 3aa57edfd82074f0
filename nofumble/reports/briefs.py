"""When one of our executives heard of trouble from a friend, did she have the brief already (the measure of W19)?

The brief is there from when the first of an issue was published until `exec_heads_up` ends for that account. The one
that goes out with the call itself comes too late to count for it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from agents.ports import Store
from nofumble.reports.reading import Period, data_of, events_of, lines_of

HEADS_UP = "exec_heads_up"
CONTACT, PUBLISHED = "exec.contact.reported", "exec.brief.published"
ENDED = ("workflow.completed", "workflow.cancelled")

PUBLISHED_WITHIN = timedelta(days=365)
"""How long before the period a brief may have been published that is still there: an issue is not open for longer."""


class ExecContact(Struct, frozen=True, tag_field="row", tag="contact"):
    """A call, and since when there was a brief for it; None where there was none."""

    account: str
    our_exec: str | None
    at: datetime
    brief_since: datetime | None


class BriefShare(Struct, frozen=True, tag_field="row", tag="sum"):
    """All calls of the period, and how many of them found a brief; the share is None where nobody called."""

    contacts: int
    briefed: int
    share: float | None


class _Seen(NamedTuple):
    """A call, or a line about the brief, of one account."""

    at: datetime
    type: str
    our_exec: str | None = None


def exec_contacts(store: Store, period: Period) -> list[ExecContact]:
    """Return what our executives heard from theirs in a period, by time."""
    seen: dict[str, list[_Seen]] = {}
    for row in events_of(store, period, [CONTACT]):
        our_exec = data_of(row).get("our_exec")
        seen.setdefault(row.account_id, []).append(_Seen(row.at, CONTACT, our_exec))
    for line in lines_of(store, Period(period.since - PUBLISHED_WITHIN, period.until), [PUBLISHED, *ENDED]):
        if line.account_id in seen and data_of(line).get("workflow") == HEADS_UP:
            seen[line.account_id].append(_Seen(line.at, line.type))
    found = [one for account, story in seen.items() for one in _in_order(account, sorted(story, key=_order))]
    return sorted(found, key=lambda one: (one.at, one.account))


def brief_share(contacts: Iterable[ExecContact]) -> BriefShare:
    """Count the calls for which the brief was there before."""
    there = [one.brief_since is not None for one in contacts]
    return BriefShare(len(there), sum(there), sum(there) / len(there) if there else None)


def _in_order(account: str, story: Iterable[_Seen]) -> Iterable[ExecContact]:
    since: datetime | None = None
    for one in story:
        if one.type == CONTACT:
            yield ExecContact(account, one.our_exec, one.at, since)
        elif one.type == PUBLISHED:
            since = since or one.at
        else:
            since = None


def _order(one: _Seen) -> tuple[datetime, bool]:
    """At the same time a call comes before what goes out because of it."""
    return one.at, one.type != CONTACT
