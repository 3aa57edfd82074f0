"""How are an account's log, work and lines written as rows, and read back?"""

from __future__ import annotations

import json
import traceback
from datetime import datetime
from pathlib import PurePath
from typing import Any

import msgspec

from agents.desk_rows import NoticeRow
from agents.rows import EntryRow, LogRecord, OutboxRow, QuarantineRow, StartRow, StoredAccount, WorkRow
from events.envelope import Event, Refused
from events.parsing import event_to_json, reread_event
from workflows.account import Alert, Hold, Loop, Recipient, Task, Work
from workflows.attention.matters import HEARD_TYPES
from workflows.conduct import Start
from workflows.entries import Entry, Stored
from workflows.history import History
from workflows.lines import envelope_of
from workflows.moment import Line, Problem, work_id
from workflows.snapshots import Snapshot

_json = msgspec.json.Encoder()
_snapshot_encoder = msgspec.msgpack.Encoder()
_snapshot_decoder = msgspec.msgpack.Decoder(Snapshot)


class _Noted(msgspec.Struct):
    """The body of an entry that is no event: what a wake-up heard, what a rewind kept."""

    watermarks: dict[str, datetime] | None = None
    kept: list[Work] | None = None


class _Said(msgspec.Struct):
    """What is read of a line that went out."""

    data: dict[str, msgspec.Raw]


_noted_decoder = msgspec.json.Decoder(_Noted)
_line_decoder = msgspec.json.Decoder(_Said)


def write_base(base: Snapshot) -> bytes:
    """Write the base of an account."""
    return _snapshot_encoder.encode(base)


def history_of(stored: StoredAccount) -> Stored:
    """Read what the store knows of an account."""
    return Stored(
        base=None if stored.base is None else _snapshot_decoder.decode(stored.base),
        recent=tuple(entry_of(row) for row in stored.recent),
        number=stored.seq,
        frontier=stored.frontier,
        fired=stored.fired_at,
    )


def entry_of(row: EntryRow) -> Entry:
    """Read an entry of an account's log back."""
    if row.kind not in ("event", "again"):
        noted = _noted_decoder.decode(row.body)
        return Entry(
            row.seq,
            row.kind,
            row.at,
            row.arrived_at,
            catalogue=row.catalogue,
            watermarks=noted.watermarks,
            kept=noted.kept,
        )
    event = reread_event(row.body)
    return Entry(row.seq, row.kind, row.at, row.arrived_at, event, row.too_late, row.catalogue)


def entry_row(account: str, entry: Entry, bodies: dict[int, bytes]) -> EntryRow:
    """Write an entry of an account's log; an event keeps the bytes in which it came, what is ours has none yet."""
    if entry.event is None:
        source, event_id, entry_type = "nofumble", f"{entry.kind}-{entry.number}", str(entry.kind)
        body = _json.encode(_Noted(entry.watermarks, entry.kept))
    else:
        source, event_id, entry_type = entry.event.source, entry.event.id, entry.event.type
        body = bodies.get(entry.number) or event_to_json(entry.event)
    return EntryRow(
        account,
        entry.number,
        entry.kind,
        entry.at,
        entry.arrived_at,
        source,
        event_id,
        entry_type,
        entry.too_late,
        body,
        entry.catalogue,
    )


def work_row(account: str, item: Work) -> WorkRow:
    """Write a work item as it is now."""
    kind, to, severity, title, due = _shown(item)
    return WorkRow(
        item.id,
        account,
        kind,
        item.workflow,
        item.key,
        item.ref,
        item.status,
        to.person if to else None,
        to.role if to else None,
        to.queue if to else None,
        severity,
        title,
        due,
        item.opened_at,
        item.closed_at,
        item.confirmed if isinstance(item, Alert) else True,
        _json.encode(item),
        tuple(dict.fromkeys(map(_name_of, item.to))) if isinstance(item, Alert) else (),
        item.snoozed_until if isinstance(item, Alert | Task) else None,
    )


def _name_of(to: Recipient) -> str:
    return to.person or to.queue or to.role


def _shown(item: Work) -> tuple[Any, Any, str | None, str, datetime | None]:
    match item:
        case Task():
            return "task", item.to, None, item.title, item.due
        case Alert():
            return "alert", item.to[0] if item.to else None, item.severity, item.because, None
        case Hold():
            return "hold", item.speak_to, None, f"{item.scope}: {item.reason}", None
        case Loop():
            return "loop", item.holder, None, item.name, None


def outbox_row(account: str, line: Line) -> OutboxRow:
    """Write a line as it goes out; its id is the idempotency key of its delivery (R3)."""
    assert line.at is not None
    line_id, body = envelope_of(account, line)
    return OutboxRow(line_id, account, line.at, line.type, body, line.type in HEARD_TYPES)


def line_of(row: OutboxRow) -> Line:
    """Read a line that went out back; its evidence stays the JSON that it was, as in the fold."""
    said = _line_decoder.decode(row.body).data
    data = {name: value if name == "evidence" else msgspec.json.decode(value) for name, value in said.items()}
    return Line(row.type, data, row.at)


def notice_row(about: str, line: Line) -> NoticeRow:
    """Write a notice, which is about an account, or a digest, which is about its person."""
    assert line.at is not None
    notice_id, body = envelope_of(about, line)
    account = None if line.type.startswith("digest.") else about
    return NoticeRow(notice_id, line.at, line.data["to"]["person"], account, line.type, body)


def facts_of(history: History) -> bytes:
    """Write the facts that listings show."""
    state = history.state
    shown = ("name", "tier", "lifecycle", "health", "country", "industry", "renewal_date", "roles", "arr")
    return json.dumps({name: getattr(state, name) for name in shown}, sort_keys=True).encode()


def start_row(start: Start) -> StartRow:
    """Write a start that counts its actor."""
    return StartRow(*start)


def start_of(row: StartRow) -> Start:
    """Read a start back."""
    return Start(*row[:-2])


def refused_row(record: LogRecord, refused: Refused) -> QuarantineRow:
    """Write a record that is no event, for the quarantine."""
    origin = f"log/{record.partition}"
    return QuarantineRow(
        work_id(f"{origin}/{record.offset}"),
        record.arrived_at,
        origin,
        record.offset,
        refused.path,
        refused.reason,
        record.body,
        record.account_id,
    )


def failed_row(record: LogRecord, event: Event, error: Exception) -> QuarantineRow:
    """Write an event over which the fold itself failed; nothing of it was kept, and it can be let through again."""
    refused = Refused("", fault_of(error))
    return refused_row(record, refused)._replace(event_id=event.id)


def fault_of(error: Exception) -> str:
    """Say what went wrong in our own code, and where; the same fault gives the same words."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"a fault of nofumble itself: {type(error).__name__}{place}; report it, and let the event through afterwards"


def problem_row(account: str, problem: Problem, at: datetime | None) -> QuarantineRow:
    """Write what the fold could not do, for the quarantine."""
    assert at is not None
    return QuarantineRow(
        work_id(f"{account}/{problem.event_id}/{problem.workflow}/{problem.reason}"),
        at,
        f"account/{account}",
        0,
        "",
        problem.reason,
        b"",
        account,
        problem.event_id or None,
        problem.workflow or None,
    )
