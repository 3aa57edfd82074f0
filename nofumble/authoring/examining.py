"""What is there to say of a definition that is being written: the checker's findings, its picture, its examples?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from nofumble.pages.course import course_of
from nofumble.pages.drawing import drawn
from workflows.directory import Directory
from workflows.language.checker import SUFFIXES, check_text
from workflows.language.examples import run_example
from workflows.language.plans import Definition


class Message(Struct, frozen=True):
    """One finding of the checker; `line` counts from 1."""

    line: int
    message: str
    rule: str


class Checked(Struct, frozen=True, tag="checked"):
    """What came of the text: the findings, else the version that it says, its hash, its picture, and its examples."""

    messages: list[Message]
    team: str = ""
    version: str = ""
    hash: str = ""
    picture: str = ""
    examples: list[str] = []


class Played(Struct, frozen=True, tag="played"):
    """What came of one example: passed, or each miss in a sentence."""

    name: str
    passed: bool
    misses: list[str]


class Done(Struct, frozen=True, tag="done"):
    """Everything was said."""


class Asked(Struct, frozen=True):
    """A text, the name that its workflow has to have, and the texts by name of others, for examples beside them."""

    text: str
    name: str
    others: Mapping[str, str]


Answer = Checked | Played | Done


def file_of(name: str) -> str:
    """Return what the file of a definition is called."""
    return f"{name}{SUFFIXES[0]}"


def examine(asked: Asked) -> Iterator[Answer]:
    """Give the findings first, and of a definition without any what its examples come to, one by one."""
    checked = check_text(asked.text, file_of(asked.name))
    definition = checked.definition
    if definition is None:
        yield Checked([Message(one.line, one.message, one.rule) for one in checked.findings])
    else:
        yield _told(definition)
        yield from _played(definition, asked.others)
    yield Done()


def _told(definition: Definition) -> Checked:
    source = definition.source
    return Checked(
        messages=[],
        team=source.team,
        version=source.version,
        hash=definition.hash,
        picture=drawn(source.name, source.title, course_of(definition)),
        examples=[one.name for one in source.examples],
    )


def _played(definition: Definition, others: Mapping[str, str]) -> Iterator[Played]:
    examples, directory = definition.source.examples, Directory()
    names = {name for one in examples for name in one.beside if name in others}
    found = (check_text(others[name], file_of(name)).definition for name in sorted(names))
    known = {one.name: one for one in found if one is not None}
    for example in examples:
        beside = [known[name] for name in example.beside if name in known]
        result = run_example(definition, example, directory, beside)
        yield Played(result.name, result.passed, result.misses)
