"""What is the state of one account now? Folded from the store for one question, and kept nowhere."""

from datetime import datetime

import msgspec

from agents.handle import World, entry_of
from agents.ports import Store
from workflows.account import AccountState
from workflows.history import History
from workflows.snapshots import Snapshot

_snapshot_decoder = msgspec.msgpack.Decoder(Snapshot)


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
        base=None if stored.base is None else _snapshot_decoder.decode(stored.base),
        recent=[entry_of(row) for row in stored.recent],
        frontier=stored.frontier,
        fired=stored.fired_at,
        number=stored.seq,
        older=lambda: [entry_of(row) for row in store.entries(account_id)],
    )
    history.advance(now)
    return history.state
