"""Which topics are there, and how does a record in one of them look?

The log of events is one topic. Its key is the account, its value the envelope as it came, and a header says when the
event arrived, as intake knew it: the broker's own timestamp has milliseconds and is stamped later. What goes out has
its id in a header, the idempotency key of its delivery (R3). Every topic has the partitions of the store, and an
account has the same one in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from agents.rows import LogRecord, QuarantineRow, SentRow, partition_of


class Topics(NamedTuple):
    """The names of the topics of one deployment."""

    events: str
    work: str
    quarantine: str


def topics_of(prefix: str) -> Topics:
    """Name the topics of a deployment.

    >>> topics_of("nofumble").events
    'nofumble.events'
    """
    return Topics(f"{prefix}.events", f"{prefix}.work", f"{prefix}.quarantine")


def addresses_of(bootstrap: str) -> list[str]:
    """List the brokers of a setting.

    >>> addresses_of("one:9092, two:9092")
    ['one:9092', 'two:9092']
    """
    return [one.strip() for one in bootstrap.split(",")]


ARRIVED = "arrived"
"""The header with the time of arrival: microseconds since 1970, in decimal."""
ID = "id"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ARRIVED_DIGITS_MAX = 17

Headers = Sequence[tuple[str, bytes]]


class Outgoing(NamedTuple):
    """A record to be put on a topic."""

    partition: int
    key: bytes
    value: bytes
    headers: Headers


class Publisher(Protocol):
    """Puts records on topics, in order within each partition."""

    def publish(self, topic: str, records: Sequence[Outgoing]) -> None:
        """Return when the broker has all of them; raise Unpublished otherwise, when some of them may be there."""
        ...

    def close(self) -> None:
        """Give the connection up."""
        ...


class Unpublished(Exception):
    """The broker did not take records, or nobody knows whether it did: publish them again, twice does no harm."""


def arrived_header(arrived_at: datetime) -> bytes:
    """Write a time of arrival.

    >>> arrived_header(datetime(2026, 1, 1, 0, 0, 0, 7, tzinfo=UTC))
    b'1767225600000007'
    """
    return b"%d" % ((arrived_at - _EPOCH) // _MICROSECOND)


def read_arrived(headers: Headers) -> datetime | None:
    """Read the time of arrival; None where the record has none, as from a producer that is not our intake.

    Raises:
        ValueError: it is no time.
    """
    for name, value in headers:
        if name == ARRIVED:
            if not value.isdigit() or len(value) > _ARRIVED_DIGITS_MAX:
                raise ValueError(f"the header {ARRIVED} is no count of microseconds")
            return _EPOCH + timedelta(microseconds=int(value))
    return None


def event_records(rows: Iterable[LogRecord]) -> list[Outgoing]:
    """Write records of the log's table for the topic of events."""
    return [
        Outgoing(row.partition, row.account_id.encode(), row.body, [(ARRIVED, arrived_header(row.arrived_at))])
        for row in rows
    ]


def work_records(rows: Iterable[SentRow], partitions: int) -> list[Outgoing]:
    """Write rows of the outbox for the topic of work."""
    return [
        Outgoing(partition_of(row.account_id, partitions), row.account_id.encode(), row.body, [(ID, row.id.encode())])
        for row in rows
    ]


def quarantine_records(rows: Iterable[QuarantineRow], partitions: int) -> list[Outgoing]:
    """Write rows of the quarantine for its topic: the raw bytes as they came, why and from where in headers."""
    out = []
    for row in rows:
        said = {"id": row.id, "origin": row.origin, "position": str(row.position), "path": row.path}
        said |= {"reason": row.reason, "event": row.event_id or "", "workflow": row.workflow or ""}
        key = row.account_id or row.origin
        headers = [(name, text.encode()) for name, text in said.items() if text]
        out.append(Outgoing(partition_of(key, partitions), key.encode(), row.raw, headers))
    return out
