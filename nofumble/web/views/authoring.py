"""What does a page show of a text that is being written, and of the versions of a workflow?"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from nofumble.activation import Fate
from nofumble.authoring.examiner import Examined
from nofumble.authoring.examining import Message, Played
from nofumble.web.activating import DEEDS, Settled, deeds_of
from nofumble.web.authoring import DRAFT, Flow, unfinished
from nofumble.web.views.reader import Reader
from workflows.shadow import Kind, Trial
from workflows.versions import Activation, Change

INSTANCES_SHOWN = 100
DIFFERENCES_SHOWN = 200

KINDS: Mapping[Kind, str] = {"added": "more", "gone": "fewer", "changed": "otherwise", "same": "alike"}
"""How work compares with what the active version brought."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is said of a text: a verdict, the findings at their lines, the picture, the examples."""

    verdict: str
    is_good: bool
    messages: tuple[Message, ...]
    picture: str
    played: tuple[Played, ...]
    stopped: str
    unheard: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """One line of the history; `before` is the hash of what it took the place of, "" for none."""

    at: datetime
    version: str
    hash: str
    mode: str
    by: str
    note: str
    before: str
    migrated: bool


@dataclass(frozen=True, slots=True)
class Here:
    """A version that there is now: what it is called here, and by which word addresses name it."""

    what: str
    version: str
    key: str


@dataclass(frozen=True, slots=True)
class Runs:
    """One running instance: where, and what becomes of it."""

    account: str
    key: str
    migrates: bool
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a deed would bring, or brought."""

    version: str
    mode: str
    words: tuple[str, ...]
    runs: tuple[Runs, ...]
    going: int
    staying: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One piece of work in shadow beside what the active version did; `account` is "" where it is not to be seen."""

    at: datetime
    account: str
    key: str
    ref: str
    kind: str
    type: str
    changes: tuple[str, ...]


def found_of(examined: Examined) -> Found:
    """Return what a page says of a text."""
    checked = examined.checked
    picture = b64encode(checked.picture.encode()).decode() if checked.picture else ""
    return Found(
        verdict=_verdict(examined),
        is_good=examined.is_good,
        messages=tuple(checked.messages),
        picture=f"data:image/svg+xml;base64,{picture}" if picture else "",
        played=examined.played,
        stopped="" if examined.is_whole else unfinished(examined),
        unheard=examined.open_examples[1:],
    )


def _verdict(examined: Examined) -> str:
    count = len(examined.checked.messages)
    if count:
        return f"{count} finding{'' if count == 1 else 's'}"
    failed = sum(not one.passed for one in examined.played)
    if not examined.is_whole:
        return "Not examined to the end"
    if failed:
        return f"{failed} of {len(examined.played)} examples failed"
    return f"It holds: {len(examined.played)} example{'' if len(examined.played) == 1 else 's'} came true"


def history_of(rows: Iterable[tuple[Activation, Change]]) -> list[Past]:
    """Return the lines of a history."""
    return [
        Past(one.at, change.version, change.hash, change.mode, one.by, one.note, change.was[0], change.migrate)
        for one, change in rows
    ]


def versions_here(flow: Flow, *, is_author: bool) -> list[Here]:
    """Return the versions that there are now."""
    found = []
    if flow.in_place is not None:
        source = flow.in_place.source
        found.append(
            Here("in force" if source.mode == "active" else "switched off", source.version, flow.in_place.hash)
        )
    if is_author and flow.beside is not None:
        source = flow.beside.source
        found.append(
            Here(f"in {source.mode}" if source.mode == "shadow" else "beside", source.version, flow.beside.hash)
        )
    if is_author and flow.draft is not None:
        found.append(Here("draft", "", DRAFT))
    return found


def buttons_of(flow: Flow) -> list[tuple[str, str]]:
    """Return what can be done now, as (name, words)."""
    return [(name, DEEDS[name].words) for name in deeds_of(flow)]


def outcome_of(settled: Settled, reader: Reader) -> Outcome:
    """Return what a deed brings."""
    (change,) = settled.activation.changes
    runs = tuple(_runs(one, reader) for one in settled.fates[:INSTANCES_SHOWN])
    return Outcome(change.version, change.mode, settled.words, runs, settled.going, settled.staying)


def _runs(fate: Fate, reader: Reader) -> Runs:
    moves = (f"{name}: {_at(before, reader)} → {_at(after, reader)}" for name, (before, after) in fate.clocks.items())
    words = ("; ".join(moves) or "no clock moves") if fate.migrates else fate.reason
    return Runs(fate.account, fate.key, fate.migrates, words)


def _at(at: datetime | None, reader: Reader) -> str:
    return "none" if at is None else reader.moment(at)


def compared_of(trial: Trial) -> list[Compared]:
    """Return what a version in shadow would have done otherwise."""
    return [
        Compared(
            one.at,
            one.account,
            one.key,
            one.ref,
            KINDS[one.kind],
            one.type,
            tuple(f"{name}: {_shown(before)} → {_shown(after)}" for name, before, after in one.changes),
        )
        for one in trial.differences
        if one.kind != "same"
    ]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, Mapping):
        return str(value.get("person") or value.get("role") or value.get("queue") or value)
    return "nothing" if value in (None, "") else str(value)
