"""Which accounts does it concern that one of ours leaves, or is away? Those at which she has a part (D1, W21).

Such an event stands in the log of our people. To an account at which the person has a role, or something open, it goes
as a part of its own, at its place in the order of arrival.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from events.envelope import Event
from workflows.bundles import concerns
from workflows.history import History
from workflows.library import Library
from workflows.people import AWAY_SET, OF_HOLDERS, person_of


class Departures:
    """Who left, or went away for a time, in order of arrival; for agents, which fold account by account."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._known: list[tuple[datetime, Event]] = []

    def learn(self, event: Event, arrived_at: datetime) -> bool:
        """Learn of an event about our people; tells whether it is one of these."""
        if event.type in OF_HOLDERS:
            insort(self._known, (arrived_at, event), key=lambda one: one[0])
        return event.type in OF_HOLDERS

    def since(self, frontier: datetime | None, until: datetime) -> list[tuple[datetime, Event]]:
        """List what arrived since an account was last folded, at its frontier, and up to then, in that order."""
        if not self._known or frontier is None:
            return []
        first = bisect_left(self._known, frontier, key=lambda one: one[0])
        last = bisect_right(self._known, until, key=lambda one: one[0])
        return self._known[first:last]


def parts_of(
    event: Event, arrived_at: datetime, histories: Iterable[History], library: Library
) -> Iterator[tuple[History, Event]]:
    """Give the accounts that it concerns, each with its part; of a departure none where no workflow asks for it."""
    if event.type not in OF_HOLDERS or not is_asked_for(event, library):
        return
    person = person_of(event)
    for history in list(histories):
        history.advance(arrived_at, including=False)
        if concerns(history.state, person):
            yield history, part_for(event, history.account_id)


def is_asked_for(event: Event, library: Library) -> bool:
    """Tell whether accounts are told of it: of an absence always (R10), of a departure where a workflow asks for it."""
    return event.type == AWAY_SET or event.type in library.starts or event.type in library.reacting


def part_for(event: Event, account: str) -> Event:
    """Give the part of the event for one account; it names the person, and the event that it is a part of."""
    data = {**event.data, "person": person_of(event)}
    return replace(event, id=f"{event.id}/{account}", subject=account, data=data, causation_id=event.id)
