"""What does the evidence of a piece of work say to a person? The rows of its quiet block (R18)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from events.envelope import Event
from nofumble.cli.when import as_time, brief
from nofumble.demo.thread import Thread
from nofumble.demo.words import Names
from workflows.account import Clock, PatternStep
from workflows.language.durations import Duration, parse_duration
from workflows.language.vocabulary import person_of

_UNITS = {"bd": "working day", "bh": "working hour", "d": "day", "h": "hour", "m": "minute"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def proof_rows(work_id: str, thread: Thread, names: Names) -> Iterator[tuple[str, str]]:
    """Give the rows of a work item's evidence, each with its name; those that say nothing are left out."""
    item, evidence = thread.work[work_id], thread.proofs[work_id]
    for step in evidence.pattern:
        yield "event", _event(step, names)
        yield from _with(step.source, step.event, thread, names)
    if evidence.clock is not None:
        yield "clock", _clock(evidence.clock)
    for name, value in evidence.state.items():
        if value not in ("", None, [], {}) and name != "name":
            yield "known", f"{name} {_value(value)}"
    if thread.definition.guards:
        yield "checked", f"none of these was so: {'; '.join(guard.reason for guard in thread.definition.guards)}"
    yield "else", _TIME.sub(lambda found: brief(_moment(found.group())), evidence.counterfactual)
    yield "rule", f"{item.workflow} {evidence.version}, step {item.ref}, key {item.key}; {evidence.confidence}"


def in_words(duration: Duration) -> str:
    """Say a duration in words.

    >>> in_words(parse_duration("3bd")), in_words(parse_duration("1h"))
    ('3 working days', '1 hour')
    """
    return f"{duration.amount} {_UNITS[duration.unit]}{'' if duration.amount == 1 else 's'}"


def cause_rows(event: Event, thread: Thread, names: Names) -> Iterator[tuple[str, str]]:
    """Give the rows of an event that made work go back: which it is, and who took part in what it tells."""
    step = PatternStep("", event.id, event.source, event.type, event.time, person_of(event.data))
    yield "event", _event(step, names)
    yield from _with(event.source, event.id, thread, names)


def _event(step: PatternStep, names: Names) -> str:
    by = f" by {names.full(step.actor)}" if step.actor else ""
    return f"{step.type}{by}, {brief(step.time)} ({step.event} of {step.source})"


def _with(source: str, event_id: str, thread: Thread, names: Names) -> Iterator[tuple[str, str]]:
    """Give who was on the conversation, where the workflow asks who was."""
    if not thread.definition.guards:
        return
    for _, event in thread.heard:
        if (event.source, event.id) == (source, event_id):
            lists = [
                value for value in (event.data.get("participants"), event.data.get("cc")) if isinstance(value, list)
            ]
            people = [str(one) for value in lists for one in value]
            yield "with", ", ".join(dict.fromkeys(names.full(one) for one in people)) or "nobody else"


def _clock(clock: Clock) -> str:
    length = f"{in_words(parse_duration(clock.duration))}, " if clock.duration else ""
    whose = "the organisation's calendar" if clock.calendar == "organisation" else f"the calendar of {clock.calendar}"
    return f"{length}from {brief(clock.start)} to {brief(clock.due)}, by {whose}"


def _moment(text: str) -> datetime:
    found = as_time(text)
    assert found is not None, "the pattern only finds times"
    return found


def _value(value: object) -> str:
    if isinstance(value, list):
        return "/".join(str(one) for one in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
