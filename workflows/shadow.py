"""What would a definition in shadow do, and what else than the active one of its name did? (R17).

Shadow work is never folded beside active work. The same history is folded a second time, in a library in which the
shadow version is the active one, and of what comes out only its own lines are looked at, marked as shadow. So nothing
of it can reach a person, a hold, another workflow or a row of the store: there is no way from the second fold to the
first. The price is paid by who asks, and by nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from workflows.language.plans import Definition
from workflows.moment import Line, iso

MARK = "shadow"
"""The field of `data` that tells a line of shadow work from one that went out."""

OPENING: frozenset[str] = frozenset(
    {"task.offered", "task.proposed", "alert.raised", "hold.placed", "loop.opened", "escalation.raised"}
)
"""Lines with which something begins that somebody would have had to do with."""

COMPARED = ("due", "to", "holder", "severity", "scope", "title", "because")
"""What is compared of work that both versions bring, as far as its line says it."""

Kind = Literal["added", "gone", "changed", "same"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One piece of work in two versions: what the shadow version adds, leaves away, changes, or brings alike.

    `changes` are (field, what the active version said, what the shadow version says); `at` is when it begins in the
    version that has it, the shadow version first.
    """

    kind: Kind
    account: str
    ref: str
    key: str
    type: str
    at: datetime
    changes: tuple[tuple[str, Any, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Write it as the interfaces do."""
        changes = {name: {"active": before, "shadow": after} for name, before, after in self.changes}
        said = {"kind": self.kind, "account": self.account, "ref": self.ref, "key": self.key, "type": self.type}
        return {**said, "at": iso(self.at), "changes": changes}


@dataclass(frozen=True, slots=True)
class Trial:
    """A version in shadow: its own (account, line), marked, and how its work differs from the active version's."""

    definition: Definition
    lines: list[tuple[str, Line]]
    differences: list[Difference]

    def counts(self) -> dict[Kind, int]:
        """Count the differences by their kind."""
        return {kind: sum(one.kind == kind for one in self.differences) for kind in get_args(Kind)}


def trial_of(shadow: Definition, active: Iterable[tuple[str, Line]], instead: Iterable[tuple[str, Line]]) -> Trial:
    """Compare two folds of one history, as (account, line): as it went, and with the shadow version `instead`."""
    own = list(_own(instead, shadow.name))
    found = compare(_own(active, shadow.name), own)
    return Trial(shadow, [(account, _marked(line, shadow)) for account, line in own], found)


def _own(lines: Iterable[tuple[str, Line]], name: str) -> Iterator[tuple[str, Line]]:
    """Give the lines of one workflow: what it did, and the events that its steps stated."""
    source = f"/nofumble/{name}"
    for account, line in lines:
        if line.data.get("workflow") == name or line.data.get("source") == source:
            yield account, line


def _marked(line: Line, shadow: Definition) -> Line:
    return Line(line.type, {**line.data, MARK: shadow.source.version}, line.at)


def compare(active: Iterable[tuple[str, Line]], shadow: Iterable[tuple[str, Line]]) -> list[Difference]:
    """Compare the (account, line) of two versions of one workflow, by the work that begins in them."""
    before, after = _openings(active), _openings(shadow)
    found = [
        _difference(account, before.get((account, name, rung)), after.get((account, name, rung)))
        for account, name, rung in dict.fromkeys((*before, *after))
    ]
    return sorted(found, key=lambda one: (one.at, one.account, one.ref, one.key))


def _openings(lines: Iterable[tuple[str, Line]]) -> dict[tuple[str, str, str], Line]:
    """Give the first line of each piece of work, by account, id and rung."""
    found: dict[tuple[str, str, str], Line] = {}
    for account, line in lines:
        if line.type in OPENING:
            place = (account, str(line.data.get("of") or line.data.get("id")), str(line.data.get("rung") or ""))
            found.setdefault(place, line)
    return found


def _difference(account: str, before: Line | None, after: Line | None) -> Difference:
    line = after or before
    assert line is not None, "one of the two has it"
    assert line.at is not None, "a line that went out has its time"
    kind: Kind
    changes: tuple[tuple[str, Any, Any], ...] = ()
    if before is None:
        kind = "added"
    elif after is None:
        kind = "gone"
    else:
        changes = tuple(_changes(before, after))
        kind = "changed" if changes else "same"
    data: Mapping[str, Any] = line.data
    return Difference(
        kind, account, str(data.get("ref") or ""), str(data.get("key") or ""), line.type, line.at, changes
    )


def _changes(before: Line, after: Line) -> Iterator[tuple[str, Any, Any]]:
    if before.at != after.at:
        assert before.at is not None
        assert after.at is not None
        yield "at", iso(before.at), iso(after.at)
    for name in COMPARED:
        if before.data.get(name) != after.data.get(name):
            yield name, before.data.get(name), after.data.get(name)
