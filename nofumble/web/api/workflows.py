"""Which workflows are there, and what does each do?"""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from nofumble.cli.workflows import find, summary
from nofumble.web.api.replies import reply
from nofumble.web.authoring import shown
from nofumble.web.context import Context, needs
from workflows.language.words import describe

router = APIRouter(tags=["workflows"])
Reader = Annotated[Context, needs("workflow.read")]


@router.get("/workflows", response_model=list[dict[str, Any]])
def workflows(context: Reader) -> Response:
    """List the workflows in force, in order of name."""
    return reply(context, [summary(one) for one in shown(context)])


@router.get("/workflows/{name}", response_model=dict[str, Any])
def workflow(context: Reader, name: Annotated[str, Path(max_length=200)]) -> Response:
    """Tell one workflow as a timeline in words."""
    definition = find(shown(context), name)
    return reply(context, summary(definition) | asdict(describe(definition)))
