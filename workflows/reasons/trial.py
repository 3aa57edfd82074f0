"""Would a workflow begin, had something been otherwise? Changes are tried on the account, which stays as it is.

What comes after the end of the past is folded on top of the state there; what changes the past folds it anew. Where
something has begun to wait, time passes until it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.envelope import Refused
from workflows.account import encode
from workflows.entries import Stored
from workflows.history import History
from workflows.language.plans import Definition
from workflows.moment import iso
from workflows.reasons.attempts import active, in_force
from workflows.reasons.changes import AdvanceTime, Change, ChangeField, LeaveOut, changed_past
from workflows.reasons.past import Folded, Past
from workflows.snapshots import Snapshot

WAITS_MAX = 12
"""How often a pattern may begin to wait anew before it is given up."""

AHEAD_MAX = timedelta(days=800)
"""How far ahead it is worth to tell of: two renewals."""

Run = tuple[str, int]
"""A run by its key and its number."""


@dataclass(frozen=True, slots=True)
class Begun:
    """It begins: the changes that are needed, a time to pass among them, and the runs that are new."""

    changes: tuple[Change, ...]
    runs: frozenset[Run]


class Trial:
    """One workflow at one account, as its past left it."""

    def __init__(self, past: Past, definition: Definition, key: str | None) -> None:
        """Take the past with the definition in force; a `key` asks for a run of its own."""
        self.definition, self.key = definition, key
        self.past = in_force(past, active(definition))
        self.folded: Folded = self.past.fold()
        self.before = self._runs(self.folded.history)
        self._ground = _ground(self.folded.history, self.past.until)
        self.tried = 0

    @property
    def at(self) -> datetime:
        """The end of the past."""
        return self.past.until

    def begins(self, changes: Sequence[Change]) -> Begun | None:
        """Tell whether a new run begins with the changes; how much time must pass for it is found out."""
        self.tried += 1
        try:
            past = changed_past(self.past, changes)
        except (Refused, KeyError):
            return None
        if any(isinstance(one, ChangeField | LeaveOut) for one in changes):
            history = past.fold().history
        else:
            history = self._on_top(past)
        return self._wait(history, changes, past)

    def smallest(self, begun: Begun) -> Begun:
        """Leave out what is not needed, one change after the other."""
        for one in begun.changes:
            fewer = [other for other in begun.changes if other is not one]
            less = self.begins([other for other in fewer if not isinstance(other, AdvanceTime)]) if fewer else None
            if less is not None and len(less.changes) < len(begun.changes):
                return self.smallest(less)
        return begun

    def comes_true(self, begun: Begun) -> bool:
        """Tell whether the whole past, folded with the changes, brings a new run: as `simulate` would have it."""
        return bool(self._runs(changed_past(self.past, begun.changes).fold().history) - self.before)

    def _on_top(self, past: Past) -> History:
        history = History(past.account_id, past.libraries, past.directories, past.watermarks, stored=self._ground)
        for one in past.heard[len(self.past.heard) :]:
            history.receive(one.event, one.arrived_at, one.catalogue)
        history.advance(past.until)
        return history

    def _wait(self, history: History, changes: Sequence[Change], past: Past) -> Begun | None:
        """Let time pass until what waits is over, and tell what that needs."""
        until, heard = past.until, max([self.at, *(one.arrived_at for one in past.heard)])
        for _ in range(WAITS_MAX):
            new = self._runs(history) - self.before
            if new:
                kept = tuple(one for one in changes if not isinstance(one, AdvanceTime))
                time = AdvanceTime(until, f"time passed until {iso(until)} and nothing else came")
                return Begun((*kept, time) if until > heard else kept, frozenset(new))
            due = self._next_wait(history)
            if due is None or due > self.at + AHEAD_MAX:
                return None
            until = max(due, until)
            history.advance(until)
        return None

    def _next_wait(self, history: History) -> datetime | None:
        mine = (
            one.due
            for pattern, waiting in history.state.pending.items()
            if pattern.startswith(f"{self.definition.name}/")
            for one in waiting.values()
        )
        return min((due for due in mine if due is not None), default=None)

    def _runs(self, history: History) -> frozenset[Run]:
        return frozenset(
            (one.key, one.number)
            for one in history.state.runs.values()
            if one.workflow == self.definition.name and self.key in (None, one.key)
        )


def _ground(history: History, until: datetime) -> Stored:
    """Write the account down as it is at the end, for what comes after."""
    place = (until, 2, until, history.number)
    catalogue = max(history.libraries)
    base = Snapshot(encode(history.state), place, history.number, history.fired, catalogue)
    return Stored(base, (), history.number, until, history.fired)
