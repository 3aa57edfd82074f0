"""Who am I here? And the pages that show the forms of signing in."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from nofumble.web.context import Anyone, Context, needs
from nofumble.web.drawing import draw
from nofumble.web.keys import hash_of
from nofumble.web.views.users import PERMISSION_WORDS

router = APIRouter()


@router.get("/me")
def me(context: Annotated[Context, needs("self")]) -> HTMLResponse:
    """Show who is signed in and what she may do."""
    view = context.session.view
    may = [words for one, words in PERMISSION_WORDS.items() if one in view.may]
    return draw(context, "me.html", here="/me", may=may, hides=sorted(view.hides))


@router.get("/sign-in")
def sign_in(context: Anyone, failed: str = "") -> HTMLResponse:
    """Show the form to sign in."""
    return _form(context, failed=failed)


@router.get("/first/{secret}")
def first(secret: str, context: Anyone) -> HTMLResponse:
    """Show the form of a one-time link; that it opens is seen when it is used."""
    return _form(context, secret=secret)


def _form(context: Context, *, failed: str = "", secret: str = "") -> HTMLResponse:
    is_good = secret != "" and context.store.link_is_good(hash_of(secret), context.shared.wall.now())
    people = sorted((one.id, one.name or one.id) for one in context.directory.people.values()) if is_good else []
    return draw(
        context,
        "sign_in.html",
        failed=failed,
        secret=secret,
        people=people,
        has_company=context.shared.login is not None,
    )
