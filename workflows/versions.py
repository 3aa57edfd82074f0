"""What does it change that other versions come into force, and how is that said to an account? (R17)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from events.envelope import Event
from workflows.language.plans import Definition

ACTIVATED = "definition.activated"
SOURCE = "/nofumble/definitions"


class Change(Struct, frozen=True, omit_defaults=True):
    """What an activation changes of one workflow: to which version and mode; `was` are the hash and mode before.

    With `migrate` running instances go over to it, their steps by `steps` (former → new, where a step is called
    otherwise now). `dropped` are start patterns for which nothing waits any longer.
    """

    workflow: str
    version: str
    hash: str
    mode: str
    was: tuple[str, str] = ("", "")
    migrate: bool = False
    steps: dict[str, str] = {}
    dropped: tuple[str, ...] = ()


class Activation(Struct, frozen=True, omit_defaults=True):
    """One catalogue that came into force: its number, when, by whom, why, and what it changed."""

    number: int
    at: datetime
    by: str = ""
    note: str = ""
    changes: tuple[Change, ...] = ()


def part_for(activation: Activation, account: str, at: datetime) -> Event:
    """Give the event of an activation for one account; the same activation gives it the same id."""
    said: dict[str, Any] = {name: value for name, value in (("by", activation.by), ("note", activation.note)) if value}
    said["changes"] = msgspec.to_builtins(activation.changes)
    if len(activation.changes) == 1:
        (change,) = activation.changes
        said |= {"workflow": change.workflow, "version": change.version, "hash": change.hash, "mode": change.mode}
    return Event(
        id=f"catalogue-{activation.number}/{account}",
        source=SOURCE,
        type=ACTIVATED,
        subject=account,
        time=at,
        data=said,
    )


def changes_of(event: Event) -> list[Change]:
    """Read the changes of an activation's event; what is none of ours says none."""
    try:
        return msgspec.convert(event.data.get("changes", []), list[Change])
    except msgspec.ValidationError:
        return []


def dropped_patterns(before: Definition | None, after: Definition | None) -> tuple[str, ...]:
    """List the start patterns of a version that the next one does not have, or has in another kind.

    What waits for a pattern of the same place and kind goes on waiting until the time that it was given.
    """
    if before is None:
        return ()
    kinds = {start.index: start.kind for start in after.starts} if after is not None else {}
    return tuple(f"{before.name}/{one.index}" for one in before.starts if kinds.get(one.index) != one.kind)
