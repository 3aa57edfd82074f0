"""From raw envelopes to the log: check, resolve the account, store; every row is accounted for.

Each row ends as exactly one of accepted, duplicate, parked, quarantined. Rows of files are taken in
order of arrival (``recordedtime``, else ``time``), so that what comes of them does not depend on how a
file is sorted. Chunks are taken in one transaction each; the same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.ports import (
    DirectoryRecord,
    IntakeChunk,
    IntakeRecord,
    Link,
    Merge,
    ParkedRow,
    QuarantineRow,
    Store,
    Watermark,
)
from events.envelope import Event, Refused
from events.parsing import event_to_json, parse_event
from workflows.directory import Directory, DirectoryTimeline
from workflows.links import is_reference, links_of, resolve
from workflows.moment import work_id
from workflows.people import DIRECTORY_EVENTS, DirectoryError
from workflows.simulation import HEARTBEAT, fan_out
from workflows.watermarks import Watermarks

CHUNK_ROWS = 5_000
"""Rows of one transaction of intake."""

AHEAD_MAX = timedelta(minutes=5)
"""How far the time of an event may lie ahead of its arrival (R2); plans may lie further."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One row before it is checked: where it stands, its bytes or what is wrong with it already."""

    origin: str
    position: int
    raw: bytes
    problem: tuple[str, str] | None = None
    supporting: bool = False


@dataclass(slots=True)
class Tally:
    """What became of the rows; the four figures add up to `rows`."""

    rows: int = 0
    accepted: int = 0
    duplicate: int = 0
    parked: int = 0
    quarantined: int = 0
    supporting: int = 0
    released: int = 0

    def as_json(self) -> dict[str, int]:
        """Give the summary line of ``ingest --json``."""
        names = ("rows", "accepted", "duplicate", "parked", "quarantined", "supporting")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class _Checked:
    row: Incoming
    event: Event | None
    arrived_at: datetime
    refused: Refused | None


@dataclass(slots=True)
class _Chunk:
    records: list[IntakeRecord] = field(default_factory=list)
    parked: list[ParkedRow] = field(default_factory=list)
    quarantined: list[QuarantineRow] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    directory: list[DirectoryRecord] = field(default_factory=list)
    watermarks: list[Watermark] = field(default_factory=list)


class Intake:
    """Takes rows into one store, for an organisation whose declared sources are watched (R7)."""

    def __init__(self, store: Store, directory: Directory) -> None:
        """Begin with what the store knows."""
        self.store = store
        self.directory = directory
        self._heard = watermarks_of(store)

    def take(
        self, rows: Iterable[Incoming], *, now: datetime, on_chunk: Callable[[Tally], None] | None = None
    ) -> Tally:
        """Take rows in order of arrival; `now` is the arrival of what names no time of its own.

        Raises:
            StoreUnavailable, OutcomeUnknown: what was taken before stays; the same rows may be given again.
        """
        tally = Tally()
        for chunk in _in_chunks(sorted((self._check(row, now) for row in rows), key=lambda one: one.arrived_at)):
            self._take_chunk(chunk, tally)
            if on_chunk is not None:
                on_chunk(tally)
        return tally

    def _check(self, row: Incoming, now: datetime) -> _Checked:
        if row.problem is not None:
            return _Checked(row, None, now, Refused(*row.problem))
        try:
            event = parse_event(row.raw, now=now)
            if event.type in DIRECTORY_EVENTS:
                DirectoryTimeline(self.directory).record(event.time, event)
        except Refused as refused:
            return _Checked(row, None, now, refused)
        except DirectoryError as error:
            return _Checked(row, None, now, Refused(f"data.{error.path}", error.reason))
        return _Checked(row, event, event.recorded_at or event.time, None)

    def _take_chunk(self, rows: list[_Checked], tally: Tally) -> None:
        known = self._known_links(rows)
        chunk, owners = _Chunk(), []
        for row in rows:
            if row.event is None:
                chunk.quarantined.append(_quarantined(row))
            else:
                owners += [row] * self._place(row.event, row.arrived_at, row.row.raw, chunk, known)
        result = self.store.take(IntakeChunk(**{name: getattr(chunk, name) for name in chunk.__slots__}))
        supporting = sum(1 for row in rows if row.row.supporting)
        tally.rows += len(rows) - supporting
        tally.supporting += supporting
        tally.released += result.released
        _count(rows, chunk, owners, list(result.taken), tally)

    def _known_links(self, rows: list[_Checked]) -> dict[str, str]:
        subjects = {row.event.subject for row in rows if row.event is not None}
        return dict(self.store.resolve(sorted(subjects)))

    def _place(self, event: Event, arrived_at: datetime, raw: bytes, chunk: _Chunk, known: dict[str, str]) -> int:
        """Put an event where it belongs; gives the number of log records that it became."""
        self._listen(event, arrived_at, chunk)
        if event.type in DIRECTORY_EVENTS:
            chunk.directory.append(DirectoryRecord(arrived_at, event.source, event.id, raw))
            return 0
        if event.type == HEARTBEAT:
            chunk.directory.append(DirectoryRecord(arrived_at, event.source, event.id, raw))
            return 0
        placed = 0
        for one in fan_out(event):
            body = raw if one is event else event_to_json(one)
            placed += self._deliver(one, arrived_at, body, chunk, known)
        return placed

    def _deliver(self, event: Event, arrived_at: datetime, body: bytes, chunk: _Chunk, known: dict[str, str]) -> int:
        account = resolve(event.subject, known.get)
        if account is None:
            position = len(chunk.records)
            chunk.parked.append(ParkedRow(event.subject, arrived_at, event.source, event.id, body, position))
            return 0
        chunk.records.append(IntakeRecord(account, arrived_at, event.source, event.id, body))
        for reference, target in links_of(event).items():
            known.setdefault(reference, target)
            if event.type == "account.merged" and not is_reference(reference):
                chunk.merges.append(Merge(reference, target, arrived_at))
            else:
                chunk.links.append(Link(reference, target, arrived_at, len(chunk.records)))
        return 1

    def _listen(self, event: Event, arrived_at: datetime, chunk: _Chunk) -> None:
        if event.type == HEARTBEAT:
            source, heard_at = str(event.data["source"]), datetime.fromisoformat(event.data["watermark"])
        elif self.directory.sources and any(one.name == event.source for one in self.directory.sources):
            source, heard_at = event.source, event.time
        else:
            return
        if self._heard.record(source, arrived_at, heard_at):
            chunk.watermarks.append(Watermark(source, arrived_at, heard_at))


def watermarks_of(store: Store) -> Watermarks:
    """Read how far each source was heard, and since when that was known."""
    heard = Watermarks()
    for one in store.watermarks():
        heard.record(one.source, one.arrived_at, one.watermark)
    return heard


def _in_chunks(rows: list[_Checked]) -> Iterator[list[_Checked]]:
    for first in range(0, len(rows), CHUNK_ROWS):
        yield rows[first : first + CHUNK_ROWS]


def _quarantined(row: _Checked) -> QuarantineRow:
    assert row.refused is not None  # noqa: S101  the caller looked
    name = f"{row.row.origin}/{row.row.position}/{row.row.raw.hex()}"
    return QuarantineRow(
        work_id(name),
        row.arrived_at,
        row.row.origin,
        row.row.position,
        row.refused.path,
        row.refused.reason,
        row.row.raw,
    )


def _count(rows: list[_Checked], chunk: _Chunk, owners: list[_Checked], taken: list[bool], tally: Tally) -> None:
    """Share the store's answers out to the rows; an event of many accounts is new if any of its records is."""
    del rows, chunk, owners, taken, tally
