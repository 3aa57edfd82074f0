"""Which definitions are in force, and which of them care about an event type?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from workflows.facts import CHANGED_BY
from workflows.language.grammar import AllBut
from workflows.language.plans import Definition, StartPlan


class Library:
    """Definitions indexed by what they listen to; unchangeable once built.

    ``starts[type]``, ``reacting[type]`` and ``remembering[type]`` give the definitions to ask for an
    event; a type that none of them asks for costs one look-up.
    """

    def __init__(self, definitions: Iterable[Definition], former: Iterable[Definition] = ()) -> None:
        """Index the active definitions; `former` versions serve instances that still run on them (R17)."""
        everything = sorted(definitions, key=lambda one: one.name)
        active = [one for one in everything if one.source.mode == "active"]
        self.definitions = {one.name: one for one in active}
        self.shadows = {one.name: one for one in everything if one.source.mode == "shadow"}
        """What runs apart (`shadow.py`); nothing of it is asked here."""
        self.by_hash = {one.hash: one for one in (*former, *active)}
        self.starts: dict[str, list[tuple[Definition, StartPlan]]] = {}
        self.remembering: dict[str, list[Definition]] = {}
        self.patterns: dict[str, tuple[Definition, StartPlan]] = {}
        for one in active:
            self._index(one)
        self.counted = frozenset(one.name for one in active if one.counts_actors)
        self.keeps_ledger = any(_reads_ledger(one) for one in active)
        self.counting: dict[str, frozenset[str]] = {}
        for name, found in self.starts.items():
            if counted := self.counted.intersection(one.name for one, _ in found):
                self.counting[name] = counted
        self.reacting = frozenset(name for one in self.by_hash.values() for name in one.reactions)
        self.folded_by = {one.name: threads for one in active if (threads := _folding(one, active))}
        """Workflow → those into whose thread it is folded while they run (R16)."""
        self.hash = hashlib.sha256("".join(one.hash for one in active).encode()).hexdigest()[:16]

    def _index(self, one: Definition) -> None:
        for start in one.starts:
            self.patterns[f"{one.name}/{start.index}"] = (one, start)
            for name in sorted(types_of(start)):
                self.starts.setdefault(name, []).append((one, start))
        for name in one.remembers:
            self.remembering.setdefault(name, []).append(one)

    def with_shadow(self, name: str) -> Library:
        """Give the library as it would be if the version in shadow were the active one."""
        return self.with_active([self.shadows[name].in_mode("active")])

    def with_active(self, definitions: Iterable[Definition]) -> Library:
        """Give the library with these active definitions, each in place of the one of its name."""
        active = {**self.definitions, **{one.name: one for one in definitions}}
        return Library(active.values(), former=self.by_hash.values())


def _folding(one: Definition, active: Iterable[Definition]) -> frozenset[str]:
    return frozenset(other.name for other in active if other.name != one.name and _folds(other, one))


def _folds(source: Definition, target: Definition) -> bool:
    folds = source.source.folds
    if isinstance(folds, AllBut):
        return target.name not in folds.all_but and target.source.team not in folds.teams_but
    return target.name in folds


def _reads_ledger(one: Definition) -> bool:
    reads = any(name.startswith("loyalty.") for name, _ in one.reads)
    posts = any(plan.action == "post" for plan in one.steps.values())
    return reads or posts or any(start.source.changed == "loyalty" for start in one.starts)


def types_of(start: StartPlan) -> frozenset[str]:
    """List the event types that a start pattern must see."""
    if start.kind == "changed":
        return frozenset(CHANGED_BY.get(start.source.changed or "", ()))
    return start.matcher.types.union(*(one.types for one in start.leave))
