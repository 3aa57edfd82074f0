"""What is different? Two states of an account, before and after a late event; the lines and rows that follow (R4, R8).

Work that is not there any more was raised on evidence that a late event has disproved: it is taken
back as ``late_evidence``. Work that a person has touched is never taken away: it stays, with a note.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from workflows import items
from workflows.account import AccountState, Alert, Hold, Loop, Task, Work, evidence_of_item, is_open, step_said
from workflows.ledger import ENTRIES_MAX
from workflows.ledger_lines import posting
from workflows.moment import Line, iso, recipient_as_json
from workflows.verdicts import verdict_said

LATE_EVIDENCE = "late_evidence"

TOLD_BY_ITSELF = frozenset(
    {
        "preflight.answered",
        "alert.acknowledged",
        "alert.snoozed",
        "task.snoozed",
        "loop.customer_told",
        "exec.brief.published",
        "feedback.recorded",
    }
)
"""Lines that say what the late event itself did, and that no difference of two states shows."""


def is_told_by_itself(line: Line) -> bool:
    """Tell whether a line of a late event is said although a difference follows; a gate's verdict is a difference."""
    return line.type in TOLD_BY_ITSELF and not (line.type == "preflight.answered" and "ref" in line.data)


@dataclass(slots=True)
class Difference:
    """What goes out, what is stored, and what stays although the history no longer brings it."""

    lines: list[Line] = field(default_factory=list)
    work: dict[str, Work] = field(default_factory=dict)
    kept: list[Work] = field(default_factory=list)


def difference(
    before: AccountState,
    after: AccountState,
    changed: AbstractSet[str],
    at: datetime,
    *,
    keeps_ledger: bool = False,
) -> Difference:
    """Compare two folds of one account that began alike.

    ``changed`` are the ids of the work that either of them changed; ``at`` is when the difference became known.
    """
    found = Difference()
    _runs(before, after, found)
    _verdicts(before, after, found)
    if keeps_ledger:
        _postings(before, after, found)
    for work_id in [one for one in after.work if one in changed]:
        former, item = before.work.get(work_id), after.work[work_id]
        if former is None:
            _appeared(item, found)
        elif former != item:
            _changed(former, item, found)
    for work_id in [one for one in before.work if one in changed and one not in after.work]:
        _vanished(before.work[work_id], at, found)
    return found


def _tell(found: Difference, line: tuple[str, dict[str, Any]] | None) -> None:
    if line is not None:
        found.lines.append(Line(*line))


def _runs(before: AccountState, after: AccountState, found: Difference) -> None:
    """Tell of instances that began, ended or were never there."""
    for place, run in after.runs.items():
        former = before.runs.get(place)
        if former is None or former.number != run.number:
            found.lines.append(Line("workflow.started", run.said()))
            former = None
        if run.status != "running" and (former is None or former.status != run.status):
            verb = "completed" if run.status == "done" else "cancelled"
            found.lines.append(Line(f"workflow.{verb}", {**run.said(), "reason": run.reason}))
    for place, run in before.runs.items():
        if place not in after.runs and run.status == "running":
            found.lines.append(Line("workflow.cancelled", {**run.said(), "reason": LATE_EVIDENCE}))


def _verdicts(before: AccountState, after: AccountState, found: Difference) -> None:
    """Tell of gates that say something else than they said."""
    for name, instance in after.instances.items():
        former = before.instances.get(name)
        for ref, verdict in instance.verdicts.items():
            known = former.verdicts.get(ref) if former is not None else None
            said = verdict_said(instance, ref, verdict)
            if verdict.told and (known is None or verdict_said(instance, ref, known) != said):
                found.lines.append(Line("preflight.answered", said))


