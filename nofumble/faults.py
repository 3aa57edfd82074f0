"""Where can this process be made to die, to prove that nothing is lost then?

`NOFUMBLE_FAULT=batch.before_commit:3` kills the process with SIGKILL at the third passage of that point. Without the
variable a point costs one comparison. Tests and `nofumble prove` set it; a running system has no reason to.
"""

import os
import signal

VARIABLE = "NOFUMBLE_FAULT"

POINTS = frozenset(
    {
        "batch.before_begin",
        "batch.before_cursor",
        "batch.after_events",
        "batch.before_commit",
        "batch.after_commit",
        "attention.after_heard",
        "attention.before_commit",
        "attention.after_commit",
        "intake.after_insert",
        "intake.after_commit",
    }
)
"""Every point there is, in the words of F1 to F12."""


def _read(value: str | None) -> tuple[str, int]:
    """Return the armed point and its passage; ("", 0) for none.

    >>> _read("batch.before_commit:3")
    ('batch.before_commit', 3)
    """
    if not value:
        return "", 0
    name, _, passage = value.partition(":")
    if name not in POINTS or not (passage or "1").isdigit():
        raise SystemExit(f"{VARIABLE} is {value!r}: it must be POINT:N, and the points are {', '.join(sorted(POINTS))}")
    return name, int(passage or "1")


_armed, _passages_left = _read(os.environ.get(VARIABLE))


def crash_point(name: str) -> None:
    """Kill this process if it is armed to die here, now."""
    global _passages_left  # noqa: PLW0603 - a count for the process that it ends
    if name != _armed:
        return
    _passages_left -= 1
    if _passages_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
