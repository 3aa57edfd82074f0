"""How do we stand, in one look? Where balls lie, what burns, which customers need a word, and the briefs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from agents.page_rows import SEVERITIES
from agents.rows import SentRow, StoredFacts, WorkRow
from nofumble.reports.loops import HeldLoop
from nofumble.reports.measures import is_dropped
from nofumble.web.views.board import Ball, ball_of
from nofumble.web.views.reader import Reader

LOOPS_SHOWN = 8
ACCOUNTS_SHOWN = 10
BRIEFS_SHOWN = 10
GRAVE = ("critical", "urgent")
"""Severities that make a customer one to look at."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brief:
    """The latest version of a brief."""

    id: str
    at: datetime
    account: str
    title: str
    says: tuple[str, ...]
    version: int
    readers: tuple[str, ...]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """A customer to look at: what is open there that is grave, and how it stands."""

    account: str
    name: str
    tier: int
    health: str
    critical: int
    urgent: int
    worst: str
    worst_id: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the executive page shows."""

    loops: int
    longest_days: int
    untold: int
    lost: int
    late_tasks: int
    critical: int
    urgent: int
    holds: int
    red: int
    oldest: tuple[Ball, ...]
    watched: tuple[Watched, ...]
    briefs: tuple[Brief, ...]


def overview_of(
    work: Iterable[WorkRow],
    late_tasks: int,
    loops: Sequence[HeldLoop],
    accounts: Iterable[StoredFacts],
    lines: Iterable[SentRow],
    reader: Reader,
    *,
    is_leader: bool,
) -> Overview:
    """Return the overview out of open grave alerts and holds, open loops, all accounts, and lines of briefs.

    Who is no leader reads the briefs that are meant for her.
    """
    work = list(work)
    facts = {one.account_id: _facts(one) for one in accounts}
    grave = Counter(row.severity for row in work if row.kind == "alert")
    return Overview(
        loops=len(loops),
        longest_days=max((one.held_bd for one in loops), default=0),
        untold=sum(one.told_at is None for one in loops),
        lost=sum(is_dropped(one, reader.directory, reader.now) for one in loops),
        late_tasks=late_tasks,
        critical=grave["critical"],
        urgent=grave["urgent"],
        holds=len({row.account_id for row in work if row.kind == "hold"}),
        red=sum(one.get("health") == "red" for one in facts.values()),
        oldest=tuple(ball_of(one, reader) for one in loops[:LOOPS_SHOWN]),
        watched=tuple(watched(work, lambda account: facts.get(account, {})))[:ACCOUNTS_SHOWN],
        briefs=tuple(one for one in briefs_of(lines, reader) if is_leader or one.is_mine)[:BRIEFS_SHOWN],
    )


def watched(work: Iterable[WorkRow], facts_of: Callable[[str], Facts]) -> list[Watched]:
    """Return the customers at which something grave is open, the worst first."""
    of_account: dict[str, list[WorkRow]] = {}
    for row in work:
        if row.kind == "alert" and row.severity in GRAVE:
            of_account.setdefault(row.account_id, []).append(row)
    found = []
    for account, rows in of_account.items():
        facts = facts_of(account)
        counts = Counter(row.severity for row in rows)
        worst = min(rows, key=lambda row: (SEVERITIES.index(row.severity or "info"), row.opened_at))
        found.append(
            Watched(
                account,
                str(facts.get("name") or account),
                int(facts.get("tier") or 0),
                str(facts.get("health") or ""),
                counts["critical"],
                counts["urgent"],
                worst.title,
                worst.id,
            )
        )
    return sorted(found, key=lambda one: (-one.critical, -one.urgent, one.tier or 9, one.account))


def briefs_of(lines: Iterable[SentRow], reader: Reader) -> list[Brief]:
    """Return the latest version of each brief, those that the reader is meant to read first, then the newest."""
    latest: dict[str, Brief] = {}
    for line in lines:
        said: dict[str, Any] = msgspec.json.decode(line.body)["data"]
        brief = Brief(
            str(said.get("brief_id") or line.id),
            line.at,
            line.account_id,
            str(said.get("title") or ""),
            tuple(str(one) for one in said.get("says") or ()),
            int(said.get("version") or 1),
            tuple(map(reader.name, said.get("readers") or ())),
            reader.person in (said.get("readers") or ()),
        )
        known = latest.get(brief.id)
        if known is None or known.version <= brief.version:
            latest[brief.id] = brief
    return sorted(latest.values(), key=lambda one: (not one.is_mine, -one.at.timestamp()))


def _facts(one: StoredFacts) -> Facts:
    return msgspec.json.decode(one.facts, type=dict[str, Any]) if one.facts else {}
