"""Does a condition hold? CEL over typed, dotted names (D7).

A name that is not declared, or used as another type, is an error when the definition is
loaded. At run time a condition has three outcomes: true, false, and unknown, which is what
comes out when a number or a time that it needs is not known. Anything else that goes wrong
in CEL (a division by zero, an overflow) is :class:`ConditionFailed`, never "false" (F48).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from cel_expr_python import cel

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
    FieldKind.PARTY: cel.Type.STRING,
    FieldKind.STRINGS: cel.Type.List(cel.Type.STRING),
}

_NAME = re.compile(r"[a-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\bkey\b")
_LITERAL = r"""[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_TEXT = re.compile(rf"{_LITERAL}|//[^\n]*")
_MACRO = re.compile(r"\.(?:all|exists|exists_one|map|filter)\s*\(")
_MATCHES = re.compile(rf"\.\s*matches\s*\(\s*({_LITERAL})\s*\)")
_CARET = re.compile(r"<input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '([^']+)'")

MACRO_DEPTH_MAX = 1
"""A comprehension inside a comprehension multiplies the cost of a condition; it is refused at load (F47)."""

PATTERN_MAX = 200
"""Characters of a regular expression: its program is bounded, and so is what matching costs (F47)."""

KNOWN_MAX = 256
"""Answers that a condition remembers: mostly the same few come again, and asking CEL costs as much as ten of them."""

_FEW_VALUES = {FieldKind.STRING, FieldKind.INT, FieldKind.BOOL, FieldKind.PARTY, FieldKind.STRINGS}
"""Kinds of which the same values come again, and of which equal ones are the same; 0.0 equals -0.0, and is another."""

_PLAIN = {bool, int, str}
"""What nobody can change, so that it can be given out again."""

NEAREST_NAMED = 12
"""Known names that a message lists when none is near."""


class ConditionRefused(ValueError):
    """The text is no condition that may run; `rule` is the name of the rule in `rules.RULES`."""

    def __init__(self, message: str, rule: str) -> None:
        """Keep the rule beside the words."""
        super().__init__(message)
        self.rule = rule


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
    _only: Getter | None = None
    """The getter, where the expression is just a name: no need to ask CEL."""
    _parts: dict[str, Condition] = field(default_factory=dict, repr=False, compare=False)
    _known: dict[tuple[Any, ...], Any] | None = field(default=None, repr=False, compare=False)
    """Answers by the values that were read, since the same values give the same; None where they hardly come again."""

    def value(self, bindings: Any) -> Any:
        """Compute the value, ``UNSET`` when a name that it needs is not known.

        Raises:
            ConditionFailed: CEL could not compute it (F48).
        """
        if self._only is not None:
            return self._only(bindings)
        values = [getter(bindings) for _, getter in self._getters]
        known = self._known
        if known is None:
            return self._computed(values)
        read = tuple([tuple(one) if type(one) is list else one for one in values])
        found = known.get(read, known)
        if found is known:
            found = self._computed(values)
            if found is UNSET or type(found) in _PLAIN:
                if len(known) >= KNOWN_MAX:
                    known.clear()
                known[read] = found
        return found

    def _computed(self, values: list[Any]) -> Any:
        named = {name: one for (name, _), one in zip(self._getters, values, strict=True) if one is not UNSET}
        result = self._expression.eval(self._environment.Activation(named))
        value = result.value()
        if value is True or value is False:
            return value
        if result.type() == cel.Type.ERROR:
            return _unknown_or_raise(self.source, str(value))
        return value

    def holds(self, bindings: Any) -> bool:
        """Tell whether it is surely true; unknown is not."""
        return self.value(bindings) is True

    @property
    def getters(self) -> tuple[tuple[str, Getter], ...]:
        """The names that it reads, each with its getter."""
        return self._getters

    def part(self, source: str) -> Condition:
        """Give a part of the expression as a condition of its own; `source` is CEL that stands in this one."""
        if source == self.source:
            return self
        if source not in self._parts:
            self._parts[source] = self._part(source)
        return self._parts[source]

    def _part(self, source: str) -> Condition:
        chains = {match.group() for match in _NAME.finditer(_bare(source))}
        getters = tuple(
            one for one in self._getters if any(chain == one[0] or chain.startswith(f"{one[0]}.") for chain in chains)
        )
        only = getters[0][1] if len(getters) == 1 and getters[0][0] == source.strip() else None
        reads = tuple(name for name, _ in getters)
        expression = self._environment.compile(source)
        return Condition(source, reads, self.type_name, getters, self._environment, expression, only)


def plain_list(value: Any) -> list[str]:
    """Give the texts of a list that CEL gave, or that a name stands for; of what is unknown there are none."""
    found = value if isinstance(value, list) else []
    return [one for part in found if isinstance(one := part.value() if hasattr(part, "value") else part, str) and one]


def compile_condition(source: str, vocabulary: Vocabulary, wanted: FieldKind = FieldKind.BOOL) -> Condition:
    """Check and compile a condition.

    Raises:
        ConditionRefused: with the position, the rule and, for a misspelt name, the nearest one.
    """
    bare = _bare(source)
    _refuse_costly(source, bare)
    names = _names_in(bare, vocabulary)
    environment = vocabulary.environment()
    try:
        expression = environment.compile(source)
    except RuntimeError as error:
        raise _refusal(source, str(error), vocabulary) from None
    found = expression.return_type()
    if wanted in _CEL_TYPES and found not in (_CEL_TYPES[wanted], cel.Type.DYN):
        raise ConditionRefused(f"`{source}` gives {found.name()}, and {wanted.name} is needed here", "wrong_type")
    getters = tuple((name, vocabulary.names[name][1]) for name in names)
    only = getters[0][1] if names == (source.strip(),) else None
    if not names:
        only = _constant(expression.eval(environment.Activation({})))
    known: dict[tuple[Any, ...], Any] | None = {} if _is_of_few_values(names, vocabulary) else None
    return Condition(source, names, found.name(), getters, environment, expression, only, _known=known)


def _is_of_few_values(names: Iterable[str], vocabulary: Vocabulary) -> bool:
    return all(vocabulary.names[name][0] in _FEW_VALUES for name in names)


def _constant(result: Any) -> Getter | None:
    """Give the getter of what reads nothing, and so is the same for ever; nothing for what cannot be computed."""
    if result.type() == cel.Type.ERROR:
        return None
    value = result.value()
    return lambda _bindings: value


def _bare(source: str) -> str:
    """Empty the texts and drop the comments, so that what is left are names, signs and numbers."""
    if '"""' in source or "'''" in source:
        raise ConditionRefused(f"`{source}` quotes a text three times; one quotation mark does", "syntax")
    return _TEXT.sub(lambda found: "" if found.group().startswith("//") else '""', source)


def _names_in(bare: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """List the declared names that the source reads; a longer dotted chain ends in a function."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(bare):
        parts = match.group().split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in vocabulary.names:
                found[name] = None
                break
    return tuple(found)


def _refuse_costly(source: str, bare: str) -> None:
    """Refuse what costs more than its text shows (F47)."""
    opens: list[bool] = []
    macro_at = {match.end() - 1 for match in _MACRO.finditer(bare)}
    for position, sign in enumerate(bare):
        if sign == "(":
            opens.append(position in macro_at)
            if sum(opens) > MACRO_DEPTH_MAX:
                message = "has a comprehension inside a comprehension, whose cost multiplies; write two conditions"
                raise ConditionRefused(f"`{source}` {message}, or use `recent` (F47)", "comprehension")
        elif sign == ")" and opens:
            opens.pop()
    _refuse_patterns(source, bare)


def _refuse_patterns(source: str, bare: str) -> None:
    patterns = _MATCHES.findall(source)
    if len(re.findall(r"\bmatches\s*\(", bare)) > len(patterns):
        message = "matches a pattern that is no plain text, whose cost nobody knows; write text.matches('…') (F47)"
        raise ConditionRefused(f"`{source}` {message}", "pattern")
    for pattern in patterns:
        if len(pattern) > PATTERN_MAX:
            message = f"has a pattern of {len(pattern)} characters; at most {PATTERN_MAX} are allowed (F47)"
            raise ConditionRefused(f"`{source}` {message}", "pattern")


def _refusal(source: str, error: str, vocabulary: Vocabulary) -> ConditionRefused:
    """Say in one sentence what CEL found, where, and what would be right."""
    position = _CARET.search(error)
    text = position.group(3).split(" [")[0].split(" (in container")[0] if position else error.splitlines()[0]
    where = f"`{source}`" + (f" at column {position.group(2)}" if position else "")
    if unknown := _UNDECLARED.search(text):
        return ConditionRefused(f"{where} reads {_unknown(unknown.group(1), vocabulary)}", "unknown_name")
    if overload := _OVERLOAD.search(text):
        sign = overload.group(1).strip("_@").replace("_", " ")
        message = f"{sign} does not fit {overload.group(2)}; compare values of one type"
        return ConditionRefused(f"{where}: {message}", "wrong_type")
    return ConditionRefused(f"{where} is no condition: {text.split(' expecting {')[0]}", "syntax")


def _unknown(name: str, vocabulary: Vocabulary) -> str:
    usable = [one for one, (kind, _) in vocabulary.names.items() if kind in _CEL_TYPES]
    prefix = name.partition(".")[0] + "."
    beside = {one.removeprefix(prefix): one for one in usable if one.startswith(prefix)}
    near = [beside[one] for one in get_close_matches(name.removeprefix(prefix), beside, n=2)]
    if not beside:
        near = get_close_matches(name, usable, n=2)
    if near:
        return f"{name!r}, which is not known here; did you mean {' or '.join(near)}?"
    known = sorted(beside.values()) or sorted(usable)
    more = f" and {len(known) - NEAREST_NAMED} more" if len(known) > NEAREST_NAMED else ""
    return f"{name!r}, which is not known here; known are {', '.join(known[:NEAREST_NAMED])}{more}"


def _unknown_or_raise(source: str, error: str) -> Any:
    if "No value with name" in error:
        return UNSET
    raise ConditionFailed(f"`{source}` failed: {error}")
