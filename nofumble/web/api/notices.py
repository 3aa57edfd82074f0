"""What was I told?"""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Response

from nofumble.web.api.replies import PAGE_DEFAULT, Limit, reply
from nofumble.web.context import Context, needs

router = APIRouter(tags=["work"])


@router.get("/notices", response_model=list[dict[str, Any]])
def notices(context: Annotated[Context, needs("work.read")], limit: Limit = PAGE_DEFAULT) -> Response:
    """List the newest notices and digests that you were given."""
    found = context.store.notices(context.person, limit=limit)
    return reply(context, [msgspec.json.decode(one.body) for one in found])
