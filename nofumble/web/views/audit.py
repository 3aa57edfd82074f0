"""How does a line of the audit read? In words, with what it was done to and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nofumble.store.web_store import AuditRow
from nofumble.web.audit import Kind
from nofumble.web.views.reader import Reader, plain

KIND_WORDS: Mapping[Kind, str] = {
    "seen": "looked at",
    "changed": "work changed",
    "overrode": "work of others changed",
    "sent": "events sent",
    "doors": "sign-in, users, tokens",
    "erased": "people erased",
    "request": "each request",
}
"""Each kind as the filter says it."""

ACT_WORDS: Mapping[str, str] = {
    "work.changed": "changed work",
    "work.overridden": "changed work of others",
    "preflight.answered": "asked: may I?",
    "clock.moved": "moved the demo's clock",
    "events.sent": "sent events",
    "quarantine.released": "let an event through",
    "parked.linked": "linked a reference to a customer",
    "sign-in": "signed in",
    "sign-in.refused": "was refused at the door",
    "user.changed": "changed a user",
    "user.disabled": "shut a user's door",
    "user.invited": "made a one-time link",
    "user.signed_out": "ended sessions",
    "token.created": "made a token",
    "token.revoked": "revoked a token",
    "demo.became": "became somebody else",
    "person.erased": "erased a person",
}
"""What was done, in words; of what is not here the act itself is shown."""

PLACES: Mapping[str, str] = {
    "/accounts": "the list of customers",
    "/accounts/{account_id}": "a customer",
    "/accounts/{account_id}/timeline": "the timeline of a customer",
    "/quarantine": "the quarantine",
    "/quarantine/{id}": "an event in quarantine",
    "/parked": "what is parked",
    "/audit": "the audit",
}
"""What was looked at, by its address; of what is not here the address is shown."""

_WORK = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Deed:
    """One line: when, who and how she was known, what she did, to what, why, and what else is known of it.

    `work` is the id of a piece of work, "" where `about` is something else.
    """

    at: datetime
    who: str
    how: str
    what: str
    account: str
    work: str
    about: str
    reason: str
    detail: str


def deed_of(row: AuditRow, reader: Reader) -> Deed:
    """Return a line of the audit in words."""
    about = row.object or ""
    is_work = row.act.startswith("work.") and _WORK.fullmatch(about) is not None
    method, _, path = row.act.partition(" ")
    place = path.removeprefix("/api/v1")
    looked = f"looked at {PLACES.get(place, place)}" if method == "GET" else row.act
    return Deed(
        row.at,
        reader.name(row.person) if row.person else "nobody" if row.how != "command" else "the command line",
        row.how if row.how in ("token", "command") else "",
        ACT_WORDS.get(row.act, looked),
        row.account_id or "",
        about if is_work else "",
        "" if is_work else reader.name(about),
        row.reason or "",
        ", ".join(f"{plain(name)} {_said(value)}" for name, value in row.detail.items() if value not in (None, "", [])),
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
