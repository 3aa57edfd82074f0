"""Text with places to fill: `kickoff is booked for {event.at | bd}`.

A place is a CEL expression over the names of its surroundings, with an optional form after
the bar: `bd` (working days since the start of the instance), `date`, `time`, `money`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from events.fields import FieldKind
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
        form = match.group(2) or ""
        if form and form not in FORMS:
            message = f"`{match.group()}` asks for the form {form!r}; there are {', '.join(FORMS)}"
            raise ConditionRefused(message)
        if match.start() > end:
            pieces.append(source[end : match.start()])
        pieces.append((compile_condition(match.group(1).strip(), vocabulary, FieldKind.OBJECT), form))
        end = match.end()
    if end < len(source):
        pieces.append(source[end:])
    return Template(source, tuple(pieces))


def _filled(piece: tuple[Condition, str], bindings: Any, form: Callable[[str, Any], str]) -> str:
    condition, name = piece
    try:
        value = condition.value(bindings)
    except ConditionFailed:
        return "unknown"
    if value is UNSET or value == "":
        return "unknown"
    return plain(value) if not name else form(name, value)


def plain(value: Any) -> str:
    """Write a value of CEL as a person would read it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, list):
        return ", ".join(plain(part.value() if hasattr(part, "value") else part) for part in value)
    return str(value)
