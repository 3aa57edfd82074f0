"""Of which clauses is a condition made, and which of them fails first?

A condition is taken apart along its own words, `&&`, `||`, `? :` and `!(…)`, and each part is the same CEL with the
same names. What stands inside brackets of a call or a list stays whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from workflows.language.conditions import UNSET, Condition, ConditionFailed, plain_list

Word = Literal["and", "or", "choice", "not", "leaf"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a condition by its word, with its own text and its parts; a `leaf` has none."""

    word: Word
    source: str
    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The first clause that does not hold: its text, its value (``None``: unknown), and what it read."""

    source: str
    value: bool | None
    read: dict[str, Any]


@lru_cache(maxsize=4096)
def clause_of(source: str) -> Clause:
    """Take a condition apart.

    >>> [one.source for one in clause_of('a == 1 && (b || c)').parts]
    ['a == 1', '(b || c)']
    """
    text = _bare(source)
    question = _first(text, "?")
    if question is not None:
        colon = _matching_colon(text, question)
        parts = (text[:question], text[question + 1 : colon], text[colon + 1 :])
        return Clause("choice", source.strip(), tuple(clause_of(one) for one in parts))
    for sign, word in (("||", "or"), ("&&", "and")):
        found = list(_split(text, sign))
        if len(found) > 1:
            return Clause("or" if word == "or" else "and", source.strip(), tuple(clause_of(one) for one in found))
    if text.startswith("!") and _is_whole(text[1:].strip()):
        return Clause("not", source.strip(), (clause_of(text[1:]),))
    return Clause("leaf", source.strip())


def first_failed(condition: Condition, bindings: Any) -> Failed | None:
    """Find the first clause that keeps a condition from holding; ``None`` when it holds."""
    if _value(condition, condition.source, bindings) is True:
        return None
    found = _failing(condition, clause_of(condition.source), bindings)
    return Failed(found.source, _value(condition, found.source, bindings), read_by(condition, found.source, bindings))


def read_by(condition: Condition, source: str, bindings: Any) -> dict[str, Any]:
    """Give the names that a part of a condition reads, with their values; what nobody knows is ``None``."""
    return {name: plain_value(getter(bindings)) for name, getter in condition.part(source).getters}


def plain_value(value: Any) -> Any:
    """Give a value as JSON can say it."""
    if value is UNSET:
        return None
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return plain_list(value) if isinstance(value, list) else value


def _failing(condition: Condition, clause: Clause, bindings: Any) -> Clause:
    match clause.word:
        case "and":
            first = next((one for one in clause.parts if _value(condition, one.source, bindings) is not True), clause)
            return first if first is clause else _failing(condition, first, bindings)
        case "choice":
            test, then, other = clause.parts
            taken = {True: then, False: other}.get(_value(condition, test.source, bindings))  # type: ignore[arg-type]
            return test if taken is None else _failing(condition, taken, bindings)
        case _:
            return clause


def _value(condition: Condition, source: str, bindings: Any) -> bool | None:
    try:
        found = condition.part(source).value(bindings)
    except ConditionFailed:
        return None
    return found if isinstance(found, bool) else None


# ------------------------------------------------------------ the text


def _bare(source: str) -> str:
    """Take off the brackets around the whole."""
    text = source.strip()
    while _is_whole(text):
        text = text[1:-1].strip()
    return text


def _is_whole(text: str) -> bool:
    """Tell whether one pair of brackets holds all of the text."""
    if not text.startswith("("):
        return False
    return next((place for place, depth in _depths(text) if depth == 0 and text[place] == ")"), -1) == len(text) - 1


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Give the places outside of quoted texts, each with how deep in brackets it is, after its own sign."""
    depth, quote, place = 0, "", 0
    while place < len(text):
        sign = text[place]
        if quote:
            place += 1 if sign == "\\" else 0
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        else:
            depth += (sign in "([{") - (sign in ")]}")
            yield place, depth
        place += 1


def _first(text: str, sign: str) -> int | None:
    return next((place for place, depth in _depths(text) if depth == 0 and text[place] == sign), None)


def _matching_colon(text: str, question: int) -> int:
    nested = 0
    for place, depth in _depths(text):
        if place <= question or depth:
            continue
        nested += text[place] == "?"
        if text[place] == ":":
            if nested == 0:
                return place
            nested -= 1
    return len(text)


def _split(text: str, sign: str) -> Iterator[str]:
    begin = 0
    for place, depth in _depths(text):
        if depth == 0 and text.startswith(sign, place) and place >= begin:
            yield text[begin:place]
            begin = place + len(sign)
    yield text[begin:]
