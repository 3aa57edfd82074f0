"""Why does a piece of work exist? The answer of `why` as a story that a person reads (R18, B4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nofumble.demo.words import LATE_AFTER, said_of
from nofumble.pages.wording import spoken
from nofumble.web.roles import View, masked
from nofumble.web.views.reader import Reader, in_days, plain
from workflows.language.durations import UNITS, parse_duration
from workflows.reasons.hearing import Told
from workflows.reasons.pauses import Pause
from workflows.reasons.why import ClockSaid, FoldedIn, Rung, Step, Why


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the story: what it says, by whom, where it can be found; `known_at` where that was much later."""

    at: datetime
    words: str
    who: str
    event: str
    source: str
    type: str
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """The clock of the work: from when until when, how long in words, by whose calendar, and when it stood still."""

    start: datetime
    due: datetime
    length: str
    calendar: str
    pauses: tuple[Pause, ...]


@dataclass(frozen=True, slots=True)
class Climbed:
    """A rung of the ladder that was reached: its id, when, at what, and who was told."""

    id: str
    at: datetime
    asked: str
    to: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What is not said by itself since it belongs to this thread, or was stopped by this hold."""

    at: datetime
    workflow: str
    words: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Who was told of it, since when and how; `again` and `last` where she was reminded of it."""

    at: datetime
    person: str
    how: str
    again: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class BecausePage:
    """Everything that the page of a piece of work tells of why it exists; what the role may not see is not in it."""

    sentence: str
    events: tuple[Happened, ...]
    reasons: tuple[str, ...]
    clock: Counted | None
    known: tuple[tuple[str, str], ...]
    workflow: str
    version: str
    hash: str
    step: str
    when: str
    certainty: str
    is_sure: bool
    otherwise: str
    rule: str
    folded: tuple[Aside, ...]
    climbed: tuple[Climbed, ...]
    told: tuple[Heard, ...]
    links: tuple[str, ...]
    notes: tuple[str, ...]
    of: str


HOWS: Mapping[str, str] = {"notice": "by notice", "digest": "with the digest", "deferred": "not yet"}


def because_page(why: Why, told: Iterable[Told], reader: Reader, view: View) -> BecausePage:
    """Return why a piece of work exists as a reader of a role reads it."""
    rule, otherwise = why.rule, why.counterfactual
    return BecausePage(
        sentence=why.because,
        events=tuple(_happened(one, reader) for one in sorted(why.steps, key=lambda one: one.time)),
        reasons=tuple(_reasons(why)),
        clock=_clock(why.clock, reader),
        known=tuple(_known(masked(why.values, view), reader)),
        workflow=rule.workflow,
        version=rule.version,
        hash=rule.hash,
        step=f"step {rule.ref}, for {rule.key}",
        when=spoken(rule.when),
        certainty=why.confidence,
        is_sure=why.confirmed,
        otherwise=reader.sentence(otherwise.words),
        rule=reader.sentence(otherwise.rule) if otherwise.rule != otherwise.words else "",
        folded=tuple(_aside(one, reader) for one in why.folded),
        climbed=tuple(_climbed(one, reader) for one in why.escalations),
        told=tuple(heard(told, reader)),
        links=tuple(why.links),
        notes=tuple(note for note in why.notes if note),
        of=why.of,
    )


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


def value_in_words(value: Any, reader: Reader) -> str:
    """Say a value that a condition read."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value_in_words(one, reader) for one in value)
    text = str(value)
    return reader.name(text) if text in reader.directory.people else reader.sentence(text)


def name_in_words(name: str) -> str:
    """Say the name of a fact: "nps.others_score" is "nps others score"."""
    return name.replace("_", " ").replace(".", " ")


def _happened(step: Step, reader: Reader) -> Happened:
    is_late = step.arrived_at is not None and step.arrived_at - step.time > LATE_AFTER
    who, known_at = reader.sentence(reader.name(step.actor)), step.arrived_at if is_late else None
    return Happened(step.time, said_of(step.type), who, step.event, step.source, step.type, known_at)


def _reasons(why: Why) -> Iterator[str]:
    for reason in why.reasons:
        before = f", as {reason.seen_before} of {reason.of} times before" if reason.seen_before else ""
        yield f"{reason.words}{before}"


def _clock(clock: ClockSaid | None, reader: Reader) -> Counted | None:
    if clock is None:
        return None
    calendar = calendar_in_words(clock.calendar, reader)
    return Counted(clock.start, clock.due, in_words(clock.duration), calendar, tuple(clock.pauses))


def _known(values: Mapping[str, Any], reader: Reader) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if value not in ("", None, [], {}):
            yield name_in_words(name), value_in_words(value, reader)


def _aside(one: FoldedIn, reader: Reader) -> Aside:
    return Aside(one.at, one.workflow, reader.sentence(one.because))


def _climbed(one: Rung, reader: Reader) -> Climbed:
    names = (
        reader.name(to.get("person")) if to.get("person") else str(to.get("queue") or to.get("role")) for to in one.to
    )
    return Climbed(one.id, one.at, plain(one.asked), ", ".join(dict.fromkeys(names)))


def heard(told: Iterable[Told], reader: Reader) -> Iterator[Heard]:
    """Give who was told and how, each with the first time and the last."""
    together: dict[tuple[str, str], list[datetime]] = {}
    for one in told:
        put_off = f": {plain(one.reason)}" if one.reason else ""
        together.setdefault((reader.name(one.person), f"{HOWS[one.how]}{put_off}"), []).append(one.at)
    for (person, how), times in together.items():
        yield Heard(times[0], person, how, len(times) - 1, times[-1] if len(times) > 1 else None)
