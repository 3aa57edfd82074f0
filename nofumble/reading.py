"""What is the state of one account now? Folded from the store for one question, and kept nowhere."""

from datetime import datetime

from agents.ports import Store
from agents.world import World
from agents.written import entry_of, history_of
from workflows.account import AccountState
from workflows.history import History


def state_of(store: Store, world: World, account_id: str, *, now: datetime) -> AccountState:
    """Return the state of an account with everything done that is due now; an account that is not known is empty."""
    stored = store.load_accounts([account_id]).get(account_id)
    if stored is None:
        return AccountState(account_id)
    history = History(
        account_id,
        world.libraries,
        world.directories,
        world.watermarks,
        stored=history_of(stored),
        older=lambda: [entry_of(row) for row in store.entries(account_id)],
    )
    history.advance(now)
    return history.state
