"""What is open, with whom, why, and what a person does about it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from agents.rows import WorkKind, WorkRow
from nofumble.cli.stored_work import by_urgency, work_as_json
from nofumble.web.api.replies import (
    PAGE_DEFAULT,
    Cursor,
    IfMatch,
    Limit,
    Page,
    check_match,
    etag_of,
    page_reply,
    paged,
    reply,
)
from nofumble.web.context import Context, needs
from nofumble.web.work import ACTIONS, act, find, inbox_of, story_of, team_inbox_of, work_of

router = APIRouter(tags=["work"])

Reader = Annotated[Context, needs("work.read")]
Actor = Annotated[Context, needs("work.act")]
WorkId = Annotated[str, Path(max_length=36, description="The id of work, or its first six characters.")]
Narrow = Annotated[str | None, Query(max_length=200)]
KINDS: dict[str, WorkKind] = {"tasks": "task", "alerts": "alert", "loops": "loop", "holds": "hold"}


class Said(BaseModel):
    """What goes with an action: each takes what it needs, and nothing else is understood."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(None, max_length=2000)
    until: str | None = Field(None, max_length=40, description="a day, or a time with its offset")
    to: str | None = Field(None, max_length=200, description="the person who is to have it")
    outcome: str | None = Field(None, max_length=200)
    checklist: list[str] | None = Field(None, max_length=100)
    verdict: Literal["useful", "noise"] | None = None
    note: str | None = Field(None, max_length=2000)
    text: str | None = Field(None, max_length=2000, description="what the customer was told")


@router.get("/inbox", response_model=Page)
def inbox(
    context: Reader,
    of: Annotated[Literal["mine", "team"], Query(description="Mine, or my team's with its queue.")] = "mine",
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List the open tasks and alerts that wait for me or my team, the most urgent first."""
    rows = inbox_of(context, context.person) if of == "mine" else team_inbox_of(context)
    return _listed(context, rows, cursor, limit)


def _list_of(name: str, kind: WorkKind) -> None:
    @router.get(f"/{name}", response_model=Page, name=name, operation_id=f"list_{name}")
    def listed(
        context: Reader,
        person: Narrow = None,
        account: Narrow = None,
        workflow: Narrow = None,
        closed: bool = False,  # noqa: FBT001, FBT002
        limit: Limit = PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> Response:
        rows = work_of(context, kind, person=person, account=account, workflow=workflow, is_closed_too=closed)
        return _listed(context, rows, cursor, limit)

    listed.__doc__ = f"List {name}, the most urgent first."


for _name, _kind in KINDS.items():
    _list_of(_name, _kind)


@router.get("/work/{work_id}", response_model=dict[str, Any])
def item(context: Reader, work_id: WorkId) -> Response:
    """Show one task, alert, hold or loop, with the ETag of its state."""
    row = find(context, work_id)
    return reply(context, work_as_json(row), etag=etag_of(row))


@router.get("/work/{work_id}/why", response_model=dict[str, Any])
def why(context: Reader, work_id: WorkId) -> Response:
    """Tell why it exists: the events, the clock, what was known, the rule, and what would have prevented it."""
    row = find(context, work_id)
    return reply(context, story_of(row), etag=etag_of(row))


def _action_of(name: str) -> None:
    @router.post(
        f"/work/{{work_id}}/{name}",
        response_model=dict[str, Any],
        status_code=202,
        name=name,
        operation_id=f"work_{name}",
    )
    def acted(context: Actor, work_id: WorkId, said: Said | None = None, if_match: IfMatch = None) -> Response:
        row = find(context, work_id)
        check_match(row, if_match)
        envelope = act(context, row, name, (said or Said()).model_dump(exclude_none=True))
        return reply(context, {"event": envelope["id"], "type": envelope["type"], "work": row.id}, status=202)

    action = ACTIONS[name]
    needed = f" Needs {', '.join(action.must)}." if action.must else ""
    acted.__doc__ = f"Note {action.event}; the agents apply it in a moment.{needed}"


for _action in ACTIONS:
    _action_of(_action)


def _listed(context: Context, rows: list[WorkRow], cursor: str | None, limit: int) -> Response:
    shown, following = paged(rows, by_urgency, cursor, limit)
    return page_reply(context, [work_as_json(row) | {"etag": etag_of(row)} for row in shown], following)
