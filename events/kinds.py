"""What can a condition do with a field: compare it, count with it, or only miss it?"""

from collections.abc import Mapping
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


class FieldKind(Enum):
    """Name the type that a field has in a condition.

    As metadata of an annotated type it overrides what the type itself says:
    a date arrives as a string and is compared as a TIMESTAMP.
    """

    STRING = "string"
    INT = "int"
    DOUBLE = "double"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    STRINGS = "list of strings"
    PARTY = "party"
    """An id of a team or person, or an object with team and person: a text for conditions."""
    ENTRIES = "entries"
    """One thing or several, in whatever form: for conditions its texts, and with `_count` how many there are."""
    OBJECT = "object"


_PLAIN: Mapping[object, FieldKind] = {
    bool: FieldKind.BOOL,
    float: FieldKind.DOUBLE,
    int: FieldKind.INT,
    str: FieldKind.STRING,
}


def fields_of(model: type[BaseModel]) -> dict[str, FieldKind]:
    """Return the fields by the names that they have on the wire, flat and dotted.

    A nested model yields its own fields (``arr.amount``), not itself.
    """
    found: dict[str, FieldKind] = {}
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        core, marks = unwrapped(field.annotation, list(field.metadata))
        if isinstance(core, type) and issubclass(core, BaseModel):
            inner = fields_of(core)
            found.update({f"{name}.{part}": kind for part, kind in inner.items()})
        else:
            found[name] = _kind(core, marks)
    return found


def unwrapped(annotation: Any, marks: list[object]) -> tuple[Any, list[object]]:
    """Take off `Annotated` and `| None`; return what is left, and all the metadata.

    marks: the metadata that is known already, which comes behind what is found.
    """
    if get_origin(annotation) is Annotated:
        core, *more = get_args(annotation)
        return unwrapped(core, marks + more)
    if get_origin(annotation) in (Union, UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        if len(kept) == 1:
            return unwrapped(kept[0], marks)
    return annotation, marks


def _kind(core: Any, marks: list[object]) -> FieldKind:
    for mark in marks:
        if isinstance(mark, FieldKind):
            return mark
    if get_origin(core) is Literal:
        core = type(get_args(core)[0])
    if get_origin(core) is tuple:
        item, item_marks = unwrapped(get_args(core)[0], [])
        only_strings = _kind(item, item_marks) is FieldKind.STRING
        return FieldKind.STRINGS if only_strings else FieldKind.OBJECT
    return _PLAIN.get(core, FieldKind.OBJECT)
