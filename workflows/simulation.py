"""A whole world in memory on a virtual clock: what would have gone out (interfaces, `simulate`).

The same fold as the agents', fed in order of arrival. Accounts do not see each other, so each is
folded by itself; only people, sources and links are shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.envelope import Event
from workflows.activations import Activations
from workflows.audience import Audience, Split, found_at, screened
from workflows.conduct import Conduct, is_noted, starts_in
from workflows.departures import parts_of
from workflows.directory import Directory, DirectoryTimeline
from workflows.history import History
from workflows.interest import FOR_ALL_BEHIND, Interest, keys_of
from workflows.language.vocabulary import as_time
from workflows.library import Library
from workflows.links import learn_links, meant, resolve, would_cycle
from workflows.moment import Line, Problem
from workflows.people import DIRECTORY_EVENTS, DirectoryError
from workflows.versions import Activation
from workflows.watermarks import Watermarks

HEARTBEAT = "source.heartbeat"

HITS_ALL_LISTED = FOR_ALL_BEHIND | {"product.incident.opened", "product.incident.updated", "product.incident.resolved"}
"""Events that concern every account they list beside their subject; elsewhere a list is a fact about the matter."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event and when it became known."""

    event: Event
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class OutLine:
    """A line with its account."""

    account: str
    line: Line


