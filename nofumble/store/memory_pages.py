"""What does the store in memory show on pages? The statements of `page_queries.sql`, in Python."""

import json
from collections.abc import Sequence
from datetime import datetime

from agents.page_rows import Place, WorkCounts, WorkPage, place_of
from agents.rows import AccountRow, StoredFacts, WorkRow
from nofumble.store.accounts import facts_row


class MemoryPages:
    """The part of agents.ports.Store for pages."""

    def __init__(self) -> None:
        super().__init__()
        self._accounts: dict[str, AccountRow] = {}
        self._work: dict[str, WorkRow] = {}

    def work_page(self, wanted: WorkPage) -> list[WorkRow]:
        """Return a page of work, the most urgent first."""
        found = [row for row in self._work.values() if _is_on(row, wanted)]
        behind = [row for row in found if wanted.after is None or _place(row) > wanted.after]
        return sorted(behind, key=_place)[: wanted.limit]

    def work_counts(self, wanted: WorkPage, now: datetime, soon: datetime) -> WorkCounts:
        """Return how much work there is in all pages."""
        found = [row for row in self._work.values() if _is_on(row, wanted)]
        due = [row.due_at for row in found if row.due_at is not None]
        return WorkCounts(
            sum(row.kind == "task" for row in found),
            sum(row.kind == "alert" for row in found),
            sum(at < now for at in due),
            sum(now <= at < soon for at in due),
        )

    def accounts_named(self, account_ids: Sequence[str]) -> list[StoredFacts]:
        """Return some accounts for a listing, in order of id."""
        return [facts_row(self._accounts[name]) for name in sorted(self._accounts.keys() & set(account_ids))]

    def accounts_of(self, names: Sequence[str]) -> list[str]:
        """Return the accounts where people or queues have a role or hold something open, in order of id."""
        known = self._accounts.keys() | {row.account_id for row in self._work.values()}
        return sorted(account for account, held in self.holders_of(list(known)).items() if held.intersection(names))

    def holders_of(self, account_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return who has a role or holds something open at each of some accounts."""
        found = {account: _people(self._accounts.get(account)) for account in account_ids}
        for row in self._work.values():
            if row.account_id in found and row.closed_at is None:
                found[row.account_id] |= {one for one in (row.person or row.queue,) if one is not None}
        return found


def _people(row: AccountRow | None) -> set[str]:
    facts = json.loads(row.facts) if row is not None and row.facts else {}
    return {str(person) for person in (facts.get("roles") or {}).values() if person}


def _is_on(row: WorkRow, wanted: WorkPage) -> bool:
    """Tell whether work is on one of the pages."""
    asks = {row.person or row.queue or row.role, *row.receivers}
    is_asleep = row.snoozed_until is not None and wanted.now is not None and row.snoozed_until >= wanted.now
    seen = wanted.seen
    return (
        row.kind in wanted.kinds
        and wanted.is_open in (None, row.closed_at is None)
        and (wanted.names is None or not asks.isdisjoint(wanted.names))
        and wanted.account_id in (None, row.account_id)
        and wanted.workflow in (None, row.workflow)
        and (wanted.severities is None or row.severity in wanted.severities)
        and (seen is None or row.account_id in seen.accounts or seen.person in (row.person, *row.receivers))
        and wanted.is_asleep in (None, is_asleep)
    )


def _place(row: WorkRow) -> Place:
    return place_of(row.severity, row.due_at, row.opened_at, row.id)
