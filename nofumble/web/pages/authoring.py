"""Where a definition is written, with what the checker and its examples say as one types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from nofumble.errors import WrongUse
from nofumble.web.authoring import Flow, begin_draft, examined, own_flow, save
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw
from nofumble.web.problems import Problem, of_wrong_use
from nofumble.web.views.authoring import found_of
from nofumble.web.views.timeline import TEAMS
from workflows.language.yaml_source import SIZE_MAX

router = APIRouter()

Author = Annotated[Context, needs("workflow.author")]
Definition = Annotated[str, Form(max_length=SIZE_MAX)]
Note = Annotated[str, Form(max_length=2000)]
Seen = Annotated[str, Form(max_length=100)]
Done = Literal["", "begun", "saved", "put", "discarded"]

DONE: dict[Done, str] = {
    "": "",
    "begun": "A new definition, which holds as it is: change what it says.",
    "saved": "Saved.",
    "put": "Done. It is so from now on.",
    "discarded": "The draft is thrown away.",
}
"""What a page says of what was done just now, here and on the page of the versions."""

CHANGED = 412


@router.get("/new-workflow")
def new(context: Author) -> HTMLResponse:
    """Ask what a new workflow is called, and whose it is."""
    return _new(context)


@router.post("/new-workflow")
def begin(
    context: Author,
    name: Annotated[str, Form(max_length=60)],
    title: Annotated[str, Form(max_length=200)],
    team: Annotated[str, Form(max_length=40)],
) -> Response:
    """Begin a new workflow with the template."""
    try:
        row = begin_draft(context, name, title, team)
    except (Problem, WrongUse) as error:
        return _new(context, problem=refusal_on_page(error), said={"name": name, "title": title, "team": team})
    return RedirectResponse(f"/workflows/{row.name}/edit?done=begun", 303)


@router.get("/workflows/{name}/edit")
def edit(name: str, context: Author, done: Done = "") -> HTMLResponse:
    """Show the text of a definition, to be written on."""
    flow = own_flow(context, name)
    return _edit(context, flow, flow.text, done=DONE[done])


@router.post("/workflows/{name}/edit")
def keep(name: str, context: Author, definition: Definition, seen: Seen, note: Note = "") -> Response:
    """Save the text as the draft."""
    flow = own_flow(context, name)
    try:
        save(context, flow, definition, note, seen)
    except (Problem, WrongUse) as error:
        theirs = flow.text if isinstance(error, Problem) and error.status == CHANGED else ""
        return _edit(context, flow, definition, problem=refusal_on_page(error), theirs=theirs, note=note)
    return RedirectResponse(f"/workflows/{name}/edit?done=saved", 303)


@router.post("/workflows/{name}/check")
def check(name: str, context: Author, definition: Definition) -> HTMLResponse:
    """Say what there is to say of a text; a part of the page on which it is written."""
    found = found_of(examined(context, own_flow(context, name), definition))
    return draw(context, "author_found.html", found=found, name=name)


def _new(context: Context, *, problem: str = "", said: dict[str, str] | None = None) -> HTMLResponse:
    teams = [(one, TEAMS.get(one, one)) for one in context.session.view.writes]
    status = 422 if problem else 200
    said = said or {"name": "", "title": "", "team": ""}
    return draw(context, "author_new.html", here="/workflows", status=status, teams=teams, problem=problem, said=said)


def _edit(
    context: Context, flow: Flow, text: str, *, done: str = "", problem: str = "", theirs: str = "", note: str = ""
) -> HTMLResponse:
    status = CHANGED if theirs else 422 if problem else 200
    said: dict[str, Any] = {
        "flow": flow,
        "text": text,
        "done": done,
        "problem": problem,
        "theirs": theirs,
        "note": note,
    }
    return draw(context, "author.html", here="/workflows", status=status, **said)


def refusal_on_page(error: Problem | WrongUse) -> str:
    """Say a refusal on the page where it was met; that somebody may not is a page of its own."""
    known = error if isinstance(error, Problem) else of_wrong_use(error)
    if known.status in {401, 403, 404}:
        raise known
    return "; ".join(part for part in (known.rule, known.remedy) if part)
