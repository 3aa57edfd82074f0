"""What did we refuse or put aside, and why?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from agents.rows import ParkedRow, QuarantinedEvent

RAW_SHOWN_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Refused:
    """One event in quarantine; `is_releasable` where letting it through may help."""

    id: str
    at: datetime
    origin: str
    field: str
    reason: str
    account: str
    workflow: str
    raw: str
    status: str
    is_releasable: bool


@dataclass(frozen=True, slots=True)
class Parked:
    """One event that waits for the link of its reference."""

    ref: str
    at: datetime
    source: str
    event: str
    type: str


def refused_of(found: Iterable[QuarantinedEvent]) -> list[Refused]:
    """Return what is in quarantine, the newest first."""
    rows = [
        Refused(
            one.row.id,
            one.row.at,
            f"{one.row.origin}:{one.row.position}" if one.row.position else one.row.origin,
            one.row.path,
            one.row.reason,
            one.row.account_id or "",
            one.row.workflow or "",
            one.row.raw[:RAW_SHOWN_MAX].decode("utf-8", "replace"),
            one.status,
            one.status == "open" and one.row.workflow is None and bool(one.row.raw),
        )
        for one in found
    ]
    return rows[::-1]


def parked_of(rows: Iterable[ParkedRow]) -> list[Parked]:
    """Return what waits for a link."""
    return [Parked(row.ref, row.arrived_at, row.source, row.event_id, _type_of(row.body)) for row in rows]


def _type_of(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body, type=dict[str, object]).get("type") or "")
    except msgspec.DecodeError:
        return ""
