"""What would have gone out? Folds files of events in memory on a virtual clock; needs no database."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Annotated

import typer
from msgspec import DecodeError

from agents.written import outbox_row
from events.catalogue import EVENT_TYPES
from events.envelope import Refused
from nofumble.cli.options import (
    AsJson,
    Organisation,
    SourceFormat,
    Workflows,
    XesAccount,
    check_account_option,
    check_names,
    organisation_file,
    split_names,
)
from nofumble.cli.output import number_of, progress, say, write_encoded
from nofumble.cli.shadows import verdict_on
from nofumble.cli.telling import Spoken, told, write_lines
from nofumble.cli.when import read_time
from nofumble.clock import SystemClock
from nofumble.collector import without_collector
from nofumble.errors import WrongUse
from nofumble.readers import Reading
from nofumble.wiring import BadRow, arrivals, by_name, load_definitions, load_directory, read_source
from workflows.attention.attention import Attention
from workflows.attention.worth import money_at_risk
from workflows.directory import Directory
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.reasons.changes import Change, changed_events, end_of, read_changes, with_modes
from workflows.reasons.past import Heard
from workflows.shadow import Trial, trial_of
from workflows.simulation import Arrival, OutLine, World

SHOWN_MAX = 20
"""How many bad lines are shown one by one; a broken file would push everything else off the screen."""

_STEP_OF_PROGRESS = 500


@dataclass(slots=True)
class Taken:
    """What the files held: events, rows that are none, and event types that the catalogue does not have."""

    events: list[Arrival] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    strange: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Folded:
    """What came of them: the lines in order of time, and how many events were there already."""

    lines: list[OutLine]
    duplicates: int


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble simulate docs/examples/signature.jsonl --until 2026-03-18 --json")(simulate)


def simulate(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files of events, or - for standard input.")],
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Let the clock run on to this time, past the last event.")
    ] = None,
    organisation: Organisation = None,
    workflows: Workflows = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Run only this workflow, whatever its mode; may be given more than once."),
    ] = None,
    form: SourceFormat = "events",
    account: XesAccount = None,
    notices: Annotated[
        bool, typer.Option("--notices", help="Add who is told of it and when: notices, and the digests of the morning.")
    ] = False,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Add, marked as shadow, what the versions in shadow would have said.")
    ] = False,
    change: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Apply the changes of this file before: an answer of `why-not --json`."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fold events in memory; print what would have gone out.

    The events are taken in order of arrival (recordedtime, else time), and the lines come in order of time. Bad lines
    are reported, and the rest goes on. Needs no database.
    """
    now = SystemClock().now()
    end = None if until is None else read_time(until, option="--until", now=now)
    check_account_option(form, account)
    changes = [] if change is None else changes_in(change)
    definitions = with_modes(_only(load_definitions(workflows), split_names(only or ())), changes)
    directory = load_directory(organisation_file(organisation))
    readings = [read_source(file, form, account=account) for file in files]
    library = Library(definitions)
    world = World(library, directory)
    with without_collector():
        taken = take(readings, now=now)
        taken.events = with_changes(taken.events, changes, now=now)
        end = max((one for one in (end, end_of(changes)) if one is not None), default=None)
        folded = fold(taken.events, world, end)
        lines = with_notices(folded.lines, world, end) if notices else folded.lines
        trials = [_trial(library, name, taken, folded, directory, end) for name in library.shadows] if shadow else []
        _write(_with_shadows(lines, trials) if trials else lines, as_json=as_json)
    _report(readings, taken, folded, world)
    if shadow and not trials:
        say("no definition is in shadow: give one the mode `shadow`, or play another one with --only")
    for trial in trials:
        say(verdict_on(trial))


def _trial(
    library: Library, name: str, taken: Taken, folded: Folded, directory: Directory, until: datetime | None
) -> Trial:
    """Fold the events again as if the version in shadow were the active one, and compare."""
    instead = fold(taken.events, World(library.with_shadow(name), directory), until)
    active, other = ([(out.account, out.line) for out in one.lines] for one in (folded, instead))
    return trial_of(library.shadows[name], active, other)


def _with_shadows(lines: Iterable[OutLine], trials: Sequence[Trial]) -> Iterator[OutLine]:
    """Put the lines of shadow work in their places by time, after those that went out."""
    shadows = [OutLine(account, line) for trial in trials for account, line in trial.lines]
    return merge(lines, sorted(shadows, key=_when), key=_when)


def _when(out: OutLine) -> datetime:
    assert out.line.at is not None, "a line that went out has its time"
    return out.line.at


def changes_in(file: Path) -> list[Change]:
    """Return the changes of a file; raise WrongUse when it cannot be read, or holds none."""
    rule = "it is an answer of `nofumble why-not --json`, or its list of changes"
    try:
        return read_changes(file.read_bytes())
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read ({error.strerror}); {rule}") from error
    except (DecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file}: no changes: {error}; {rule}") from error


