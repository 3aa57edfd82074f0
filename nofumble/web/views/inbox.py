"""What waits for a reader, or for her team, by account and with what is most urgent first?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.page_rows import WorkCounts
from agents.rows import WorkRow
from nofumble.cli.stored_work import item_of
from nofumble.web.views.deeds import Deed, deeds_for
from nofumble.web.views.reader import Reader
from nofumble.web.work import Scope
from workflows.account import Alert, Task, evidence_of_item

ITEMS_SHOWN = 25
"""Items of one page: what fits into a first page of 100 kB, and more than a morning takes."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One task or alert in a list; `why` is its reason in a sentence, "" where its title says it."""

    id: str
    kind: str
    account: str
    ref: str
    workflow: str
    title: str
    why: str
    status: str
    severity: str
    holder: str
    due_at: datetime | None
    opened_at: datetime
    snoozed_until: datetime | None
    is_late: bool
    is_unsure: bool
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one account."""

    account: str
    name: str
    tier: int
    health: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What a page of the inbox shows, with how much there is of what in all."""

    scope: Scope
    groups: tuple[Group, ...]
    tasks: int
    alerts: int
    late: int
    today: int
    asleep: int
    shown: int
    """How many items of all are on the page, counted from the most urgent."""

    @property
    def total(self) -> int:
        """Everything that waits."""
        return self.tasks + self.alerts

    @property
    def left(self) -> int:
        """What is not on the page."""
        return self.total - self.shown


def inbox_of(
    rows: Iterable[WorkRow],
    counts: WorkCounts,
    facts: Mapping[str, Facts],
    reader: Reader,
    *,
    scope: Scope = "mine",
    asleep: int = 0,
) -> Inbox:
    """Return an inbox out of its first tasks and alerts, most urgent first; the counts are of all that wait.

    `asleep` is how many beside them are snoozed, or of which these are.
    """
    groups: dict[str, list[Item]] = {}
    for one in [item_for(row, reader) for row in rows]:
        groups.setdefault(one.account, []).append(one)
    return Inbox(
        scope,
        tuple(group_of(account, facts.get(account, {}), group) for account, group in groups.items()),
        tasks=counts.tasks,
        alerts=counts.alerts,
        late=counts.late,
        today=counts.soon,
        asleep=asleep,
        shown=sum(map(len, groups.values())),
    )


def group_of(account: str, facts: Facts, items: Sequence[Item]) -> Group:
    """Return the items of an account with what tells it apart."""
    return Group(
        account,
        str(facts.get("name") or account),
        int(facts.get("tier") or 0),
        str(facts.get("health") or ""),
        (*items,),
    )


def item_for(row: WorkRow, reader: Reader) -> Item:
    """Return a task or an alert as an item of a list."""
    item = item_of(row)
    evidence = evidence_of_item(item)
    to = item.to if isinstance(item, Alert) else [item.to] if isinstance(item, Task) else []
    return Item(
        id=row.id,
        kind=row.kind,
        account=row.account_id,
        ref=row.ref,
        workflow=row.workflow,
        title=row.title,
        why="" if evidence.because == row.title else evidence.because,
        status=row.status,
        severity=row.severity or "",
        holder=reader.holders(to),
        due_at=row.due_at,
        opened_at=row.opened_at,
        snoozed_until=getattr(item, "snoozed_until", None),
        is_late=row.closed_at is None and reader.is_past(row.due_at),
        is_unsure=not row.confirmed,
        deeds=tuple(deeds_for(row, reader)),
    )
