"""A season of mailings: campaigns with lists over many accounts; contacts come and go, customers are held back.

Contacts are named by id, by address, or with their account, which may be a reference; events come late and twice. All
chance comes from one seed, and no two rows arrive at one time unless `is_tied`.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.integration.requests import START, Envelope, envelope

HOMES = ["leads", "brand"]
CUSTOMERS = [f"acme-{number}" for number in range(6)]
CONTACTS = [f"c{number}" for number in range(16)]


def mailings(seed: int, *, is_tied: bool = False) -> list[bytes]:
    """Return the rows of a seed, in no order."""
    draw = Random(seed)
    told = [*_accounts(draw), *_contacts(draw), *_campaigns(draw)]
    step = timedelta(0) if is_tied else timedelta(seconds=1)
    told = [_arrives(draw, row, number * step) for number, row in enumerate(told)]
    told += draw.sample(told, len(told) // 6)
    rows = [json.dumps(row).encode() for row in told]
    draw.shuffle(rows)
    return rows


def _accounts(draw: Random) -> Iterator[Envelope]:
    roles = {"csm": "dana", "marketer": "mo", "marketing_lead": "lou"}
    for name in HOMES:
        yield envelope(f"reg-{name}", "account.registered", name, START, lifecycle="prospect", roles=roles)
    for name in CUSTOMERS:
        lifecycle = draw.choice(["live", "live", "onboarding", "prospect"])
        yield envelope(f"reg-{name}", "account.registered", name, START, lifecycle=lifecycle, roles=roles, tier=1)
    for name in draw.sample(CUSTOMERS, 3):
        yield envelope(f"link-{name}", "account.linked", name, _moment(draw), system="desk", external_id=name)
        yield envelope(f"sign-{name}", "sales.contract.signed", name, _moment(draw), contract_id=f"C-{name}")
    for name in draw.sample(CUSTOMERS, 3):
        at = _moment(draw)
        until = (at + timedelta(days=draw.randint(1, 9))).isoformat()
        held = {"scope": "promo", "reason": "merger", "actor": {"person": "dana"}, "until": until}
        yield envelope(f"hold-{name}", "hold.placed", name, at, **held)
    yield envelope("merge", "account.merged", CUSTOMERS[-1], _moment(draw), into=CUSTOMERS[0])


def _contacts(draw: Random) -> Iterator[Envelope]:
    for name in CONTACTS[:-3]:
        account = draw.choice([*CUSTOMERS, *CUSTOMERS, *HOMES])
        subject = draw.choice([account, account, f"desk:{account}"])
        said = {"contact_id": name, "email": f"{name}@x.example"}
        yield envelope(f"join-{name}", "customer.contact.joined", subject, _moment(draw, days=6), **said)
        if draw.random() < 0.3:
            yield envelope(f"left-{name}", "customer.contact.left", account, _moment(draw), **said)
        if draw.random() < 0.3:
            yield envelope(f"bye-{name}", "marketing.email.unsubscribed", account, _moment(draw), contact_id=name)


def _campaigns(draw: Random) -> Iterator[Envelope]:
    for number in range(6):
        at, home = _moment(draw, since=4), draw.choice(HOMES)
        said = {"campaign_id": f"M-{number}", "kind": "promo", "stage": draw.choice(["prospect", "all"])}
        name = f"plan-{number}"
        yield envelope(name, "marketing.campaign.scheduled", home, at, **said, contact_ids=_list(draw))
        if draw.random() < 0.5:
            later, kind = at + timedelta(hours=draw.randint(1, 40)), draw.choice(["scheduled", "approved"])
            said |= {"audience": [_listed(draw, one) for one in _list(draw)]}
            yield envelope(f"{name}-again", f"marketing.campaign.{kind}", home, later, **said)
        if draw.random() < 0.4:
            later = at + timedelta(hours=draw.randint(40, 90))
            said = {"campaign_id": f"M-{number}", "contact_id": draw.choice(CONTACTS)}
            yield envelope(f"{name}-sent", "marketing.email.sent", draw.choice(CUSTOMERS), later, **said)


def _list(draw: Random) -> list[str]:
    names = [draw.choice([one, one, f"{one}@x.example"]) for one in draw.sample(CONTACTS, draw.randint(4, 10))]
    return [*names, "somebody@new.example"]


def _listed(draw: Random, contact: str) -> Any:
    account = draw.choice([*CUSTOMERS, "desk:acme-1", "desk:nobody"])
    return draw.choice([contact, contact, {"contact_id": contact, "account_id": account}])


def _arrives(draw: Random, row: Envelope, after: timedelta) -> Envelope:
    late = timedelta(hours=draw.choice([0, 0, 0, 0, 5, 30, 100])) if row["id"][:3] != "reg" else timedelta(0)
    return row | {"recordedtime": (datetime.fromisoformat(row["time"]) + late + after).isoformat()}


def _moment(draw: Random, *, since: int = 1, days: int = 20) -> datetime:
    return START + timedelta(minutes=draw.randint(since * 24 * 60, days * 24 * 60) // 60 * 60)