def _postings(before: AccountState, after: AccountState, found: Difference) -> None:
    """Tell of entries of the ledger that came or went; an entry that has its place by a late event is one that came."""
    if before.standing == after.standing:
        return
    former = before.standing.ledger.entries if before.standing is not None else {}
    now = after.standing.ledger.entries if after.standing is not None else {}
    for name, entry in now.items():
        if name not in former:
            found.lines.append(Line(*posting(after, name, entry)))
    for name, entry in former.items():
        if name not in now and len(former) < ENTRIES_MAX:
            line_type, said = posting(before, name, entry)
            if line_type == "ledger.posted":
                found.lines.append(Line("ledger.reversed", {**said, "reason": LATE_EVIDENCE}))


def _appeared(item: Work, found: Difference) -> None:
    """Work that came and went within the refold was never seen by anybody: it is stored and not told."""
    found.work[item.id] = item
    if is_open(item):
        _tell(found, items.opening(item))


def _changed(former: Work, item: Work, found: Difference) -> None:
    found.work[item.id] = item
    if is_open(former) and not is_open(item):
        _tell(found, items.closing(item))
    elif is_open(item) and not is_open(former):
        _tell(found, items.opening(item))
    elif is_open(item):
        _tell(found, _updated(former, item))


def _updated(former: Work, item: Work) -> tuple[str, dict[str, Any]] | None:
    said: dict[str, Any] = {"id": item.id, "workflow": item.workflow, "key": item.key, **step_said(item.ref)}
    match former, item:
        case Task(), Task() if former.to != item.to:
            moved = {"from": recipient_as_json(former.to), "to": recipient_as_json(item.to), "due": iso(item.due)}
            return "task.reassigned", {**said, **moved, "reason": LATE_EVIDENCE}
        case Task(), Task() if former.due != item.due or former.status != item.status:
            moved = {"to": recipient_as_json(item.to), "due": iso(item.due), "status": item.status}
            return "task.updated", {**said, **moved, "reason": LATE_EVIDENCE}
        case Alert(), Alert() if (former.severity, former.because) != (item.severity, item.because):
            said |= {"severity": item.severity, "because": item.because}
            said["to"] = [recipient_as_json(one) for one in item.to]
            return "alert.updated", {**said, "reason": LATE_EVIDENCE}
        case Loop(), Loop() if former.holder != item.holder:
            moved = {"from": recipient_as_json(former.holder), "to": recipient_as_json(item.holder)}
            return "loop.passed", {**said, "name": item.name, **moved, "reason": LATE_EVIDENCE}
        case Task() | Alert(), Task() | Alert() if _links(former) != _links(item):
            line_type, told = items.gathered(item)
            return line_type, {**told, "reason": LATE_EVIDENCE}
        case _:
            return None


def _links(item: Task | Alert) -> set[str]:
    """Give what work links to; in another order it is the same."""
    return set(evidence_of_item(item).links) if item.evidence else set()


def _vanished(item: Work, at: datetime, found: Difference) -> None:
    if item.touched:
        _keep(item, found)
        return
    was_open = is_open(item)
    gone = _taken_back(item, at)
    if gone == item:
        return
    found.work[gone.id] = gone
    if was_open:
        _tell(found, items.closing(gone))


def _keep(item: Work, found: Difference) -> None:
    kept = msgspec.structs.replace(item, notes=[*item.notes])
    note = f"{LATE_EVIDENCE}: a late event shows that this was not needed; close it if you agree"
    if note not in kept.notes:
        kept.notes.append(note)
        said = {"id": item.id, "workflow": item.workflow, "key": item.key, **step_said(item.ref), "note": note}
        found.lines.append(Line(f"{type(item).__name__.lower()}.updated", said))
    found.work[kept.id] = kept
    found.kept.append(kept)


def _taken_back(item: Work, at: datetime) -> Work:
    match item:
        case Task():
            return msgspec.structs.replace(item, status="cancelled", reason=LATE_EVIDENCE, closed_at=at)
        case Alert():
            return msgspec.structs.replace(item, status="retracted", reason=LATE_EVIDENCE, closed_at=at)
        case Hold():
            return msgspec.structs.replace(item, status="lifted", notes=[*item.notes, LATE_EVIDENCE], closed_at=at)
        case Loop():
            return msgspec.structs.replace(item, status="closed", reason=LATE_EVIDENCE, closed_at=at)
