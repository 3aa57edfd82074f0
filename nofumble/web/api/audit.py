"""Who saw, changed or overrode what, when and why? For those who may read it; nobody may change it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from nofumble.store.web_store import AuditFilter
from nofumble.web.api.replies import PAGE_DEFAULT, Cursor, Limit, Page, key_of, page_reply
from nofumble.web.audit import Kind, acts_of, audit_of
from nofumble.web.context import Context, needs

router = APIRouter(tags=["audit"])


@router.get("/audit", response_model=Page)
def audit(  # noqa: PLR0913, PLR0917 - each is a part of the address
    context: Annotated[Context, needs("audit.read")],
    person: Annotated[str | None, Query(max_length=200)] = None,
    account: Annotated[str | None, Query(max_length=200)] = None,
    kind: Annotated[Kind | None, Query(description="What was done: seen, changed, overrode, ...")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="The first moment.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="The first moment after the last.")] = None,
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List what was done and seen, newest first."""
    before = None if cursor is None else key_of(cursor, int)
    wanted = AuditFilter(person, account, acts_of(kind), since, until)
    shown, following = audit_of(context, wanted, before=before, limit=limit)
    return page_reply(context, [one._asdict() for one in shown], following)
