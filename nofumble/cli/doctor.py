"""Is everything as it should be? Settings with their source, the database, the definitions, the organisation."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import typer

from config.settings import Settings, describe, unknown_variables
from nofumble import __version__
from nofumble.cli.options import AsJson, current_settings
from nofumble.cli.output import Cell, heading, number_of, write_json, write_table
from nofumble.errors import ExitCode, NofumbleError
from nofumble.wiring import load_definitions, load_directory


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look gave: a sentence, and whether it is well."""

    look: str
    sentence: str
    is_well: bool = True


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble doctor")(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look whether all is well, and print the settings.

    Exit code 1 when something is wrong.
    """
    settings = current_settings()
    verdicts = list(look(settings))
    lines = describe(settings)
    if as_json:
        write_json({"look": one.look, "well": one.is_well, "text": one.sentence} for one in verdicts)
        write_json({"setting": one.name, "value": one.value, "source": one.source} for one in lines)
    else:
        write_table(("", "look", "what"), (_row(one) for one in verdicts))
        heading("settings")
        write_table(("setting", "source", "value"), ((one.name, one.source, one.value) for one in lines))
    if not all(one.is_well for one in verdicts):
        raise typer.Exit(ExitCode.FOUND)


def look(settings: Settings) -> Iterator[Verdict]:
    """Look at each thing in turn; none of them keeps the next from being looked at."""
    yield Verdict("nofumble", f"{__version__} on Python {platform.python_version()}")
    strange = unknown_variables()
    if strange:
        named = ", ".join(strange)
        yield Verdict("settings", f"{named}: no such setting; those that are stand below", is_well=False)
    yield _verdict("organisation", lambda: _organisation(settings))
    yield _verdict("definitions", _definitions)
    yield from _database(settings)


def _verdict(name: str, examine: Callable[[], str]) -> Verdict:
    try:
        return Verdict(name, examine())
    except NofumbleError as error:
        return Verdict(name, str(error), is_well=False)


def _organisation(settings: Settings) -> str:
    directory = load_directory(settings.organisation)
    people, teams = number_of(len(directory.people), "person", "people"), number_of(len(directory.teams), "team")
    sources = number_of(len(directory.sources), "declared source")
    return f"{people}, {teams}, {sources}; time zone {directory.default_calendar.zone}"


def _definitions() -> str:
    definitions = load_definitions()
    active = [one.name for one in definitions if one.source.mode == "active"]
    return f"{number_of(len(definitions), 'definition')}, active: {', '.join(active)}"


def _database(settings: Settings) -> Iterator[Verdict]:
    from nofumble.postgres import open_database
    from nofumble.store.migrate import check

    try:
        with open_database(settings) as database, database.connect(autocommit=True) as connection:
            version = ".".join(str(part) for part in divmod(connection.info.server_version, 10_000))
            kind = "embedded" if database.owner == "nofumble" else "of your own"
            yield Verdict("database", f"PostgreSQL {version}, {kind}")
            findings = check(connection)
            for finding in findings:
                # An embedded database that is still empty is made by the first command that needs it.
                will_be = finding.is_pending and database.owner == "nofumble"
                yield Verdict("schema", finding.sentence, is_well=will_be)
        if not findings:
            yield Verdict("schema", "up to date")
            yield _verdict("store", lambda: _contents(settings))
            yield _verdict("in force", lambda: _in_force(settings))
    except NofumbleError as error:
        yield Verdict("database", str(error), is_well=False)


def _in_force(settings: Settings) -> str:
    from nofumble.catalogue import catalogues_of, waiting_on_disk
    from nofumble.opening import open_store

    with open_store(settings) as store:
        catalogues = catalogues_of(store)
        if not catalogues:
            return "nothing yet: the first command that needs it takes the definitions of the disk"
        active = [one for one in catalogues[-1].definitions if one.source.mode == "active"]
        waiting = waiting_on_disk(store)
    told = f"{number_of(len(active), 'workflow')}, by activation {catalogues[-1].number}"
    if not waiting:
        return told
    remedy = "`nofumble workflows activate NAME` puts one in force"
    return f"{told}; new on the disk: {', '.join(waiting)}; {remedy}"


def _contents(settings: Settings) -> str:
    from nofumble.opening import open_store

    with open_store(settings) as store:
        counts: dict[str, Any] = dict(store.counts())
        waiting = sum(state.end - state.next for state in store.partitions())
    told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
    return f"{told}; {number_of(waiting, 'event')} not folded yet"


def _row(one: Verdict) -> tuple[str | Cell, ...]:
    return Cell("ok", "good") if one.is_well else Cell("trouble", "critical"), one.look, one.sentence
