"""Why was I not told? A customer, a workflow and a time, in an address that can be shared."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from nofumble.errors import WrongUse
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw, name_of, reader_of
from nofumble.web.pages.accounts import names_for_forms
from nofumble.web.problems import Problem
from nofumble.web.reasons import Answered, definitions_of, why_not_at
from nofumble.web.views.timeline import TEAMS
from nofumble.web.views.why_not import why_not_page
from workflows.language.grammar import TEAMS as OWNERS
from workflows.moment import iso

router = APIRouter()
Name = Annotated[str, Query(max_length=200)]


@router.get("/why-not")
def why_not(
    context: Annotated[Context, needs("account.read")],
    account: Name = "",
    workflow: Name = "",
    at: Annotated[str, Query(max_length=40)] = "",
    key: Name = "",
) -> HTMLResponse:
    """Ask, and answer where a customer and a workflow are named; a time without an offset is of the reader's zone."""
    answer: Answered | None = None
    problem = ""
    if account and workflow:
        try:
            account = context.account_named(account)
            answer = why_not_at(context, account, workflow, _moment(context, at), key)
        except (Problem, WrongUse) as refused:
            problem = refused.rule if isinstance(refused, Problem) else str(refused)
    reader = reader_of(context)
    return draw(
        context,
        "why_not.html",
        here="/workflows",
        reader=reader,
        status=422 if problem else 200,
        asked={"account": account, "workflow": workflow, "at": at, "key": key},
        account_name=name_of(context.store, account) if answer is not None else "",
        answer=why_not_page(answer.why_not, answer.told, reader) if answer is not None else None,
        problem=problem,
        accounts=names_for_forms(context),
        flows=flows_for_forms(context),
        names=TEAMS,
    )


def flows_for_forms(context: Context) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the workflows by owning team, for the choices of a form."""
    found = sorted(definitions_of(context).values(), key=lambda one: one.source.title)
    of_team = {team: [(one.name, one.source.title) for one in found if one.source.team == team] for team in OWNERS}
    return [(team, flows) for team, flows in of_team.items() if flows]


def _moment(context: Context, text: str) -> str:
    """Return a time of a form as one with an offset; a day, and what is none, stay as they are."""
    local = reader_of(context).local(text) if "T" in text else None
    return iso(local) if local is not None else text
