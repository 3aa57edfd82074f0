"""The names of conditions: what they read when it is there, and when it is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.envelope import Event
from workflows.account import AccountState, Instance, Trace, decode, encode
from workflows.directory import Directory
from workflows.language.account_facts import account_names
from workflows.language.compiler import compile_definition
from workflows.language.conditions import UNSET
from workflows.language.grammar import ROLES, DefinitionSource
from workflows.language.vocabulary import Bindings, event_names, instance_names
from workflows.language.yaml_source import read_source

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "language.md").read_text(encoding="utf-8")
AT = datetime(2026, 3, 3, 10, tzinfo=UTC)


def read(name, data, *types):
    names = event_names("event", types).names
    event = Event(id="e-1", source="crm", type=types[0], subject="acme", time=AT, data=data)
    return names[name][1](Bindings(AccountState("acme"), Directory(), AT, event))


@pytest.mark.parametrize(
    ("name", "data", "value"),
    [
        ("event.contract_id", {"contract_id": "C-1"}, "C-1"),
        ("event.contract_id", {}, ""),
        ("event.term_months", {"term_months": 12}, 12),
        ("event.term_months", {}, UNSET),
        ("event.participants", {"participants": ["sam", "jo"]}, ["sam", "jo"]),
        ("event.participants", {}, []),
        ("event.actor.person", {"actor": {"person": "sam"}}, "sam"),
        ("event.actor.person", {"actor": "sam"}, "sam"),
        ("event.actor.person", {}, ""),
        ("event.actor.team", {"actor": "sam"}, ""),
        ("event.type", {}, "sales.contract.signed"),
        ("event.id", {}, "e-1"),
        ("event.source", {}, "crm"),
        ("event.time", {}, AT),
    ],
)
def test_text_and_lists_that_are_missing_are_empty_and_numbers_are_unknown(name, data, value):
    assert read(name, data, "sales.contract.signed") == value


def test_an_event_of_several_types_has_the_fields_of_each():
    names = event_names("event", ["sales.contract.signed", "cs.kickoff.deferred"]).names

    assert {"event.contract_id", "event.until", "event.by"} <= set(names)


@pytest.mark.parametrize("name", [*account_names().names])
def test_every_fact_of_the_account_is_documented(name):
    role = name.removeprefix("account.")

    assert f"`{role if role in ROLES else name}`" in PAGE, f"explain {name} in docs/reference/language.md"


def test_every_name_of_an_instance_is_documented():
    names = instance_names([], values={}, tracked=(), marks=(), refs=(), gates=()).names

    missing = [name for name in names if not name.startswith("start.") and f"`{name}`" not in PAGE]

    assert not missing, f"not in docs/reference/language.md: {', '.join(missing)}; explain each in its table of names"


def test_a_time_among_the_values_is_a_time_after_the_state_was_written_down_and_read_back(small):
    source = small(
        ("steps:", "values: {begins: start.time}\nsteps:"),
        ("due: 1bd", "due: 1bd\n    when: value.begins > start.time"),
    )
    condition = compile_definition(DefinitionSource.model_validate(read_source(source).value)).steps["T1"].when
    state = AccountState("acme")
    state.instances["i"] = Instance(
        id="i",
        workflow="w",
        key="C-1",
        definition="d",
        started_at=AT,
        clock_from=AT,
        start=Trace("e-1", "crm", "sales.contract.signed", AT),
        data={},
        values={"begins": datetime(2026, 3, 4, tzinfo=UTC)},
    )

    again = decode(encode(state))

    for one in (state, again):
        assert condition.value(Bindings(one, Directory(), AT, None, None, one.instances["i"])) is True
