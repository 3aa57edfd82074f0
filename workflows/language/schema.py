"""How does an editor know the language? The JSON Schema of a definition file."""

from __future__ import annotations

from typing import Any

from workflows.language.grammar import DefinitionSource


def definition_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of the definition language; durations are texts such as ``3bd``.

    A schema sees shapes only: that a name is known and a step can begin, `nofumble workflows check` tells.
    """
    schema = DefinitionSource.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "nofumble workflow definition",
        "description": "What starts a workflow, what it does, what ends it, and the examples that prove it.",
    }
