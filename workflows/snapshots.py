"""Which states of an account were written down, and what has changed since each?

The first is the *base*: it lies behind the lateness horizon and is what the store keeps. The later ones
let a late event fold only a few entries again. Where there are many they are thinned out, so that a busy
account keeps a bounded number of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

Place = tuple[datetime, int, datetime, int]
"""Where an entry belongs in the fold: (time, events before wake-ups, arrival, number)."""

LATER_MAX = 8
"""Snapshots after the base; one more, and every second of them goes."""


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """A state that was written down, the place of the last entry in it, and the catalogue that was in force (R17)."""

    state: bytes
    place: Place
    number: int
    fired: datetime | None
    catalogue: int


class Snapshots:
    """The base and the snapshots after it, with the ids of the work that changed between them."""

    def __init__(self, base: Snapshot | None) -> None:
        """Begin with a base, or with nothing."""
        self.base = base
        self._later: list[Snapshot] = []
        self._changed: list[set[str]] = [set()]

    @property
    def latest(self) -> Snapshot | None:
        """The newest of them."""
        return self._later[-1] if self._later else self.base

    def note(self, work_ids: Iterable[str]) -> None:
        """Remember which work has changed since the newest snapshot."""
        self._changed[-1].update(work_ids)

    def add(self, snapshot: Snapshot) -> None:
        """Keep a further snapshot."""
        self._later.append(snapshot)
        self._changed.append(set())
        if len(self._later) > LATER_MAX:
            self._thin()

    def back_to(self, place: Place) -> set[str]:
        """Forget the snapshots that hold the place or more; gives the work that changed since the one before it."""
        while self._later and place <= self._later[-1].place:
            self._later.pop()
            since = self._changed.pop()
            self._changed[-1] |= since
        return self._changed[-1]

    def forget(self) -> None:
        """Forget them all: the account is folded again from its first entry."""
        self.base, self._later, self._changed = None, [], [set()]

    def move_base(self, horizon: datetime) -> bool:
        """Make the newest snapshot behind the horizon the base; tells whether there was one."""
        behind = sum(1 for one in self._later if one.place[0] < horizon)
        if behind == 0:
            return False
        self.base = self._later[behind - 1]
        self._later, self._changed = self._later[behind:], self._changed[behind:]
        return True

    def _thin(self) -> None:
        """Drop every second snapshot, and join what changed around it."""
        kept = self._later[1::2]
        self._changed = [self._changed[i] | self._changed[i + 1] for i in range(0, 2 * len(kept), 2)] + [
            set().union(*self._changed[2 * len(kept) :])
        ]
        self._later = kept
