"""What an event tells of the customer's name in public, and of who of us knows whom at the top.

The index is :data:`OUTSIDE_FACTS`, event type → function; each returns the names of the facts that it changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from events.envelope import Event
from workflows.account import AccountState
from workflows.language.vocabulary import as_time
from workflows.standing import Seen
from workflows.standing_facts import Fact, standing_of

TERMS_MAX = 50
"""Terms that tell another company of the same name, the latest of them (I12)."""
MEETINGS_MAX = 20

NOT_THEM = re.compile(r"(?i)\bnot[ _-]them\b|\bwrong[ _-]company\b")
"""What who dismisses news says when they were about somebody else."""


def _dismissed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Learn from news that were dismissed: the name is ambiguous, and a `term` tells the others."""
    said = [data.get(name) for name in ("outcome", "reason", "note", "verdict")]
    if not any(isinstance(one, str) and NOT_THEM.search(one) for one in said):
        return set()
    standing, term = standing_of(state), data.get("term")
    standing.ambiguous = Seen(event.time, event.id)
    if isinstance(term, str) and term and term not in standing.not_them:
        standing.not_them = [*standing.not_them, term][-TERMS_MAX:]
    return {"name"}


def _tied(state: AccountState, _data: Mapping[str, Any], event: Event) -> set[str]:
    standing_of(state).exec_tie = Seen(event.time, event.id)
    return {"execs"}


def _to_meet(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    at = as_time(data.get("at"))
    if at is None:
        return set()
    standing = standing_of(state)
    standing.exec_meetings = sorted([*standing.exec_meetings, Seen(at, event.id)], key=lambda one: one.at)
    standing.exec_meetings = standing.exec_meetings[-MEETINGS_MAX:]
    return {"execs"}


OUTSIDE_FACTS: dict[str, Fact] = {
    "task.completed": _dismissed,
    "task.declined": _dismissed,
    "feedback.recorded": _dismissed,
    "exec.relation.recorded": _tied,
    "exec.meeting.planned": _to_meet,
}
"""Which event tells which facts."""
