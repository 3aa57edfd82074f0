"""What is open, with whom, why, and what a person does about it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from agents.page_rows import WorkPage
from agents.rows import WorkKind
from nofumble.cli.stored_work import by_urgency, work_as_json
from nofumble.web.api.replies import (
    PAGE_DEFAULT,
    Cursor,
    IfMatch,
    Limit,
    Page,
    check_match,
    etag_of,
    key_of,
    page_reply,
    reply,
)
from nofumble.web.context import Context, needs
from nofumble.web.reasons import because_of
from nofumble.web.work import ACTIONS, Scope, act, find, page_of, waiting_for

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
    of: Annotated[Scope, Query(description="Mine, or my team's with its queue.")] = "mine",
    limit: Limit = PAGE_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List the open tasks and alerts that wait for me or my team, the most urgent first."""
    return _listed(context, waiting_for(context, of), cursor, limit)


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
        names, is_open = (None if person is None else [person]), (None if closed else True)
        wanted = WorkPage((kind,), names, account_id=account, workflow=workflow, is_open=is_open)
        return _listed(context, wanted, cursor, limit)

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
    """Tell why it exists: the events, the clock, what was known, the rule, and what would have prevented it.

    The same object as `nofumble why --json`; also of an escalation, by its id in `escalations` of the task.
    """
    found = because_of(context, work_id)
    row = found.named.row
    return reply(context, found.as_json(), etag=etag_of(row) if row is not None else None)


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


def _listed(context: Context, wanted: WorkPage, cursor: str | None, limit: int) -> Response:
    after = None if cursor is None else key_of(cursor, tuple[int, datetime, UUID])
    rows = page_of(context, wanted._replace(after=after and (*after[:2], str(after[2])), limit=limit + 1))
    shown, last = rows[:limit], rows[limit - 1 : limit]
    following = by_urgency(last[0]) if len(rows) > limit else None
    return page_reply(context, [work_as_json(row) | {"etag": etag_of(row)} for row in shown], following)
