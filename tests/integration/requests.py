"""A season of product requests: who asked for what, what was merged, shipped, released and taken back, in any order.

Each name of an account may be its id, a reference that is linked before or afterwards, or an account that is merged
later; each event may come late, twice, or together with others. All chance comes from one seed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Envelope = dict[str, Any]

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNTIL = START + timedelta(days=40)
ACCOUNTS = [f"acme-{number}" for number in range(7)]
REQUESTS = [f"R-{number}" for number in range(6)]
RELEASES = ["V-1", "V-2"]


def season(seed: int) -> list[bytes]:
    """Return the rows of a seed, in no order."""
    draw = Random(seed)
    told = [*_accounts(draw), *_requests(draw), *_news(draw)]
    told = [_late(draw, row) for row in told]
    told += draw.sample(told, len(told) // 8)
    told += [row | {"data": row["data"] | {"accounts": ACCOUNTS}} for row in draw.sample(told, len(told) // 10)]
    rows = [json.dumps(row).encode() for row in told]
    draw.shuffle(rows)
    return rows


def envelope(event_id: str, event_type: str, subject: str, at: datetime, **data: Any) -> Envelope:
    """Give an event; without a subject it names no account."""
    row = {"specversion": "1.0", "id": event_id, "source": "/tracker", "type": event_type, "time": _text(at)}
    return row | {"data": data} | ({"subject": subject} if subject else {})


def _accounts(draw: Random) -> Iterator[Envelope]:
    for name in ACCOUNTS:
        yield envelope(f"reg-{name}", "account.registered", name, START, name=name, roles={"csm": "dana"})
    for name in draw.sample(ACCOUNTS, 4):
        at = _moment(draw)
        yield envelope(f"link-{name}", "account.linked", name, at, system="desk", external_id=name)
    for name in draw.sample(ACCOUNTS[1:], 2):
        yield envelope(f"merge-{name}", "account.merged", name, _moment(draw), into=ACCOUNTS[0])


def _requests(draw: Random) -> Iterator[Envelope]:
    for number in range(24):
        kind = draw.choice(["product.request.submitted", "customer.request.raised", "product.request.acknowledged"])
        data: Envelope = {"request_id": draw.choice(REQUESTS)}
        if kind.startswith("product.") and draw.random() < 0.3:
            data["accounts"] = [_name(draw) for _ in range(2)]
        subject = _name(draw) if "accounts" not in data or draw.random() < 0.5 else ""
        yield envelope(f"ask-{number}", kind, subject, _moment(draw), **data)
    for number in range(3):
        one, other = draw.sample(REQUESTS, 2)
        yield envelope(
            f"into-{number}", "product.request.merged", _name(draw), _moment(draw), request_id=one, into=other
        )


def _news(draw: Random) -> Iterator[Envelope]:
    for number in range(3):
        data: Envelope = {"request_id": draw.choice(REQUESTS), "release_id": draw.choice(RELEASES)}
        subject = _name(draw) if draw.random() < 0.7 else ""
        data |= {"accounts": [_name(draw) for _ in range(2)]} if not subject or draw.random() < 0.5 else {}
        yield envelope(f"ship-{number}", "product.request.shipped", subject, _moment(draw), **data)
    for release in RELEASES:
        named = draw.sample(REQUESTS, 2)
        at, subject = _moment(draw), _name(draw) if draw.random() < 0.3 else ""
        yield envelope(release, "product.release.published", subject, at, release_id=release, request_ids=named)
        if draw.random() < 0.5:
            later = at + timedelta(hours=draw.randint(1, 90))
            yield envelope(f"{release}-back", "product.release.rolled_back", "", later, release_id=release)
    yield envelope("nothing", "product.release.published", "", _moment(draw), title="names nobody and nothing")


def _name(draw: Random) -> str:
    account = draw.choice(ACCOUNTS)
    return draw.choice([account, account, account, f"desk:{account}"])


def _late(draw: Random, row: Envelope) -> Envelope:
    if draw.random() < 0.7:
        return row
    at = datetime.fromisoformat(row["time"]) + timedelta(hours=draw.choice([1, 10, 60, 200]))
    return row | {"recordedtime": _text(at)}


def _moment(draw: Random) -> datetime:
    """Give a whole hour, so that some things become known at one time."""
    return START + timedelta(hours=draw.randint(1, 20 * 24))


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
