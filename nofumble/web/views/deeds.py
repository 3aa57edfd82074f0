"""What can a reader do to a piece of work, with which button and which key? One table (R11)."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.rows import WorkRow
from nofumble.cli.stored_work import people_of
from nofumble.web.views.reader import Reader
from nofumble.web.work import ACTIONS
from workflows.account import OPEN_ALERT
from workflows.actions import TASK_MOVES


@dataclass(frozen=True, slots=True)
class Deed:
    """One button: its name in addresses, the action behind it, its words, its key, whether it asks for more."""

    name: str
    action: str
    label: str
    key: str
    asks: bool = False
    says: tuple[tuple[str, str], ...] = ()
    """What its event says besides the id and the actor."""


DEEDS: Mapping[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed("accept", "accept", "Accept", "a"),
        Deed("ack", "ack", "I am on it", "a"),
        Deed("done", "done", "Done", "d", asks=True),
        Deed("start", "start", "Start", "b"),
        Deed("decline", "decline", "Decline", "x", asks=True),
        Deed("snooze", "snooze", "Snooze", "s", asks=True),
        Deed("snooze-alert", "snooze-alert", "Snooze", "s", asks=True),
        Deed("reassign", "reassign", "Reassign", "r", asks=True),
        Deed("told", "told", "Customer was told", "t", asks=True),
        Deed("useful", "feedback", "Useful", "u", says=(("verdict", "useful"),)),
        Deed("noise", "feedback", "Noise", "n", says=(("verdict", "noise"),)),
    )
}
"""Every button by its name, in their order."""

_FIRST: Mapping[str, str] = {"proposed": "accept", "offered": "accept", "raised": "ack"}
"""Status → what it asks for; of every other open task it is `done`."""


def deeds_for(row: WorkRow, reader: Reader) -> list[Deed]:
    """Return what a reader may do with a piece of work as it is now, what it asks for first."""
    if not reader.may_act_for(people_of(row)):
        return []
    possible = [deed for deed in DEEDS.values() if _is_possible(deed, row)]
    first = _FIRST.get(row.status, "done")
    return sorted(possible, key=lambda deed: deed.name != first)


def _is_possible(deed: Deed, row: WorkRow) -> bool:
    action = ACTIONS[deed.action]
    if row.kind not in action.kinds:
        return False
    if action.event in TASK_MOVES:
        return row.status in TASK_MOVES[action.event][0]
    if deed.action == "feedback":
        return True
    if row.kind == "loop":
        return row.closed_at is None
    return row.status in OPEN_ALERT and (deed.name != "ack" or row.status == "raised")
