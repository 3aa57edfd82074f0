"""From raw envelopes to the log: check, resolve the account, store; every row is accounted for.

Each row ends as exactly one of accepted, duplicate, parked, quarantined. Rows of files are taken in
order of arrival (``recordedtime``, else ``time``), so that what comes of them does not depend on how a
file is sorted. Chunks are taken in one transaction each; the same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import starmap
from typing import Literal, NamedTuple

from agents.campaigns import campaign_row
from agents.crossing import interest_behind, interest_row
from agents.crossing_rows import CampaignRow, ContactRow, Crossing, InterestRow
from agents.forgotten import Forgotten
from agents.ports import Outdated, Store
from agents.rows import (
    DirectoryRecord,
    Fate,
    IntakeChunk,
    IntakeRecord,
    Link,
    Merge,
    ParkedRow,
    QuarantineRow,
    Watermark,
)
from events.envelope import Event, Refused
from events.parsing import event_to_json, parse_event
from workflows.audience import Audience, Split, accounts_listed, contacts_in, screened
from workflows.directory import Directory, DirectoryTimeline
from workflows.interest import Interest, keys_of, texts
from workflows.language.vocabulary import as_time
from workflows.links import MERGED, learn_links, links_of, meant, resolve, would_cycle
from workflows.moment import work_id
from workflows.people import DIRECTORY_EVENTS, DirectoryError
from workflows.simulation import HEARTBEAT, fan_out
from workflows.watermarks import Watermarks

CHUNK_ROWS = 5_000
"""Rows of one transaction of intake."""

TRIES_MAX = 20
"""How often a chunk is worked out again because another intake was faster."""

Key = tuple[str, str]
"""Source and id: what makes an event one event (R3)."""

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


class Outcome(NamedTuple):
    """What became of one row, and where and why it was refused."""

    row: Incoming
    event: Event | None
    fate: Literal["accepted", "duplicate", "parked", "quarantined"]
    path: str = ""
    reason: str = ""


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

    def count(self, row: _Checked) -> None:
        """Add what became of a row."""
        if row.row.supporting:
            self.supporting += 1
            return
        self.rows += 1
        fate = row.fate
        setattr(self, fate, getattr(self, fate) + 1)


@dataclass(slots=True)
class _Checked:
    """A row that was checked: its event, or why it is none, and what becomes of it."""

    row: Incoming
    event: Event | None
    arrived_at: datetime
    refused: Refused | None
    fates: set[Fate] = field(default_factory=set)

    @property
    def fate(self) -> Fate | Literal["quarantined"]:
        """What became of it; one of several accounts is new if it is new to any of them."""
        order: tuple[Fate, ...] = ("accepted", "parked", "duplicate")
        return next((fate for fate in order if fate in self.fates), "quarantined")


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the store knows already of what a chunk names: links, events, who is behind requests, and up to where."""

    links: dict[str, str]
    taken: set[Key]
    interest: Interest
    known_to: int | None
    audience: Audience


@dataclass(slots=True)
class _Chunk:
    """What goes to the store at once, each with the row that it came from, and what it follows from."""

    ground: _Ground

    records: list[tuple[_Checked, IntakeRecord]] = field(default_factory=list)
    parked: list[tuple[_Checked, ParkedRow]] = field(default_factory=list)
    directory: list[tuple[_Checked, DirectoryRecord]] = field(default_factory=list)
    quarantined: list[QuarantineRow] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    watermarks: list[Watermark] = field(default_factory=list)
    interest: list[InterestRow] = field(default_factory=list)
    contacts: list[ContactRow] = field(default_factory=list)
    campaigns: list[CampaignRow] = field(default_factory=list)

    def as_intake(self) -> IntakeChunk:
        """Give what the store takes."""
        return IntakeChunk(
            records=[record for _, record in self.records],
            parked=[record for _, record in self.parked],
            quarantined=self.quarantined,
            links=self.links,
            merges=self.merges,
            directory=[record for _, record in self.directory],
            watermarks=self.watermarks,
            crossing=Crossing(self.interest, self.ground.known_to, self.contacts, self.campaigns),
        )


