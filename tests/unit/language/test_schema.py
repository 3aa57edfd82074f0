"""The JSON Schema of the language: what an editor is told."""

from workflows.language.grammar import DefinitionSource
from workflows.language.schema import definition_schema


def test_the_schema_describes_every_key_of_a_definition():
    schema = definition_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {field.alias or name for name, field in DefinitionSource.model_fields.items()}
    assert schema["title"]
    assert schema["description"]


def test_a_duration_is_a_text_with_a_unit():
    within = definition_schema()["$defs"]["Absent"]["properties"]["within"]

    assert within["type"] == "string"
    assert within["pattern"] == "^[1-9][0-9]*(bd|bh|bm|d|h|m)$"


def test_a_list_of_one_may_be_written_as_the_one():
    start = definition_schema()["properties"]["start"]

    assert [one.get("type", "block") for one in start["anyOf"]] == ["block", "array"]


def test_words_that_python_keeps_for_itself_stand_as_they_are_written():
    steps = definition_schema()["$defs"]["Step"]["properties"]

    assert "pass" in steps
    assert "pass_" not in steps
