"""Whose past is a question about: the accounts of the store, or those of a world that lies in files?

Questions such as `why` are answered from the past of one account (`workflows/reasons`). Both kinds of world give it in
the same way, so that what can be asked of a running system can be asked of `simulate`'s files, without a database.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec
import typer

from agents.rows import WorkRow
from agents.world import World as AgentsWorld
from agents.written import entry_of, outbox_row, work_row
from nofumble.catalogue import known_world, stored_definitions
from nofumble.cli.options import nearest, organisation_file
from nofumble.cli.output import say
from nofumble.cli.session import Session, open_session
from nofumble.cli.simulate import Taken, fold, take, with_notices
from nofumble.cli.stored_work import PREFIX_MIN, ROWS_MAX, find_account, find_work
from nofumble.cli.when import EARLIEST, read_time
from nofumble.clock import SystemClock
from nofumble.errors import WrongUse
from nofumble.wiring import load_definitions, load_directory, read_source
from workflows.directory import Directory
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.links import resolve
from workflows.moment import Line
from workflows.reasons.past import Folded, Past, past_from, past_of
from workflows.reasons.why import ESCALATION
from workflows.simulation import OutLine, World

Events = Annotated[
    list[str] | None,
    typer.Option(
        "--events",
        metavar="FILE",
        help="Ask of the world in this file of events, not of the store; may be given more than once, - is standard "
        "input.",
    ),
]

MoreEvents = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE", help="With --events: further files, as a pattern of the shell gives them."),
]

Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="With --events: let the clock run on to this time."),
]


@dataclass(frozen=True, slots=True)
class Named:
    """Work that an id names: the past of its account, its row, or, for an escalation, none."""

    id: str
    past: Past
    folded: Folded
    row: WorkRow | None


class Pasts(Protocol):
    """The pasts of a world's accounts."""

    @property
    def now(self) -> datetime:
        """Up to when time has passed."""
        ...

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """The definitions by name, in whatever mode."""
        ...

    def account(self, name: str) -> str:
        """Return the id of an account that is named by its id or a reference; raise WrongUse when there is none."""
        ...

    def past(self, account_id: str) -> Past:
        """Return the past of an account."""
        ...

    def accounts(self) -> list[str]:
        """Return the ids of all accounts, in order."""
        ...

    def directory(self, at: datetime) -> Directory:
        """Return who worked here, as it was known at a time."""
        ...

    def work(self, name: str) -> Named:
        """Return the work of an id or of its first characters; raise WrongUse when there is none, or several."""
        ...

    def notices(self) -> list[Line]:
        """Return what people were told, and what their budgets put off."""
        ...


def all_files(events: list[str] | None, more: list[str] | None) -> list[str] | None:
    """Return the files of --events with those that follow; raise WrongUse for files without the option."""
    if more and not events:
        raise WrongUse(f"{more[0]!r} is one word too many; files of events go with --events")
    return [*(events or ()), *(more or ())] or None


@contextmanager
def open_pasts(
    events: list[str] | None, until: str | None, organisation: Path | None, workflows: Path | None
) -> Iterator[Pasts]:
    """Give the pasts of the world in files, else of the store; raise WrongUse for options that do not fit."""
    if events:
        yield _world_of(events, until, organisation, workflows)
        return
    given = {"--until": until, "--organisation": organisation, "--workflows": workflows}
    for option, value in given.items():
        if value is not None:
            raise WrongUse(f"{option} is {str(value)!r} without --events: the store has its own; name files of events")
    with open_session() as session:
        yield StoredPasts(session)


def definition_named(pasts: Pasts, name: str) -> Definition:
    """Return the definition of a name; raise WrongUse with the nearest ones when there is none."""
    found = pasts.definitions.get(name)
    if found is None:
        raise nearest(name, pasts.definitions, what="workflow", see="nofumble workflows list")
    return found


# ------------------------------------------------------------ files


@dataclass
class FilePasts:
    """The accounts of a world that was folded in memory."""

    world: World
    now: datetime
    definitions: Mapping[str, Definition]
    lines: Sequence[OutLine]

    def accounts(self) -> list[str]:
        """Return the ids of all accounts, in order."""
        return sorted(self.world.histories)

    def account(self, name: str) -> str:
        """Return the id of an account by its id or a reference."""
        found = resolve(name, self.world.links.get)
        if found not in self.world.histories:
            raise nearest(name, self.world.histories, what="account", see="nofumble simulate")
        return found

    def directory(self, at: datetime) -> Directory:
        """Return who worked here, as it was known at a time."""
        return self.world.directories.at(at)

    def past(self, account_id: str) -> Past:
        """Return the past of an account."""
        return past_of(self.world.histories[account_id], self.now)

    def work(self, name: str) -> Named:
        """Return the work of an id; escalations have the ids of their lines."""
        accounts = {one.line.data["id"]: one.account for one in self.lines if _names_work(one.line)}
        rungs = {outbox_row(one.account, one.line).id: one.account for one in self.lines if one.line.type == ESCALATION}
        known = _matching(name, accounts | rungs)
        past = self.past((accounts | rungs)[known])
        folded = past.fold()
        item = folded.work.get(known)
        return Named(known, past, folded, None if item is None else work_row(past.account_id, item))

    def notices(self) -> list[Line]:
        """Return what people were told, and what their budgets put off."""
        told = (one.line for one in with_notices(self.lines, self.world, self.now))
        return [line for line in told if line.type.startswith(NOTICES)]


