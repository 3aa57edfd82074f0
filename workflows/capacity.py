"""How much is due of a person, how much time has she, and what would make it fit (W20)?

A fold sees one account, and a load is over all of them. So it is measured outside, on working mornings, and enters the
log of the person as an event: which of her tasks are due in the next ten business days, her free hours, and who of her
team has time. What follows from it is worked out here, from the event alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

FULL = 1.0
"""The share of the free hours up to which there is time for what is due."""

PEERS_MAX, TASKS_MAX = 50, 200
"""What one measurement lists; a proposal of more is a reorganisation."""

ESTIMATE_H = 1.0
"""What a task is taken for of whose kind nobody has logged time yet."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One task that is due."""

    id: str
    title: str
    account: str
    hours: float
    due: str
    optional: bool = False
    promised: bool = False


@dataclass(slots=True)
class Peer:
    """Somebody who could take work over, and how much is due of her."""

    person: str
    due_hours: float
    free_hours: float
    accounts: frozenset[str] = frozenset()

    def load_with(self, hours: float) -> float:
        """Give her load if so much came to her."""
        return share(self.due_hours + hours, self.free_hours)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one person."""

    due_hours: float
    free_hours: float
    tasks: tuple[Owed, ...] = ()
    peers: tuple[Peer, ...] = ()


@dataclass(slots=True)
class Proposal:
    """What to do with which task, in words, and the load that is left then."""

    moves: list[str] = field(default_factory=list)
    due_hours: float = 0.0
    free_hours: float = 0.0

    @property
    def load(self) -> float:
        """The share of the free hours that would be due still."""
        return share(self.due_hours, self.free_hours)

    def takes(self, task: Owed, move: str) -> bool:
        """Add a move, if there is one, and take the task off; tells whether it did."""
        if move:
            self.moves.append(move)
            self.due_hours -= task.hours
        return move != ""


def share(due_hours: float, free_hours: float) -> float:
    """Give what is due as a share of the free hours; without any of these, one hour stands for them."""
    return due_hours / max(free_hours, 1.0)


def measured(data: Mapping[str, Any]) -> Measured:
    """Read a measurement; what it does not say is nothing, and a task without an estimate takes an hour."""
    tasks = tuple(
        Owed(
            id=one.get("id", ""),
            title=one.get("title") or one.get("id", ""),
            account=one.get("account") or "",
            hours=_number(one.get("hours"), ESTIMATE_H),
            due=one.get("due") or "",
            optional=one.get("optional") is True,
            promised=one.get("promised") is True,
        )
        for one in _objects(data.get("tasks"))
    )
    peers = tuple(
        Peer(one["person"], _number(one.get("due_hours")), _number(one.get("free_hours")), _accounts_of(one))
        for one in _objects(data.get("peers"))
        if isinstance(one.get("person"), str)
    )
    due = _number(data.get("due_hours"), sum(one.hours for one in tasks))
    return Measured(due, _number(data.get("free_hours")), tasks, peers)


def proposal(found: Measured) -> Proposal:
    """Say what would bring the load down to the free hours, as far as that can be done.

    First what may be left out, then what a peer has time for, best one who knows the account and has least to do, last
    what can be promised for later. A task whose customer was promised this person stays with her, and its date stands.
    """
    made = Proposal(due_hours=found.due_hours, free_hours=found.free_hours)
    peers = [replace(one) for one in found.peers]
    latest_first = sorted(found.tasks, key=lambda one: (one.due, one.id), reverse=True)
    rest = [one for one in latest_first if not one.promised]
    for way in (_dropped, _moved, _later):
        rest = [task for task in rest if not (made.load > FULL and made.takes(task, way(task, peers)))]
    return made


def _dropped(task: Owed, _peers: list[Peer]) -> str:
    return f"drop {_named(task)}" if task.optional else ""


def _moved(task: Owed, peers: list[Peer]) -> str:
    peer = _taker(task, peers)
    if peer is None:
        return ""
    peer.due_hours += task.hours
    return f"move {_named(task)} to {peer.person}"


def _later(task: Owed, _peers: list[Peer]) -> str:
    return f"agree on a later date for {_named(task)}"


def _taker(task: Owed, peers: list[Peer]) -> Peer | None:
    fits = [one for one in peers if one.load_with(task.hours) <= FULL]
    return min(fits, key=lambda one: (task.account not in one.accounts, one.load_with(0), one.person), default=None)


def _named(task: Owed) -> str:
    return f"{task.title!r} ({task.account or 'no account'}, {task.hours:g} h)"


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _accounts_of(peer: Mapping[str, Any]) -> frozenset[str]:
    named = peer.get("accounts")
    return frozenset(one for one in named if isinstance(one, str)) if isinstance(named, list) else frozenset()


def _number(value: Any, missing: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else missing
