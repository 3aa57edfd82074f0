"""The first page: what waits for a person, and for her team."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from nofumble.cli.inbox import facts_of
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.views.inbox import ITEMS_SHOWN, inbox_of
from nofumble.web.work import inbox_of as waiting
from nofumble.web.work import team_inbox_of

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
    scope: Literal["mine", "team"] = "mine",
    limit: Annotated[int, Query(ge=1, le=1000)] = ITEMS_SHOWN,
    asleep: bool = False,  # noqa: FBT001, FBT002 - a part of the address
) -> HTMLResponse:
    """Show open tasks and alerts, by account."""
    reader = reader_of(context)
    found = inbox_of(
        waiting(context, context.person) if scope == "mine" else team_inbox_of(context),
        lambda account: facts_of(context.store.account(account)),
        reader,
        scope=scope,
        limit=limit,
        asleep=asleep,
    )
    return draw(
        context, "inbox.html", here="/inbox", reader=reader, inbox=found, asleep=asleep, address=address_of(request)
    )


def address_of(request: Request) -> str:
    """Return the path and the query of a request: what a page asks for again when something changed."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
