"""The stream that tells a page when to look again."""

from collections.abc import Collection, Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from nofumble.web.context import Context, needs
from nofumble.web.live import stream
from nofumble.web.scope import sees_account

router = APIRouter()


@router.get("/events")
async def events(request: Request, context: Annotated[Context, needs("work.read")]) -> StreamingResponse:
    """Tell which accounts were touched, of those that one sees, and whether it is one's own work (`mine`).

    Events are named `changed`; `{"again": true}` means that anything may have changed.
    """
    shared, session, directory = context.shared, context.session, context.directory
    team = directory.team_of(session.person)
    names = {session.person} | ({directory.queue_of_team(team)} if team else set())

    async def sees(accounts: Sequence[str]) -> Collection[str]:
        if session.view.accounts == "all" or not accounts:
            return accounts
        async with shared.stores.lent() as store:
            question = sees_account(store, directory, session)
            return await run_in_threadpool(lambda: [one for one in accounts if question(one)])

    is_back = "last-event-id" in request.headers
    said = stream(shared.hub, sees, frozenset(names), is_back=is_back)
    return StreamingResponse(said, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
