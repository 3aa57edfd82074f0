"""Which types of events are there, and what is in each of them?

The types are the classes of the team modules that name a `TYPE`. This is the one source
of the reference page, of the JSON Schemas, and of the names that conditions may use.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

from events import (
    accounts,
    customer,
    engine,
    finance,
    market,
    marketing,
    people,
    product,
    sales,
    success,
    support,
    work,
)
from events.fields import ID_CHARACTERS_MAX, EventData
from events.kinds import FieldKind as FieldKind  # noqa: PLC0414 - it is a name of this module too
from events.kinds import fields_of

_MODULES: tuple[ModuleType, ...] = (
    accounts,
    sales,
    success,
    support,
    product,
    marketing,
    customer,
    finance,
    market,
    people,
    work,
    engine,
)
_NO_ACCOUNT = (
    "source.",
    "definition.",
    "event.",
    "product.release.",
    "product.incident.",
)


@dataclass(frozen=True, slots=True)
class EventType:
    """Describe one type of event.

    name: as on the wire. model: the pydantic class of its data. group: the heading in
    the reference. summary: what happened, one sentence without its full stop.
    """

    name: str
    model: type[EventData]
    group: str
    summary: str

    def fields(self) -> Mapping[str, FieldKind]:
        """Return the data's fields, flat and dotted: ``{"arr.amount": INT, …}``."""
        return _fields(self.model)

    @property
    def is_emitted_only(self) -> bool:
        """Say if only the engine sends it; from outside it is but a timeline entry."""
        return self.model.EMITTED


def is_plan(type_name: str) -> bool:
    """Say if the type tells of a plan, so that its time may lie ahead (rule R2)."""
    return type_name.endswith(".scheduled")


def needs_subject(type_name: str) -> bool:
    """Say if an event of this type must name an account or person.

    Releases, incidents, sources and definitions concern no single account.
    """
    return not type_name.startswith(_NO_ACCOUNT)


@cache
def _fields(model: type[EventData]) -> Mapping[str, FieldKind]:
    return MappingProxyType(fields_of(model))


def _types_in(module: ModuleType) -> Iterator[EventType]:
    for model in vars(module).values():
        if (
            isinstance(model, type)
            and issubclass(model, EventData)
            and model.__module__ == module.__name__
            and "TYPE" in vars(model)
        ):
            summary = (model.__doc__ or "").partition("\n")[0].removesuffix(".")
            yield EventType(model.TYPE, model, module.GROUP, summary)


def _all_types() -> Mapping[str, EventType]:
    found = [kind for module in _MODULES for kind in _types_in(module)]
    by_name = {kind.name: kind for kind in found}
    assert len(by_name) == len(found), "two classes name the same TYPE"
    return MappingProxyType(by_name)


EVENT_TYPES: Mapping[str, EventType] = _all_types()


def json_schema(type_name: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a type: the envelope and its data.

    Raises KeyError for a type that is not in the catalogue.
    """
    kind = EVENT_TYPES[type_name]
    data = kind.model.model_json_schema()
    definitions = data.pop("$defs", {})
    properties = _envelope_properties(type_name) | {"data": data}
    required = ["specversion", "id", "source", "type", "time"]
    if needs_subject(type_name):
        required.append("subject")
    if data.get("required"):
        required.append("data")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": type_name,
        "description": kind.summary,
        "type": "object",
        "properties": properties,
        "required": required,
        "$defs": definitions,
    }


def _envelope_properties(type_name: str) -> dict[str, Any]:
    identifier = {"type": "string", "pattern": f"^[!-~]{{1,{ID_CHARACTERS_MAX}}}$"}
    instant = {"type": "string", "format": "date-time"}
    return {
        "specversion": {"const": "1.0"},
        "id": identifier,
        "source": identifier,
        "type": {"const": type_name},
        "subject": identifier,
        "time": instant,
        "recordedtime": instant,
        "correlationid": identifier,
        "causationid": identifier,
    }
