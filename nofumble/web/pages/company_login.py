"""The way to the company's provider, and back."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from nofumble.web.company_login import CompanyLogin, person_of
from nofumble.web.context import Anyone, Context
from nofumble.web.pages.signing_in import is_secure, signed_in
from nofumble.web.problems import Problem

router = APIRouter()

BACK = "/sign-in/company/back"


@router.get("/sign-in/company")
async def begin(request: Request, context: Anyone) -> Response:
    """Set out for the provider."""
    shared = context.shared
    return await _login(context).begin(request, shared.url + BACK, _cookie(context), is_secure=is_secure(shared))


@router.get(BACK)
async def back(request: Request, context: Anyone) -> Response:
    """Sign in who is back and known here."""
    said = await _login(context).end(request, _cookie(context))
    answer = await run_in_threadpool(_sign_in, context, person_of(said, context.directory))
    answer.delete_cookie(_cookie(context), path="/", secure=is_secure(context.shared), httponly=True)
    return answer


def _sign_in(context: Context, person: str) -> Response:
    user = context.store.user(person)
    if user is not None and user.disabled_at is not None:
        raise Problem(403, "your door is shut", "ask an admin")
    context.store.put_user(person, password=None, roles=None, at=context.shared.wall.now())
    return signed_in(context, person)


def _login(context: Context) -> CompanyLogin:
    if context.shared.login is None:
        raise Problem(404, "no provider is set", "set NOFUMBLE_OIDC_ISSUER and NOFUMBLE_OIDC_CLIENT_ID")
    return context.shared.login


def _cookie(context: Context) -> str:
    return f"{context.shared.cookie}-journey"
