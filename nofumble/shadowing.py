"""What would a version in shadow have done on what is recorded? Folded again from the log, and kept nowhere (R17)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from agents.ports import Store
from agents.world import World
from agents.written import entry_of
from nofumble.reading import every_account
from workflows.history import History
from workflows.library import Library
from workflows.moment import Line
from workflows.shadow import Trial, trial_of


def trial_in(
    store: Store,
    world: World,
    name: str,
    now: datetime,
    *,
    account: str | None = None,
    on_account: Callable[[int], None] = lambda _: None,
) -> Trial:
    """Fold the recorded history twice, as it went and with the shadow version of a workflow, and compare.

    In shadow the version takes the place of the active one in those catalogues only that have it in shadow.
    """
    instead = {
        number: library.with_shadow(name) if name in library.shadows else library
        for number, library in world.libraries.items()
    }
    went: list[tuple[str, Line]] = []
    would: list[tuple[str, Line]] = []
    for one in every_account(store) if account is None else [account]:
        until = _folded_until(store, one, now)
        went += _lines(store, world, world.libraries, one, until)
        would += _lines(store, world, instead, one, until)
        on_account(1)
    return trial_of(world.library.shadows[name], went, would)


def _folded_until(store: Store, account: str, now: datetime) -> datetime:
    """Tell how far time has passed for an account: what came due since then went out for no version."""
    stored = store.load_accounts([account]).get(account)
    return now if stored is None or stored.frontier is None else stored.frontier


def _lines(
    store: Store, world: World, libraries: Mapping[int, Library], account: str, until: datetime
) -> Iterable[tuple[str, Line]]:
    """Give the lines that an account's events bring, taken in again in the order of arrival."""
    history = History(account, libraries, world.directories, world.watermarks)
    for entry in map(entry_of, store.entries(account)):
        if entry.kind == "event" and entry.event is not None:
            history.receive(entry.event, entry.arrived_at, entry.catalogue)
    history.advance(until)
    return [(account, line) for line in history.drain().lines]
