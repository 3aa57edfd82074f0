"""Which workflows watch over customers, what does each do, whom did it touch of late, and does it earn its keep?"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.rows import WorkRow
from nofumble.pages.stories import story_lines
from nofumble.pages.wording import spoken
from nofumble.web.views.reader import Reader, plain
from workflows.language.grammar import TEAMS, Example
from workflows.language.plans import Definition
from workflows.language.words import Row, describe

OF_LATE = timedelta(days=7)
HITS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Listed:
    """One workflow of the list; `hits` are the accounts at which it made work of late."""

    name: str
    title: str
    mode: str
    version: str
    hits: int
    items: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One piece of work that a workflow made of late."""

    id: str
    account: str
    kind: str
    title: str
    severity: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step in words; `when` is "" where it begins with the one before it."""

    when: str
    ref: str
    what: str
    who: str
    until: str
    severity: str


@dataclass(frozen=True, slots=True)
class Played:
    """One example: what it shows, and its lines as text."""

    name: str
    lines: str


@dataclass(frozen=True, slots=True)
class WorkflowPage:
    """What the page of a workflow shows beside its picture."""

    name: str
    title: str
    team: str
    mode: str
    version: str
    hash: str
    purpose: str
    starts: tuple[str, ...]
    guards: tuple[str, ...]
    steps: tuple[Step, ...]
    endings: tuple[str, ...]
    examples: tuple[Played, ...]
    hits: tuple[Hit, ...]
    hit_count: int
    account_count: int


def workflow_list(definitions: Iterable[Definition], recent: Iterable[WorkRow]) -> list[tuple[str, tuple[Listed, ...]]]:
    """Return the workflows by owning team, with how many customers each touched of late."""
    items: Counter[str] = Counter()
    accounts: dict[str, set[str]] = {}
    for row in recent:
        items[row.workflow] += 1
        accounts.setdefault(row.workflow, set()).add(row.account_id)
    found: dict[str, list[Listed]] = {}
    for one in sorted(definitions, key=lambda one: one.name):
        source = one.source
        hits = len(accounts.get(one.name, ()))
        listed = Listed(one.name, source.title, source.mode, source.version, hits, items[one.name])
        found.setdefault(source.team, []).append(listed)
    return [(team, tuple(found[team])) for team in TEAMS if team in found]


def workflow_page(definition: Definition, recent: Sequence[WorkRow]) -> WorkflowPage:
    """Return the page of a workflow; `recent` is the work that it made of late."""
    told = describe(definition)
    newest = sorted(recent, key=lambda row: row.opened_at)[::-1]
    return WorkflowPage(
        name=told.name,
        title=told.title,
        team=told.team,
        mode=told.mode,
        version=told.version,
        hash=definition.hash,
        purpose=spoken(" ".join(told.purpose.split())),
        starts=tuple(map(_sentence, told.starts)),
        guards=tuple(map(_sentence, told.guards)),
        steps=tuple(_steps(told.timeline)),
        endings=tuple(map(_sentence, told.endings)),
        examples=tuple(map(_played, definition.source.examples)),
        hits=tuple(map(_hit, newest[:HITS_SHOWN])),
        hit_count=len(newest),
        account_count=len({row.account_id for row in newest}),
    )


def since_of_late(reader: Reader) -> datetime:
    """Return from when on something was of late."""
    return reader.now - OF_LATE


def _steps(rows: Iterable[Row]) -> Iterable[Step]:
    before = ""
    for row in rows:
        yield Step(
            "" if row.when == before else _sentence(row.when),
            row.ref,
            spoken(row.what),
            plain(row.who),
            row.until,
            row.severity,
        )
        before = row.when


def _played(example: Example) -> Played:
    return Played(_sentence(example.name), "\n".join(story_lines(example)))


def _hit(row: WorkRow) -> Hit:
    return Hit(row.id, row.account_id, row.kind, row.title, row.severity or "", row.status, row.opened_at)


def _sentence(text: str) -> str:
    said = spoken(" ".join(text.split()))
    return said[:1].upper() + said[1:]
