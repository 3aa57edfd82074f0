"""An eventful quarter: what a test of crashes and of sameness feeds in. All chance comes from one seed.

The made-up company's quarter, and in it whatever makes a stream hard: rows that come late and far too late, the same
row again (also with another body), rows that are no events, references that are resolved late or never, accounts that
are merged, one event for many accounts, sources that are declared and fall silent, and people who act on the work that
came out, sometimes on work that is closed by then.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from events.parsing import parse_event
from nofumble.prove.oracle import Read
from nofumble.prove.oracle import read_rows as read_as_of
from nofumble.sample import quarter
from nofumble.wiring import load_definitions, load_directory
from workflows.library import Library
from workflows.simulation import Arrival, OutLine, World, simulate

Envelope = dict[str, Any]

SEED = 11
ACCOUNTS = 80
UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
"""How far the clock runs: weeks after the last event, so that every ladder is climbed to its end."""

ORGANISATION = """
time_zone: Europe/Berlin
country: DE
sources:
  /mail/sync: {produces: ["sales.contact.*", "cs.contact.*"], every: 2h}
  /calendar/sync: {produces: ["cs.kickoff.*", "cs.meeting.*"], every: 1d}
"""
"""Two sources whose silence is noticed (R7): wake-ups are entries of the log then."""

BAD_ROWS = (
    b"{",
    b"\xef\xbb\xbf\xff",
    b"[]",
    b'{"specversion":"1.0"}',
    b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"specversion":"1.0","id":"x","id":"y"}',
    *(
        json.dumps({"specversion": "1.0", "id": "bad", "source": "/crm", "type": "cs.health.changed", **wrong}).encode()
        for wrong in (
            {"subject": "ferro", "time": "2026-02-01T09:00:00", "data": {}},
            {"subject": "ferro", "time": "0001-01-01T00:00:00Z", "data": {}},
            {"subject": "ferro", "time": "2026-02-01T24:00:00Z", "data": {}},
            {"subject": "ferro", "time": "+294277-01-01T00:00:00Z", "data": {}},
            {"subject": "x" * 4_000, "time": "2026-02-01T09:00:00Z", "data": {}},
            {"subject": "ferro", "time": "2026-02-01T09:00:00Z", "data": {"to": "\u0000"}},
            {"subject": "ferro", "time": "2026-02-01T09:00:00Z", "data": {"to": "\ud800"}},
            {"subject": "ferro", "time": "2026-02-01T09:00:00Z", "data": {"score": float("nan")}},
            {"subject": "ferro", "time": "2026-02-01T09:00:00Z", "data": {"score": 2**70}},
            {"subject": "", "time": "2026-02-01T09:00:00Z", "data": {}},
        )
    ),
)
"""Rows that are no events, each for another reason (F30 to F43)."""

_ACTIONS = ("task.accepted", "task.started", "task.completed", "task.declined", "task.snoozed", "task.reassigned")


class Quarter(NamedTuple):
    """The rows in the order of their file, as bytes without their newline, and the organisation's file as text."""

    rows: tuple[bytes, ...]
    organisation: str = ORGANISATION

    def write(self, folder: Path) -> Path:
        """Write the rows to a file, and the organisation beside it; return the file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "organisation.yaml").write_text(self.organisation, encoding="utf-8")
        file = folder / "quarter.jsonl"
        file.write_bytes(b"\n".join(self.rows) + b"\n")
        return file


@cache
def eventful_quarter(seed: int = SEED, accounts: int = ACCOUNTS) -> Quarter:
    """Return the quarter of a seed, about 75 rows an account."""
    draw = Random(seed)
    told: list[Envelope] = quarter(seed=seed, accounts=accounts)
    names = sorted({row["subject"] for row in told if row["type"] == "account.registered"})
    told += list(_links_and_merges(draw, names))
    told += list(_for_many(draw, names))
    told += list(_heartbeats(draw))
    told = [_told_at_another_time(draw, row) for row in told]
    told = [_by_reference(draw, row) for row in told]
    told += list(_actions(draw, told))
    told += list(_again(draw, told))
    told += list(_releases(Random(f"releases of {seed}"), told))
    rows = [json.dumps(row, separators=(",", ":")).encode() for row in told] + list(BAD_ROWS)
    draw.shuffle(rows)
    return Quarter(tuple(rows))


def read_rows(rows: Iterable[bytes]) -> Read:
    """Read rows as intake and `simulate` do."""
    return read_as_of(rows, UNTIL)


def arrives(row: Envelope) -> datetime:
    """Return when a row became known."""
    return datetime.fromisoformat(row.get("recordedtime", row["time"]))


def _envelope(event_id: str, event_type: str, subject: str, at: datetime, sender: str, **data: Any) -> Envelope:
    row = {"specversion": "1.0", "id": event_id, "source": sender, "type": event_type, "time": _text(at), "data": data}
    return row | ({"subject": subject} if subject else {})


def _told_at_another_time(draw: Random, row: Envelope) -> Envelope:
    """Let one row in thirty arrive late, one in a hundred after the allowed lateness of 72 h, one in fifty too early.

    A clock that goes wrong lets an event arrive before it happens, by five minutes at most (F44).
    """
    chance = draw.random()
    if chance < 0.03:
        return row | {"recordedtime": _text(arrives(row) + timedelta(hours=draw.randint(1, 71)))}
    if chance < 0.04:
        return row | {"recordedtime": _text(arrives(row) + timedelta(days=draw.randint(4, 20)))}
    if chance < 0.06:
        return row | {
            "recordedtime": _text(datetime.fromisoformat(row["time"]) - timedelta(minutes=draw.randint(1, 5)))
        }
    return row


def _by_reference(draw: Random, row: Envelope) -> Envelope:
    """Name some accounts as another system does: known from the registration, linked later, or never."""
    if row["type"].startswith(("account.", "people.", "source.")) or "subject" not in row or draw.random() > 0.06:
        return row
    account = row["subject"]
    reference = draw.choice((f"domain:{account}.example", f"desk:{account}", f"nobody:{account}"))
    return row | {"subject": reference}


def _links_and_merges(draw: Random, names: list[str]) -> Iterator[Envelope]:
    """Link a help desk's names in the course of the quarter; merge branches; try to merge in a circle (F57)."""
    for number, account in enumerate(draw.sample(names, len(names) // 2)):
        at = _moment(draw)
        yield _envelope(f"link-{number}", "account.linked", account, at, "/desk", system="desk", external_id=account)
    branches = [name for name in names if name.endswith("-2")]
    for number, branch in enumerate(draw.sample(branches, min(6, len(branches)))):
        at = _moment(draw)
        into = branch.removesuffix("-2")
        yield _envelope(f"merge-{number}", "account.merged", branch, at, "/crm/salesforce", into=into)
        yield _envelope(
            f"circle-{number}", "account.merged", into, at + timedelta(days=1), "/crm/salesforce", into=branch
        )


def _for_many(draw: Random, names: list[str]) -> Iterator[Envelope]:
    """Tell of incidents and releases that concern several accounts at once, and of one that concerns nobody."""
    for number in range(6):
        hit = draw.sample(names, 5)
        at = _moment(draw)
        said = {"incident_id": f"INC-{number}", "severity": draw.randint(1, 3), "accounts": hit if number else []}
        yield _envelope(f"inc-{number}", "product.incident.opened", "", at, "/status", **said)
        later = at + timedelta(hours=draw.randint(1, 40))
        yield _envelope(f"inc-{number}-end", "product.incident.resolved", "", later, "/status", **said)


def _releases(draw: Random, told: list[Envelope]) -> Iterator[Envelope]:
    """Release what customers asked for: a release names requests and no account, and may be taken back (W08)."""
    requests = sorted({row["data"]["request_id"] for row in told if row["type"] == "product.request.submitted"})
    for number in range(3):
        at, named = _moment(draw), draw.sample(requests, min(4, len(requests)))
        said = {"release_id": f"V-{number}", "request_ids": named}
        yield _envelope(f"release-{number}", "product.release.published", "", at, "/releases", **said)
        if number == 0:
            later = at + timedelta(hours=30)
            yield _envelope("back-0", "product.release.rolled_back", "", later, "/releases", release_id="V-0")


def _heartbeats(draw: Random) -> Iterator[Envelope]:
    """Let the monitor hear the declared sources now and then: never for a while, and then of what was long ago."""
    at = datetime(2026, 1, 5, 6, tzinfo=UTC)
    for number in range(120):
        at += timedelta(hours=draw.choice((1, 3, 8, 12, 40)))
        heard = at - timedelta(hours=draw.choice((0, 0, 1, 30)))
        source = draw.choice(("/mail/sync", "/calendar/sync"))
        yield _envelope(f"beat-{number}", "source.heartbeat", "", at, "/monitor", source=source, watermark=_text(heard))


def _actions(draw: Random, told: Iterable[Envelope]) -> Iterator[Envelope]:
    """Act on a third of the work that comes out so far, after a while and sometimes twice."""
    for number, out in enumerate(_lines(told)):
        kind, data = out.line.type, out.line.data
        if kind not in {"task.offered", "alert.raised"} or draw.random() > 0.35 or out.line.at is None:
            continue
        at = out.line.at + timedelta(minutes=draw.choice((5, 90, 600, 3_000, 20_000)))
        for turn in range(draw.choice((1, 1, 2))):
            action = draw.choice(_ACTIONS) if kind == "task.offered" else "alert.acknowledged"
            said: Envelope = {"id": data["id"], "actor": {"person": "dana", "team": "cs"}}
            said |= {"task.declined": {"reason": "not mine"}, "task.reassigned": {"to": "ben"}}.get(action, {})
            if action == "task.snoozed":
                said |= {"until": _text(at + timedelta(days=2))}
            later = at + timedelta(hours=7 * turn)
            if later >= UNTIL:
                continue  # nobody acts after the end of the story, to which every way of folding it goes
            yield _envelope(f"act-{number}-{turn}", action, out.account, later, "/inbox", **said)


def _lines(told: Iterable[Envelope]) -> list[OutLine]:
    world = World(Library(load_definitions()), load_directory())
    events = [parse_event(json.dumps(row).encode(), now=UNTIL) for row in told]
    return list(simulate((Arrival(event, event.recorded_at or event.time) for event in events), world, UNTIL))


def _again(draw: Random, told: list[Envelope]) -> Iterator[Envelope]:
    """Tell one row in thirty again as it is, and one in eighty with the same id and other words, later (F19)."""
    for row in draw.sample(told, len(told) // 30):
        yield row
    for row in draw.sample(told, len(told) // 80):
        later = arrives(row) + timedelta(hours=draw.randint(1, 200))
        yield row | {"time": _text(later - timedelta(minutes=1)), "recordedtime": _text(later)}


def _moment(draw: Random) -> datetime:
    return datetime(2026, 1, 12, tzinfo=UTC) + timedelta(minutes=draw.randint(0, 70 * 24 * 60))


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
