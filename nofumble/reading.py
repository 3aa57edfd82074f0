"""What is the state of one account now? Folded from the store for one question, and kept nowhere."""

from collections.abc import Iterator
from datetime import datetime

from agents.ports import Store
from agents.world import World
from agents.written import entry_of, history_of
from workflows.account import AccountState
from workflows.history import History

ACCOUNTS_AT_ONCE = 1_000
"""Accounts of one page where all of them are looked at."""


def state_of(store: Store, world: World, account_id: str, *, now: datetime) -> AccountState:
    """Return the state of an account with everything done that is due now; an account that is not known is empty."""
    history = history_of_account(store, world, account_id)
    if history is None:
        return AccountState(account_id)
    for part, arrived_at, number in world.activations.parts_for(history, now):
        history.receive(part, arrived_at, number)
    history.advance(now)
    return history.state


def history_of_account(store: Store, world: World, account_id: str) -> History | None:
    """Return an account as it was last folded, with its log; None where nothing is known of it."""
    stored = store.load_accounts([account_id]).get(account_id)
    if stored is None:
        return None
    return History(
        account_id,
        world.libraries,
        world.directories,
        world.watermarks,
        stored=history_of(stored),
        older=lambda: [entry_of(row) for row in store.entries(account_id)],
    )


def every_account(store: Store) -> Iterator[str]:
    """Give the ids of all accounts, in order."""
    after = ""
    while rows := store.accounts(after=after, limit=ACCOUNTS_AT_ONCE):
        yield from (row.account_id for row in rows)
        after = rows[-1].account_id
