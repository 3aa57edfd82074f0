"""What would a version do to what is recorded and to what runs? Folded for the pages, one at a time and for so long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from agents.ports import Store
from agents.world import World
from nofumble.activation import Fate, Proposal, fates
from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.shadowing import trial_in
from workflows.shadow import Trial

TRIAL_S_MAX = 15.0
"""How long a page is waited for; the command line has no limit."""

Watch = Callable[[int], None]


class Trials:
    """Folds what is recorded for a question; nothing of it is kept."""

    def __init__(self, limit_s: float = TRIAL_S_MAX) -> None:
        self._limit_s, self._lock = limit_s, Lock()

    def fates(self, store: Store, world: World, proposal: Proposal, now: datetime) -> list[Fate]:
        """Tell what would become of every running instance; raises as `_watched`."""
        (change,) = proposal.changes
        with self._watched(f"nofumble workflows activate {change.workflow} --migrate --dry-run") as watch:
            return list(fates(store, world, proposal, now, on_account=watch))

    def shadow(self, store: Store, world: World, name: str, now: datetime) -> Trial:
        """Tell what a version in shadow would have done; raises as `_watched`."""
        with self._watched(f"nofumble workflows shadow {name}") as watch:
            return trial_in(store, world, name, now, on_account=watch)

    @contextmanager
    def _watched(self, command: str) -> Iterator[Watch]:
        """Give what is to be called after every account.

        It raises WrongUse when the time is over, with the command that takes as long as it takes. Raises
        ServiceUnavailable while somebody else's question is answered.
        """
        if not self._lock.acquire(timeout=self._limit_s):
            raise ServiceUnavailable("another question of this kind is being answered; ask again in a moment")
        end = time.monotonic() + self._limit_s

        def watch(_count: int) -> None:
            if time.monotonic() > end:
                raise WrongUse(
                    f"what is recorded takes longer than {self._limit_s:g} s to fold, too long for a page; "
                    f"`{command}` has no such limit"
                )

        try:
            yield watch
        finally:
            self._lock.release()
