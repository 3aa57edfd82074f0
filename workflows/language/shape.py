"""Has a definition the shape that the grammar wants? What pydantic finds, in one sentence each.

A sentence says what, the value, the rule and the remedy; an unknown key gets the nearest known one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from workflows.language.grammar import DefinitionSource
from workflows.language.rules import Fault, Where

Error = Mapping[str, Any]

LOOKS_LIKE: Mapping[str, str] = {
    "name": "small letters, digits and _, beginning with a letter, such as signature_to_kickoff",
    "version": "three numbers, such as 1.0.0",
    "ref": "a capital letter and a number, such as T1, A2 or T3'",
    "at": "a share of the time (75%), due, or a time after it (due + 1bd)",
}
"""What a value of a pattern looks like, by its key; other patterns are refs."""


def read_shape(value: Any) -> tuple[DefinitionSource | None, list[Fault]]:
    """Read a plain value as a definition, or tell all that is wrong with its shape."""
    try:
        return DefinitionSource.model_validate(value), []
    except ValidationError as error:
        return None, list(_faults(error.errors(include_url=False), value))


def _faults(errors: Iterable[Error], value: Any) -> Iterator[Fault]:
    for error in _of_chosen_branches(list(errors), value):
        where, found = _place(error, value)
        yield Fault(where, *_told(error, where, found))


def _told(error: Error, where: Where, found: Any) -> tuple[str, str]:
    """Give the sentence of an error, and its rule."""
    name = _name(where)
    broken = error.get("ctx", {}).get("error")
    if broken is not None:
        return str(broken), getattr(broken, "rule", "duration")
    match error["type"]:
        case _ if error["loc"][-1:] == ("[key]",):
            return f"{name} is no name; it looks like this: {LOOKS_LIKE['name']}", "shape"
        case "missing":
            return f"{name} is missing{_in_block(where)}; add it", "missing_key"
        case "extra_forbidden":
            return f"unknown key {name}{_in_block(where)}; {_remedy(where)}", "unknown_key"
        case kind:
            return f"{name} is {_shown(found)}; {_wanted(kind, error, where)}", "shape"


def _name(where: Where) -> str:
    match where:
        case ():
            return "the file"
        case (*_, str(key), int(index)):
            return f"entry {index + 1} of `{key}`"
        case _:
            return f"`{where[-1]}`"


def _wanted(kind: str, error: Error, where: Where) -> str:
    context = error.get("ctx", {})
    key = next((part for part in reversed(where) if isinstance(part, str)), "")
    match kind:
        case "string_pattern_mismatch":
            like = LOOKS_LIKE.get("name" if key in NAMES else key, LOOKS_LIKE["ref"])
            return f"it looks like this: {like}"
        case "literal_error":
            return f"it is one of {context['expected'].replace(' or ', ', ')}"
        case "string_too_long" | "string_too_short":
            bound = "at most" if kind.endswith("long") else "at least"
            return f"it has {bound} {context.get('max_length', context.get('min_length'))} characters"
        case "too_long" | "too_short":
            bound = "at most" if kind.endswith("long") else "at least"
            return f"it has {bound} {context.get('max_length', context.get('min_length'))} entries"
        case "greater_than_equal":
            return f"it is at least {context['ge']}"
        case "less_than_equal":
            return f"it is at most {context['le']}"
        case _:
            return SHAPES.get(kind, f"it is to be {error['msg'].removeprefix('Input should be ')}")


NAMES = frozenset({"mark", "filled", "emptied", "reason", "outcomes", "marks", "track", "values", "done_by", "told"})

SHAPES: Mapping[str, str] = {
    "string_type": "it is a text; put it in quotes",
    "int_type": "it is a whole number, without quotes",
    "int_parsing": "it is a whole number",
    "int_from_float": "it is a whole number",
    "bool_type": "it is true or false",
    "bool_parsing": "it is true or false",
    "list_type": "it is a list",
    "dict_type": "it is a block of `key: value`",
    "model_type": "it is a block of `key: value`",
}


def _shown(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a block"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case _:
            shown = repr(value)
            return shown if len(shown) <= SHOWN_MAX else f"{shown[:SHOWN_MAX]}…"


SHOWN_MAX = 60


def _in_block(where: Where) -> str:
    around = [part for part in where[:-1] if isinstance(part, str)]
    return f" in `{around[-1]}`" if around else ""


def _remedy(where: Where) -> str:
    block = _block_at(where[:-1])
    known = _keys(block) if block is not None else []
    near = get_close_matches(str(where[-1]), known, n=2)
    return f"did you mean {' or '.join(near)}?" if near else f"known here: {', '.join(known)}"


def _keys(block: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in block.model_fields.items()]


def _block_at(where: Where) -> type[BaseModel] | None:
    """Find the block of the grammar that stands at a path."""
    block: type[BaseModel] = DefinitionSource
    for part in where:
        field = next((one for name, one in block.model_fields.items() if part == (one.alias or name)), None)
        if field is not None:
            inner = list(_blocks_in(field.annotation))
            if not inner:
                return None
            block = inner[0]
    return block


def _blocks_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _blocks_in(part)


# ------------------------------------------------------------ where an error is


def _place(error: Error, value: Any) -> tuple[Where, Any]:
    """Find the path of an error in the plain value, and what stands there.

    pydantic's own path also names branches of a choice, and an index where the text has one thing alone.
    """
    loc: tuple[str | int, ...] = error["loc"]
    missing = loc[-1:] if error["type"] == "missing" else ()
    where: list[str | int] = []
    for part in loc[: len(loc) - len(missing)]:
        if _has(value, part):
            where.append(part)
            value = value[part]
    return (*where, *missing), value


def _has(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


_NOT_FOR: Mapping[type, frozenset[str]] = {
    dict: frozenset({"string_type", "literal_error", "list_type"}),
    list: frozenset({"string_type", "literal_error", "model_type"}),
    str: frozenset({"model_type", "dict_type", "list_type"}),
}
"""Kind of value → the errors of branches of a choice that it does not mean."""


def _of_chosen_branches(errors: list[Error], value: Any) -> list[Error]:
    """Where several things may stand, keep the errors of the one that was meant; one at least."""
    by_place: dict[Where, list[Error]] = {}
    for error in errors:
        where, _ = _place(error, value)
        by_place.setdefault(where, []).append(error)
    kept: list[Error] = []
    for where, found in by_place.items():
        meant = [one for one in found if not _is_of_other_branch(one, value)]
        deeper = any(other[: len(where)] == where and other != where for other in by_place)
        kept += (meant or ([] if deeper else found))[:1]
    return kept


def _is_of_other_branch(error: Error, value: Any) -> bool:
    _, found = _place(error, value)
    return error["type"] in _NOT_FOR.get(type(found), frozenset())
