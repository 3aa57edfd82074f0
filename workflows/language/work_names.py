"""How do conditions and texts read what is open at an account? Its alarms, who has the ball, what is planned."""

from __future__ import annotations

from typing import Any

from events.kinds import FieldKind
from workflows.account import Alert, Instance, Loop, Recipient, Task, is_open
from workflows.language.conditions import UNSET, Getter

CRISIS = "crisis_hold_and_recovery"
SIGNALS = "signals"
"""The set of a crisis in which its signals stand until they are settled."""

LISTED_MAX = 10
"""Pieces of work that a list names, the oldest: a brief is half a page."""


def _open(bindings: Any, kind: type[Alert | Loop | Task]) -> list[Any]:
    return [one for one in bindings.account.work.values() if isinstance(one, kind) and is_open(one)]


def _who(to: Recipient) -> str:
    return to.person or to.queue or to.role


def _alarms(bindings: Any) -> list[str]:
    return sorted({f"{one.workflow}/{one.ref}" for one in _open(bindings, Alert)})


def _balls(bindings: Any) -> list[str]:
    found = []
    for one in _open(bindings, Loop)[:LISTED_MAX]:
        told = f"{one.told_at:%Y-%m-%d %H:%M}" if one.told_at is not None else "not yet"
        found.append(f"{one.name} with {_who(one.holder)} since {one.held_since:%Y-%m-%d}, customer told {told}")
    return found


def _plans(bindings: Any) -> list[str]:
    tasks = sorted(_open(bindings, Task), key=lambda one: (one.due, one.id))[:LISTED_MAX]
    return [f"{one.title} ({_who(one.to)}, {one.due:%Y-%m-%d})" for one in tasks]


def _crises(bindings: Any) -> list[Instance]:
    running = (one for one in bindings.account.instances.values() if one.status == "running")
    return [one for one in running if one.workflow == CRISIS and one.tracked.get(SIGNALS)]


def _crisis_since(bindings: Any) -> Any:
    return min((one.started_at for one in _crises(bindings)), default=UNSET)


WORK: dict[str, tuple[FieldKind, Getter]] = {
    "account.alarms": (FieldKind.STRINGS, _alarms),
    "account.balls": (FieldKind.STRINGS, _balls),
    "account.plans": (FieldKind.STRINGS, _plans),
    "account.crisis.open": (FieldKind.BOOL, lambda b: bool(_crises(b))),
    "account.crisis.since": (FieldKind.TIMESTAMP, _crisis_since),
}
"""Facts about what is open."""
