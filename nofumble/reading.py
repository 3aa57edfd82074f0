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
            history = None if one is None else _read(store, world, one)
            if history is not None:
                _pass_time(world, history, now)
            yield account_id, history


def history_of_account(store: Store, world: World, account_id: str) -> History | None:
    """Return an account as it was last folded, with its log; None where nothing is known of it."""
    stored = store.load_accounts([account_id]).get(account_id)
    return None if stored is None else _read(store, world, stored)


def every_account(store: Store) -> Iterator[str]:
    """Give the ids of all accounts, in order."""
    after = ""
    while rows := store.accounts(after=after, limit=ACCOUNTS_AT_ONCE):
        yield from (row.account_id for row in rows)
        after = rows[-1].account_id


def _read(store: Store, world: World, stored: StoredAccount) -> History:
    return History(
        stored.account_id,
        world.libraries,
        world.directories,
        world.watermarks,
        stored=history_of(stored),
        older=lambda: [entry_of(row) for row in store.entries(stored.account_id)],
    )


def _pass_time(world: World, history: History, now: datetime) -> None:
    for part, arrived_at, number in world.activations.parts_for(history, now):
        history.receive(part, arrived_at, number)
    history.advance(now)
