"""Which versions came into force when, and how does each account hear of it? (R17, F52, F53).

An activation is an event in the order of arrival of every account. It is folded in before the first event or timer of
the account that comes after it, so that a refold finds it in its place. From there on new instances begin on what is
active then, what waited for a start that is no more waits no longer, and running ones go on as they are, or migrate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from events.envelope import Event
from workflows.history import History
from workflows.versions import Activation, part_for


class Activations:
    """The activations in order of their numbers, for who folds account by account."""

    def __init__(self, known: Iterable[Activation] = ()) -> None:
        """Begin with those that are known."""
        self._known = sorted(known, key=lambda one: one.number)

    def learn(self, activation: Activation) -> None:
        """Learn of the next one."""
        self._known.append(activation)

    def number_at(self, instant: datetime, first: int = 0) -> int:
        """Tell which catalogue was in force at a time; before the first activation it was `first`."""
        return max((one.number for one in self._known if one.at <= instant), default=first)

    def parts_for(
        self, history: History, until: datetime, *, is_logged: bool = False
    ) -> Iterator[tuple[Event, datetime, int]]:
        """Give an account the activations that it has not folded: (part, arrival, number), up to a time.

        With `is_logged` all of them, since the record at hand came into the log after them, whatever time it names; a
        record of long ago brings them to the time of its arrival. An account of which nothing is known needs none.
        """
        if not self._known or history.frontier is None or self._known[-1].number <= history.catalogue:
            return
        for one in [one for one in self._known if one.number > history.catalogue]:
            if one.at > until and not is_logged:
                return
            arrived_at = min(one.at, until)
            yield part_for(one, history.account_id, arrived_at), arrived_at, one.number
