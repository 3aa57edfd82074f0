"""Why does a piece of work exist? Its evidence as a story that a person reads (R18)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.rows import WorkRow
from nofumble.cli.stored_work import item_of
from nofumble.demo.words import said_of
from nofumble.web.views.deeds import Deed, deeds_for
from nofumble.web.views.reader import Reader, in_days, plain
from workflows.account import Alert, Evidence, Hold, Loop, Recipient, Task, Work, evidence_of_item
from workflows.language.durations import UNITS, parse_duration


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the story: what it says, by whom, and where it can be found."""

    at: datetime
    words: str
    who: str
    event: str
    source: str
    type: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The clock of the work: from when until when, how long in words, by whose calendar."""

    start: datetime
    due: datetime
    length: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the page of a piece of work tells.

    `ended` says how it closed; `asked` whom it asks as which role; `checklist` and `outcomes` what finishing it needs.
    """

    row: WorkRow
    title: str
    because: str
    events: tuple[Happened, ...]
    reasons: tuple[str, ...]
    clock: Counted | None
    known: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    rule: str
    certainty: str
    is_sure: bool
    otherwise: str
    links: tuple[str, ...]
    notes: tuple[str, ...]
    ended: str
    checklist: tuple[str, ...]
    outcomes: tuple[str, ...]
    snoozed_until: datetime | None
    told_at: datetime | None
    deeds: tuple[Deed, ...]
    handed_over: tuple[str, ...] = ()


def story_of(row: WorkRow, reader: Reader) -> Story:
    """Return the story of a piece of work."""
    item = item_of(row)
    evidence = evidence_of_item(item)
    return Story(
        row=row,
        title=f"No {row.title}" if row.kind == "hold" else plain(row.title) if row.kind == "loop" else row.title,
        because=evidence.because if evidence.because != row.title else "",
        events=tuple(_happened(evidence, reader)),
        reasons=tuple(map(reader.sentence, _reasons(evidence))),
        clock=_clock(evidence, reader),
        known=tuple(_known(evidence, reader)),
        asked=tuple((reader.holder(one), how_asked(one, reader)) for one in receivers(item)),
        rule=f"{row.workflow} {evidence.version}, step {row.ref}, for {reader.sentence(row.key)}"
        if row.workflow
        else "",
        certainty=evidence.confidence,
        is_sure=evidence.confidence == "confirmed",
        otherwise=reader.sentence(evidence.counterfactual),
        links=tuple(map(reader.sentence, evidence.links)),
        notes=tuple(note for note in item.notes if note),
        ended=reader.sentence(_ended(row, item)),
        checklist=tuple(item.checklist) if isinstance(item, Task) else (),
        outcomes=tuple(item.outcomes) if isinstance(item, Task) else (),
        snoozed_until=getattr(item, "snoozed_until", None),
        told_at=item.told_at if isinstance(item, Loop) else None,
        deeds=tuple(deeds_for(row, reader)),
        handed_over=tuple(reader.headline(one.title) for one in item.bundle) if isinstance(item, Task) else (),
    )


def receivers(item: Work) -> list[Recipient]:
    """Return those whom work asks: of a hold, whom to speak to first."""
    match item:
        case Alert():
            return item.to
        case Task():
            return [item.to]
        case Loop():
            return [item.holder]
        case Hold():
            return [item.speak_to] if item.speak_to else []


def how_asked(recipient: Recipient, reader: Reader) -> str:
    """Say as which role somebody is asked, and in whose place."""
    parts = [f"as {plain(recipient.role)}"] if recipient.role else []
    parts += [f"since {reader.name(recipient.away)} is away"] if recipient.away else []
    parts += [f"since nobody is {plain(', '.join(recipient.fallback))}"] if recipient.fallback else []
    return ", ".join(parts)


def in_words(duration: str) -> str:
    """Say a duration of a definition.

    >>> in_words("3bd"), in_words("72h"), in_words("1bd")
    ('3 working days', '72 hours', '1 working day')
    """
    try:
        known = parse_duration(duration)
    except ValueError:
        return duration
    if known.unit == "bd":
        return in_days(known.amount)
    words = UNITS[known.unit].replace("business", "working").replace("calendar ", "")
    return f"{known.amount} {words[:-1] if known.amount == 1 else words}"


def calendar_in_words(calendar: str, reader: Reader) -> str:
    """Say whose working time counts."""
    kind, _, name = calendar.partition(":")
    match kind:
        case "person":
            return f"the calendar of {reader.name(name)}"
        case "team":
            return f"the calendar of {name}"
        case _:
            return "the organisation's calendar"


def _happened(evidence: Evidence, reader: Reader) -> Iterator[Happened]:
    for step in sorted(evidence.pattern, key=lambda one: one.time):
        yield Happened(step.time, said_of(step.type), reader.name(step.actor), step.event, step.source, step.type)


def _reasons(evidence: Evidence) -> Iterator[str]:
    for reason in evidence.reasons or ():
        before = f", as {reason.seen_before} of {reason.of} times before" if reason.seen_before else ""
        yield f"{reason.words}{before}"


def _clock(evidence: Evidence, reader: Reader) -> Counted | None:
    clock = evidence.clock
    if clock is None:
        return None
    return Counted(clock.start, clock.due, in_words(clock.duration), calendar_in_words(clock.calendar, reader))


def _known(evidence: Evidence, reader: Reader) -> Iterator[tuple[str, str]]:
    for name, value in evidence.state.items():
        if value not in ("", None, [], {}):
            yield name.replace("_", " ").replace(".", " "), _value(value, reader)


def _value(value: Any, reader: Reader) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_value(one, reader) for one in value)
    text = str(value)
    return reader.name(text) if text in reader.directory.people else reader.sentence(text)


def _ended(row: WorkRow, item: Work) -> str:
    if row.closed_at is None:
        return ""
    outcome = getattr(item, "outcome", "")
    reason = plain(getattr(item, "reason", "")) if not isinstance(item, Hold) else ""
    return ", ".join(part for part in (row.status, plain(outcome), reason) if part)
