"""How logs look, and what never gets into them.

structlog on standard error: standard output belongs to the answer of a command. An event is a constant
`noun.verb_past`, facts are keys: `log.info("batch.committed", partition=3, events=2000)`. A person reads coloured
lines, a machine one JSON object a line.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

LogFormat = Literal["auto", "console", "json"]

SECRET_KEYS = re.compile(
    r"password|passwd|secret|token|authorization|api_?key|cookie|signature|private_key", re.IGNORECASE
)
"""Facts whose name matches are replaced as a whole."""

HIDDEN = "[hidden]"

_SECRETS_IN_TEXT = (
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s/@:]*:)[^\s@]+(?=@)", re.IGNORECASE), rf"\g<keep>{HIDDEN}"),
    (
        re.compile(
            r"(?P<keep>\b(?:password|passwd|token|secret|api_?key)\s*=\s*)('[^']*'|\"[^\"]*\"|[^\s&]+)", re.IGNORECASE
        ),
        rf"\g<keep>{HIDDEN}",
    ),
    (re.compile(r"(?P<keep>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\g<keep>{HIDDEN}"),
)
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_DEPTH_MAX = 6  # facts are flat; deeper than this is a mistake, and is written as its repr


def configure_logging(*, level: str = "INFO", format_: LogFormat = "auto", stream: TextIO | None = None) -> None:
    """Set up structlog for this process. `auto` is console on a terminal and json elsewhere; may be called again."""
    out = sys.stderr if stream is None else stream
    json = format_ == "json" or (format_ == "auto" and not out.isatty())
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=_as_it_is)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )


def redact(_logger: object, _method: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide secrets in facts, by name and by form (passwords in addresses), and escape control characters (F79).

    Runs after the traceback became text, so that a connection string in an exception is hidden too.
    """
    for key, value in facts.items():
        if key == "exception":
            facts[key] = hide_secrets(str(value))  # a traceback keeps its lines
        else:
            facts[key] = HIDDEN if SECRET_KEYS.search(key) else _clean(value, 0)
    return facts


def hide_secrets(text: str) -> str:
    """Return the text without the passwords and tokens that stand in it.

    >>> hide_secrets("postgresql://app:hunter2@db/nofumble")
    'postgresql://app:[hidden]@db/nofumble'
    """
    for pattern, replacement in _SECRETS_IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _clean(value: object, depth: int) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, dict) and depth < _DEPTH_MAX:
        return {
            str(key): HIDDEN if SECRET_KEYS.search(str(key)) else _clean(item, depth + 1) for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEPTH_MAX:
        return [_clean(item, depth + 1) for item in value]
    return hide_secrets(str(value)).translate(_CONTROL)


def _as_it_is(_stream: TextIO, _exc_info: object) -> None:
    """Stand in for the console's own formatter of exceptions: ours has already become redacted text."""