def with_changes(events: list[Arrival], changes: Sequence[Change], *, now: datetime) -> list[Arrival]:
    """Return events with changes applied; raise WrongUse for a change of an event that is not there, or is none."""
    if not changes:
        return events
    known = [Heard(one.event, one.arrived_at) for one in events]
    try:
        return [Arrival(one.event, one.arrived_at) for one in changed_events(known, changes, now)]
    except Refused as refused:
        raise WrongUse(f"--change: an event of it is none: {refused}") from refused
    except KeyError as missing:
        raise WrongUse(
            f"--change: the files have no event {missing.args[0]!r}; give those it was asked of"
        ) from missing


def take(readings: Iterable[Reading], *, now: datetime) -> Taken:
    """Read everything that the sources hold."""
    taken = Taken()
    with progress("reading") as step:
        for number, row in enumerate(arrivals(readings, now=now), start=1):
            if number % _STEP_OF_PROGRESS == 0:
                step(_STEP_OF_PROGRESS)
            if isinstance(row, BadRow):
                taken.bad.append(row)
                continue
            taken.events.append(row)
            if row.event.type not in EVENT_TYPES:
                taken.strange[row.event.type] += 1
    return taken


def fold(events: Iterable[Arrival], world: World, until: datetime | None) -> Folded:
    """Fold events in order of arrival, then let the clock run to `until`, if that is later than the last arrival."""
    ordered = sorted(events, key=lambda one: one.arrived_at)
    duplicates = 0
    with progress("folding", len(ordered)) as step:
        for number, arrival in enumerate(ordered, start=1):
            if number % _STEP_OF_PROGRESS == 0:
                step(_STEP_OF_PROGRESS)
            if not world.receive(arrival):
                duplicates += 1
        end = max((one for one in (until, world.now) if one is not None), default=None)
        if end is not None:
            world.advance(end)
        return Folded(list(world.lines()), duplicates)


def with_notices(lines: Iterable[OutLine], world: World, until: datetime | None) -> Iterator[OutLine]:
    """Add to lines, which are in order of time, what their receivers are told of them up to the end (R13, R14)."""

    def worth(account: str) -> float:
        state = world.histories[account].state
        return money_at_risk(state.arr, state.tier)

    attention = Attention(world.directories, worth)
    for out in lines:
        yield from (OutLine(*told) for told in attention.receive(out.account, out.line))
        yield out
    end = max((one for one in (until, world.now) if one is not None), default=None)
    if end is not None:
        yield from (OutLine(*told) for told in attention.advance(end))


def _report(readings: Iterable[Reading], taken: Taken, folded: Folded, world: World) -> None:
    """Say beside the answer what was read, and what could not be."""
    for bad in taken.bad[:SHOWN_MAX]:
        say(f"{bad.position}: {bad.path}: {bad.reason}" if bad.path else f"{bad.position}: {bad.reason}")
    if len(taken.bad) > SHOWN_MAX:
        say(f"… and {number_of(len(taken.bad) - SHOWN_MAX, 'more bad line')}")
    for note in (note for reading in readings for note in reading.notes):
        say(note)
    for problem in world.refused:
        place = f" ({problem.workflow})" if problem.workflow else ""
        say(f"event {problem.event_id}{place}: {problem.reason}")
    if taken.strange:
        named = ", ".join(f"{name} ({count})" for name, count in taken.strange.most_common(SHOWN_MAX))
        say(f"types that are not in the catalogue, kept on the timeline: {named}")
    say(_summary(taken, folded, world))


def _summary(taken: Taken, folded: Folded, world: World) -> str:
    parked = sum(len(waiting) for waiting in world.parked.values())
    read = f"{number_of(len(taken.events), 'event')} of {number_of(len(world.histories), 'account')}"
    lines = number_of(len(folded.lines), "line")
    rest = f"{len(taken.bad):,} quarantined, {parked:,} parked, {number_of(folded.duplicates, 'duplicate')}"
    refused = f", {number_of(len(world.refused), 'problem')}" if world.refused else ""
    return f"{read}, {lines}; {rest}{refused}"


def _write(lines: Iterable[OutLine], *, as_json: bool) -> None:
    if as_json:
        write_encoded(outbox_row(out.account, out.line).body for out in lines)
    else:
        write_lines([_spoken(out) for out in lines])


def _spoken(out: OutLine) -> Spoken:
    at, line = _when(out), out.line
    return Spoken(at, out.account, told(line.type, line.data, at))


def _only(definitions: list[Definition], names: Sequence[str]) -> list[Definition]:
    """Return the definitions of these names, as active ones, so that what is in shadow can be seen; else all."""
    check_names(names, definitions)
    known = by_name(definitions)
    return [known[name].in_mode("active") for name in names] if names else definitions
