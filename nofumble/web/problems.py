"""How is a refusal said? As a document of RFC 9457 that names the rule and the remedy; never with a traceback."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from agents.ports import OutcomeUnknown, StoreUnavailable
from nofumble.errors import ServiceUnavailable, WrongUse

PROBLEM = "application/problem+json"

TITLES: Mapping[int, str] = {
    400: "the request cannot be read",
    401: "nobody is signed in",
    403: "this is not allowed",
    404: "there is no such thing",
    405: "this method is not possible here",
    409: "the state does not allow it",
    412: "somebody else changed it",
    413: "the request is too large",
    415: "this form of content is not understood",
    422: "a value does not hold",
    428: "a condition is missing",
    429: "too many requests",
    500: "a fault of nofumble itself",
    503: "a service is not to be had",
}

DOCUMENT: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "the rule that did not hold"},
        "remedy": {"type": "string"},
        "path": {"type": "string", "description": "the field at fault"},
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": {PROBLEM: {"schema": DOCUMENT}}}
    for status, what in (
        (422, TITLES[422]),
        ("4XX", "a refusal"),
        ("5XX", "a fault, or a service that is not to be had"),
    )
}
"""What every route may answer beside what it promises, for the OpenAPI document."""

log = structlog.get_logger()


class Problem(Exception):
    """A refusal: the status, the rule that did not hold, and what to do about it."""

    def __init__(
        self, status: int, rule: str, remedy: str = "", *, headers: Mapping[str, str] | None = None, path: str = ""
    ) -> None:
        super().__init__(rule)
        self.status, self.rule, self.remedy, self.headers, self.path = status, rule, remedy, dict(headers or {}), path

    def as_json(self) -> dict[str, str | int]:
        """Return the document; `path` is the field at fault, where there is one."""
        said: dict[str, str | int] = {
            "type": "about:blank",
            "title": TITLES.get(self.status, "refused"),
            "status": self.status,
        }
        more = {"detail": self.rule, "remedy": self.remedy, "path": self.path}
        return said | {name: value for name, value in more.items() if value}


def document(problem: Problem) -> Response:
    """Return the response of a refusal."""
    return JSONResponse(problem.as_json(), problem.status, headers=problem.headers, media_type=PROBLEM)


def register(app: FastAPI, page: Callable[[Problem], Response]) -> None:
    """Turn everything that may be raised into a document; into a page for a browser that asked for one."""

    def answer(request: Request, problem: Problem) -> Response:
        return page(problem) if _wants_page(request) else document(problem)

    @app.exception_handler(Problem)
    def _refused(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(WrongUse)
    def _wrong(request: Request, error: WrongUse) -> Response:
        return answer(request, of_wrong_use(error))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        return answer(
            request,
            Problem(
                422, f"{path}: {first['msg'][:1].lower()}{first['msg'][1:]}", "mend it and send it again", path=path
            ),
        )

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        return answer(
            request, Problem(error.status_code, TITLES.get(error.status_code, str(error.detail)), headers=error.headers)
        )

    async def _unavailable(request: Request, error: Exception) -> Response:
        log.warning("web.store_silent", reason=str(error))
        return answer(
            request,
            Problem(
                503, "the database does not answer", "send it again; twice does no harm", headers={"Retry-After": "5"}
            ),
        )

    for kind in (StoreUnavailable, OutcomeUnknown, ServiceUnavailable):
        app.add_exception_handler(kind, _unavailable)

    @app.exception_handler(Exception)
    def _fault(request: Request, error: Exception) -> Response:
        log.error("web.failed", path=request.url.path, error=type(error).__name__)
        return answer(request, Problem(500, f"{type(error).__name__}: nothing that was committed is lost", "report it"))


def _wants_page(request: Request) -> bool:
    """Tell whether a browser asks for a page: neither a program nor a part of a page that is there already."""
    is_part = request.headers.get("hx-request") == "true"
    return not is_part and "text/html" in request.headers.get("accept", "")


def of_wrong_use(error: WrongUse) -> Problem:
    """Return a refusal of the functions that the command line uses, too."""
    rule, _, remedy = str(error).partition("; ")
    return Problem(404 if rule.startswith(("no ", "nobody ")) else 409, rule, remedy)
