"""Who saw, changed or overrode what, when and why? The page of the audit."""

from datetime import datetime, timedelta
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from nofumble.store.web_store import AuditFilter
from nofumble.web.audit import Kind, acts_of, audit_of
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.pages.reports import names_of
from nofumble.web.problems import Problem
from nofumble.web.views.audit import KIND_WORDS, deed_of
from nofumble.web.views.reader import Reader

router = APIRouter()

SHOWN = 100
Text = Annotated[str, Query(max_length=200)]
Day = Annotated[str, Query(max_length=10)]


@router.get("/audit")
def audit(
    context: Annotated[Context, needs("audit.read")],
    person: Text = "",
    account: Text = "",
    kind: Text = "",
    since: Annotated[str, Query(alias="from", max_length=10)] = "",
    until: Day = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """Show what was done and seen, newest first; days are those of the reader, and the last one is in it."""
    reader = reader_of(context)
    last = _begin_of(reader, until)
    wanted = AuditFilter(
        person.strip() or None,
        account.strip() or None,
        acts_of(_kind_of(kind)),
        _begin_of(reader, since),
        last and last + timedelta(days=1),
    )
    found, following = audit_of(context, wanted, before=before, limit=SHOWN)
    chosen = {"person": person, "account": account, "kind": kind, "from": since, "until": until}
    more = urlencode({name: value for name, value in chosen.items() if value} | {"before": following or ""})
    return draw(
        context,
        "audit.html",
        here="/audit",
        reader=reader,
        deeds=[deed_of(one, reader) for one in found],
        kinds=KIND_WORDS,
        chosen=chosen,
        is_narrowed=any(chosen.values()),
        more=f"/audit?{more}" if following is not None else "",
        names=names_of(context, {one.account_id for one in found if one.account_id}),
    )


def _kind_of(text: str) -> Kind | None:
    found: Kind | None = next((one for one in get_args(Kind) if one == text), None)
    if text and found is None:
        raise Problem(422, f"{text!r} is no kind of deed", f"take one of {', '.join(get_args(Kind))}", path="kind")
    return found


def _begin_of(reader: Reader, day: str) -> datetime | None:
    moment = reader.local(day) if day else None
    if day and moment is None:
        raise Problem(422, f"{day!r} is no day", "write it as 2026-03-06", path="from")
    return moment
