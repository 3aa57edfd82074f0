"""Where wall time and random ids enter: nowhere else (D1).

The core takes `now` as an argument and makes its ids by uuid5, so that a replay gives the same bytes. A shell is
given a Clock: the system's in a running process, a virtual one in `simulate` and in tests.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4


class Clock(Protocol):
    """Tells the time to a shell."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...


class SystemClock:
    """The clock of the machine. It may jump, forward or back: the shell that reads it must bear that (F46)."""

    def now(self) -> datetime:
        """Return the wall time in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved, and never goes back.

    >>> clock = VirtualClock(datetime(2026, 3, 3, 10, tzinfo=UTC))
    >>> clock.advance(timedelta(hours=2))
    >>> clock.now().isoformat()
    '2026-03-03T12:00:00+00:00'
    """

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)

    def now(self) -> datetime:
        """Return the moment that the clock was last moved to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by a duration; raise ValueError when the duration is negative."""
        self.advance_to(self._now + by)

    def advance_to(self, moment: datetime) -> None:
        """Move the clock forward to a moment; raise ValueError when that lies in the past or is naive."""
        moment = _in_utc(moment)
        if moment < self._now:
            raise ValueError(
                f"the clock stands at {self._now.isoformat()} and was moved to {moment.isoformat()}: it never goes back"
            )
        self._now = moment


class DemoClock:
    """The clock of the demo: it goes as the wall's does, from a moment of its own, and may be moved forward.

    `keep` is told how far it is ahead of the wall's (behind: negative) whenever it is moved. Doors go by the wall's.
    """

    def __init__(self, wall: Clock, ahead: timedelta, keep: Callable[[timedelta], None] = lambda _: None) -> None:
        self.wall = wall
        self._ahead, self._keep = ahead, keep

    def now(self) -> datetime:
        """Return the moment that it is in the demo."""
        return self.wall.now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by a duration; raise ValueError when the duration is negative."""
        if by < timedelta(0):
            raise ValueError(f"the clock was to be moved by {by}: it never goes back")
        self._ahead += by
        self._keep(self._ahead)


def new_id() -> str:
    """Return an id that was never used before, for what has no name of its own: a worker, a batch, a line of an import.

    Never for work items: theirs are uuid5 of workflow, key, step and occurrence (D2).
    """
    return str(uuid4())


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(
            f"the moment {moment.isoformat()} has no time zone: give an aware datetime, such as one in UTC"
        )
    return moment.astimezone(UTC)
