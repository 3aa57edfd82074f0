"""Which systems ask the API in whose name? My tokens, and for who manages users those of everybody."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import UUID4, BaseModel, Field

from nofumble.errors import WrongUse
from nofumble.web.context import Context, needs
from nofumble.web.doors import make_token, revoke_token, tokens_seen
from nofumble.web.drawing import draw
from nofumble.web.problems import Problem, of_wrong_use
from nofumble.web.tokens import TOKEN_DAYS_DEFAULT, TOKEN_DAYS_MAX
from nofumble.web.views.users import PERMISSION_WORDS

router = APIRouter()

Done = Literal["", "revoked"]


class Filled(BaseModel):
    """What the form of a new token says."""

    name: str = Field("", max_length=100)
    scope: list[str] = Field([], max_length=50)
    days: int = TOKEN_DAYS_DEFAULT


@router.get("/tokens")
def tokens(context: Annotated[Context, needs("self")], done: Done = "") -> HTMLResponse:
    """List tokens, newest first."""
    return _page(context, done="The token is revoked: it opens nothing any more." if done else "")


@router.post("/tokens")
def create(context: Annotated[Context, needs("self")], filled: Annotated[Filled, Form()]) -> HTMLResponse:
    """Make a token, and show it this once."""
    try:
        row, secret = make_token(context, filled.name.strip(), filled.scope, days=filled.days)
    except WrongUse as refused:
        return _page(context, filled=filled, problem=of_wrong_use(refused))
    except Problem as refused:
        return _page(context, filled=filled, problem=refused)
    return _page(context, secret=secret, made=row.name)


@router.post("/tokens/{id}")
def revoke(
    id: Annotated[UUID4, Path()],  # noqa: A002 - the name in the address
    context: Annotated[Context, needs("self")],
) -> Response:
    """Make a token useless from now on."""
    try:
        revoke_token(context, str(id))
    except Problem as refused:
        return _page(context, problem=refused)
    return RedirectResponse("/tokens?done=revoked", 303)


def _page(
    context: Context,
    *,
    done: str = "",
    secret: str = "",
    made: str = "",
    filled: Filled | None = None,
    problem: Problem | None = None,
) -> HTMLResponse:
    may = context.session.view.may
    return draw(
        context,
        "tokens.html",
        here="/tokens",
        status=problem.status if problem else 200,
        tokens=tokens_seen(context),
        wall=context.shared.wall.now(),
        sees_all=context.may("user.manage"),
        scopes=[(one, words) for one, words in PERMISSION_WORDS.items() if one in may],
        words=PERMISSION_WORDS,
        days_max=TOKEN_DAYS_MAX,
        done=done,
        secret=secret,
        made=made,
        filled=filled or Filled(),
        problem=problem,
    )
