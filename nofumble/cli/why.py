"""Why does this work exist? Its evidence, told as a story, and what would have prevented it (R18)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from agents.rows import WorkRow
from nofumble.cli.options import AsJson, Organisation, Workflows
from nofumble.cli.output import clean, paint, weight_of, write, write_folded, write_json, write_parts
from nofumble.cli.pasts import Events, MoreEvents, Named, Until, all_files, open_pasts
from nofumble.cli.queries import with_status
from nofumble.cli.stored_work import holder_of, item_of, people_of, work_as_json
from nofumble.cli.telling import name_of, plain_reason
from nofumble.cli.when import as_time, brief, exact
from nofumble.errors import WrongUse
from workflows.account import Task, Work, evidence_of_item
from workflows.findings import Reason
from workflows.reasons.hearing import Told, told_of
from workflows.reasons.why import ClockSaid, FoldedIn, Rung, Step, Why, why_of
from workflows.reasons.why import why as reason_for


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble why 5b1f3c2a")(why)


def why(
    work_id: Annotated[
        str, typer.Argument(metavar="WORK_ID", help="The id of work or of an escalation, or its first six characters.")
    ],
    events: Events = None,
    more: MoreEvents = None,
    until: Until = None,
    organisation: Organisation = None,
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Tell why work exists, with its evidence.

    The events, the clock, what was known, the rule, and what would have prevented it: found by folding the history
    without it. With --events it is asked of the world in files, which needs no database.
    """
    with open_pasts(all_files(events, more), until, organisation, workflows) as pasts:
        named = pasts.work(work_id)
        found = reason_of(named)
        told = told_of(pasts.notices(), [found.of or found.id])
        if as_json:
            write_json([{**as_object(named, found), "told": told}])
        else:
            write_story(found, named.row, told, now=pasts.now)


def reason_of(named: Named) -> Why:
    """Tell why work exists that is in a world."""
    found = reason_for(named.past, named.id, named.folded)
    if found is not None:
        return found
    if named.row is None:
        raise WrongUse(f"the escalation {named.id} was taken back since: its history no longer brings it; ask its task")
    return why_of(named.past, named.folded, item_of(named.row))


def as_object(named: Named, found: Why) -> dict[str, Any]:
    """Give the answer as one object of `--json`: the work as in every query, its evidence, and why it is."""
    said = msgspec.to_builtins(found, builtin_types=(datetime,))
    if named.row is None:
        return {**said, "evidence": {"events": [one.event for one in found.steps]}}
    return {**said, **work_as_json(named.row), "evidence": evidence_of_item(item_of(named.row))}


def write_story(found: Why, row: WorkRow | None, told: Sequence[Told] = (), *, now: datetime) -> None:
    """Write why work exists for a person."""
    kind = paint(f"{found.kind} {found.rule.ref}".rstrip(), weight_of(row.severity if row else None) or "strong")
    write(f"{kind} at {clean(found.account)}, {found.id}")
    write_folded(with_status(row) if row is not None else found.because)
    write()
    write_parts([*_story(found, row, now), *_named("told", (told_words(one, now) for one in told))])


def told_words(one: Told, now: datetime) -> str:
    """Say who was told, when and how."""
    if one.how == "deferred":
        return f"{brief(one.at, now=now)}  not {one.person} yet: {one.reason}, until {_otherwise(one.until)}"
    return f"{brief(one.at, now=now)}  {one.person}, by {one.how}"


def _story(found: Why, row: WorkRow | None, now: datetime) -> Iterator[tuple[str, str]]:
    item = item_of(row) if row is not None else None
    yield "because", found.because if row is not None and found.because != row.title else ""
    yield from _named("events", (_event(one, now) for one in found.steps))
    yield from _named("reasons", (_reason(one) for one in found.reasons))
    yield "clock", _clock(found.clock, now) if found.clock is not None else ""
    yield (
        "known",
        ", ".join(f"{name} {_value(value)}" for name, value in found.values.items() if _says_something(value)),
    )
    if row is not None and item is not None:
        yield "for", ", ".join(people_of(row)) if row.kind == "alert" else _holder(row, item)
        yield "due", brief(row.due_at, now=now) if row.due_at else ""
    yield "rule", _rule(found)
    yield "certainty", found.confidence
    yield "otherwise", _otherwise(found.counterfactual.words)
    rule = found.counterfactual.rule
    yield "", _otherwise(rule) if rule != found.counterfactual.words else ""
    yield from _named("folded in", (_folded(one, now) for one in found.folded))
    yield from _named("climbed", (_rung(one, now) for one in found.escalations))
    yield "since then", "; ".join(_history(found, row, now))


def _named(label: str, values: Iterator[str]) -> Iterator[tuple[str, str]]:
    for place, value in enumerate(values):
        yield ("" if place else label), value


def _event(step: Step, now: datetime) -> str:
    by = f" by {step.actor}" if step.actor else ""
    is_late = step.arrived_at is not None and (step.arrived_at - step.time).total_seconds() >= LATE_S
    late = f", known {brief(step.arrived_at, now=now)}" if is_late and step.arrived_at is not None else ""
    return f"{brief(step.time, now=now)}  {step.type} ({step.event} of {step.source}){by}{late}"


LATE_S = 3600
"""Seconds between an event and its arrival from which on that is worth a word."""


def _reason(reason: Reason) -> str:
    before = f", as {reason.seen_before} of {reason.of} times before" if reason.seen_before else ""
    return f"{reason.words}{before}"


def _clock(clock: ClockSaid, now: datetime) -> str:
    length = f"{clock.duration} " if clock.duration else ""
    span = f"from {brief(clock.start, now=now)} to {brief(clock.due, now=now)}"
    stood = [f"from {brief(p.since, now=now)} to {brief(p.until, now=now) if p.until else 'now'}" for p in clock.pauses]
    still = f"; it stood still {' and '.join(stood)}" if stood else ""
    return f"{length}{span}, calendar of {clock.calendar}{still}"


def _rule(found: Why) -> str:
    rule = found.rule
    if not rule.workflow:  # placed by a person, and not by a step of a workflow
        return ""
    return f"{rule.workflow} {rule.version}, step {rule.ref}, key {rule.key}; content {rule.hash}"


def _folded(one: FoldedIn, now: datetime) -> str:
    return f"{brief(one.at, now=now)}  {one.workflow} {one.ref}".rstrip() + f": {one.because}"


def _rung(one: Rung, now: datetime) -> str:
    return f"{brief(one.at, now=now)}  to {', '.join(name_of(to) for to in one.to)} ({one.asked}), {one.id[:8]}"


def _holder(row: WorkRow, item: Work) -> str:
    asked = f" as {row.role}" if row.role and row.role != holder_of(row) else ""
    fallback = item.to.fallback if isinstance(item, Task) else ()
    instead = f", after {', '.join(fallback)} could not be found" if fallback else ""
    away = f", since {item.to.away} is away" if isinstance(item, Task) and item.to.away else ""
    return f"{holder_of(row)}{asked}{away}{instead}" if holder_of(row) else ""


def _history(found: Why, row: WorkRow | None, now: datetime) -> Iterator[str]:
    if row is not None and row.closed_at is not None:
        reason = found.closed_because if row.kind != "hold" else ""
        yield f"{row.status} {brief(row.closed_at, now=now)}" + (f", {plain_reason(reason)}" if reason else "")
    yield from (note for note in found.notes if note)


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
