"""What does a step that states an event compile to? Its type may come in, its fields are those of the type."""

from __future__ import annotations

from events.catalogue import EVENT_TYPES
from events.kinds import FieldKind
from workflows.language.conditions import Condition, Vocabulary
from workflows.language.grammar import Record
from workflows.language.rules import Where
from workflows.language.terms import DefinitionRefused, Terms, nearest, unknown_event
from workflows.people import DIRECTORY_EVENTS


def compile_record(terms: Terms, record: Record, names: Vocabulary, where: Where) -> tuple[tuple[str, Condition], ...]:
    """Compile the fields of the event that a step states.

    Raises:
        DefinitionRefused: the type never comes in, or has no such field.
    """
    known = EVENT_TYPES.get(record.type)
    if known is None:
        raise DefinitionRefused((*where, "type"), unknown_event(record.type), "unknown_event")
    if known.is_emitted_only or record.type in DIRECTORY_EVENTS:
        message = f"{record.type} is told by the engine or concerns no account; state what a team could have said"
        raise DefinitionRefused((*where, "type"), message, "engine_event")
    fields = {path.split(".")[0] for path in known.fields()}
    for name in record.fields:
        if name not in fields:
            message = f"{record.type} has no field {name!r}; {nearest(name, sorted(fields), what='fields')}"
            raise DefinitionRefused((*where, "fields", name), message, "unknown_name")
    return tuple(
        (name, terms.condition(text, names, (*where, "fields", name), FieldKind.OBJECT))
        for name, text in record.fields.items()
    )