class Intake:
    """Takes rows into one store, for an organisation whose declared sources are watched (R7)."""

    def __init__(self, store: Store, directory: Directory) -> None:
        """Begin; what the store knows is read when it is needed."""
        self.store = store
        self.directory = directory

    @cached_property
    def _heard(self) -> Watermarks:
        return watermarks_of(self.store)

    def take(
        self,
        rows: Iterable[Incoming],
        *,
        now: datetime,
        on_chunk: Callable[[Tally], None] | None = None,
        on_row: Callable[[Outcome], None] | None = None,
    ) -> Tally:
        """Take rows in order of arrival; `now` is the arrival of what names no time of its own.

        `on_row` is told what became of each, once it is kept.

        Raises:
            StoreUnavailable, OutcomeUnknown: what was taken before stays; the same rows may be given again.
        """
        tally = Tally()
        for chunk in _in_chunks(sorted((self._check(row, now) for row in rows), key=lambda one: one.arrived_at)):
            self._take_chunk(chunk, tally)
            if on_row is not None:
                for row in chunk:
                    on_row(_outcome(row))
            if on_chunk is not None:
                on_chunk(tally)
        return tally

    def again(self, row: QuarantineRow, *, now: datetime) -> Tally:
        """Give a record of the log to its account once more: the agents had failed over it, and are mended (F39).

        It arrives when it did, and stands in the log a second time, under a key of its own so that it does so once.

        Raises:
            Refused: it is no event, and so never was one.
        """
        assert row.account_id is not None, "a record of the log has an account"
        event = parse_event(row.raw, now=now)
        record = IntakeRecord(row.account_id, row.at, event.source, f"{event.id}#again", row.raw)
        (is_new,) = self.store.take(IntakeChunk(records=[record])).taken
        return Tally(rows=1, accepted=int(is_new), duplicate=int(not is_new))

    @cached_property
    def _forgotten(self) -> Forgotten:
        return Forgotten(self.store.erased())

    def _check(self, row: Incoming, now: datetime) -> _Checked:
        row = replace(row, raw=self._forgotten.in_raw(row.raw)) if self._forgotten.stones else row
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
        for _ in range(TRIES_MAX - 1):
            try:
                self._try_chunk(rows, tally)
            except Outdated:
                self._heard = watermarks_of(self.store)
                continue
            return
        self._try_chunk(rows, tally)

    def _try_chunk(self, rows: list[_Checked], tally: Tally) -> None:
        """Work out where each row belongs, and give the whole to the store.

        Raises:
            Outdated: another intake was faster with something that this one follows from; nothing was kept.
        """
        chunk = _Chunk(self._ground(rows))
        for row in rows:
            row.fates.clear()
            if row.refused is None:
                self._place(row, chunk)
            if row.refused is not None:
                chunk.quarantined.append(_quarantined(row))
        result = self.store.take(chunk.as_intake())
        tally.released += result.released
        for (row, _), is_new in zip(chunk.records, result.taken, strict=True):
            row.fates.add("accepted" if is_new else "duplicate")
        for (row, _), fate in zip(chunk.parked, result.parked_as, strict=True):
            row.fates.add(fate)
        for (row, _), is_new in zip(chunk.directory, result.directory_taken, strict=True):
            row.fates.add("accepted" if is_new else "duplicate")
        for row in rows:
            tally.count(row)

    def _ground(self, rows: list[_Checked]) -> _Ground:
        """Ask what the store knows of these rows: of what it has already not even a sign of life counts again (R3)."""
        events = [row.event for row in rows if row.event is not None]
        naming = [event for event in events if keys_of(event)]
        known_to = self.store.interest_seq() if naming else None
        interest = interest_behind(self.store, naming)
        keys = list(dict.fromkeys(key for event in events for key in _keys(event)))
        subjects = {one.subject for event in events for one in (event, *fan_out(event))} | interest.accounts()
        subjects |= {str(event.data.get("into")) for event in events if event.type == MERGED}
        subjects |= {one for event in naming for one in texts(event.data.get("accounts"))}
        names = list(dict.fromkeys(name for event in events for name in contacts_in(event)))
        contacts = self.store.contacts(names) if names else {}
        subjects |= {*contacts.values(), *(one for event in events for one in accounts_listed(event))}
        links = dict(self.store.resolve(sorted(subjects)))
        return _Ground(links, self.store.taken(keys), interest, known_to, Audience(contacts))

    def _place(self, row: _Checked, chunk: _Chunk) -> None:
        """Put an event where it belongs: the people's log, or the log of each account that it concerns."""
        event, ground = row.event, chunk.ground
        assert event is not None
        keys = _keys(event)
        if keys and ground.taken.issuperset(keys):
            row.fates.add("duplicate")
            return
        self._listen(event, row.arrived_at, chunk)
        if _is_shared(event):
            chunk.directory.append((row, DirectoryRecord(row.arrived_at, event.source, event.id, row.row.raw)))
            ground.taken.update(keys)
            return
        split = ground.audience.split(event, ground.links.get)
        if split is not None:
            ground.taken.update(keys)
            _spread_list(row, split, chunk)
            return
        concerned, is_behind = fan_out(event), bool(keys_of(event))
        if not concerned and not is_behind:
            row.refused = Refused("subject", f"{event.type} names no account; give a subject, or list data.accounts")
        elif would_cycle(event, ground.links.get):
            reason = f"merging {event.subject} into {event.data['into']} would be a cycle (F57)"
            row.refused = Refused("data.into", reason)
        else:
            ground.taken.update(keys)
            accounts = [meant(one.subject, ground.links.get) for one in concerned]
            for account in accounts:
                chunk.contacts += starmap(ContactRow, ground.audience.learn(event, account).items())
            for one in (*concerned, *ground.interest.take(event, accounts)):
                _deliver(row, one, row.row.raw if one is event else event_to_json(one), chunk)
            if is_behind:
                chunk.interest.append(interest_row(event, accounts, row.row.raw))
                row.fates |= set() if concerned else {"accepted"}

    def _listen(self, event: Event, arrived_at: datetime, chunk: _Chunk) -> None:
        if event.type == HEARTBEAT:
            source = str(event.data.get("source") or event.source)
            heard_at = as_time(event.data.get("watermark")) or event.time
        elif self.directory.sources and any(one.name == event.source for one in self.directory.sources):
            source, heard_at = event.source, event.time
        else:
            return
        if self._heard.record(source, arrived_at, heard_at):
            chunk.watermarks.append(Watermark(source, arrived_at, heard_at))


