"""A person acts on work: what is done becomes an event, and goes the way of every other (D8, R11).

The same for the command line, the API and the pages. What is missing is known before anything is written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from agents.intake import Incoming, Intake
from agents.ports import Store
from agents.rows import WorkRow
from nofumble.cli.stored_work import item_of
from nofumble.clock import new_id
from nofumble.errors import WrongUse
from workflows.account import Task
from workflows.actions import Refused, check_move
from workflows.directory import Directory
from workflows.moment import iso

Said = Mapping[str, Any]
"""What goes with an action: `reason`, `until`, `to`, `outcome`, `checklist`, `verdict`."""


class Unticked(WrongUse):
    """A task is not finished while lines of its checklist are open: `missing` are those."""

    def __init__(self, row: WorkRow, missing: Sequence[str]) -> None:
        self.row, self.missing = row, missing
        named = ", ".join(repr(line) for line in missing)
        super().__init__(f"task {row.id} ({row.ref}) has a checklist, and all of it must be done; open is {named}")


class NoOutcome(WrongUse):
    """A task ends in one of some ways: `outcomes` are those."""

    def __init__(self, row: WorkRow, outcomes: Sequence[str]) -> None:
        self.row, self.outcomes = row, outcomes
        super().__init__(f"task {row.id} ({row.ref}) ends with one of {', '.join(outcomes)}; name the outcome")


def check_action(row: WorkRow, action: str, said: Said) -> None:
    """Raise WrongUse, with what is possible, when the work does not allow the action or something is missing."""
    item = item_of(row)
    try:
        check_move(item, action)
    except Refused as refused:
        raise WrongUse(str(refused)) from refused
    if action == "task.completed" and isinstance(item, Task):
        missing = [line for line in item.checklist if line not in said.get("checklist", ())]
        if missing:
            raise Unticked(row, missing)
        if item.outcomes and said.get("outcome") not in item.outcomes:
            raise NoOutcome(row, item.outcomes)


def action_on(
    row: WorkRow, action: str, person: str, said: Said, *, directory: Directory, now: datetime, source: str
) -> dict[str, Any]:
    """Return the event of a person's action: the engine's type, with the account as subject."""
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": source,
        "type": action,
        "subject": row.account_id,
        "time": iso(now),
        "data": {"id": row.id, "actor": actor_of(person, directory), **said},
    }


def actor_of(person: str, directory: Directory) -> dict[str, str]:
    """Return a person as the actor of an event, with the team where it is known."""
    team = directory.team_of(person)
    return {"person": person, "team": team} if team else {"person": person}


def take_envelopes(
    store: Store, directory: Directory, envelopes: Sequence[Mapping[str, Any]], *, source: str, now: datetime
) -> None:
    """Take events of ours in; raise WrongUse when one is refused at intake."""
    incoming = [Incoming(source, place, msgspec.json.encode(one)) for place, one in enumerate(envelopes)]
    if Intake(store, directory).take(incoming, now=now).quarantined:
        raise WrongUse("the action was refused at intake; `nofumble quarantine list` says why")
