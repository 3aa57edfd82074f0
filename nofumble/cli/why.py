"""Why does this work exist? Its evidence, told as a story (R18)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from agents.rows import WorkRow
from nofumble.cli.options import AsJson
from nofumble.cli.output import clean, paint, weight_of, write, write_folded, write_json, write_parts
from nofumble.cli.queries import with_status
from nofumble.cli.session import open_session
from nofumble.cli.stored_work import find_work, holder_of, item_of, people_of, work_as_json
from nofumble.cli.telling import plain_reason
from nofumble.cli.when import as_time, brief, exact
from workflows.account import Clock, Evidence, PatternStep, Task, Work, evidence_of_item
from workflows.findings import Reason


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble why 5b1f3c2a")(why)


def why(
    work_id: Annotated[str, typer.Argument(metavar="WORK_ID", help="The id of work, or its first six characters.")],
    as_json: AsJson = False,
) -> None:
    """Tell why work exists, with its evidence.

    The events, the clock, what was known, the rule, and what would have prevented it.
    """
    with open_session() as session:
        row = find_work(session.store, work_id)
        item = item_of(row)
        if as_json:
            write_json([{**work_as_json(row), "evidence": evidence_of_item(item), "notes": item.notes}])
        else:
            write_story(row, item, now=session.now)


def write_story(row: WorkRow, item: Work, *, now: datetime) -> None:
    """Write the evidence of a work item for a person."""
    kind = paint(f"{row.kind} {row.ref}", weight_of(row.severity) or "strong")
    write(f"{kind} at {clean(row.account_id)}, {row.id}")
    write_folded(with_status(row))
    write()
    write_parts(_story(row, item, evidence_of_item(item), now))


def _story(row: WorkRow, item: Work, evidence: Evidence, now: datetime) -> Iterator[tuple[str, str]]:
    yield "because", evidence.because if evidence.because != row.title else ""
    label = "events"
    for step in evidence.pattern:
        yield label, _event(step, now)
        label = ""
    label = "reasons"
    for reason in evidence.reasons or ():
        yield label, _reason(reason)
        label = ""
    yield "clock", _clock(evidence.clock, now) if evidence.clock is not None else ""
    yield (
        "known",
        ", ".join(f"{name} {_value(value)}" for name, value in evidence.state.items() if _says_something(value)),
    )
    yield "for", ", ".join(people_of(row)) if row.kind == "alert" else _holder(row, item)
    yield "due", brief(row.due_at, now=now) if row.due_at else ""
    placed = not row.workflow  # by a person, and not by a step of a workflow
    yield "rule", "" if placed else f"{row.workflow} {evidence.version}, step {row.ref}, key {row.key}"
    yield "certainty", evidence.confidence
    yield "otherwise", _otherwise(evidence.counterfactual)
    yield "since then", "; ".join(_history(row, item, now))


def _event(step: PatternStep, now: datetime) -> str:
    by = f" by {step.actor}" if step.actor else ""
    return f"{brief(step.time, now=now)}  {step.type} ({step.event} of {step.source}){by}"


def _reason(reason: Reason) -> str:
    before = f", as {reason.seen_before} of {reason.of} times before" if reason.seen_before else ""
    return f"{reason.words}{before}"


def _clock(clock: Clock, now: datetime) -> str:
    length = f"{clock.duration} " if clock.duration else ""
    span = f"from {brief(clock.start, now=now)} to {brief(clock.due, now=now)}"
    return f"{length}{span}, calendar of {clock.calendar}"


def _holder(row: WorkRow, item: Work) -> str:
    asked = f" as {row.role}" if row.role and row.role != holder_of(row) else ""
    fallback = item.to.fallback if isinstance(item, Task) else ()
    instead = f", after {', '.join(fallback)} could not be found" if fallback else ""
    away = f", since {item.to.away} is away" if isinstance(item, Task) and item.to.away else ""
    return f"{holder_of(row)}{asked}{away}{instead}" if holder_of(row) else ""


def _history(row: WorkRow, item: Work, now: datetime) -> Iterator[str]:
    reason = getattr(item, "reason", "") if row.kind != "hold" else ""
    if row.closed_at is not None:
        yield f"{row.status} {brief(row.closed_at, now=now)}" + (f", {plain_reason(reason)}" if reason else "")
    yield from (note for note in item.notes if note)


def _otherwise(counterfactual: str) -> str:
    """Write the times in a sentence as people do."""
    words = (as_time(word) or word for word in counterfactual.split(" "))
    return " ".join(exact(word) if isinstance(word, datetime) else word for word in words)


def _says_something(value: object) -> bool:
    return value not in ("", None, [], {})


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
