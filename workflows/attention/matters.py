"""What does a line that goes out ask of whom? A matter is one alert, task or escalation on the desk of one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from workflows.language.vocabulary import as_time
from workflows.moment import Line

Kind = Literal["alert", "task", "escalation"]

RANK = {"info": 0, "warn": 1, "urgent": 2, "critical": 3}


class Matter(msgspec.Struct):
    """One thing that somebody is to know of, for as long as it is open."""

    id: str
    account: str
    workflow: str
    key: str
    ref: str
    kind: Kind
    severity: str
    text: str
    since: datetime
    due: datetime | None = None
    told_as: str | None = None
    """The severity with which a notice of it was due; None while none was."""
    is_heard: bool = False
    """Whether its receiver has had it in a notice or a digest."""
    is_acknowledged: bool = False
    snoozed_until: datetime | None = None

    @property
    def thread(self) -> str:
        """What is told together: the fingerprint of R13."""
        return f"{self.workflow}/{self.account}/{self.key}"


class Asked(NamedTuple):
    """A matter and the people on whose desks it is from now on; it leaves those of all others."""

    matter: Matter
    people: tuple[str, ...]
    by_digest: bool = False
    """Whether it is a nudge or mere information, which costs nobody an interruption (R12, R14)."""


class Ended(NamedTuple):
    """A matter that is over; `why` is the verb of its line."""

    id: str
    why: str


class Moved(NamedTuple):
    """A matter that its receiver has seen, or put off until a time."""

    id: str
    until: datetime | None


class Marked(NamedTuple):
    """What a person thought of what one workflow told her (R20)."""

    person: str
    workflow: str
    verdict: str
    """`useful` or `noise`."""


Heard = Asked | Ended | Moved | Marked
"""What a line may mean for desks."""


def read(account: str, line: Line) -> Heard | None:
    """Tell what a line means for desks; most lines mean nothing."""
    reading = _READINGS.get(line.type)
    return None if reading is None else reading(account, line)


def _alert(account: str, line: Line) -> Heard | None:
    data = line.data
    if "to" not in data:
        return None
    matter = _matter(account, line, "alert", data["severity"], data.get("because", ""))
    return Asked(matter, people_of(data["to"]), by_digest=data["severity"] == "info")


def _task(account: str, line: Line) -> Heard:
    return Asked(_matter(account, line, "task", "info", line.data.get("title", "")), people_of(line.data["to"]))


def _escalation(account: str, line: Line) -> Heard:
    data = line.data
    matter = _matter(account, line, "escalation", data["severity"], f"{data['title']} ({data['at']})")
    return Asked(matter, people_of(data["to"]), by_digest=data["severity"] == "info")


def _acknowledged(_account: str, line: Line) -> Heard:
    return Moved(line.data["id"], None)


def _snoozed(_account: str, line: Line) -> Heard:
    return Moved(line.data["id"], as_time(line.data.get("until")))


def _feedback(_account: str, line: Line) -> Heard:
    data = line.data
    return Marked(str(data.get("by") or ""), str(data["workflow"]), str(data.get("verdict") or ""))


def _ended(_account: str, line: Line) -> Heard:
    return Ended(line.data["id"], line.type.partition(".")[2])


_READINGS: Mapping[str, Callable[[str, Line], Heard | None]] = {
    "alert.raised": _alert,
    "alert.updated": _alert,
    "alert.acknowledged": _acknowledged,
    "alert.snoozed": _snoozed,
    "alert.resolved": _ended,
    "alert.retracted": _ended,
    "task.offered": _task,
    "task.proposed": _task,
    "task.reassigned": _task,
    "task.snoozed": _snoozed,
    "task.completed": _ended,
    "task.cancelled": _ended,
    "task.declined": _ended,
    "task.expired": _ended,
    "escalation.raised": _escalation,
    "feedback.recorded": _feedback,
}

HEARD_TYPES = frozenset(_READINGS)
"""The types of lines that may mean something for desks."""


def _matter(account: str, line: Line, kind: Kind, severity: str, text: str) -> Matter:
    data = line.data
    assert line.at is not None, "it went out"
    name = f"{data['of']}/{data['rung']}" if kind == "escalation" else data["id"]
    due = as_time(data.get("due"))
    ref = str(data.get("ref") or "")
    return Matter(name, account, data["workflow"], data["key"], ref, kind, severity, text, line.at, due)


def people_of(to: object) -> tuple[str, ...]:
    """List the people among recipients; a queue has no desk."""
    return tuple(dict.fromkeys(_people(to)))


def _people(to: object) -> Iterator[str]:
    for one in to if isinstance(to, list) else [to]:
        if isinstance(one, Mapping) and one.get("person"):
            yield str(one["person"])


def as_json(matter: Matter) -> dict[str, Any]:
    """Name a matter in a notice."""
    said = {"id": matter.id, "kind": matter.kind, "ref": matter.ref, "severity": matter.severity, "text": matter.text}
    return said if matter.due is None else {**said, "due": f"{matter.due:%Y-%m-%dT%H:%M:%SZ}"}
