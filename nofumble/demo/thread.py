"""What came of one run of a workflow at one customer, moment by moment? Everything is read from the store.

A thread is the run of one workflow for one key. Its moments are the times at which something went out, each with the
events that arrived just then and led to it; a moment without one is a clock that ran out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from agents.ports import Store
from agents.rows import WorkFilter
from agents.written import entry_of
from events.envelope import Event
from workflows.account import Evidence, Work
from workflows.language.plans import Definition
from workflows.library import Library, types_of

ROWS_MAX = 1_000_000
"""More lines or work than any demo has; the store's queries want a bound."""

_ACTIONS = ("task.", "alert.", "loop.", "feedback.")
"""What people do to work, which every workflow listens to."""


class _Proven(msgspec.Struct):
    """The part of a work item that says why it exists."""

    evidence: Evidence


_item_decoder: msgspec.json.Decoder[Work] = msgspec.json.Decoder(Work)
_proof_decoder = msgspec.json.Decoder(_Proven)


@dataclass(frozen=True, slots=True)
class Said:
    """One line that went out."""

    type: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """What went out at one time, and the events that arrived then and led to it."""

    at: datetime
    causes: tuple[Event, ...]
    lines: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """One run of a workflow: `heard` are all events of the account with their arrival; `work` and `proofs` go by id."""

    account_id: str
    facts: Mapping[str, Any]
    workflow: str
    key: str
    definition: Definition
    moments: tuple[Moment, ...]
    heard: tuple[tuple[datetime, Event], ...]
    work: Mapping[str, Work]
    proofs: Mapping[str, Evidence]

    def lines(self, *types: str) -> list[Said]:
        """Return the lines of some types, or of all, in order of time."""
        return [line for moment in self.moments for line in moment.lines if not types or line.type in types]

    @property
    def began(self) -> datetime:
        """When the run began: the time of its first line."""
        return self.moments[0].at

    @property
    def ended(self) -> Said | None:
        """The line that ended the run; None while it goes on."""
        found = self.lines("workflow.completed", "workflow.cancelled")
        return found[-1] if found else None


class Lines:
    """All lines that a store would send, by account."""

    def __init__(self, store: Store) -> None:
        self.all: list[tuple[str, Said]] = []
        for row in store.unsent(ROWS_MAX):
            data = msgspec.json.decode(row.body, type=dict[str, Any])["data"]
            self.all.append((row.account_id, Said(row.type, row.at, data)))
        self._of: dict[str, list[Said]] = defaultdict(list)
        for account_id, said in self.all:
            self._of[account_id].append(said)

    def of(self, account_id: str) -> Sequence[Said]:
        """Return the lines of one account, in the order in which they went out."""
        return self._of[account_id]


def threads_of(store: Store, library: Library, lines: Lines, account_id: str, workflow: str) -> list[Thread]:
    """Return the runs of a workflow at an account, in the order in which they began; none when it never ran there."""
    definition = library.definitions[workflow]
    entries = (entry_of(row) for row in store.entries(account_id) if row.kind == "event")
    heard = tuple((entry.arrived_at, entry.event) for entry in entries if entry.event is not None)
    rows = store.work(WorkFilter(account_id=account_id, workflow=workflow, is_open=None, limit=ROWS_MAX))
    known = store.account(account_id)
    facts = msgspec.json.decode(known.facts, type=dict[str, Any]) if known is not None and known.facts else {}
    of_workflow = [line for line in lines.of(account_id) if line.data.get("workflow") == workflow]
    keys = dict.fromkeys(str(line.data["key"]) for line in of_workflow if line.type == "workflow.started")
    return [
        Thread(
            account_id,
            facts,
            workflow,
            key,
            definition,
            tuple(_moments(definition, heard, [line for line in of_workflow if line.data.get("key") == key])),
            heard,
            {row.id: _item_decoder.decode(row.body) for row in rows if row.key == key},
            {row.id: _proof_decoder.decode(row.body).evidence for row in rows if row.key == key},
        )
        for key in keys
    ]


def _moments(
    definition: Definition, heard: Iterable[tuple[datetime, Event]], lines: Iterable[Said]
) -> Iterable[Moment]:
    listened = {*definition.reactions, *(name for start in definition.starts for name in types_of(start))}
    causes: dict[datetime, list[Event]] = defaultdict(list)
    for arrived_at, event in heard:
        if event.type in listened or event.type.startswith(_ACTIONS):
            causes[arrived_at].append(event)
    for at, group in groupby(sorted(lines, key=lambda line: line.at), key=lambda line: line.at):
        yield Moment(at, tuple(causes.get(at, ())), tuple(group))
