"""Which definitions are in force on one side of a backtest? The same all the time, or what a store had, and when?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from workflows.activations import Activations
from workflows.backtesting.record import Recorded
from workflows.language.plans import Definition
from workflows.library import Library
from workflows.versions import Activation


class InForce:
    """Libraries by the number of their catalogue, and when each but the first came into force; unchangeable."""

    def __init__(self, libraries: Mapping[int, Library], known: Iterable[Activation] = ()) -> None:
        """Begin with the first library; each must know the definitions of the others, for what runs on them."""
        self.libraries = libraries
        self.activations = Activations(known := tuple(known))
        self.latest = libraries[max(libraries)]
        self.is_one = len({one.hash for one in libraries.values()}) == 1
        """Whether the same is active all the time."""
        self.counting = _counting(libraries.values())
        """Event type → the workflows that count its actors, in any of the libraries."""
        self.hash = self.latest.hash if self.is_one else _hash(libraries, known)
        self._known, self._first = known, min(libraries)

    def number_of(self, one: Recorded) -> int:
        """Tell under which catalogue something was taken in: the one it was recorded with, else that of its arrival."""
        if len(self.libraries) == 1:
            return self._first
        return self.number_at(one.arrived_at) if one.catalogue is None else one.catalogue

    def number_at(self, instant: datetime) -> int:
        """Tell which catalogue was in force at a time."""
        return self.activations.number_at(instant, self._first)

    def trying(self, definitions: Iterable[Definition]) -> InForce:
        """Give the same with these definitions as the active ones of their names all the time."""
        tried = {one.name: one.in_mode("active") for one in definitions}
        libraries = {number: one.with_active(tried.values()) for number, one in self.libraries.items()}
        return InForce(libraries, [_without(one, tried.keys()) for one in self._known])


def always(definitions: Iterable[Definition]) -> InForce:
    """Give what is the same all the time."""
    return InForce({0: Library(definitions)})


def _without(activation: Activation, names: Iterable[str]) -> Activation:
    changes = tuple(one for one in activation.changes if one.workflow not in names)
    return msgspec.structs.replace(activation, changes=changes)


def _counting(libraries: Iterable[Library]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for library in libraries:
        for name, workflows in library.counting.items():
            found[name] = found.get(name, frozenset()) | workflows
    return found


def _hash(libraries: Mapping[int, Library], known: Iterable[Activation]) -> str:
    """Give a hash of what was active, and from when."""
    begun = {one.number: one.at.isoformat() for one in known}
    said = "".join(f"{number}@{begun.get(number)}:{one.hash}\n" for number, one in sorted(libraries.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
