"""How are pages of work read from PostgreSQL? By statements that an index serves, however much there is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import TupleRow

from agents.page_rows import SEVERITIES, WorkCounts, WorkPage
from agents.rows import StoredFacts, WorkRow


class PostgresPages:
    """The part of agents.ports.Store for pages."""

    def work_page(self, wanted: WorkPage) -> list[WorkRow]:
        """Return a page of work, the most urgent first."""
        rank, at, work_id = wanted.after or (None, None, None)
        place = {"rank": rank, "at": at, "id": work_id, "limit": wanted.limit}
        return [work_row(row) for row in self._rows("work_page", _named(wanted) | place)]

    def work_counts(self, wanted: WorkPage, now: datetime, soon: datetime) -> WorkCounts:
        """Return how much work there is in all pages."""
        (row,) = self._rows("work_counts", _named(wanted) | {"now": now, "soon": soon})
        return WorkCounts(*row)

    def accounts_named(self, account_ids: Sequence[str]) -> list[StoredFacts]:
        """Return some accounts for a listing, in order of id."""
        return [facts_row(row) for row in self._rows("accounts_named", {"ids": list(account_ids)})]

    def accounts_of(self, names: Sequence[str]) -> list[str]:
        """Return the accounts where people or queues have a role or hold something open, in order of id."""
        return [str(account) for (account,) in self._rows("accounts_of", {"names": list(names)})]

    def holders_of(self, account_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return who has a role or holds something open at each of some accounts."""
        found: dict[str, set[str]] = {account: set() for account in account_ids}
        for account, name in self._rows("holders_of", {"ids": list(account_ids)}):
            found[account].add(name)
        return found

    def _rows(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
        raise NotImplementedError


def work_row(row: TupleRow) -> WorkRow:
    """Read a row of the table `work`."""
    *columns, receivers, snoozed_until = row
    return WorkRow._make((*columns, tuple(receivers), snoozed_until))


def facts_row(row: TupleRow) -> StoredFacts:
    """Read an account for a listing."""
    return StoredFacts(row[0], row[1], row[2], row[3], row[4], row[5].encode())


def _named(wanted: WorkPage) -> dict[str, Any]:
    """Return the parameters that a page and its counts share."""
    viewer, accounts = wanted.seen or (None, None)
    return {
        "kinds": list(wanted.kinds),
        "names": None if wanted.names is None else list(wanted.names),
        "account_id": wanted.account_id,
        "workflow": wanted.workflow,
        "is_open": wanted.is_open,
        "viewer": viewer,
        "accounts": None if accounts is None else list(accounts),
        "now": wanted.now,
        "is_asleep": wanted.is_asleep,
        "wanted_severities": None if wanted.severities is None else list(wanted.severities),
        "severities": list(SEVERITIES),
    }
