"""Why does a piece of work exist? One structure for the command line, the API and the page (R18, B4).

It is made from the account's past alone: the evidence that the fold wrote when the work came into being, and folds of
the same past without an event (`counterfactual`). Times are UTC; what is not known is left empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, UnsetType, structs

from workflows.account import Alert, Evidence, Hold, Loop, Task, Work, evidence_of_item
from workflows.findings import Reason
from workflows.language.plans import Definition
from workflows.language.words import describe
from workflows.lines import envelope_of
from workflows.moment import Line, iso
from workflows.reasons.counterfactual import Counterfactual, counterfactual, still_there
from workflows.reasons.past import Folded, Past
from workflows.reasons.pauses import Pause, pauses_of

Kind = Literal["task", "alert", "hold", "loop", "escalation"]

ESCALATION = "escalation.raised"
SUPPRESSED = "alert.suppressed"


class Step(Struct, frozen=True, gc=False):
    """One event of the pattern: the step that it stands for, which event, when it happened and when we knew of it."""

    step: str
    event: str
    source: str
    type: str
    time: datetime
    arrived_at: datetime | None
    actor: str


class ClockSaid(Struct, frozen=True, gc=False):
    """The clock: whose calendar, from when, for how long, until when, and when it stood still."""

    calendar: str
    start: datetime
    due: datetime
    duration: str
    pauses: list[Pause]


class Rule(Struct, frozen=True, gc=False):
    """The step of the definition that made it, in the words of its timeline, and the version by its content hash."""

    workflow: str
    key: str
    ref: str
    version: str
    hash: str
    title: str
    when: str


class FoldedIn(Struct, frozen=True, gc=False):
    """Something that is not said, since it belongs to this thread (R16), or that this stops (R15)."""

    at: datetime
    type: str
    workflow: str
    key: str
    ref: str
    because: str


class Rung(Struct, frozen=True, gc=False):
    """A rung of the ladder that was reached: its id, its number, when, and who was told (R12)."""

    id: str
    rung: int
    at: datetime
    asked: str
    to: list[dict[str, Any]]


class Why(Struct, frozen=True, gc=False):
    """Why a task, an alert, a hold, a loop or an escalation exists."""

    id: str
    kind: Kind
    account: str
    sentence: str
    because: str
    steps: list[Step]
    clock: ClockSaid | None
    values: dict[str, Any]
    rule: Rule
    confirmed: bool
    confidence: str
    counterfactual: Counterfactual
    folded: list[FoldedIn]
    escalations: list[Rung]
    reasons: list[Reason]
    links: list[str]
    notes: list[str]
    opened_at: datetime
    closed_at: datetime | None
    closed_because: str
    of: str = ""
    """Of an escalation: the task whose ladder it is a rung of."""


def why(past: Past, name: str, folded: Folded | None = None) -> Why | None:
    """Tell why the work of an id exists, or the escalation of a line's id; ``None`` where the past brings no such.

    A `folded` past saves folding it once more.
    """
    known = folded or past.fold()
    item = known.work.get(name)
    if item is not None:
        return why_of(past, known, item)
    line = next((one for one in known.lines if one.type == ESCALATION and line_id(past, one) == name), None)
    task = known.work.get(line.data["of"]) if line is not None else None
    return _of_escalation(past, known, line, task) if line is not None and isinstance(task, Task) else None


def line_id(past: Past, line: Line) -> str:
    """Give the id under which a line goes out."""
    return envelope_of(past.account_id, line)[0]


def why_of(past: Past, folded: Folded, item: Work) -> Why:
    """Tell why a work item exists that a store has, whether or not the past still brings it."""
    evidence = evidence_of_item(item)
    steps = list(_steps(past, evidence))
    return Why(
        id=item.id,
        kind=_KINDS[type(item)],
        account=past.account_id,
        sentence=_sentence(evidence.because, steps, evidence),
        because=evidence.because,
        steps=steps,
        clock=_clock(past, evidence, item),
        values=evidence.state,
        rule=_rule(past, item, evidence),
        confirmed=evidence.confidence == "confirmed",
        confidence=evidence.confidence,
        counterfactual=counterfactual(past, evidence, still_there(item.id)),
        folded=[*_suppressed(folded, item), *_stopped(folded, item)],
        escalations=[_rung(past, one) for one in folded.lines if one.type == ESCALATION and one.data["of"] == item.id],
        reasons=[] if isinstance(evidence.reasons, UnsetType) else evidence.reasons,
        links=evidence.links,
        notes=item.notes,
        opened_at=item.opened_at,
        closed_at=item.closed_at,
        closed_because=_closed_because(item),
    )


_KINDS: dict[type, Kind] = {Task: "task", Alert: "alert", Hold: "hold", Loop: "loop"}


def _of_escalation(past: Past, folded: Folded, line: Line, task: Task) -> Why:
    """Tell of a rung: it is there because its task is, and because that was not done by then."""
    assert line.at is not None
    name, said = line_id(past, line), line.data
    found = why_of(past, folded, task)
    because = f"{task.title} was still open at {_rung_words(said['at'])}"

    def still(other: Folded) -> Evidence | None:
        again = any(one.type == ESCALATION and line_id(past, one) == name for one in other.lines)
        item = other.work.get(task.id)
        return evidence_of_item(item) if again and item is not None else None

    evidence = evidence_of_item(task)
    prevented = counterfactual(past, evidence, still)
    words = f"{prevented.words}, or if the task had been done by {iso(line.at)}"
    return Why(
        id=name,
        kind="escalation",
        account=past.account_id,
        sentence=_sentence(because, found.steps, evidence),
        because=because,
        steps=found.steps,
        clock=found.clock,
        values=found.values,
        rule=found.rule,
        confirmed=found.confirmed,
        confidence=found.confidence,
        counterfactual=structs.replace(prevented, words=words),
        folded=[],
        escalations=[one for one in found.escalations if one.at <= line.at],
        reasons=[],
        links=[],
        notes=[],
        opened_at=line.at,
        closed_at=None,
        closed_because="",
        of=task.id,
    )


def _rung_words(at: str) -> str:
    return f"{at} of its time" if at.endswith("%") else "its due time" if at == "due" else f"its {at}"


def _steps(past: Past, evidence: Evidence) -> Iterator[Step]:
    for one in evidence.pattern:
        heard = past.find(one.event, one.source)
        arrived_at = None if heard is None else heard.arrived_at
        yield Step(one.step, one.event, one.source, one.type, one.time, arrived_at, one.actor)


def _sentence(because: str, steps: list[Step], evidence: Evidence) -> str:
    """Say it in one sentence: what, since which event, and by which clock."""
    told = because.strip().rstrip(".")
    if steps:
        first = steps[0]
        by = f" by {first.actor}" if first.actor else ""
        more = f" and {len(steps) - 1} more" if len(steps) > 1 else ""
        told += f"; it began with {first.type} ({first.event} of {first.source}){by} at {iso(first.time)}{more}"
    if evidence.clock is not None:
        told += f", and its clock runs until {iso(evidence.clock.due)}"
    return told if evidence.confidence == "confirmed" else f"{told}; {evidence.confidence}"


def _clock(past: Past, evidence: Evidence, item: Work) -> ClockSaid | None:
    clock = evidence.clock
    if clock is None:
        return None
    pauses = pauses_of(past, item.instance, clock.start, item.closed_at or past.until)
    return ClockSaid(clock.calendar, clock.start, clock.due, clock.duration, pauses)


def _rule(past: Past, item: Work, evidence: Evidence) -> Rule:
    definition = next((found for one in past.libraries.values() if (found := one.by_hash.get(evidence.hash))), None)
    title = definition.source.title if definition is not None else ""
    when = _when(definition, item.ref) if definition is not None else ""
    return Rule(item.workflow, item.key, item.ref, evidence.version, evidence.hash, title, when)


def _when(definition: Definition, ref: str) -> str:
    return next((row.when for row in describe(definition).timeline if row.ref == ref), "")


def _suppressed(folded: Folded, item: Work) -> Iterator[FoldedIn]:
    """Give what is not said because the run of this item is its root cause (R16)."""
    for line in folded.lines:
        into = line.data.get("into") if line.type == SUPPRESSED else None
        if into and (into["workflow"], into["key"]) == (item.workflow, item.key):
            yield _folded_in(line, line.data["because"])


def _stopped(folded: Folded, item: Work) -> Iterator[FoldedIn]:
    """Give the answers that this hold made a no while it was live (R15)."""
    if not isinstance(item, Hold):
        return
    code = item.code or item.workflow or "hold"
    for line in folded.lines:
        asked = line.type == "preflight.answered" and line.data.get("decision") in ("hold", "deny")
        is_live = line.at is not None and item.opened_at <= line.at <= (item.closed_at or line.at)
        if asked and is_live and code in line.data.get("reasons", ()):
            yield _folded_in(line, f"{line.data.get('purpose', '')}: {', '.join(line.data['reasons'])}".strip(": "))


def _folded_in(line: Line, because: str) -> FoldedIn:
    said = line.data
    assert line.at is not None
    return FoldedIn(line.at, line.type, said.get("workflow", ""), said.get("key", ""), said.get("ref", ""), because)


def _rung(past: Past, line: Line) -> Rung:
    assert line.at is not None
    return Rung(line_id(past, line), line.data["rung"], line.at, line.data["at"], line.data["to"])


def _closed_because(item: Work) -> str:
    if item.closed_at is None:
        return ""
    return (item.notes[-1] if item.notes else "") if isinstance(item, Hold) else item.reason
