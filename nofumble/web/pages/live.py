"""The stream that tells a page when to look again."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from nofumble.web.context import Context, needs
from nofumble.web.live import ALL, Watcher, stream
from nofumble.web.scope import who_sees

router = APIRouter()


@router.get("/events")
async def events(
    context: Annotated[Context, needs("work.read")],
    cares: Annotated[str, Query(max_length=200)] = ALL,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> StreamingResponse:
    """Tell which accounts were touched, of those that one sees, and whether it is one's own work (`mine`).

    Events are named `changed`; `{"again": true}` means that anything may have changed. A page that `cares` for "mine",
    or for one account, is told of nothing else.
    """
    person, directory = context.person, context.directory
    team = directory.team_of(person)
    names = {person} | ({directory.queue_of_team(team)} if team else set())
    watcher = Watcher(frozenset(names), who_sees(directory, context.session), cares)
    said = stream(context.shared.hub, watcher, last_event_id)
    return StreamingResponse(said, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
