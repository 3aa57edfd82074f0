"""What waits for its customer to be known? Let go when a link says whose its reference is."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.cli.stored_work import ROWS_MAX
from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, page_reply, paged, reply
from nofumble.web.context import Context, needs
from nofumble.web.parked import link
from nofumble.web.views.quarantine import parked_of

router = APIRouter(prefix="/parked", tags=["quarantine"])


class Link(BaseModel):
    """Whose a reference is."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(min_length=3, max_length=400, examples=["zendesk:8812"])
    account: str = Field(min_length=1, max_length=200, description="the id of the account")


@router.get("", response_model=Page)
def listed(
    context: Annotated[Context, needs("quarantine.read")],
    ref: Annotated[str | None, Query(max_length=400, description="Only what waits for this reference.")] = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List events that wait for the link of their reference, the oldest first."""
    found = [one for one in parked_of(context.store.parked(limit=ROWS_MAX)) if ref in {None, one.ref}]
    found.sort(key=lambda one: (one.at, one.source, one.event))
    shown, following = paged(found, lambda one: (one.at, one.source, one.event), cursor, limit)
    return page_reply(context, shown, following)


@router.post("/link", response_model=dict[str, Any], status_code=202)
def release(context: Annotated[Context, needs("quarantine.release")], wanted: Link) -> Response:
    """Say whose a reference is; everything that waits for it is released, and takes its place by its time."""
    waiting = [one for one in context.store.parked(limit=ROWS_MAX) if one.ref == wanted.ref]
    link(context, wanted.ref, wanted.account)
    return reply(context, {"ref": wanted.ref, "account": wanted.account, "released": len(waiting)}, status=202)
