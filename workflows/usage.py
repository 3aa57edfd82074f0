"""How much is a product used, against what was usual? Rolled-up usage as a fact of the account (W24c).

Usage now is the mean of the last seven days; usual is the mean of the eight weeks before. Once it has fallen, what was
usual before the fall stays the measure, until usage is back, or has been so for as long that it is the usual now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from events.envelope import Event
from workflows.account import AccountState
from workflows.language.vocabulary import as_time
from workflows.standing import Sample, Usage
from workflows.standing_facts import standing_of

NOW = timedelta(days=7)
USUAL = timedelta(weeks=8)
KNOWN_FROM = timedelta(weeks=4)
"""Nothing is usual in a shorter time."""

FALLEN_FROM = 0.4
"""The share of the usual use that is missing when use has fallen."""


def learn_usage(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Fold in a day (or a week) of use."""
    users = data.get("weekly_active_users")
    users = data.get("active_users") if users is None else users
    if not isinstance(users, int) or isinstance(users, bool):
        return set()
    usage = standing_of(state).usage.setdefault(str(data.get("product") or ""), Usage())
    at = as_time(data.get("day")) or event.time
    others = [one for one in usage.samples if one.at.date() != at.date() and one.at > at - USUAL - NOW]
    usage.samples = sorted([*others, Sample(at, users)], key=lambda one: one.at)
    if usage.fallen_at is None:
        usage.usual = _usual(usage, at)
    usage.drop = _drop(usage)
    if usage.drop < FALLEN_FROM:
        usage.fallen_at = None
    elif usage.fallen_at is None:
        usage.fallen_at = at
    elif at - usage.fallen_at > USUAL:
        usage.fallen_at, usage.usual, usage.drop = None, _usual(usage, at), 0.0
    return {"usage"}


def _drop(usage: Usage) -> float:
    """Give the share of the usual use that is missing now; 0 when it is not less, or nothing is usual yet."""
    if not usage.usual:
        return 0.0
    latest = usage.samples[-1].at
    now = _mean([one.users for one in usage.samples if one.at > latest - NOW])
    return max(0.0, 1 - now / usage.usual)


def _usual(usage: Usage, at: datetime) -> float:
    known = [one for one in usage.samples if one.at <= at - NOW]
    if not known or known[0].at > at - KNOWN_FROM:
        return 0.0
    return _mean([one.users for one in known])


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0
