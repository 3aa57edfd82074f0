"""How is one account folded again, with what its people did at other accounts?

As the agents do: who left, what was done elsewhere, then the event; and at the end time passes. What was done elsewhere
is given (`Heard`), and what was done here is given back (`Replayed`), for the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from events.envelope import Event
from workflows.account import AccountState, Work
from workflows.audience import PART_OF, removed_at, screened
from workflows.backtesting.record import Log, Recorded, Surroundings
from workflows.conduct import Conduct, Start, is_noted, starts_in
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


def replay(log: Log, library: Library, around: Surroundings, heard: Heard = NOTHING_HEARD) -> Replayed:
    """Fold the log of an account to the end of the history; the same arguments give the same bytes (D1)."""
    return _Replay(log.account, library, around, heard).run(log.recorded)


class _Replay:
    def __init__(self, account: str, library: Library, around: Surroundings, heard: Heard) -> None:
        self.library, self.around = library, around
        self.history = History(account, {0: library}, around.directories, around.watermarks)
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
            self._come(one.arrived_at)
            event = one.event if one.split is None else self._screened(one)
            self._act(event)
            for note in self.conduct.notes_before(event, self.history.state, one.arrived_at, self.library):
                self._take(note.event, note.arrived_at)
            self._take(event, one.arrived_at)
            if PART_OF in event.data:
                self.answers[event.id] = removed_at(self.history.state, event)
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
            self._hear(start)
        if self.history.frontier is not None:
            for part, arrived_at in list(self.around.departures.parts_for(self.history, until, self.library)):
                self._take(part, arrived_at)

    def _take(self, event: Event, arrived_at: datetime) -> None:
        told = len(self.history.out.lines)
        self.history.receive(event, arrived_at)
        self._count(told)

    def _count(self, told: int) -> None:
        for start in list(starts_in(self.history.out.lines[told:], self.history.state, self.library)):
            self.starts.append(start)
            self.conduct.record(start)
            self._hear(start)

    def _hear(self, start: Start) -> None:
        for note in list(self.conduct.notes_about(start)):
            if note.event.subject == self.history.account_id and not is_noted(note, self.history.state):
                self._take(note.event, note.arrived_at)

    def _act(self, event: Event) -> None:
        """Note who did what is counted, so that others' starts reach this account."""
        for workflow in self.library.counting.get(event.type, ()):
            name = (workflow, person_of(event.data))
            first, last = self.acted.get(name, (event.time, event.time))
            self.acted[name] = (min(first, event.time), max(last, event.time))

    def _screened(self, one: Recorded) -> Event:
        split = one.split
        assert split is not None, "it is a campaign"
        self.asked += [part.id for part in split.parts]
        return screened(split, {part.id: self.heard.get(part.id, {}) for part in split.parts})
