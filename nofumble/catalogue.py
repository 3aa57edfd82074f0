"""Which definitions are in force for the agents, and which were before?

The texts of the definitions are stored as a catalogue when they are first used. What was decided under an earlier one
is folded again under that one, so that a new version of a workflow never rewrites history (R17).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from agents.ports import Store
from agents.rows import StoredCatalogue
from agents.world import World
from nofumble.errors import DefinitionError, InternalError
from nofumble.wiring import check_definitions, definition_files, definitions_folder, read_definitions
from workflows.directory import Directory, DirectoryTimeline
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.watermarks import Watermarks

Texts = Sequence[tuple[str, str]]
"""The (text, name) of each definition of a catalogue."""


def open_world(store: Store, directory: Directory, *, now: datetime, folder: Path | None = None) -> World:
    """Return what the agents share, with the definitions of a folder (the shipped ones) in force from now on.

    `directory` is the organisation's file; what was said of people since is added from the store, by arrival.

    Raises DefinitionError and WrongUse as `load_definitions` does; nothing is stored then.
    """
    texts = read_definitions(definition_files([definitions_folder(folder)]))
    active = check_definitions(texts)
    catalogue = store.register_catalogue(Library(active).hash, msgspec.json.encode(texts), now)
    libraries = _libraries(store.catalogues(), {catalogue: active})
    world = World(libraries, catalogue, DirectoryTimeline(directory), Watermarks())
    world.learn(store)
    return world


def _libraries(stored: Iterable[StoredCatalogue], known: Mapping[int, Sequence[Definition]]) -> dict[int, Library]:
    """Return a library for every catalogue; each also has the definitions of the others, for what runs on them."""
    of_catalogue = dict(known)
    for one in stored:
        if one.id not in of_catalogue:
            of_catalogue[one.id] = definitions_of(one)
    everything = {definition.hash: definition for found in of_catalogue.values() for definition in found}
    return {number: Library(found, former=everything.values()) for number, found in of_catalogue.items()}


def definitions_of(stored: StoredCatalogue) -> list[Definition]:
    """Return the definitions of a stored catalogue; raise InternalError when they can no longer be read."""
    texts = msgspec.json.decode(stored.body, type=list[tuple[str, str]])
    try:
        return check_definitions(texts)
    except DefinitionError as error:
        raise InternalError(f"catalogue {stored.id} of the store can no longer be read: {error}") from error
