"""What does one side of a backtest have in force: what a store had when, a folder, or what is tried over them?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from agents.ports import Store
from nofumble.backtest.backtest import Given
from nofumble.backtest.histories import in_force_in
from nofumble.catalogue import catalogues_of
from nofumble.wiring import load_definitions, load_directory
from workflows.backtesting.in_force import InForce, always
from workflows.language.plans import Definition

ACTIVE = "the active definitions"
SHIPPED = "the shipped definitions"


class Active(NamedTuple):
    """What one side may have in force, the definitions of it in whatever mode, and what they are called."""

    in_force: InForce
    definitions: Sequence[Definition]
    called: str

    def trying(self, tried: Sequence[Definition], called: str) -> Active:
        """Return the same with some definitions as the active ones of their names all the time."""
        return self._replace(in_force=self.in_force.trying(tried), called=f"{self.called} with {called}")


def active_in(store: Store) -> Active:
    """Return what was in force in a store when, or the shipped definitions before any were."""
    catalogues = catalogues_of(store)
    if not catalogues:
        return loaded(None, SHIPPED)
    return Active(in_force_in(catalogues), catalogues[-1].definitions, ACTIVE)


def loaded(folder: Path | None, called: str) -> Active:
    """Return the definitions of a folder, or the shipped ones, all the time."""
    definitions = load_definitions(folder)
    return Active(always(definitions), definitions, called)


def given(side: Active, organisation: Path) -> Given:
    """Return a side with the people of an organisation's file."""
    directory = load_directory(organisation)
    content = hashlib.sha256(organisation.read_bytes()).hexdigest()[:16]
    return Given(side.in_force, side.called, directory, str(organisation), content)
