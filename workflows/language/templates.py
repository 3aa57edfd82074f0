"""Text with places to fill: `kickoff is booked for {event.at | bd}`.

A place is a CEL expression over the names of its surroundings, with an optional form after
the bar for a time: `bd` (working days since the clock of the instance began), `date`, `time`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.kinds import FieldKind
from workflows.language.conditions import (
    UNSET,
    Condition,
    ConditionFailed,
    ConditionRefused,
    Vocabulary,
    compile_condition,
)

FORMS: tuple[str, ...] = ("bd", "date", "time")
_PLACE = re.compile(r"\{([^{}|]+?)\s*(?:\|\s*([a-z]+)\s*)?\}")


@dataclass(frozen=True, slots=True)
class Template:
    """Fixed pieces and places in turn."""

    source: str
    pieces: tuple[str | tuple[Condition, str], ...]

    def fill(self, bindings: Any, form: Callable[[str, Any], str]) -> str:
        """Fill the places; what is not known reads as "unknown"."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], str):
            return self.pieces[0]
        return "".join(piece if isinstance(piece, str) else _filled(piece, bindings, form) for piece in self.pieces)


def compile_template(source: str, vocabulary: Vocabulary) -> Template:
    """Check and compile a text.

    Raises:
        ConditionRefused: a place reads an unknown name or asks for an unknown form.
    """
    pieces: list[str | tuple[Condition, str]] = []
    end = 0
    for match in _PLACE.finditer(source):
        _add_fixed(pieces, source[end : match.start()], source)
        pieces.append(_place(match, vocabulary))
        end = match.end()
    _add_fixed(pieces, source[end:], source)
    return Template(source, tuple(pieces))


def _add_fixed(pieces: list[str | tuple[Condition, str]], fixed: str, source: str) -> None:
    if "{" in fixed or "}" in fixed:
        message = f"`{source}` has a brace that is no place to fill; write {{account.name}} or {{event.at | date}}"
        raise ConditionRefused(message, "brace")
    if fixed:
        pieces.append(fixed)


def _place(match: re.Match[str], vocabulary: Vocabulary) -> tuple[Condition, str]:
    form = match.group(2) or ""
    if form and form not in FORMS:
        message = f"`{match.group()}` asks for the form {form!r}; there are {', '.join(FORMS)}"
        raise ConditionRefused(message, "unknown_form")
    condition = compile_condition(match.group(1).strip(), vocabulary, FieldKind.OBJECT)
    if form and condition.type_name != "TIMESTAMP":
        message = f"`{match.group()}` writes {condition.type_name} as {form}, which is for times; leave the form out"
        raise ConditionRefused(message, "wrong_type")
    return condition, form


def _filled(piece: tuple[Condition, str], bindings: Any, form: Callable[[str, Any], str]) -> str:
    condition, name = piece
    try:
        value = condition.value(bindings)
    except ConditionFailed:
        return "unknown"
    if value is UNSET or value == "":
        return "unknown"
    if value == []:
        return "none"
    return plain(value) if not name else form(name, value)


def plain(value: Any) -> str:
    """Write a value of CEL as a person would read it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, list):
        return ", ".join(plain(part.value() if hasattr(part, "value") else part) for part in value)
    return str(value)