NOTICES = ("notice.", "digest.")
"""How the types of lines begin that tell of what went out."""


def _world_of(events: list[str], until: str | None, organisation: Path | None, workflows: Path | None) -> FilePasts:
    clock_now = SystemClock().now()
    end = None if until is None else read_time(until, option="--until", now=clock_now)
    definitions = load_definitions(workflows)
    directory = load_directory(organisation_file(organisation))
    taken: Taken = take([read_source(file, "events") for file in events], now=clock_now)
    for bad in taken.bad[:3]:
        say(f"{bad.position}: {bad.path}: {bad.reason}" if bad.path else f"{bad.position}: {bad.reason}")
    if not taken.events:
        raise WrongUse(f"{', '.join(events)}: no event in it, so there is nothing to ask about; name a file of events")
    world = World(Library(definitions), directory)
    folded = fold(taken.events, world, end)
    now = max(one for one in (end, world.now) if one is not None)
    return FilePasts(world, now, {one.name: one for one in definitions}, folded.lines)


def _names_work(line: Line) -> bool:
    """Tell whether a line names a piece of work by its id."""
    return line.type.partition(".")[0] in ("task", "alert", "hold", "loop") and "id" in line.data


def _matching(name: str, ids: Iterable[str]) -> str:
    """Return the one id that has this name or begins with it; raise WrongUse for none and for several."""
    text = name.strip().lower()
    if not re.fullmatch(rf"[0-9a-f-]{{{PREFIX_MIN},36}}", text):
        rule = f"it is a UUID or its first {PREFIX_MIN} or more characters"
        raise WrongUse(f"{name!r} is no id of work: {rule}; `nofumble simulate --json` shows them")
    found = [one for one in ids if one.startswith(text)]
    if not found:
        raise WrongUse(f"no work has an id that begins with {text}; `nofumble simulate --json` shows what there is")
    if len(found) > 1:
        raise WrongUse(f"{len(found)} ids begin with {text}: {', '.join(sorted(found)[:4])}; give more characters")
    return found[0]


# ------------------------------------------------------------ the store


class StoredPasts:
    """The accounts of the store."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def now(self) -> datetime:
        """The time of the command."""
        return self.session.now

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """The definitions of the latest catalogue; before any agent has worked, the shipped ones."""
        return {one.name: one for one in stored_definitions(self.session.store) or load_definitions(None)}

    @cached_property
    def _world(self) -> AgentsWorld:
        world = known_world(self.session.store, self.session.organisation)
        if world is None:
            raise WrongUse(
                "no agent has worked on this store yet; `nofumble run --once` works through what was taken in"
            )
        return world

    def accounts(self) -> list[str]:
        """Return the ids of all accounts, in order."""
        return [one.account_id for one in self.session.store.accounts(limit=ROWS_MAX)]

    def account(self, name: str) -> str:
        """Return the id of an account by its id or a reference."""
        return find_account(self.session.store, name)

    def directory(self, at: datetime) -> Directory:
        """Return who worked here, as it was known at a time."""
        return self._world.directories.at(at)

    def past(self, account_id: str) -> Past:
        """Return the past of an account."""
        world = self._world
        log = (entry_of(row) for row in self.session.store.entries(account_id))
        return past_from(account_id, log, world.libraries, world.directories, world.watermarks, self.now)

    def work(self, name: str) -> Named:
        """Return the work of an id; escalations have the ids of their lines."""
        store = self.session.store
        try:
            row = find_work(store, name)
        except WrongUse:
            text = name.strip().lower()
            lines = store.told([ESCALATION], EARLIEST, self.now, ROWS_MAX) if len(text) >= PREFIX_MIN else []
            found = [one for one in lines if one.id.startswith(text)]
            if len(found) != 1:
                raise
            past = self.past(found[0].account_id)
            return Named(found[0].id, past, past.fold(), None)
        past = self.past(row.account_id)
        return Named(row.id, past, past.fold(), row)

    def notices(self) -> list[Line]:
        """Return what people were told; what waits for a digest is in none of it yet."""
        rows = self.session.store.notices(None, limit=ROWS_MAX)
        return [Line(row.type, msgspec.json.decode(row.body, type=dict[str, Any])["data"], row.at) for row in rows]
