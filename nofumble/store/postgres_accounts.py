"""How is an account read from its tables: its row, and what lies behind its base?"""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.rows import AccountRow, EntryRow, StoredAccount, partition_of
from nofumble.store.accounts import stored_account
from nofumble.store.queries import select


def load_accounts(
    connection: Connection[TupleRow], account_ids: Sequence[str], partitions: int
) -> dict[str, StoredAccount]:
    """Return those of the accounts that are stored, of a store with so many partitions."""
    ids = list(account_ids)
    rows = {row[0]: AccountRow(*row) for row in select(connection, "load_accounts", {"ids": ids})}
    after = [rows[name].base_seq if name in rows else 0 for name in ids]
    recent: dict[str, list[EntryRow]] = {}
    for entry in select(connection, "load_entries", {"ids": ids, "after": after}):
        recent.setdefault(entry[0], []).append(EntryRow(*entry))
    return {
        name: stored_account(name, rows.get(name), recent.get(name, []), partition_of(name, partitions))
        for name in ids
        if name in rows or name in recent
    }
