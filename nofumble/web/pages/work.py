"""A piece of work: why it is here, and what a person can do about it."""

import re
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi import Form as FormFields
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from agents.rows import WorkFilter, WorkRow
from nofumble.cli.stored_work import ROWS_MAX, item_of
from nofumble.errors import WrongUse
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, name_of, reader_of
from nofumble.web.pages.inbox import address_of
from nofumble.web.problems import Problem
from nofumble.web.reasons import because_of
from nofumble.web.sending import wait_for
from nofumble.web.views.because import because_page
from nofumble.web.views.deeds import DEEDS, Deed
from nofumble.web.views.reader import Reader
from nofumble.web.views.story import story_of
from nofumble.web.work import act, find
from workflows.moment import iso

router = APIRouter()

UNPROCESSABLE = 422
PLACES = re.compile(r"/(?:inbox|accounts/[^/]+|work/[^/]+)")
"""The pages that have buttons."""


class Filled(BaseModel):
    """What a form of the page says: the button, and what it asked for."""

    deed: str = Field(max_length=40)
    reason: str = Field("", max_length=2000)
    outcome: str = Field("", max_length=200)
    until: str = Field("", max_length=40)
    to: str = Field("", max_length=200)
    text: str = Field("", max_length=2000)
    tick: list[str] = Field([], max_length=100)

    def said(self, reader: Reader) -> dict[str, Any]:
        """Return what goes with the action; a time is one of the reader's zone."""
        moment = reader.local(self.until) if self.until else None
        until = iso(moment) if moment is not None else self.until
        return {
            "reason": self.reason.strip(),
            "outcome": self.outcome,
            "to": self.to,
            "text": self.text.strip(),
            "until": until,
            "checklist": self.tick,
        }


@router.get("/work/{work_id}")
def work(work_id: str, request: Request, context: Annotated[Context, needs("work.read")]) -> Response:
    """Show why a piece of work exists, and what belongs to it; of an escalation, that of its task."""
    found = because_of(context, work_id)
    row = found.named.row
    if row is None:
        return RedirectResponse(f"/work/{found.why.of}", 303)
    reader = reader_of(context)
    instance = item_of(row).instance
    same = WorkFilter(account_id=row.account_id, workflow=row.workflow, is_open=None, limit=ROWS_MAX)
    beside = context.store.work(same)
    others = [one for one in beside if one.id != row.id and one.key == row.key and item_of(one).instance == instance]
    return draw(
        context,
        "work.html",
        reader=reader,
        story=story_of(row, reader),
        why=because_page(found.why, found.told, reader, context.session.view),
        account_name=name_of(context.store, row.account_id),
        others=sorted(others, key=lambda one: (one.opened_at, one.ref)),
        is_late=row.closed_at is None and reader.is_past(row.due_at),
        address=address_of(request),
    )


@router.get("/work/{work_id}/{deed}")
def ask(work_id: str, deed: str, context: Annotated[Context, needs("work.act")]) -> HTMLResponse:
    """Show the form of an action that needs a word."""
    row = find(context, work_id)
    return _ask(context, row, _deed(deed))


@router.post("/work/{work_id}")
def do(
    work_id: str,
    request: Request,
    context: Annotated[Context, needs("work.act")],
    filled: Annotated[Filled, FormFields()],
) -> Response:
    """Do something to a piece of work, and go back to where it was done."""
    row, deed = find(context, work_id), _deed(filled.deed)
    try:
        wait_for(context, act(context, row, deed.action, filled.said(reader_of(context)) | dict(deed.says)))
    except WrongUse as refused:
        if not deed.asks:
            raise
        return _ask(context, row, deed, filled, problem=str(refused))
    except Problem as refused:
        if refused.status != UNPROCESSABLE:
            raise
        return _ask(context, row, deed, filled, problem=refused.rule)
    return RedirectResponse(_place(request, row), 303)


def _deed(name: str) -> Deed:
    if name not in DEEDS:
        raise Problem(404, f"{name!r} is nothing that can be done to work", "use the buttons of the page")
    return DEEDS[name]


def _ask(
    context: Context, row: WorkRow, deed: Deed, filled: Filled | None = None, *, problem: str = ""
) -> HTMLResponse:
    reader = reader_of(context)
    teams: dict[str, list[tuple[str, str]]] = {}
    for person in sorted(context.directory.people.values(), key=lambda one: one.name or one.id):
        teams.setdefault(person.team or "others", []).append((person.id, person.name or person.id))
    own = reader.team or ""
    return draw(
        context,
        "ask_for.html",
        reader=reader,
        story=story_of(row, reader),
        deed=deed,
        problem=problem,
        filled=filled or Filled(deed=deed.name),
        tomorrow=(context.now.astimezone(reader.zone) + timedelta(days=1)).replace(hour=9, minute=0),
        colleagues=sorted(teams.items(), key=lambda one: (one[0] != own, one[0])),
        status=422 if problem else 200,
    )


def _place(request: Request, row: WorkRow) -> str:
    """Return the page on which a button was pressed: always one of ours; without one, that of the work."""
    came = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    query = f"?{came.query}" if came.query else ""
    return f"{came.path}{query}" if PLACES.fullmatch(came.path) else f"/work/{row.id}"
