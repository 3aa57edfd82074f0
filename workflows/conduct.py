"""How often did one of ours do the same at other accounts? What crosses accounts beside people and sources (D1, W03).

The fold of an account sees its own log and nothing else. So where a workflow asks for `earlier.by_actor`, each start
of it is *noted* in the logs of the other accounts where its actor does the like: as an event of the engine, just before
what the actor does there, so that the fold can count it and a refold never guesses. Who was first is known only later
when accounts are folded side by side: then the note comes late and rewinds, as any late event does.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from events.envelope import JSON, Event
from workflows.account import AccountState
from workflows.deeds import NOTED, SOURCE
from workflows.language.vocabulary import REPEATS_WITHIN, person_of
from workflows.library import Library
from workflows.moment import Line, iso

NOTED_MAX = 20
"""Starts elsewhere that one account hears of at a time: more of them say nothing new (I12)."""

JUST_BEFORE = timedelta(microseconds=1)


class Start(NamedTuple):
    """A start of a workflow that counts who started it; `id` is the instance."""

    id: str
    workflow: str
    actor: str
    account_id: str
    at: datetime
    arrived_at: datetime


class Note(NamedTuple):
    """An event for the log of an account, the start that it tells of, and when it arrives there."""

    of: str
    event: Event
    arrived_at: datetime


class Conduct:
    """The starts of all accounts by their actors. Not safe for two threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_actor: dict[tuple[str, str], dict[str, Start]] = {}
        self._expected: list[Start] = []

    def record(self, start: Start) -> None:
        """Learn of a start; of one that is known nothing changes."""
        self._by_actor.setdefault((start.workflow, start.actor), {}).setdefault(start.id, start)

    def expect(self, start: Start) -> None:
        """Learn of a start of which others have not been told yet: they are when the fold comes to its arrival."""
        if start.id not in self._of(start.workflow, start.actor):
            insort(self._expected, start, key=lambda one: one.arrived_at)

    def come(self, arrived_at: datetime) -> Iterator[Start]:
        """Give the expected starts that had arrived by then."""
        while self._expected and self._expected[0].arrived_at <= arrived_at:
            start = self._expected.pop(0)
            if start.id not in self._of(start.workflow, start.actor):
                self.record(start)
                yield start

    def notes_before(self, event: Event, state: AccountState, arrived_at: datetime, library: Library) -> list[Note]:
        """Give what must stand in an account's log before an event by an actor is folded there."""
        workflows = library.counting.get(event.type)
        if workflows is None:
            return []
        actor, found = person_of(event.data), list[Start]()
        for workflow in workflows:
            arrived = [one for one in self._of(workflow, actor).values() if one.arrived_at <= arrived_at]
            found += _before(arrived, state.id, event.time)
        notes = [_note(one, state.id, event.time, arrived_at) for one in found]
        return [note for note in notes if not is_noted(note, state)]

    def notes_about(self, start: Start) -> Iterator[Note]:
        """Give the notes that a start brings: to accounts where its actor did the like later, and of earlier ones."""
        known = self._of(start.workflow, start.actor).values()
        first: dict[str, Start] = {}
        for one in sorted(known, key=lambda one: one.at):
            if one.account_id != start.account_id and start.at <= one.at <= start.at + REPEATS_WITHIN:
                first.setdefault(one.account_id, one)
        for later in first.values():
            yield _note(start, later.account_id, later.at, max(start.arrived_at, later.arrived_at))
        for earlier in _before(known, start.account_id, start.at):
            yield _note(earlier, start.account_id, start.at, max(start.arrived_at, earlier.arrived_at))

    def _of(self, workflow: str, actor: str) -> dict[str, Start]:
        return self._by_actor.get((workflow, actor), {})


def _before(known: Iterable[Start], account_id: str, at: datetime) -> list[Start]:
    """List the latest starts at other accounts that count at a time, oldest first."""
    found = [one for one in known if one.account_id != account_id and at - REPEATS_WITHIN <= one.at <= at]
    return sorted(found, key=lambda one: (one.at, one.id))[-NOTED_MAX:]


def _note(start: Start, account_id: str, at: datetime, arrived_at: datetime) -> Note:
    data: dict[str, JSON] = {
        "of": start.id,
        "workflow": start.workflow,
        "actor": {"person": start.actor},
        "at": iso(start.at),
    }
    event = Event(
        id=f"{start.id}@{account_id}@{iso(at)}",
        source=SOURCE,
        type=NOTED,
        subject=account_id,
        time=at - JUST_BEFORE,
        recorded_at=arrived_at,
        data=data,
    )
    return Note(start.id, event, arrived_at)


def is_noted(note: Note, state: AccountState) -> bool:
    """Tell whether an account knows at the time of a note, or knew before it, what the note tells."""
    known = state.deeds.get(note.of)
    return known is not None and known.known_from <= note.event.time


def starts_in(lines: Iterable[Line], state: AccountState, library: Library) -> Iterator[Start]:
    """Find among the lines of an account the starts that count their actors."""
    for line in lines:
        if line.type == "workflow.started" and line.data["workflow"] in library.counted:
            run = state.runs.get(f"{line.data['workflow']}/{line.data['key']}")
            if run is not None and run.actor:
                assert line.at is not None, "it went out"
                yield Start(run.instance, run.workflow, run.actor, state.id, run.started_at, line.at)
