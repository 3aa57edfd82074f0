"""What does every answer carry, and which requests are turned away at the door (F70, F75, F76)?

A change that comes from a page carries an Origin, and it must be ours: with SameSite cookies and the token of the
session that is three locks, of which each would do. A token of the API needs none of them, for no browser adds it.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nofumble.web.problems import Problem, document

BODY_BYTES_MAX = 8 * 1024 * 1024
"""Some thousand events; more is sent in several requests."""

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """The outermost layer: hosts, origins, size, headers."""

    def __init__(self, app: ASGIApp, *, url: str, hosts: Iterable[str]) -> None:
        self._app = app
        self._origin = _origin_of(url)
        self._hosts = frozenset(hosts)
        self._is_secure = url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn a request away, or pass it on; each answer gets the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        refusal = self._why_not(scope["method"], headers)
        if refusal is not None:
            await document(refusal)(scope, receive, send_with_headers)
            return
        await self._app(scope, _bounded(receive), send_with_headers)

    def _add_headers(self, headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if not path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")

    def _why_not(self, method: str, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if _name_of(host) not in self._hosts:
            return Problem(400, f"the host {host!r} is not ours", "use the address of NOFUMBLE_WEB_URL")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            return Problem(413, f"a request has at most {BODY_BYTES_MAX} bytes", "send it in several")
        if headers.get("content-encoding", "identity") != "identity":
            return Problem(415, "a compressed body is not read: it may be larger than it looks", "send it as it is")
        if method in _SAFE or headers.get("authorization"):
            return None
        return self._foreign(headers, host)

    def _foreign(self, headers: Headers, host: str) -> Problem | None:
        """Refuse a change that a page of somebody else may have sent."""
        remedy = "send it from our own page, or with a token"
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return Problem(403, "the change comes from another site", remedy)
        origin = headers.get("origin")
        if origin is None or not self._is_ours(origin, host):
            return Problem(403, f"the Origin of a change must be ours, and is {origin!r}", remedy)
        return None

    def _is_ours(self, origin: str, host: str) -> bool:
        return origin == self._origin or (not self._is_secure and origin == f"http://{host}")


def _bounded(receive: Receive) -> Receive:
    """Count what comes, whatever its length was said to be."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_BYTES_MAX:
            raise Problem(413, f"a request has at most {BODY_BYTES_MAX} bytes", "send it in several")
        return message

    return counted


def hosts_of(url: str, listening: str) -> frozenset[str]:
    """Return the names by which we may be called: that of our address, and this machine's, by which probes ask."""
    return frozenset({urlsplit(url).hostname or "", "localhost", "127.0.0.1", "::1", listening})


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _name_of(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""
