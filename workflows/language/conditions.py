"""Does a condition hold? CEL over typed, dotted names (D7).

A name that is not declared, or used as another type, is an error when the definition is
loaded. At run time a condition has three outcomes: true, false, and unknown, which is what
comes out when a number or a time that it needs is not known. Anything else that goes wrong
in CEL (a division by zero, an overflow) is :class:`ConditionFailed`, never "false" (F48).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]

from events.kinds import FieldKind

Getter = Callable[[Any], Any]
"""Takes the bindings of the moment and gives the value of one name, or ``UNSET``."""

UNSET: Any = object()
"""The value of a name that nobody knows: the condition that needs it is unknown."""

_CEL_TYPES = {
    FieldKind.STRING: cel.Type.STRING,
    FieldKind.INT: cel.Type.INT,
    FieldKind.DOUBLE: cel.Type.DOUBLE,
    FieldKind.BOOL: cel.Type.BOOL,
    FieldKind.TIMESTAMP: cel.Type.TIMESTAMP,
    FieldKind.STRINGS: cel.Type.List(cel.Type.STRING),
}

_NAME = re.compile(r"[a-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\bkey\b")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_MACRO = re.compile(r"\.(all|exists|exists_one|map|filter)\s*\(")
_CARET = re.compile(r"<input>:(\d+):(\d+): (.*)")

MACRO_DEPTH_MAX = 1
"""A comprehension inside a comprehension multiplies the cost of a condition; it is refused at load (F47)."""


class ConditionRefused(ValueError):
    """The text is no condition that may run: an unknown name, a wrong type, too costly."""


class ConditionFailed(Exception):
    """CEL could not compute a value at run time, for another reason than an unknown name."""


@dataclass(frozen=True)
class Vocabulary:
    """The names that a condition may use at one place of a definition, with type and getter."""

    names: Mapping[str, tuple[FieldKind, Getter]]
    _environment: list[Any] = field(default_factory=list, repr=False, compare=False)

    def environment(self) -> Any:
        """Build the CEL environment once."""
        if not self._environment:
            variables = {name: _CEL_TYPES[kind] for name, (kind, _) in self.names.items() if kind in _CEL_TYPES}
            self._environment.append(cel.NewEnv(variables=variables))
        return self._environment[0]

    def __add__(self, other: Vocabulary) -> Vocabulary:
        """Join two vocabularies; the names of the other win."""
        return Vocabulary({**self.names, **other.names})


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression with the getters of just the names that it reads."""

    source: str
    reads: tuple[str, ...]
    type_name: str
    _getters: tuple[tuple[str, Getter], ...]
    _environment: Any
    _expression: Any

    def value(self, bindings: Any) -> Any:
        """Compute the value, ``UNSET`` when a name that it needs is not known.

        Raises:
            ConditionFailed: CEL could not compute it (F48).
        """
        values = {}
        for name, getter in self._getters:
            found = getter(bindings)
            if found is not UNSET:
                values[name] = found
        result = self._expression.eval(self._environment.Activation(values))
        value = result.value()
        if result.type() == cel.Type.ERROR:
            return _unknown_or_raise(self.source, str(value))
        return value

    def holds(self, bindings: Any) -> bool:
        """Tell whether it is surely true; unknown is not."""
        return self.value(bindings) is True


def compile_condition(source: str, vocabulary: Vocabulary, wanted: FieldKind = FieldKind.BOOL) -> Condition:
    """Check and compile a condition.

    Raises:
        ConditionRefused: with the position, the rule and, for a misspelt name, the nearest one.
    """
    _refuse_costly(source)
    names = _names_in(source, vocabulary)
    environment = vocabulary.environment()
    try:
        expression = environment.compile(source)
    except RuntimeError as error:
        raise ConditionRefused(_readable(source, str(error), vocabulary)) from None
    found = expression.return_type()
    if wanted in _CEL_TYPES and found != _CEL_TYPES[wanted] and found != cel.Type.DYN:
        message = f"`{source}` gives {found.name()}, and {wanted.name} is needed here"
        raise ConditionRefused(message)
    getters = tuple((name, vocabulary.names[name][1]) for name in names)
    return Condition(source, names, found.name(), getters, environment, expression)


def _names_in(source: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """List the declared names that the source reads; a longer dotted chain ends in a function."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(_TEXT.sub('""', source)):
        parts = match.group().split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in vocabulary.names:
                found[name] = None
                break
    return tuple(found)


def _refuse_costly(source: str) -> None:
    opens: list[bool] = []
    macro_at = {match.end() - 1 for match in _MACRO.finditer(source)}
    for position, sign in enumerate(source):
        if sign == "(":
            opens.append(position in macro_at)
            if sum(opens) > MACRO_DEPTH_MAX:
                message = (
                    f"`{source}` has a comprehension inside a comprehension, whose cost multiplies; "
                    "write two conditions, or use `recent` (F47)"
                )
                raise ConditionRefused(message)
        elif sign == ")" and opens:
            opens.pop()


def _readable(source: str, error: str, vocabulary: Vocabulary) -> str:
    position = _CARET.search(error)
    text = position.group(3).split(" [")[0].split(" (in container")[0] if position else error
    hint = ""
    unknown = re.search(r"undeclared reference to '([^']+)'", text)
    if unknown:
        near = _nearest(unknown.group(1), vocabulary)
        hint = f"; did you mean {near}?" if near else f"; known names: {', '.join(sorted(vocabulary.names)[:40])}"
    column = f" at column {position.group(2)}" if position else ""
    return f"`{source}`{column}: {text}{hint}"


def _nearest(name: str, vocabulary: Vocabulary) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only when an error is told

    return ", ".join(get_close_matches(name, vocabulary.names, n=3))


def _unknown_or_raise(source: str, error: str) -> Any:
    if "No value with name" in error:
        return UNSET
    message = f"`{source}` failed: {error}"
    raise ConditionFailed(message)
