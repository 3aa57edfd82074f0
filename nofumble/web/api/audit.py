"""Who saw, changed or overrode what, when and why? For those who may read it; nobody may change it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, key_of, page_reply
from nofumble.web.context import Context, needs

router = APIRouter(tags=["audit"])


@router.get("/audit", response_model=Page)
def audit(
    context: Annotated[Context, needs("audit.read")],
    person: Annotated[str | None, Query(max_length=200)] = None,
    account: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List what was done and seen, newest first."""
    before = None if cursor is None else key_of(cursor, int)
    found = context.store.audit(before=before, limit=limit + 1, person=person, account_id=account)
    shown = found[:limit]
    return page_reply(context, [one._asdict() for one in shown], shown[-1].seq if len(found) > limit else None)
