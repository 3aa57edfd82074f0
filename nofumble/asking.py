"""May we contact this customer now? Asked by the command line, the API and the pages, and put on the timeline (W03)."""

from datetime import datetime
from typing import Any

from agents.ports import Store
from agents.world import World
from nofumble.clock import new_id
from nofumble.reading import state_of
from workflows.account import AccountState
from workflows.moment import iso
from workflows.preflight import Answer, may_i


def ask(
    store: Store, world: World, account_id: str, purpose: str, *, person: str, contact: str, now: datetime
) -> tuple[Answer, AccountState]:
    """Return the answer for a purpose, and the state of the account from which it follows."""
    state = state_of(store, world, account_id, now=now)
    return may_i(state, purpose, asked_by=person, contact=contact), state


def question_of(
    account_id: str, purpose: str, person: str, answer: Answer, *, now: datetime, source: str
) -> dict[str, Any]:
    """Return the event that puts a question and its answer on the timeline: who asked is known to have asked."""
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": source,
        "type": "preflight.answered",
        "subject": account_id,
        "time": iso(now),
        "data": {"purpose": purpose, "actor": {"person": person}, **answer.as_json()},
    }
