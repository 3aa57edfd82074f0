"""What does one row of a source become? The shapes that all readers share.

Every row of a source gives exactly one `Row`, in good order or with a problem, so that the four figures of an
intake (accepted, duplicate, parked, quarantined) add up to the rows of the source. Accounts and people that a
reader registers by itself, because the source only implies them, are rows marked `supporting` and are counted apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

JsonValue = object
"""A value that `json.dumps` can write."""


class Unreadable(Exception):
    """One row cannot become an event; readers turn it into a row with a problem. Carries `path` and `reason`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot become an event: `path` is the field in fault ("" is the whole row), `reason` a phrase."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source: an envelope as JSON bytes, or a problem, never both and never neither.

    `position` is where a person finds it ("events.jsonl:12", "1-364285768/3"); `excerpt` is the start of a row with a
    problem, for the quarantine; `supporting` rows were made by the reader and are not rows of the source.
    """

    position: str
    raw: bytes | None = None
    problem: Problem | None = None
    supporting: bool = False
    excerpt: bytes = b""


@dataclass(slots=True)
class Reading:
    """The rows of one source, to be read once; `notes` are complete after the last row.

    A note is a sentence about the source as a whole, such as a product name that had to be matched; the shell prints
    them on stderr.
    """

    rows: Iterator[Row]
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        """Give the rows in order."""
        return self.rows


EXCERPT_BYTES_MAX = 2_000
"""How much of a bad row is kept: enough to recognise it, too little to fill a disk with a broken file."""


def wrong_row(position: str, path: str, reason: str, *, excerpt: bytes = b"") -> Row:
    """Give the row that goes to quarantine with its path, its reason and its first bytes."""
    return Row(position, problem=Problem(path, reason), excerpt=excerpt[:EXCERPT_BYTES_MAX])


def envelope(
    *, event_id: str, source: str, event_type: str, subject: str, at: datetime, data: Mapping[str, JsonValue]
) -> bytes:
    """Write one CloudEvents 1.0 envelope as a line of JSON; fields of `data` that are None are left out.

    `at` must be aware; it keeps its own offset, since that is what the source said. Without `recordedtime` the event
    arrives when it is taken in, or at `at` in `simulate`.
    """
    told = {name: value for name, value in data.items() if value is not None}
    body = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "subject": subject,
        "time": at.isoformat(),
        "data": told,
    }
    return json.dumps(body, separators=(",", ":")).encode()
