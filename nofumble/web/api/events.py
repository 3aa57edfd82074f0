"""Events in: CloudEvents single or in batches, as a document (structured) or as a body with headers (binary).

The same event twice changes nothing, so whoever got no answer sends it again.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from agents.intake import Incoming, Intake, Outcome
from nofumble.web.api.replies import reply
from nofumble.web.context import Context, needs
from nofumble.web.problems import Problem
from nofumble.web.roles import may_send

router = APIRouter(tags=["events"])

BATCH_MAX = 5_000
"""Events of one request: as many as go into one transaction of intake."""

TYPES_NOTED = 20
ORIGIN = "web"
STRUCTURED = frozenset({"application/cloudevents+json", "application/json"})
BATCH = "application/cloudevents-batch+json"
BINARY_DATA = "application/json"

_ENVELOPE = {"type": "object", "required": ["specversion", "id", "source", "type", "subject", "time"]}
_BODIES = {
    "application/cloudevents+json": {"schema": _ENVELOPE},
    BATCH: {"schema": {"type": "array", "maxItems": BATCH_MAX, "items": _ENVELOPE}},
    "application/json": {"schema": {}},
}


class Fate(BaseModel):
    """What became of one event; `path` and `reason` say why one is in quarantine."""

    id: str | None
    source: str | None
    fate: Literal["accepted", "duplicate", "parked", "quarantined"]
    path: str | None = None
    reason: str | None = None


class Taken(BaseModel):
    """What became of the events, in the order in which they were sent, and the sums."""

    events: list[Fate]
    rows: int
    accepted: int
    duplicate: int
    parked: int = Field(description="they wait for a link to an account")
    quarantined: int


class _Head(msgspec.Struct):
    """What is looked at before an event is taken: what it is, about whom, and who is said to have done it."""

    type: str = ""
    subject: str = ""
    data: dict[str, Any] | None = None


async def bodies(request: Request) -> Sequence[bytes]:
    """Return the envelopes of a request; raise Problem when it has none."""
    raw = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "ce-specversion" in request.headers:
        return [_from_headers(request.headers, kind, raw)]
    if kind == BATCH or (kind in STRUCTURED and raw.lstrip()[:1] == b"["):
        return _batch(raw)
    if kind in STRUCTURED:
        return [raw]
    known = f"{', '.join(sorted(STRUCTURED))}, {BATCH}, or headers ce-*"
    raise Problem(415, f"events are not sent as {kind or 'nothing'!r}", f"send {known}")


@router.post(
    "/events",
    status_code=202,
    response_model=Taken,
    openapi_extra={"requestBody": {"required": True, "content": _BODIES}},
)
def take_events(
    context: Annotated[Context, needs("event.send")], raws: Annotated[Sequence[bytes], Depends(bodies)]
) -> Response:
    """Take events in; each ends as exactly one of accepted, duplicate, parked, quarantined."""
    heads = [_head_of(raw) for raw in raws]
    for head in heads:
        _check_sender(context, head)
    outcomes: list[Outcome] = []
    rows = [Incoming(f"{ORIGIN}/{context.person}", place, raw) for place, raw in enumerate(raws, start=1)]
    tally = Intake(context.store, context.directory).take(rows, now=context.now, on_row=outcomes.append)
    told = [_fate_of(one) for one in sorted(outcomes, key=lambda one: one.row.position)]
    counts = {name: count for name, count in tally.as_json().items() if name != "supporting"}
    context.note("events.sent", counts=counts, types=sorted({head.type for head in heads})[:TYPES_NOTED])
    return reply(context, {"events": told, **counts}, status=202)


def _fate_of(one: Outcome) -> dict[str, Any]:
    event = one.event
    said = {"id": event.id if event else None, "source": event.source if event else None, "fate": one.fate}
    return said if one.fate != "quarantined" else {**said, "path": one.path, "reason": one.reason}


def _check_sender(context: Context, head: _Head) -> None:
    """Refuse what somebody may not send: another team's events, somebody else's deeds, accounts that are not seen."""
    view = context.session.view
    if head.type and not may_send(view, head.type):
        can = ", ".join(view.sends) or "none"
        raise Problem(
            403, f"{head.type} is not yours to send: you may send {can}", "let its team or its system send it"
        )
    if view.accounts == "own" and head.subject:
        account = context.store.resolve([head.subject]).get(head.subject, head.subject)
        if context.store.account(account) is not None and not context.sees(account):
            raise Problem(403, f"you do not see the account {head.subject!r}", "let who looks after it send it")
    actor = (head.data or {}).get("actor")
    who = actor.get("person") if isinstance(actor, Mapping) else None
    if who is not None and who != context.person and "*" not in view.sends:
        raise Problem(403, f"the actor is {who!r}, and you are {context.person!r}", "send only what you did yourself")


def _head_of(raw: bytes) -> _Head:
    try:
        return msgspec.json.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Head()  # intake says what is wrong with it


def _batch(raw: bytes) -> Sequence[bytes]:
    try:
        found = [bytes(one) for one in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"a batch is a JSON array of events: {error}", "mend it and send it again") from error
    if len(found) > BATCH_MAX:
        raise Problem(413, f"a batch has at most {BATCH_MAX} events, and this one {len(found)}", "send several")
    return found


def _from_headers(headers: Mapping[str, str], kind: str, raw: bytes) -> bytes:
    """Return the envelope of an event in the binary mode: its attributes are headers, its data the body.

    Values are percent-encoded where they need it (CloudEvents, HTTP binding 3.1.3.2).
    """
    if raw and kind != BINARY_DATA and not kind.endswith("+json"):
        raise Problem(415, f"the data of an event is JSON, and not {kind or 'of no type'!r}", f"send {BINARY_DATA}")
    try:
        data = msgspec.Raw(raw) if raw and msgspec.json.decode(raw) is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"the data is no JSON: {error}", "mend it and send it again") from error
    said = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    return msgspec.json.encode(said | ({} if data is None else {"data": data}))
