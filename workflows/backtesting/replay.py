"""How is one account folded again, with what its people did at other accounts?

As the agents do: who left, what came into force, what was done elsewhere, then the event; and at the end time passes.
What was done elsewhere is given (`Heard`), and what was done here is given back (`Replayed`), for the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from events.envelope import Event
from workflows.account import AccountState, Work
from workflows.audience import PART_OF, found_at, screened
from workflows.backtesting.in_force import InForce
from workflows.backtesting.record import Log, Recorded, Surroundings
from workflows.conduct import Conduct, Start, is_noted, starts_in
from workflows.departures import parts_of
from workflows.history import History
from workflows.language.vocabulary import person_of
from workflows.library import Library
from workflows.moment import Line, Problem

Removed = dict[str, list[str]]
"""Code → contacts of a campaign's part to whom one account does not want it sent."""


class Heard(NamedTuple):
    """What an account is told of others: starts that count their actors, and what campaigns' parts were answered."""

    starts: tuple[Start, ...] = ()
    answers: tuple[tuple[str, Removed], ...] = ()
    """By part, in order of its id."""


NOTHING_HEARD = Heard()

SNAPSHOT_EVERY_IN_ORDER = 64
"""Entries between two snapshots of a log in which no event comes late; a note or a part may still do."""


@dataclass(slots=True)
class Replayed:
    """What came of one account."""

    account: str
    state: AccountState
    lines: list[Line]
    work: dict[str, Work]
    problems: list[Problem]
    starts: list[Start]
    acted: dict[tuple[str, str], tuple[datetime, datetime]]
    """(workflow, actor) → when she first and last did here what such a workflow counts."""
    answers: dict[str, Removed] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The parts at other accounts whose answers it has to hear."""


def replay(log: Log, in_force: InForce, around: Surroundings, heard: Heard = NOTHING_HEARD) -> Replayed:
    """Fold the log of an account to the end of the history; the same arguments give the same bytes (D1)."""
    return _Replay(log, in_force, around, heard).run(log.recorded)


class _Replay:
    def __init__(self, log: Log, in_force: InForce, around: Surroundings, heard: Heard) -> None:
        self.in_force, self.around = in_force, around
        self.number = 0
        """The catalogue of what is folded now; the account hears of none after it yet."""
        self.history = History(
            log.account,
            in_force.libraries,
            around.directories,
            around.watermarks,
            snapshot_every=SNAPSHOT_EVERY_IN_ORDER if log.is_in_order else None,
        )
        self.conduct = Conduct()
        for start in heard.starts:
            self.conduct.expect(start)
        self.heard = dict(heard.answers)
        self.starts: list[Start] = []
        self.acted: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        self.answers: dict[str, Removed] = {}
        self.asked: list[str] = []

    def run(self, recorded: Iterable[Recorded]) -> Replayed:
        for one in recorded:
            self.number = self.in_force.number_of(one)
            self._come(one.arrived_at)
            event = one.event if one.split is None else self._screened(one)
            self._act(event)
            for note in self.conduct.notes_before(event, self.history.state, one.arrived_at, self.library):
                self._add(note.event, note.arrived_at)
            self._adopt(one.arrived_at, is_logged=True)
            self._take(event, one.arrived_at, self.number)
            if PART_OF in event.data:
                self.answers[event.id] = found_at(self.history.state, event)
        self.number = max(self.in_force.number_at(self.around.until), self.history.catalogue)
        self._come(self.around.until)
        told = len(self.history.out.lines)
        self.history.advance(self.around.until)
        self._count(told)
        out = self.history.drain()
        return Replayed(
            self.history.account_id,
            self.history.state,
            out.lines,
            out.work,
            out.problems,
            self.starts,
            self.acted,
            self.answers,
            self.asked,
        )

    def _come(self, until: datetime) -> None:
        """Hear what became known elsewhere by then."""
        for start in self.conduct.come(until):
            self._pass(start.arrived_at)
            self._hear(start)
        self._pass(until)

    def _pass(self, until: datetime) -> None:
        """Hear who of ours had left or gone away by then, and what had come into force, each in its place."""
        for arrived_at, event in self.around.departures.since(self.history.frontier, until):
            self._adopt(arrived_at)
            library = self.in_force.libraries[self.history.catalogue or self.number]
            for _, part in parts_of(event, arrived_at, [self.history], library):
                self._add(part, arrived_at)
        self._adopt(until)

    def _adopt(self, until: datetime, *, is_logged: bool = False) -> None:
        """Fold in what came into force by then, as far as it was known; before what is recorded, all that was."""
        parts = self.in_force.activations.parts_for(self.history, until, is_logged=is_logged)
        for part, arrived_at, number in parts:
            if number > self.number:
                return
            self._take(part, arrived_at, number)

    def _add(self, event: Event, arrived_at: datetime) -> None:
        """Fold in what the engine says by itself."""
        self._adopt(arrived_at)
        self._take(event, arrived_at, self.history.catalogue or self.number)

    def _take(self, event: Event, arrived_at: datetime, number: int) -> None:
        told = len(self.history.out.lines)
        self.history.receive(event, arrived_at, number)
        self._count(told)

    @property
    def library(self) -> Library:
        """What is active for what is folded now."""
        return self.in_force.libraries[self.number]

    def _count(self, told: int) -> None:
        for start in list(starts_in(self.history.out.lines[told:], self.history.state, self.library)):
            self.starts.append(start)
            self.conduct.record(start)
            self._hear(start)

    def _hear(self, start: Start) -> None:
        for note in list(self.conduct.notes_about(start)):
            if note.event.subject == self.history.account_id and not is_noted(note, self.history.state):
                self._add(note.event, note.arrived_at)

    def _act(self, event: Event) -> None:
        """Note who did what is counted, so that others' starts reach this account."""
        for workflow in self.in_force.counting.get(event.type, ()):
            name = (workflow, person_of(event.data))
            first, last = self.acted.get(name, (event.time, event.time))
            self.acted[name] = (min(first, event.time), max(last, event.time))

    def _screened(self, one: Recorded) -> Event:
        split = one.split
        assert split is not None, "it is a campaign"
        self.asked += [part.id for part in split.parts]
        return screened(split, {part.id: self.heard.get(part.id, {}) for part in split.parts})
