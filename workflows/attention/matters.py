"""What does a line that goes out ask of whom? A matter is one alert, task or escalation on the desk of one person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """Whether it is a nudge, which costs nobody an interruption (R12)."""


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


def read(account: str, line: Line) -> Asked | Ended | Moved | Marked | None:
    """Tell what a line means for desks; most lines mean nothing."""
    data = line.data
    match line.type:
        case "alert.raised" | "alert.updated" if "to" in data:
            return Asked(
                _matter(account, line, "alert", data["severity"], data.get("because", "")), people_of(data["to"])
            )
        case "task.offered" | "task.proposed" | "task.reassigned":
            return Asked(_matter(account, line, "task", "info", data.get("title", "")), people_of(data["to"]))
        case "escalation.raised":
            matter = _matter(account, line, "escalation", data["severity"], f"{data['title']} ({data['at']})")
            return Asked(matter, people_of(data["to"]), by_digest=data["severity"] == "info")
        case "alert.acknowledged":
            return Moved(data["id"], None)
        case "alert.snoozed" | "task.snoozed":
            return Moved(data["id"], as_time(data.get("until")))
        case "feedback.recorded":
            return Marked(str(data.get("by") or ""), str(data["workflow"]), str(data.get("verdict") or ""))
        case (
            "alert.resolved"
            | "alert.retracted"
            | "task.completed"
            | "task.cancelled"
            | "task.declined"
            | "task.expired"
        ):
            return Ended(data["id"], line.type.partition(".")[2])
        case _:
            return None


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
