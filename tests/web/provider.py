"""An OpenID provider for a test: a real server with keys of its own, that checks what a provider checks.

Whoever comes is `who`: there is nobody to type a password.
"""

import base64
import hashlib
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, HTTPException
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "nofumble", "a secret of the test"


class Provider:
    """Its address, its key, who comes, and the codes that it has given out."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signs_with = self.key
        self.who: dict[str, Any] = {"sub": "42", "email": "dana@vendor.example", "email_verified": True}
        self.changes: dict[str, Any] = {}
        self._codes: dict[str, dict[str, str]] = {}

    def app(self) -> FastAPI:
        """Return the application."""
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.describe)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        app.get("/keys")(lambda: KeySet([self.key]).as_dict(private=False))
        return app

    def describe(self) -> dict[str, Any]:
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        said = {"issuer": self.url, "id_token_signing_alg_values_supported": ["RS256"]}
        return said | {name: f"{self.url}/{path}" for name, path in endpoints.items()}

    def authorize(
        self, client_id: str, redirect_uri: str, state: str, nonce: str, code_challenge: str, code_challenge_method: str
    ) -> RedirectResponse:
        assert (client_id, code_challenge_method) == (CLIENT, "S256")
        code = secrets.token_urlsafe()
        self._codes[code] = {"redirect_uri": redirect_uri, "nonce": nonce, "challenge": code_challenge}
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 303)

    def token(
        self,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
    ) -> dict[str, Any]:
        asked = self._codes.pop(code, None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
        if asked is None or asked["redirect_uri"] != redirect_uri or asked["challenge"] != digest:
            raise HTTPException(400, "invalid_grant")
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]} | self.who
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.changes, self.signs_with)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 60, "id_token": signed}


@contextmanager
def provider() -> Iterator[Provider]:
    """Start one, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(one.app(), log_config=None, access_log=False, lifespan="off"))
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield one
        finally:
            server.should_exit = True
            thread.join()
