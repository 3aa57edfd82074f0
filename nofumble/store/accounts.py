"""What is an account, given its row and the entries after its base?"""

import json
from collections.abc import Sequence

from agents.rows import AccountRow, EntryRow, StoredAccount, StoredFacts


def stored_account(
    account_id: str, row: AccountRow | None, recent: Sequence[EntryRow], partition: int
) -> StoredAccount:
    """Put an account together from its row, if it has one, and its recent entries, which may be newer than the row."""
    last = recent[-1] if recent else None
    arrivals = [entry.arrived_at for entry in recent]
    if row is None:
        return StoredAccount(
            account_id, partition, None, max(arrivals, default=None), last.seq if last else 0, None, 0, recent
        )
    return StoredAccount(
        account_id=account_id,
        partition=row.partition,
        next_due_at=row.next_due_at,
        frontier=max([row.frontier, *arrivals]),
        seq=max(row.seq, last.seq) if last else row.seq,
        base=row.base,
        base_seq=row.base_seq,
        recent=recent,
        fired_at=row.fired_at,
    )


def facts_row(row: AccountRow) -> StoredFacts:
    """Return an account for a listing; its facts are JSON as PostgreSQL writes it."""
    facts = json.dumps(json.loads(row.facts or b"{}")).encode()
    return StoredFacts(row.account_id, row.partition, row.next_due_at, row.frontier, row.seq, facts)