def _spread_list(row: _Checked, split: Split, chunk: _Chunk) -> None:
    """Give each account its part of a campaign's list; the whole follows when they have judged them (W17)."""
    for part in split.parts:
        _deliver(row, part, event_to_json(part), chunk)
    if split.parts:
        chunk.campaigns.append(campaign_row(split, row.arrived_at))
    else:
        whole = screened(split, {})
        _deliver(row, whole, event_to_json(whole), chunk)


def _outcome(row: _Checked) -> Outcome:
    path, reason = ("", "") if row.refused is None else (row.refused.path, row.refused.reason)
    return Outcome(row.row, row.event, row.fate, path, reason)


def _is_shared(event: Event) -> bool:
    """Tell what concerns all accounts, and so stands in the log of our people and sources."""
    return event.type in DIRECTORY_EVENTS or event.type == HEARTBEAT


def _keys(event: Event) -> list[Key]:
    """List what an event is known by: itself, or its part for each of many accounts that it alone lists."""
    parts = [event] if _is_shared(event) or keys_of(event) else fan_out(event)
    return [(one.source, one.id) for one in parts]


def _deliver(row: _Checked, event: Event, body: bytes, chunk: _Chunk) -> None:
    account, place = resolve(event.subject, chunk.ground.links.get), len(chunk.records)
    if account is None:
        parked = ParkedRow(event.subject, row.arrived_at, event.source, event.id, body, place)
        chunk.parked.append((row, parked))
        return
    chunk.records.append((row, IntakeRecord(account, row.arrived_at, event.source, event.id, body)))
    for reference, target in links_of(event).items():
        if event.type == MERGED:
            chunk.merges.append(Merge(reference, target, row.arrived_at))
        else:
            chunk.links.append(Link(reference, account, row.arrived_at, place + 1))
    learn_links(event, chunk.ground.links)


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
    assert row.refused is not None
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
