"""Which definitions are in force for the agents, and which were before?

That is a fact of the store (F53). A new store begins with the definitions on the disk; from then on they change by
activations only (`nofumble/activation.py`). What was decided under an earlier version is folded again under that one,
so that a new version of a workflow never rewrites history (R17).
"""

from datetime import datetime
from pathlib import Path

from agents.catalogues import (
    Catalogue,
    CatalogueUnreadable,
    Text,
    definition_of,
    put_in_force,
    read_catalogues,
    write_catalogue,
)
from agents.ports import Store
from agents.world import World
from nofumble.errors import InternalError
from nofumble.wiring import check_definitions, definition_files, definitions_folder, read_definitions
from workflows.directory import Directory, DirectoryTimeline
from workflows.language.plans import Definition
from workflows.versions import Change
from workflows.watermarks import Watermarks

FIRST = "the definitions that the store began with"


def open_world(store: Store, directory: Directory, *, now: datetime, folder: Path | None = None) -> World:
    """Return what the agents share; a new store has the definitions of a folder (the shipped ones) from now on.

    `directory` is the organisation's file; what was said of people since is added from the store, by arrival.

    Raises DefinitionError and WrongUse as `load_definitions` does; nothing is stored then.
    """
    begin(store, now=now, folder=folder)
    return _world(store, directory)


def _world(store: Store, directory: Directory) -> World:
    world = World({}, 0, DirectoryTimeline(directory), Watermarks())
    try:
        world.learn(store)
    except CatalogueUnreadable as error:
        raise InternalError(str(error)) from error
    return world


def begin(store: Store, *, now: datetime, folder: Path | None = None) -> None:
    """Put the definitions of a folder in force where none are yet; of two who do so the first one has done it."""
    if store.catalogues():
        return
    members = definitions_in(folder)
    changes = [Change(one.name, one.source.version, one.hash, one.source.mode) for one, _ in members]
    put_in_force(store, 1, write_catalogue(members, (), note=FIRST, changes=changes), now)


def known_world(store: Store, directory: Directory) -> World | None:
    """Return what the agents share, as the store knows it, for a question: nothing is stored, no definition is read.

    None for a store on which no agent has worked yet.
    """
    return _world(store, directory) if store.catalogues() else None


def stored_definitions(store: Store) -> list[Definition]:
    """Return the definitions of the latest catalogue, in whatever mode; none where no agent has worked yet."""
    catalogues = catalogues_of(store)
    return list(catalogues[-1].definitions) if catalogues else []


def definitions_in(folder: Path | None) -> list[tuple[Definition, Text]]:
    """Return the definitions below a folder, or the shipped ones, with their texts."""
    return read_members(definition_files([definitions_folder(folder)]))


def read_members(files: list[Path]) -> list[tuple[Definition, Text]]:
    """Return the definitions of files with their texts; raise DefinitionError for the checker's first finding."""
    texts = read_definitions(files)
    check_definitions(texts)
    return [(definition_of(one), one) for one in (Text(text, file) for text, file in texts)]


def catalogues_of(store: Store) -> list[Catalogue]:
    """Return every catalogue that was ever in force, in order; the last one is in force now."""
    try:
        return read_catalogues(store.catalogues())
    except CatalogueUnreadable as error:
        raise InternalError(str(error)) from error


def waiting_on_disk(store: Store, folder: Path | None = None) -> list[str]:
    """Return the workflows of which the disk has a version that was never in force: nobody has activated it yet."""
    known = {hash_ for one in catalogues_of(store) for hash_ in one.texts}
    return [one.name for one, _ in definitions_in(folder) if one.source.mode == "active" and one.hash not in known]
