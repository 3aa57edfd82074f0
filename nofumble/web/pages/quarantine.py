"""What was refused, and what waits for its customer to be known; both can be let through."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.intake import Intake
from nofumble.cli.quarantine import find, let_through
from nofumble.errors import WrongUse
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw
from nofumble.web.pages.accounts import names_for_forms
from nofumble.web.parked import link as link_reference
from nofumble.web.problems import Problem
from nofumble.web.views.quarantine import parked_of, refused_of

router = APIRouter()

SHOWN = 200
Done = Literal["", "released", "linked"]
_DONE: dict[Done, str] = {
    "": "",
    "released": "Let through: the event takes its place by its time.",
    "linked": "Linked: what waited for this customer takes its place by its time.",
}


@router.get("/quarantine")
def quarantine(context: Annotated[Context, needs("quarantine.read")], done: Done = "") -> HTMLResponse:
    """Show what was refused and what is parked."""
    return _page(context, done=_DONE[done])


@router.post("/quarantine/link")
def link(
    context: Annotated[Context, needs("quarantine.release")],
    ref: Annotated[str, Form(max_length=400)],
    account: Annotated[str, Form(max_length=200)],
) -> Response:
    """Say whose a reference is: what waits for it goes to that customer."""
    try:
        link_reference(context, ref, account)
    except Problem as refused:
        return _page(context, problem=f"{refused.rule}: {refused.remedy}")
    return RedirectResponse("/quarantine?done=linked", 303)


@router.post("/quarantine/{id}")
def release(id: str, context: Annotated[Context, needs("quarantine.release")]) -> Response:  # noqa: A002
    """Let one event through."""
    try:
        found = find(context.store, id)
        let_through(context.store, Intake(context.store, context.directory), found, now=context.now)
    except WrongUse as refused:
        return _page(context, problem=str(refused))
    context.note("quarantine.released", about=id)
    return RedirectResponse("/quarantine?done=released", 303)


def _page(context: Context, *, done: str = "", problem: str = "") -> HTMLResponse:
    return draw(
        context,
        "quarantine.html",
        here="/quarantine",
        status=422 if problem else 200,
        refused=refused_of(context.store.quarantine(status="open", limit=SHOWN)),
        parked=parked_of(context.store.parked(limit=SHOWN)),
        accounts=names_for_forms(context),
        done=done,
        problem=problem,
    )
