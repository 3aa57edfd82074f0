"""Who was told of a piece of work, when and how: at once, put off by her budget, or with the digest? (R13, R14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from workflows.moment import Line

How = Literal["notice", "deferred", "digest"]

_HOW: Mapping[str, How] = {"notice.sent": "notice", "notice.deferred": "deferred", "digest.sent": "digest"}


class Told(Struct, frozen=True, omit_defaults=True, gc=False):
    """Somebody was told, or not yet: `reason` says what put it off, such as `budget`, and `until` for how long."""

    person: str
    at: datetime
    how: How
    work: str
    reason: str = ""
    until: str = ""


def told_of(lines: Iterable[Line], work: Iterable[str]) -> list[Told]:
    """Give what was told of some work, by its ids, in order of time; a rung of a task's ladder is told of the task."""
    wanted = frozenset(work)
    found = [one for line in lines if line.type in _HOW for one in _of_line(line, wanted)]
    return sorted(found, key=lambda one: (one.at, one.person))


def _of_line(line: Line, wanted: frozenset[str]) -> Iterator[Told]:
    said, how = line.data, _HOW[line.type]
    threads = said.get("lines", ()) if how == "digest" else (said,)
    for name in dict.fromkeys(name for thread in threads for name in _names(thread)):
        if name in wanted and line.at is not None:
            yield Told(said["to"]["person"], line.at, how, name, said.get("reason", ""), said.get("until", ""))


def _names(thread: Mapping[str, Any]) -> Iterator[str]:
    """Name the work of a thread: what is new in it, and what has ended."""
    yield from (one["id"].partition("/")[0] for one in thread.get("matters", ()))
    yield from thread.get("ended", ())
