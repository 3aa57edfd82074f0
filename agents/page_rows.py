"""What do pages and the monitor ask of a store? Work by pages in order of urgency, and how much there is that waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from agents.rows import WorkKind

Place = tuple[int, datetime, str]
"""The place of work in a list by urgency: the rank of its severity, when it is due or was opened, its id."""

SEVERITIES = ("critical", "urgent", "warn", "info")
"""The most urgent first; what has no severity comes after them."""


class Seen(NamedTuple):
    """What somebody sees: the work of some accounts, and whatever asks her."""

    person: str
    accounts: Sequence[str]


class WorkPage(NamedTuple):
    """Which work, the most urgent first: each field narrows, None does not.

    `names` are people, queues and roles that it asks: as its holder, or as one of those an alert goes to. What is
    snoozed until later than `now` is asleep. A page begins behind `after`.
    """

    kinds: Sequence[WorkKind]
    names: Sequence[str] | None = None
    account_id: str | None = None
    workflow: str | None = None
    is_open: bool | None = True
    severities: Sequence[str] | None = None
    seen: Seen | None = None
    now: datetime | None = None
    is_asleep: bool | None = None
    after: Place | None = None
    limit: int = 1000


class WorkCounts(NamedTuple):
    """How much there is of what in all pages; `late` and `soon` are due before a time, and from it until another."""

    tasks: int
    alerts: int
    late: int
    soon: int


class Backlog(NamedTuple):
    """What waits: accounts with a timer that is due, by partition, and for how long the oldest unsent line."""

    due: Sequence[int]
    unsent_for: timedelta | None


def place_of(severity: str | None, due_at: datetime | None, opened_at: datetime, work_id: str) -> Place:
    """Return the place of work in a list.

    >>> place_of(None, None, datetime(2026, 3, 3), "7c")
    (4, datetime.datetime(2026, 3, 3, 0, 0), '7c')
    """
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return rank, due_at or opened_at, work_id
