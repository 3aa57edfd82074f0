"""What do libraries say that log by themselves? Their errors become lines of our log, and none of them floods it."""

from __future__ import annotations

import logging

import structlog

REPEAT_AFTER_S = 60.0
"""How long a library's message is not said again; a client without its broker reports each of its attempts."""

log = structlog.get_logger()


class LibraryLog(logging.Handler):
    """Passes records on to structlog: each message once a minute, with how often it came meanwhile."""

    def __init__(self, level: int = logging.ERROR) -> None:
        """Begin with nothing said."""
        super().__init__(level)
        self._said: dict[tuple[str, str], float] = {}
        self._left_out: dict[tuple[str, str], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, or count it: two records are alike when their texts are before the values are filled in."""
        alike = record.name, str(record.msg)
        if record.created - self._said.get(alike, -REPEAT_AFTER_S) < REPEAT_AFTER_S:
            self._left_out[alike] = self._left_out.get(alike, 0) + 1
            return
        self._said[alike] = record.created
        again = {"again": self._left_out.pop(alike)} if alike in self._left_out else {}
        facts = {"library": record.name, "reason": record.getMessage(), **again}
        log.log(record.levelno, "library.failed", exc_info=record.exc_info, **facts)


def adopt_library_logs() -> None:
    """Let the errors of all libraries of this process come out in our log, and nowhere else."""
    logging.root.handlers = [LibraryLog()]
