"""May this definition run? Every rule that a definition can break, told with file, line and remedy.

The text is read, its shape and its terms are checked, then the whole, then its examples. What can still be
said is said in one go: a wrong shape hides the rest, a wrong term hides only what needs it. Nothing is read
from a disk here, and no text makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from workflows.language.compiler import try_compile
from workflows.language.effects import check_effects, check_reactions
from workflows.language.grammar import BESIDE, TEAMS, DefinitionSource
from workflows.language.plans import Definition
from workflows.language.rules import Fault
from workflows.language.scenes import check_examples
from workflows.language.shape import read_shape
from workflows.language.waits import check_waits
from workflows.language.yaml_source import Source, SourceRefused, read_source

SUFFIXES = (".yaml", ".yml")
"""A file with one of these is named for its definition; a text from elsewhere may be named as it likes."""

LIBRARY = "definitions"
"""Below a folder of this name lies one folder for each team."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A fault with its place; sorts by file and line."""

    file: str
    line: int
    message: str
    rule: str

    def __str__(self) -> str:
        """Write it as compilers do: ``file:line: message``."""
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a text: the definition if it may run, and all that stands against it."""

    file: str
    definition: Definition | None
    findings: list[Finding]


def check_text(text: str, file: str) -> Checked:
    """Check one definition; `file` is the name that the findings carry, and where the text came from.

    Never raises: whatever the text is, what comes out are findings, sorted by line.
    """
    try:
        source = read_source(text)
    except SourceRefused as refusal:
        return Checked(file, None, [Finding(file, refusal.line, refusal.message, refusal.rule)])
    shaped, faults = read_shape(source.value)
    definition = None
    if shaped is not None:
        definition, found = _check_meaning(shaped)
        faults = [*found, *_of_file(shaped, file)]
    findings = sorted({_finding(fault, source, file) for fault in faults})
    return Checked(file, None if findings else definition, findings)


def check_files(sources: Iterable[tuple[str, str]]) -> list[Checked]:
    """Check the definitions of a library, each given as (text, file); a name that two have is refused in the later.

    Beside the version that is active or off, one of the same name may be in shadow or a draft. The answers are sorted
    by file.
    """
    checked = [check_text(text, file) for text, file in sorted(sources, key=lambda one: one[1])]
    first: dict[tuple[str, bool], str] = {}
    found = []
    for one in checked:
        if one.definition is not None:
            place = (one.definition.name, one.definition.source.mode in BESIDE)
            if first.setdefault(place, one.file) != one.file:
                one = Checked(one.file, None, [_defined_twice(one, first[place])])  # noqa: PLW2901
        found.append(one)
    return found


def _defined_twice(one: Checked, first: str) -> Finding:
    assert one.definition is not None
    message = (
        f"the workflow {one.definition.name} is defined in {first} too; give one of them another name, "
        "or the mode shadow or draft, which may stand beside one that is active or off"
    )
    return Finding(one.file, 1, message, "duplicate_name")


def _check_meaning(source: DefinitionSource) -> tuple[Definition | None, list[Fault]]:
    definition, refusals = try_compile(source)
    faults = [Fault(one.where, one.message, one.rule) for one in refusals]
    faults += [*check_effects(source), *check_waits(source), *check_examples(source)]
    if definition is not None:
        faults += check_reactions(definition)
    return definition, faults


def _of_file(source: DefinitionSource, file: str) -> Iterator[Fault]:
    path = PurePath(file)
    if path.suffix not in SUFFIXES:
        return
    if path.name.partition(".")[0] != source.name:  # name.shadow.yaml stands beside name.yaml
        message = f"the definition is named {source.name} and its file {path.name}; rename one of them"
        yield Fault(("name",), message, "file_name")
    folder = path.parent.name
    if folder != source.team and (folder in TEAMS or path.parent.parent.name == LIBRARY):
        message = f"the team is {source.team} and the folder {folder}; move the file to {LIBRARY}/{source.team}"
        yield Fault(("team",), message, "folder")


def _finding(fault: Fault, source: Source, file: str) -> Finding:
    return Finding(file, source.line_of(fault.where), fault.message, fault.rule)
