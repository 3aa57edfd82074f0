"""What does a record of the topic say? An event of one account, or a row for the quarantine with the reason.

Others write to the topic too, so that nothing is believed: key, partition, headers and envelope are all checked
(F27, F29 to F37). An event arrives when intake said so; one that a producer put there without intake arrives at its
`recordedtime`, else at its `time`, which is the rule of files and of `simulate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from agents.kafka.chunks import Chunk, Raw
from agents.kafka.topics import read_arrived
from agents.ports import Enveloped
from agents.rows import LogRecord, QuarantineRow, partition_of
from agents.written import refused_row
from events.envelope import Event, Refused
from events.parsing import parse_event
from workflows.audience import contacts_in
from workflows.interest import keys_of
from workflows.links import MERGED, links_of
from workflows.moment import work_id
from workflows.people import DIRECTORY_EVENTS, OF_HOLDERS
from workflows.simulation import HEARTBEAT, fan_out

Logged = Callable[[Sequence[Enveloped]], Collection[Enveloped]]
"""Gives those of some envelopes that our intake has in its table for their account."""

KEY_BYTES_MAX = 200
"""The bound of an account id."""


def read_chunk(
    chunk: Chunk, *, base: int, partitions: int, now: datetime, logged: Logged
) -> tuple[list[LogRecord], list[QuarantineRow]]:
    """Return the records of a chunk as the agents take them, and those that are no events.

    `base` is where offset 0 of the topic stands on the axis of the cursors. `logged` tells which envelopes our intake
    has in its table: it is asked once, of what only intake may bring, and not at all where there is none of it.
    """
    read = [_read(raw, chunk.partition, base + raw.offset, partitions, now) for raw in chunk.records]
    to_prove = [_enveloped(one) for one in read if isinstance(one, LogRecord) and _only_by_intake(one)]
    proven = logged(to_prove) if to_prove else ()
    records: list[LogRecord] = []
    refused: list[QuarantineRow] = []
    for one in read:
        if isinstance(one, QuarantineRow):
            refused.append(one)
        elif _only_by_intake(one) and _enveloped(one) not in proven:
            refused.append(refused_row(one, _not_of_intake(one)))
        else:
            records.append(one)
    if chunk.hole:
        refused.append(_hole(chunk, base, now))
    return records, refused


def _read(raw: Raw, partition: int, position: int, partitions: int, now: datetime) -> LogRecord | QuarantineRow:
    """Read one record, or the row for the quarantine; what can be no event of intake is refused here."""
    try:
        record = _record(raw, partition, position, partitions, now)
        if _only_by_intake(record) and (_is_misplaced(record) or read_arrived(raw.headers) is None):
            raise _not_of_intake(record)
    except Refused as error:
        account = (raw.key or b"").decode("ascii", "backslashreplace")[:KEY_BYTES_MAX]
        return refused_row(LogRecord(partition, position, now, account, raw.value or b""), error)
    return record


def _record(raw: Raw, partition: int, position: int, partitions: int, now: datetime) -> LogRecord:
    account = _account(raw.key)
    if partition_of(account, partitions) != partition:
        expected = partition_of(account, partitions)
        reason = f"wrong_partition: {account} belongs on {expected} (crc32 of the key), and this is {partition}"
        raise Refused("key", reason)
    if not raw.value:
        raise Refused("", "is empty; a record of the topic is an envelope, and nothing is deleted by an empty one")
    try:
        arrived_at = read_arrived(raw.headers)
    except ValueError as error:
        raise Refused("headers", str(error)) from error
    event = parse_event(raw.value, now=now)
    return LogRecord(partition, position, arrived_at or event.recorded_at or event.time, account, raw.value, event)


def _account(key: bytes | None) -> str:
    if not key:
        raise Refused("key", "is missing; the key of an event is the id of its account")
    if len(key) > KEY_BYTES_MAX or not all(0x21 <= byte <= 0x7E for byte in key):  # noqa: PLR2004 - printable ASCII
        raise Refused("key", f"is no account id; that is 1 to {KEY_BYTES_MAX} printable ASCII characters, no spaces")
    return key.decode("ascii")


def _only_by_intake(record: LogRecord) -> bool:
    """Tell whether an event changes more than one account's log: intake must have it, since headers can be forged."""
    event = _event_of(record)
    names_others = event.type == MERGED or links_of(event) or keys_of(event) or contacts_in(event)
    return _is_shared(event) or bool(names_others) or fan_out(event) != [event]


def _is_misplaced(record: LogRecord) -> bool:
    """People and signs of life stand in logs of their own; an account has its part of a departure at most (W21)."""
    event = _event_of(record)
    return _is_shared(event) and not (event.type in OF_HOLDERS and event.causation_id)


def _is_shared(event: Event) -> bool:
    return event.type in DIRECTORY_EVENTS or event.type == HEARTBEAT


def _event_of(record: LogRecord) -> Event:
    assert record.event is not None, "a record of the topic was parsed"
    return record.event


def _enveloped(record: LogRecord) -> Enveloped:
    event = _event_of(record)
    return record.account_id, event.source, event.id, record.body


def _not_of_intake(record: LogRecord) -> Refused:
    reason = f"{_event_of(record).type} concerns more than one account's log; give it to intake: `nofumble kafka emit`"
    return Refused("type", reason)


def _hole(chunk: Chunk, base: int, now: datetime) -> QuarantineRow:
    """Note that offsets hold no record: markers of transactions, or a compaction that should not be on (F25)."""
    origin = f"log/{chunk.partition}"
    reason = f"{chunk.hole} offsets from here hold no record: markers of a producer's transactions, or compaction"
    name = f"{origin}/{base + chunk.first}/hole"
    return QuarantineRow(work_id(name), now, origin, base + chunk.first, "", reason, b"")
