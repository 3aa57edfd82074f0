"""What is different between two versions of a definition, in words: which steps, times and receivers? (R17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflows.language.plans import Definition
from workflows.language.words import Row, describe

WHOLE = (
    ("title", "title"),
    ("team", "owner"),
    ("purpose", "purpose"),
)
LISTS = (
    ("starts", "starts"),
    ("guards", "not if"),
    ("endings", "ends"),
)
STEP = (
    ("what", "what"),
    ("when", "begins"),
    ("who", "to"),
    ("until", "until"),
    ("severity", "severity"),
    ("ends", "ends on"),
)
"""Field of a description → what it is called."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the step's `ref` or "" for the whole, what it concerns, and how it was and is; "" is nothing."""

    ref: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        """Write it as a sentence."""
        place = f"{self.ref}: " if self.ref else ""
        if not self.before:
            return f"{place}{self.what} is new: {self.after}"
        if not self.after:
            return f"{place}{self.what} is gone: {self.before}"
        return f"{place}{self.what} was {self.before}, and is {self.after}"


def differences(before: Definition, after: Definition) -> list[Change]:
    """List what another version changes: first of the whole, then step by step, in the order of the new timeline."""
    former, now = describe(before), describe(after)
    found = [
        Change("", words, getattr(former, name), getattr(now, name))
        for name, words in WHOLE
        if getattr(former, name) != getattr(now, name)
    ]
    for name, words in LISTS:
        found += _of_lists(words, getattr(former, name), getattr(now, name))
    found += _of_steps(former.timeline, now.timeline)
    return found or list(_of_the_rest(before, after))


def _of_lists(what: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Change]:
    was, now = list(before), list(after)
    gone, new = [one for one in was if one not in now], [one for one in now if one not in was]
    if len(gone) == len(new) == 1:
        yield Change("", what, gone[0], new[0])
        return
    yield from (Change("", what, one, "") for one in gone)
    yield from (Change("", what, "", one) for one in new)


def _of_steps(before: Iterable[Row], after: Iterable[Row]) -> Iterator[Change]:
    was, now = {row.ref: row for row in before}, {row.ref: row for row in after}
    for ref, row in now.items():
        former = was.get(ref)
        if former is None:
            yield Change(ref, "step", "", _in_short(row))
            continue
        for name, words in STEP:
            if getattr(former, name) != getattr(row, name):
                yield Change(ref, words, getattr(former, name), getattr(row, name))
    yield from (Change(ref, "step", _in_short(row), "") for ref, row in was.items() if ref not in now)


def _of_the_rest(before: Definition, after: Definition) -> Iterator[Change]:
    """Name the parts of the text that differ where the words do not show it."""
    was, now = (
        one.source.model_dump(exclude={"examples", "mode", "version"}, by_alias=True) for one in (before, after)
    )
    for name in now:
        if was[name] != now[name]:
            yield Change("", f"`{name}`", "written otherwise", "see the texts")


def _in_short(row: Row) -> str:
    until = f", until {row.until}" if row.until else ""
    who = f", to {row.who}" if row.who else ""
    return f"{row.what}{who}{until}"
