"""What is the state of one account now? Folded from the store for one question, and kept nowhere."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from agents.ports import Store
from agents.rows import StoredAccount
from agents.world import World
from agents.written import entry_of, history_of
from workflows.account import AccountState
from workflows.history import History

ACCOUNTS_AT_ONCE = 500
"""Accounts that are read by one query."""


def state_of(store: Store, world: World, account_id: str, *, now: datetime) -> AccountState:
    """Return the state of an account with everything done that is due now; an account that is not known is empty."""
    ((_, history),) = histories_of(store, world, [account_id], now=now)
    return AccountState(account_id) if history is None else history.state


def histories_of(
    store: Store, world: World, account_ids: Iterable[str], *, now: datetime
) -> Iterator[tuple[str, History | None]]:
    """Give each account as it is with everything done that is due now; none for one that is not known."""
    rest = iter(account_ids)
    while block := list(islice(rest, ACCOUNTS_AT_ONCE)):
        stored = store.load_accounts(block)
        for account_id in block:
            one = stored.get(account_id)
            yield account_id, None if one is None else _folded(store, world, one, now)


def _folded(store: Store, world: World, stored: StoredAccount, now: datetime) -> History:
    history = History(
        stored.account_id,
        world.libraries,
        world.directories,
        world.watermarks,
        stored=history_of(stored),
        older=lambda: [entry_of(row) for row in store.entries(stored.account_id)],
    )
    history.advance(now)
    return history
