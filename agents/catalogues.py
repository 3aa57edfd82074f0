"""Which definitions were in force when? What a store keeps of it, and how it is read back (R17, F52, F53).

A catalogue says of each workflow which version is in force, in which mode, by the hash of what it says. The text of a
version stands in the first catalogue that has it, and no text is ever changed. Which catalogue is in force is so a
fact of the store, whatever lies on the disks of its workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import PurePath

import msgspec
from msgspec import Struct

from agents.ports import Store, StoreError
from agents.rows import StoredCatalogue
from workflows.language.checker import check_text
from workflows.language.grammar import Mode
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.versions import Activation, Change

TEXTS_KEPT = 512
"""Checked texts that a process keeps: a text never changes, and checking one costs 80 ms."""


class Text(Struct, array_like=True, frozen=True):
    """The text of a definition, and the file that it came from."""

    text: str
    file: str


class Member(Struct, array_like=True, frozen=True):
    """One version of a catalogue: its workflow, the hash of what it says, its mode."""

    name: str
    hash: str
    mode: Mode


class Body(Struct, frozen=True, omit_defaults=True):
    """What is written of a catalogue; `texts` are those that no catalogue before it has, by their hash."""

    members: list[Member]
    texts: dict[str, Text] = {}
    by: str = ""
    note: str = ""
    changes: tuple[Change, ...] = ()


class CatalogueUnreadable(StoreError):
    """A definition of the store can no longer be read: the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue read back: its activation, and its versions in their modes."""

    activation: Activation
    definitions: tuple[Definition, ...]
    texts: Mapping[str, Text]

    @property
    def number(self) -> int:
        """Its number; the entries of accounts are stamped with it."""
        return self.activation.number

    def find(self, name: str, *modes: Mode) -> Definition | None:
        """Return the version of a workflow in one of these modes."""
        return next((one for one in self.definitions if one.name == name and one.source.mode in modes), None)


def read_catalogues(rows: Iterable[StoredCatalogue], before: Sequence[Catalogue] = ()) -> list[Catalogue]:
    """Read catalogues back that follow those `before`; raise CatalogueUnreadable for a definition that is none."""
    texts: dict[str, Text] = {}
    for one in before:
        texts |= one.texts
    found = list(before)
    for row in rows:
        found.append(_read(row, texts))
        texts |= found[-1].texts
    return found


def libraries_of(catalogues: Sequence[Catalogue]) -> dict[int, Library]:
    """Return a library for every catalogue; each also has the definitions of the others, for what runs on them."""
    everything = {one.hash: one for catalogue in catalogues for one in catalogue.definitions}
    return {one.number: Library(one.definitions, former=everything.values()) for one in catalogues}


def write_catalogue(
    definitions: Iterable[tuple[Definition, Text]],
    known: Iterable[str],
    *,
    by: str = "",
    note: str = "",
    changes: Iterable[Change] = (),
) -> bytes:
    """Write a catalogue of versions with their texts; those whose hashes are `known` to the store go without text."""
    members = sorted(definitions, key=lambda one: (one[0].name, one[0].source.mode))
    stored = frozenset(known)
    body = Body(
        [Member(one.name, one.hash, one.source.mode) for one, _ in members],
        {one.hash: text for one, text in members if one.hash not in stored},
        by,
        note,
        tuple(changes),
    )
    return msgspec.json.encode(body)


def put_in_force(store: Store, number: int, body: bytes, at: datetime) -> bool:
    """Keep a catalogue as the one of this number, which follows the latest; False where another one has it already.

    The number is its key: of two that are written at the same time the second finds the first in its place.
    """
    store.register_catalogue(str(number), body, at)
    return store.catalogues(number - 1)[0].body == body


def names_of(row: StoredCatalogue) -> list[str]:
    """Return the names of the workflows of a catalogue, without reading their definitions."""
    if row.body.startswith(b"["):
        return [PurePath(one.file).stem for one in _former_texts(row)]
    return [one.name for one in msgspec.json.decode(row.body, type=Body).members]


def definition_of(text: Text) -> Definition:
    """Return the definition of a stored text, which was checked when it was stored."""
    return _checked(text.text, text.file)


def _read(row: StoredCatalogue, texts: Mapping[str, Text]) -> Catalogue:
    if row.body.startswith(b"["):
        former = [(definition_of(one), one) for one in _former_texts(row)]
        texts = {one.hash: text for one, text in former}
        return Catalogue(Activation(row.id, row.at), tuple(one for one, _ in former), texts)
    body = msgspec.json.decode(row.body, type=Body)
    known = {**texts, **body.texts}
    definitions = tuple(definition_of(known[one.hash]).in_mode(one.mode) for one in body.members)
    activation = Activation(row.id, row.at, body.by, body.note, body.changes)
    return Catalogue(activation, definitions, body.texts)


def _former_texts(row: StoredCatalogue) -> list[Text]:
    """Read what was written before versions had modes of their own: the texts alone."""
    return msgspec.json.decode(row.body, type=list[Text])


@lru_cache(maxsize=TEXTS_KEPT)
def _checked(text: str, file: str) -> Definition:
    checked = check_text(text, file)
    if checked.definition is None:
        raise CatalogueUnreadable(f"a definition of the store can no longer be read: {checked.findings[0]}")
    return checked.definition
