"""How does one sign in by the company's provider? OpenID Connect by Authlib: code flow with PKCE, state and nonce.

Who comes back is known by the address that the provider has verified; it must be that of somebody in the directory.
What must survive the way there and back (state, nonce, verifier) waits in a cookie of the browser that set out.
"""

from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from fastapi import Request, Response
from joserfc.errors import JoseError

from config.settings import Settings
from nofumble.web.problems import Problem
from workflows.directory import Directory

PROVIDER_MAX_S = 5.0
JOURNEY_MAX_S = 600
"""How long somebody may take at the provider."""

log = structlog.get_logger()


class CompanyLogin:
    """The provider of the settings; asked for its addresses and keys when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.oidc_client_secret
        assert settings.oidc_issuer is not None, "without an issuer there is no provider"
        self._client: StarletteOAuth2App = OAuth().register(
            "company",
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_id=settings.oidc_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": PROVIDER_MAX_S},
        )

    async def begin(self, request: Request, back: str, cookie: str, *, is_secure: bool) -> Response:
        """Send a browser to the provider; `back` is where it returns to, `cookie` what the journey is kept in."""
        request.scope["session"] = journey = dict[str, Any]()
        try:
            answer: Response = await self._client.authorize_redirect(request, back)
        except (httpx2.HTTPError, OAuthError, RuntimeError, ValueError) as error:
            raise _silent(error) from error
        kept = msgspec.json.encode(journey).hex()
        answer.set_cookie(
            cookie, kept, max_age=JOURNEY_MAX_S, path="/", secure=is_secure, httponly=True, samesite="lax"
        )
        return answer

    async def end(self, request: Request, cookie: str) -> Mapping[str, Any]:
        """Return what the provider says of who is back; raise Problem when it does not hold."""
        try:
            journey = msgspec.json.decode(bytes.fromhex(request.cookies.get(cookie, "")), type=dict[str, Any])
        except (ValueError, msgspec.DecodeError) as error:
            raise Problem(400, "this browser did not set out for the provider", "begin at the sign-in page") from error
        request.scope["session"] = journey
        try:
            token = await self._client.authorize_access_token(request)
        except (OAuthError, JoseError) as error:
            log.warning("sign_in.refused", error=type(error).__name__)
            raise Problem(403, f"the provider's answer does not hold: {error}", "begin at the sign-in page") from error
        except (httpx2.HTTPError, RuntimeError, ValueError) as error:
            raise _silent(error) from error
        said: Mapping[str, Any] | None = token.get("userinfo")
        if said is None:
            raise Problem(403, "the provider did not say who you are", "let its scope be `openid email`")
        return said


def person_of(said: Mapping[str, Any], directory: Directory) -> str:
    """Return the person of ours whom the provider means; raise Problem for an address nobody has, or has verified."""
    email = said.get("email")
    if not isinstance(email, str) or said.get("email_verified") is not True:
        raise Problem(403, "the provider has no verified address of yours", "verify it there")
    person = directory.person_by_email(email)
    if person is None:
        raise Problem(403, f"nobody in the directory has the address {email}", "let HR register you with it")
    return person.id


def _silent(error: Exception) -> Problem:
    log.warning("sign_in.provider_silent", error=type(error).__name__)
    return Problem(503, "the provider does not answer as one", "try again, or sign in by password")
