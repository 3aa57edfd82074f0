"""The workflows that watch over customers: the list, the page of each, and its picture."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from agents.rows import WorkFilter
from nofumble.cli.stored_work import ROWS_MAX
from nofumble.cli.workflows import find
from nofumble.pages.course import course_of
from nofumble.pages.drawing import drawn
from nofumble.web.authoring import drafts_of, is_author, shown
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.pages.reports import names_of
from nofumble.web.views.timeline import TEAMS
from nofumble.web.views.workflows import since_of_late, workflow_list, workflow_page

router = APIRouter()

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture brings its own style, and nothing else; it is shown as an image, where no script runs."""


@router.get("/workflows")
def workflows(context: Annotated[Context, needs("workflow.read")]) -> HTMLResponse:
    """List the workflows by the team that owns them."""
    since = since_of_late(reader_of(context))
    recent = context.store.work(WorkFilter(is_open=None, opened_from=since, limit=ROWS_MAX))
    seen = [row for row in recent if context.sees(row.account_id)]
    teams = workflow_list(shown(context), seen)
    return draw(context, "workflows.html", here="/workflows", teams=teams, names=TEAMS, drafts=drafts_of(context))


@router.get("/workflows/{name}.svg")
def picture(name: str, context: Annotated[Context, needs("workflow.read")]) -> Response:
    """Draw the course of a workflow."""
    definition = find(shown(context), name)
    svg = drawn(definition.name, definition.source.title, course_of(definition))
    return Response(svg, media_type="image/svg+xml", headers={"Content-Security-Policy": PICTURE_POLICY})


@router.get("/workflows/{name}")
def workflow(name: str, context: Annotated[Context, needs("workflow.read")]) -> HTMLResponse:
    """Show what a workflow does, and whom it touched of late."""
    definition, reader = find(shown(context), name), reader_of(context)
    wanted = WorkFilter(workflow=name, is_open=None, opened_from=since_of_late(reader), limit=ROWS_MAX)
    page = workflow_page(definition, [row for row in context.store.work(wanted) if context.sees(row.account_id)])
    names = names_of(context, {one.account for one in page.hits})
    may_write = is_author(context, {page.team})
    said: dict[str, Any] = {"flow": page, "account_names": names, "may_write": may_write}
    return draw(context, "workflow.html", here="/workflows", reader=reader, **said)
