"""How does one come in, and leave? The forms' targets; the pages that show the forms stand beside them."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse

from nofumble.web.context import Anyone, Context, Shared, needs
from nofumble.web.passwords import check_password, choose_password
from nofumble.web.problems import Problem
from nofumble.web.sessions import SESSION_MAX, begin

router = APIRouter()


@router.post("/sign-in")
def sign_in(
    context: Anyone, person: Annotated[str, Form(max_length=200)], password: Annotated[str, Form(max_length=1000)]
) -> RedirectResponse:
    """Sign a local user in; back to the form with `?failed` when the two do not fit."""
    context.shared.attempts.take(person)
    if not check_password(context.store, person, password):
        context.note("sign-in.refused", about=person)
        return RedirectResponse("/sign-in?failed=1", 303)
    return signed_in(context, person)


@router.post("/first/{secret}")
def first(
    context: Anyone,
    secret: str,
    password: Annotated[str, Form(max_length=1000)],
    person: Annotated[str, Form(max_length=200)] = "",
) -> RedirectResponse:
    """Use a one-time link: choose a password, and be signed in. The first admin also says who she is."""
    chosen = choose_password(context.store, secret, person, password, now=context.shared.wall.now())
    return signed_in(context, chosen)


@router.post("/sign-out")
def sign_out(context: Annotated[Context, needs("self")]) -> RedirectResponse:
    """End this session."""
    if context.session.how != "cookie":
        raise Problem(409, "a token has no session", "revoke it instead")
    context.store.close_web_sessions(person=context.person, hash_=context.session.key)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(context.shared.cookie, path="/", secure=is_secure(context.shared), httponly=True)
    return answer


def signed_in(context: Context, person: str) -> RedirectResponse:
    """Begin a new session, whatever the browser brought (F74), and go to the first page."""
    cookie = begin(context.store, person, now=context.shared.wall.now())
    context.note("sign-in", about=person)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        context.shared.cookie,
        cookie,
        max_age=int(SESSION_MAX.total_seconds()),
        path="/",
        secure=is_secure(context.shared),
        httponly=True,
        samesite="lax",
    )
    return answer


def is_secure(shared: Shared) -> bool:
    """Tell whether cookies are sent by TLS alone."""
    return shared.url.startswith("https://")
