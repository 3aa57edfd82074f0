"""Which versions of a workflow are there, what came into force when and why, and what comes next?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from nofumble.cli.versions import steps_of
from nofumble.errors import WrongUse
from nofumble.web.activating import DEEDS, Settled, Wish, settle, trial_of
from nofumble.web.authoring import Flow, discard, flow_of, is_author, own_flow, version_of, visible_history
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, reader_of
from nofumble.web.pages.authoring import DONE, Done, refusal_on_page
from nofumble.web.pages.reports import names_of
from nofumble.web.problems import Problem
from nofumble.web.views.authoring import (
    DIFFERENCES_SHOWN,
    buttons_of,
    compared_of,
    history_of,
    outcome_of,
    versions_here,
)
from workflows.language.differences import differences

router = APIRouter()

Reader = Annotated[Context, needs("workflow.read")]
Author = Annotated[Context, needs("workflow.author")]
Wanted = Annotated[str, Query(max_length=64)]

DISCARD = "discard"
"""What is done with a draft that nobody wants; the other deeds are those of `DEEDS`."""


class Decided(BaseModel):
    """What a form says of a deed; `sure` is said by who has seen what would come of it."""

    deed: str = Field(max_length=20)
    seen: str = Field(max_length=100)
    note: str = Field("", max_length=2000)
    migrate: str = Field("", max_length=3)
    steps: str = Field("", max_length=400)
    sure: str = Field("", max_length=3)


@router.get("/workflows/{name}/versions")
def versions(name: str, context: Reader, before: Wanted = "", after: Wanted = "", done: Done = "") -> HTMLResponse:
    """Show which versions there are, what came into force when, and what is different between two."""
    flow = flow_of(context, name)
    return _versions(context, flow, between=(before, after), done=DONE[done])


@router.post("/workflows/{name}/versions")
def put(name: str, context: Author, decided: Annotated[Decided, Form()]) -> Response:
    """Say what would come of a deed; do it for who has seen that and is sure."""
    flow = own_flow(context, name)
    said = decided.model_dump(include={"deed", "note", "migrate", "steps"})
    try:
        settled = _settled(context, flow, decided)
    except (Problem, WrongUse) as error:
        return _versions(context, flow, problem=refusal_on_page(error), said=said)
    if settled is not None and not settled.is_done:
        return _versions(context, flow, said=said, outcome=outcome_of(settled, reader_of(context)))
    return RedirectResponse(f"/workflows/{name}/versions?done={'put' if settled else 'discarded'}", 303)


def _settled(context: Context, flow: Flow, decided: Decided) -> Settled | None:
    """Do it or try it; None where a draft was thrown away."""
    if decided.deed == DISCARD:
        discard(context, flow, flow.draft_etag if decided.seen == flow.etag else decided.seen)
        return None
    if decided.deed not in DEEDS:
        raise Problem(422, f"{decided.deed!r} is nothing that can be done here", "take one of the buttons")
    migrate = bool(decided.migrate)
    steps = steps_of(decided.steps.replace(",", " ").split(), migrate=migrate)
    wish = Wish(decided.note, migrate, steps, is_dry=not decided.sure)
    return settle(context, flow, decided.deed, wish, decided.seen)


@router.get("/workflows/{name}/shadow")
def shadow(name: str, context: Author) -> HTMLResponse:
    """Show what the version in shadow would have done, beside what the active one did."""
    flow = own_flow(context, name)
    try:
        trial = trial_of(context, flow)
    except (Problem, WrongUse) as error:
        return draw(context, "shadow.html", here="/workflows", status=409, name=name, problem=refusal_on_page(error))
    seen = [one for one in compared_of(trial) if context.sees(one.account)]
    said: dict[str, Any] = {
        "name": name,
        "problem": "",
        "version": trial.definition.source.version,
        "counts": trial.counts(),
        "rows": seen[:DIFFERENCES_SHOWN],
        "more": max(len(seen) - DIFFERENCES_SHOWN, 0),
        "account_names": names_of(context, {one.account for one in seen[:DIFFERENCES_SHOWN]}),
    }
    return draw(context, "shadow.html", here="/workflows", **said)


def _versions(
    context: Context,
    flow: Flow,
    *,
    between: tuple[str, str] = ("", ""),
    done: str = "",
    problem: str = "",
    said: dict[str, str] | None = None,
    outcome: Any = None,
) -> HTMLResponse:
    mine = is_author(context, flow.teams)
    compared = None
    if all(between):
        was, now = (version_of(context, flow, one) for one in between)
        compared = [str(one) for one in differences(was, now)] if was.hash != now.hash else []
    page: dict[str, Any] = {
        "flow": flow,
        "is_author": mine,
        "here_now": versions_here(flow, is_author=mine),
        "history": history_of(visible_history(context, flow)),
        "buttons": buttons_of(flow) if mine else [],
        "between": between,
        "compared": compared,
        "done": done,
        "problem": problem,
        "said": said or {"deed": "", "note": "", "migrate": "", "steps": ""},
        "outcome": outcome,
        "deeds": {name: deed.words for name, deed in DEEDS.items()},
    }
    return draw(context, "versions.html", here="/workflows", status=422 if problem else 200, **page)
