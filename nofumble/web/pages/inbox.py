"""The first page: what waits for a person, and for her team."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from nofumble.cli.inbox import facts_of
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.views.inbox import ITEMS_SHOWN, inbox_of
from nofumble.web.work import Scope, counts_of, page_of, waiting_for

router = APIRouter()


@router.get("/")
def first_page(context: Annotated[Context, needs("self")]) -> RedirectResponse:
    """Go to where a person's day begins: executives to the overview, others to the inbox."""
    place = "/overview" if "executive" in context.session.roles else "/inbox" if context.may("work.read") else "/me"
    return RedirectResponse(place, 303)


@router.get("/inbox")
def inbox(
    request: Request,
    context: Annotated[Context, needs("work.read")],
    scope: Scope = "mine",
    limit: Annotated[int, Query(ge=1, le=1000)] = ITEMS_SHOWN,
    asleep: bool = False,  # noqa: FBT001, FBT002 - a part of the address
) -> HTMLResponse:
    """Show open tasks and alerts, by account."""
    reader, wanted = reader_of(context), waiting_for(context, scope)._replace(is_asleep=asleep, limit=limit)
    rows, counts = page_of(context, wanted), counts_of(context, wanted)
    sleeping = counts if asleep else counts_of(context, wanted._replace(is_asleep=True))
    known = context.store.accounts_named([*{row.account_id for row in rows}])
    facts = {one.account_id: facts_of(one) for one in known}
    found = inbox_of(rows, counts, facts, reader, scope=scope, asleep=sleeping.tasks + sleeping.alerts)
    return draw(
        context, "inbox.html", here="/inbox", reader=reader, inbox=found, asleep=asleep, address=address_of(request)
    )


def address_of(request: Request) -> str:
    """Return the path and the query of a request: what a page asks for again when something changed."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
