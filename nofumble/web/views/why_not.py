"""Why was somebody not told? The answer of `why-not` as a story that a person reads (B4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nofumble.demo.words import said_of
from nofumble.pages.wording import spoken
from nofumble.web.views.because import Heard, heard, name_in_words, value_in_words
from nofumble.web.views.reader import Reader, plain
from workflows.reasons.hearing import Told
from workflows.reasons.stops import Stop
from workflows.reasons.why_not import RunSaid, WhyNot

KINDS: Mapping[str, str] = {
    "mode": "Its mode",
    "failed": "A condition that could not be computed",
    "reentry": "A run that was there already",
    "folded": "A root cause, into whose thread it is folded",
    "guard": "A guard",
    "pending": "It still waits",
    "key": "Its key is not known",
    "unchanged": "Nothing was changed by it",
    "sequence": "The order of events",
    "count": "Too few so far",
    "left": "It was over before its time",
    "date": "Its date",
    "too_late": "It came too late",
    "condition": "A condition that did not hold",
    "no_event": "Nothing of the kind was heard",
}
"""What stopped it, by the kind of the stop."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What stood in the way of one start: the clause with what it read, the event, and when it would be true."""

    kind: str
    words: str
    start: str
    clause: str
    read: tuple[tuple[str, str], ...]
    event: str
    event_at: datetime | None
    due: datetime | None
    counted: str
    behind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that there was: since when, how it stands, its work, the gates that hold it back, and what it waits for."""

    key: str
    started_at: datetime
    status: str
    work: tuple[str, ...]
    gates: tuple[str, ...]
    waits: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class WhyNotPage:
    """Why a workflow did not begin, or its runs where it did; `changes` is the smallest that would make it begin."""

    workflow: str
    version: str
    hash: str
    mode: str
    at: datetime
    fired: bool
    sentence: str
    stops: tuple[Stopped, ...]
    runs: tuple[Ran, ...]
    changes: tuple[str, ...]
    words: str
    told: tuple[Heard, ...]


def why_not_page(found: WhyNot, told: Iterable[Told], reader: Reader) -> WhyNotPage:
    """Return why a workflow did not begin as a reader reads it."""
    stops = [*([found.stop] if found.stop is not None else ()), *found.others]
    return WhyNotPage(
        workflow=found.workflow,
        version=found.version,
        hash=found.hash,
        mode=found.mode,
        at=found.at,
        fired=found.fired,
        sentence=reader.sentence(found.sentence),
        stops=tuple(_stopped(one, reader) for one in stops),
        runs=tuple(_ran(one) for one in found.runs),
        changes=tuple(reader.sentence(one.words) for one in found.changes),
        words=found.words,
        told=tuple(heard(told, reader)),
    )


def _stopped(stop: Stop, reader: Reader) -> Stopped:
    event = stop.event
    return Stopped(
        KINDS[stop.kind],
        reader.sentence(stop.words),
        spoken(stop.start),
        stop.clause.text if stop.clause is not None else "",
        tuple(_read(stop.clause.read if stop.clause is not None else {}, reader)),
        f"{said_of(event.type)} ({event.id} of {event.source})" if event is not None else "",
        event.time if event is not None else None,
        stop.due,
        f"{stop.have} of {stop.need}" if stop.need is not None else "",
        tuple(stop.behind),
    )


def _read(read: Mapping[str, Any], reader: Reader) -> Iterator[tuple[str, str]]:
    for name, value in read.items():
        yield name_in_words(name), value_in_words(value, reader)


def _ran(run: RunSaid) -> Ran:
    gates = tuple(f"{one.ref}: {plain(one.decision)}, {', '.join(map(plain, one.reasons))}" for one in run.gates)
    waits = tuple(sorted(run.waits.items(), key=lambda one: one[1]))
    return Ran(run.key, run.started_at, plain(run.status), tuple(run.work), gates, waits)
