"""How do a folder of definitions, the organisation's file and files of events become what the core takes?

The core knows no files. Here they are read, checked and handed over, and every fault of theirs becomes one sentence
that names the file and the line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from agents.ports import Store
from config.organisation import OrganisationError, load_organisation
from events.envelope import Refused
from events.parsing import parse_event, reread_event
from nofumble.errors import DefinitionError, WrongUse
from nofumble.readers import Reading, read_crm, read_lines, read_xes
from workflows.directory import Directory, DirectoryTimeline, directory_from
from workflows.language.checker import Finding, check_files
from workflows.language.plans import Definition
from workflows.people import DirectoryError
from workflows.simulation import Arrival

SHIPPED = Path(__file__).resolve().parent.parent / "workflows" / "definitions"
"""The folder of the definitions that come with nofumble, one folder in it for each team."""

DEFINITION_BYTES_MAX = 1024 * 1024
"""More than this is no definition; the language itself takes a quarter of it."""

LIBRARIES_KEPT = 32
"""Checked libraries that a process keeps: definitions never change, and checking costs 80 ms each."""

Format = Literal["events", "xes", "crm"]
"""What `--format` may be: envelopes a line, a ticket log, the tables of a CRM."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no event: where it stands, which field is at fault ("" for the whole), why, how it begins."""

    position: str
    path: str
    reason: str
    raw: bytes


def definition_files(paths: Iterable[Path]) -> list[Path]:
    """Return the definition files that paths name: a file itself, and of a folder every *.yaml and *.yml below it.

    Raises WrongUse for a path that is not there, and for a folder without any.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(file for file in path.rglob("*") if file.suffix in {".yaml", ".yml"} and file.is_file())
            if not below:
                raise WrongUse(f"{path}: no definition in this folder; a definition is a file that ends in .yaml")
            found += below
        elif path.exists():
            found.append(path)
        else:
            raise WrongUse(f"{path}: no such file or folder; name a definition, or a folder of definitions")
    return list(dict.fromkeys(found))


def read_definitions(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Return the (text, name) of each definition file, as the checker takes them; the name is the path."""
    return [(_text_of(file), _shown(file)) for file in files]


def definitions_folder(folder: Path | None) -> Path:
    """Return the folder of definitions that a command is to use: the one given, else the shipped one."""
    return SHIPPED if folder is None else folder


def load_definitions(folder: Path | None = None) -> list[Definition]:
    """Return the definitions below a folder, or the shipped ones, in order of name.

    Raises DefinitionError with file and line for the checker's first finding, and WrongUse for a folder that is not
    there.
    """
    return check_definitions(read_definitions(definition_files([definitions_folder(folder)])))


def check_definitions(sources: Sequence[tuple[str, str]]) -> list[Definition]:
    """Return the definitions of (text, name) pairs in order of name; raise DefinitionError for the first finding."""
    return list(_checked(tuple(sources)))


@lru_cache(maxsize=LIBRARIES_KEPT)
def _checked(sources: tuple[tuple[str, str], ...]) -> tuple[Definition, ...]:
    checked = check_files(sources)
    for one in checked:
        for finding in one.findings:
            raise definition_error(finding)
    return tuple(sorted((one.definition for one in checked if one.definition is not None), key=lambda one: one.name))


def activated(one: Definition) -> Definition:
    """Return a definition as an active one, so that what is in shadow or off can be seen."""
    return replace(one, source=one.source.model_copy(update={"mode": "active"}))


def definition_error(finding: Finding) -> DefinitionError:
    """Return a finding of the checker as the error of its file and line."""
    return DefinitionError(finding.message, file=finding.file, line=finding.line)


def load_directory(organisation: Path | None = None) -> Directory:
    """Return the directory of the organisation's file, or of the default one with nobody in it.

    Raises WrongUse with `FILE:LINE: PATH: what; remedy` for the first value that does not hold.
    """
    try:
        known = load_organisation(organisation)
        try:
            return directory_from(known.model_dump())
        except DirectoryError as error:
            raise known.error_at(error.path, error.reason) from error
    except OrganisationError as error:
        raise WrongUse(str(error)) from error


def known_directory(store: Store, base: Directory) -> Directory:
    """Return the directory with everything that has been said of our people and is stored, in order of arrival."""
    timeline = DirectoryTimeline(base)
    for row in store.directory_since(0):
        timeline.record(row.arrived_at, reread_event(row.body))
    return timeline.latest


def read_source(path: str, form: Format, *, account: str | None = None) -> Reading:
    """Return the rows of a file, of "-" (standard input) or of a CRM's folder; raise WrongUse before the first row."""
    match form:
        case "events":
            return read_lines(path)
        case "xes":
            return read_xes(Path(path), account=account)
        case "crm":
            return read_crm(Path(path))


def arrivals(readings: Iterable[Reading], *, now: datetime) -> Iterator[Arrival | BadRow]:
    """Give each row as the event that it is with the time of its arrival, or as a bad row with its reason.

    An event arrives at its `recordedtime`, else at its `time`. `now` bounds how far ahead a time may lie.
    """
    for reading in readings:
        for row in reading:
            if row.raw is None:
                assert row.problem is not None, "a row is an envelope or a problem"
                yield BadRow(row.position, row.problem.path, row.problem.reason, row.excerpt)
                continue
            try:
                event = parse_event(row.raw, now=now)
            except Refused as refused:
                yield BadRow(row.position, refused.path, refused.reason, row.raw)
            else:
                yield Arrival(event, event.recorded_at or event.time)


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > DEFINITION_BYTES_MAX:
            raise WrongUse(f"{file}: more than {DEFINITION_BYTES_MAX} bytes; a definition is a short text of YAML")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(f"{file}: no UTF-8 text; a definition is a text of YAML") from error
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read ({error.strerror}); make it readable") from error


def _shown(file: Path) -> str:
    """Return a path as a person would write it: from the working directory when it lies below."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_absolute() and file.is_relative_to(here) else str(file)
