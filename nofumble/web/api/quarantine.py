"""What was refused, and why? Let through when the cause is gone."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from agents.intake import Intake
from nofumble.cli.quarantine import find, let_through, quarantine_as_json
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, page_reply, paged, reply
from nofumble.web.context import Context, needs

router = APIRouter(prefix="/quarantine", tags=["quarantine"])

Reader = Annotated[Context, needs("quarantine.read")]
EventId = Annotated[str, Path(max_length=36, description="The id of the quarantine, or its first six characters.")]


@router.get("", response_model=Page)
def listed(context: Reader, released: bool = False, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> Response:  # noqa: FBT001, FBT002
    """List what is in quarantine, the oldest first."""
    found = context.store.quarantine(status=None if released else "open", limit=ROWS_MAX)
    found.sort(key=lambda one: (one.row.at, one.row.id))
    shown, following = paged(found, lambda one: (one.row.at, one.row.id), cursor, limit)
    return page_reply(context, [quarantine_as_json(one) for one in shown], following)


@router.get("/{id}", response_model=dict[str, Any])
def shown(context: Reader, id: EventId) -> Response:  # noqa: A002 - the name in the address
    """Show one event as it came."""
    found = find(context.store, id)
    return reply(context, quarantine_as_json(found) | {"raw": found.row.raw.decode("utf-8", "replace")})


@router.post("/{id}/release", response_model=dict[str, Any], status_code=202)
def release(context: Annotated[Context, needs("quarantine.release")], id: EventId) -> Response:  # noqa: A002
    """Let an event through; it takes its place by its time."""
    found = find(context.store, id)
    let_through(context.store, Intake(context.store, context.directory), found, now=context.now)
    context.note("quarantine.released", about=found.row.id, account=found.row.account_id)
    return reply(context, {"id": found.row.id, "status": "released"}, status=202)