class World:
    """All accounts of a simulation."""

    def __init__(
        self, library: Library, directory: Directory, later: Sequence[tuple[Activation, Library]] = ()
    ) -> None:
        """Begin empty, with the organisation's directory; `later` are the libraries that come into force in between.

        Each library must know the definitions of the others, for what runs on them.
        """
        self._libraries = {0: library} | {activation.number: other for activation, other in later}
        self.activations = Activations(activation for activation, _ in later)
        self.directories = DirectoryTimeline(directory)
        self.watermarks = Watermarks()
        self.histories: dict[str, History] = {}
        self.conduct = Conduct()
        self.interest = Interest()
        self.audience = Audience()
        self.links: dict[str, str] = {}
        self.parked: dict[str, list[Arrival]] = {}
        self.refused: list[Problem] = []
        self.now: datetime | None = None
        self._seen: set[tuple[str, str]] = set()

    def receive(self, arrival: Arrival) -> bool:
        """Take in the next event in order of arrival; tells whether it was new."""
        event = arrival.event
        if (event.source, event.id) in self._seen:
            return False
        self._seen.add((event.source, event.id))
        self.now = arrival.arrived_at
        self._hear(arrival)
        if event.type in DIRECTORY_EVENTS:
            self._learn_person(arrival)
            return True
        if event.type == HEARTBEAT:
            return True
        if self._screen(arrival):
            return True
        concerned = fan_out(event)
        accounts = [meant(one.subject, self.links.get) for one in concerned]
        for account in accounts:
            self.audience.learn(event, account)
        parts = self.interest.take(event, accounts)
        for one in (*concerned, *parts):
            self._deliver(Arrival(one, arrival.arrived_at))
        if not concerned and not keys_of(event):
            reason = f"{event.type} names no account; give a subject, or data.accounts"
            self.refused.append(Problem(event.id, "", reason))
        return True

    def _screen(self, arrival: Arrival) -> bool:
        """Ask the accounts of a campaign's list, and then answer for the whole."""
        split = self.audience.split(arrival.event, self.links.get)
        if split is None:
            return False
        for part in split.parts:
            self._deliver(Arrival(part, arrival.arrived_at))
        self._deliver_whole(split, arrival.arrived_at)
        return True

    def _deliver_whole(self, split: Split, arrived_at: datetime) -> None:
        answers = {one.id: found_at(self._history(one.subject).state, one) for one in split.parts}
        self._deliver(Arrival(screened(split, answers), arrived_at))

    def advance(self, until: datetime) -> None:
        """Let time pass for every account."""
        for history in self.histories.values():
            self._adopt(history, until)
            history.advance(until)

    def lines(self) -> Iterator[OutLine]:
        """Give what went out since the last call, in order of time."""
        found = []
        for account, history in self.histories.items():
            out = history.drain()
            self.refused += out.problems
            found += [OutLine(account, line) for line in out.lines]
        return iter(sorted(found, key=lambda one: (one.line.at, one.account)))

    def _hear(self, arrival: Arrival) -> None:
        event = arrival.event
        if event.type == HEARTBEAT:
            heard_at = as_time(event.data.get("watermark")) or event.time
            self.watermarks.record(str(event.data.get("source") or event.source), arrival.arrived_at, heard_at)
        elif any(one.name == event.source for one in self.directories.latest.sources):
            self.watermarks.record(event.source, arrival.arrived_at, event.time)

    def _learn_person(self, arrival: Arrival) -> None:
        try:
            self.directories.record(arrival.arrived_at, arrival.event)
        except DirectoryError as error:
            self.refused.append(Problem(arrival.event.id, "", str(error)))
            return
        self._tell_of_departure(arrival)

    def _tell_of_departure(self, arrival: Arrival) -> None:
        library = self._library_at(arrival.arrived_at)
        for history in self.histories.values():
            self._adopt(history, arrival.arrived_at)
        for history, part in parts_of(arrival.event, arrival.arrived_at, self.histories.values(), library):
            self._receive(history, part, arrival.arrived_at)

    def _deliver(self, arrival: Arrival) -> None:
        event = arrival.event
        if would_cycle(event, self.links.get):
            self.refused.append(Problem(event.id, "", f"merging {event.subject} into {event.data['into']} is a cycle"))
            return
        account = resolve(event.subject, self.links.get)
        if account is None:
            self.parked.setdefault(event.subject, []).append(arrival)
            return
        self._fold(account, event, arrival.arrived_at)
        for reference in learn_links(event, self.links):
            for waiting in self.parked.pop(reference, ()):
                meant = resolve(reference, self.links.get) or self.links[reference]
                self._fold(meant, waiting.event, max(waiting.arrived_at, arrival.arrived_at))

    def _fold(self, account: str, event: Event, arrived_at: datetime) -> None:
        """Fold an event into its account, with what its actor did elsewhere, and tell the others what he did here."""
        history, library = self._history(account), self._library_at(arrived_at)
        for note in self.conduct.notes_before(event, history.state, arrived_at, library):
            self._receive(history, note.event, note.arrived_at)
        told = len(history.out.lines)
        self._receive(history, event, arrived_at)
        for start in starts_in(history.out.lines[told:], history.state, library):
            self.conduct.record(start)
            for note in self.conduct.notes_about(start):
                other = self._history(note.event.subject)
                if not is_noted(note, other.state):
                    self._receive(other, note.event, note.arrived_at)

    def _receive(self, history: History, event: Event, arrived_at: datetime) -> None:
        """Fold an event into an account, after what came into force before it."""
        self._adopt(history, arrived_at)
        history.receive(event, arrived_at, self.activations.number_at(arrived_at))

    def _adopt(self, history: History, until: datetime) -> None:
        for part, arrived_at, number in self.activations.parts_for(history, until):
            history.receive(part, arrived_at, number)

    def _library_at(self, instant: datetime) -> Library:
        return self._libraries[self.activations.number_at(instant)]

    def _history(self, account: str) -> History:
        history = self.histories.get(account)
        if history is None:
            history = self.histories[account] = History(account, self._libraries, self.directories, self.watermarks)
        return history


def fan_out(event: Event) -> list[Event]:
    """Give the events of the accounts that one event of many accounts concerns (an incident, a release)."""
    accounts = event.data.get("accounts")
    listed = accounts if isinstance(accounts, list) else []
    if event.subject:
        others = listed if event.type in HITS_ALL_LISTED else []
        return [event, *_parts(event, [one for one in others if one != event.subject])]
    return _parts(event, listed)


def _parts(event: Event, accounts: list[Any]) -> list[Event]:
    return [
        Event(
            id=f"{event.id}/{account}",
            source=event.source,
            type=event.type,
            subject=str(account),
            time=event.time,
            recorded_at=event.recorded_at,
            data=event.data,
            correlation_id=event.correlation_id,
            causation_id=event.id,
        )
        for account in dict.fromkeys(accounts)
    ]


def simulate(arrivals: Iterable[Arrival], world: World, until: datetime | None = None) -> Iterator[OutLine]:
    """Fold events in order of arrival, then let the clock run; give the lines in order of time."""
    for arrival in sorted(arrivals, key=lambda one: one.arrived_at):
        world.receive(arrival)
    end = max((one for one in (until, world.now) if one is not None), default=None)
    if end is not None:
        world.advance(end)
    return world.lines()
