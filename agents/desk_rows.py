"""What is kept of attention: the desks of people, and what they were told. Named tuples, as in `agents/rows.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class DeskRow(NamedTuple):
    """What lies on the desk of one person, as bytes that the store never looks into."""

    person: str
    body: bytes


class NoticeRow(NamedTuple):
    """A notice or a digest as it was told; the body is its envelope. A digest is about no one account."""

    id: str
    at: datetime
    person: str
    account_id: str | None
    type: str
    body: bytes


class StoredDesks(NamedTuple):
    """All desks, up to when time has passed for them, and how often somebody wrote them."""

    turn: int
    until: datetime | None
    desks: Sequence[DeskRow]


class Told(NamedTuple):
    """What is heard and told at once, saved in one transaction or not at all.

    `turn` is how often desks were written before, as far as their owner knows. `heard` are ids of the outbox, `desks`
    those that changed.
    """

    turn: int
    until: datetime
    heard: Sequence[str] = ()
    desks: Sequence[DeskRow] = ()
    notices: Sequence[NoticeRow] = ()
