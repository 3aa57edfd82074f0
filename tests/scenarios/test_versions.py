"""A running instance keeps the version that it began with; new ones begin with the active one (R17, F52).

The second version of W01 gives T1 three working days instead of one.
"""

from datetime import datetime, timedelta

import pytest

from events.envelope import Event
from tests.scenarios.scenario import CHECKOUT, shipped
from workflows.directory import DirectoryTimeline, directory_from
from workflows.history import History
from workflows.language.compiler import compile_definition
from workflows.language.grammar import DefinitionSource
from workflows.language.yaml_source import read_source
from workflows.library import Library
from workflows.watermarks import Watermarks

NAME = "signature_to_kickoff"


@pytest.fixture(scope="module")
def second():
    plain = read_source((CHECKOUT / f"workflows/definitions/cs/{NAME}.yaml").read_text(encoding="utf-8")).value
    steps = [{**step, "due": "3bd"} if step["ref"] == "T1" else step for step in plain["steps"]]
    return compile_definition(DefinitionSource.model_validate({**plain, "version": "2.0.0", "steps": steps}))


@pytest.fixture
def history(second):
    first = shipped()[NAME]
    known = [first, second]  # as the catalogues of a store give them: each knows the versions of all
    libraries = {0: Library([first], former=known), 1: Library([second], former=known)}
    return History("acme", libraries, DirectoryTimeline(directory_from({})), Watermarks())


def at(text):
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


def happens(history, when, event_type, data, *, catalogue, arrived=None):
    event = Event(f"{event_type}-{when}", "/test", event_type, "acme", at(when), None, data)
    history.receive(event, at(arrived or when), catalogue)


def signed(history, when, contract, **more):
    happens(history, when, "sales.contract.signed", {"contract_id": contract, "kind": "new", "actor": "sam"}, **more)


def versions(history):
    return {
        one.key: history.moment.library.by_hash[one.definition].source.version
        for one in history.state.instances.values()
    }


def dues(history):
    return {item.key: f"{item.due:%m-%d}" for item in history.state.work.values() if item.ref == "T1"}


def test_new_instances_begin_with_the_new_version_and_running_ones_keep_theirs(history):
    signed(history, "03-03T10:00", "C-1", catalogue=0)
    signed(history, "03-03T11:00", "C-2", catalogue=1)

    assert versions(history) == {"C-1": "1.0.0", "C-2": "2.0.0"}
    assert dues(history) == {"C-1": "03-04", "C-2": "03-06"}


def test_what_happens_later_finds_each_instance_on_its_own_version(history):
    signed(history, "03-03T10:00", "C-1", catalogue=0)
    signed(history, "03-03T11:00", "C-2", catalogue=1)
    for contract in ("C-1", "C-2"):
        happens(history, f"03-04T1{contract[-1]}:00", "cs.handoff.returned", {"contract_id": contract}, catalogue=1)

    assert history.drain().problems == []
    assert [f"{item.key} {item.occurrence}" for item in history.state.work.values() if item.ref == "T1"] == [
        "C-1 1",
        "C-2 1",
        "C-1 2",
        "C-2 2",
    ]


def test_a_late_signature_begins_with_the_version_that_was_active_when_it_arrived(history):
    happens(history, "03-04T10:00", "cs.health.changed", {"to": "green"}, catalogue=0)
    happens(history, "03-04T12:00", "cs.contact.logged", {"direction": "out"}, catalogue=0)
    signed(history, "03-03T10:00", "C-1", catalogue=1, arrived="03-05T09:00")
    history.advance(at("03-13T09:00"))

    assert history.drain().problems == []
    assert versions(history) == {"C-1": "2.0.0"}
    assert [
        item.ref for item in history.state.work.values() if item.workflow == NAME and item.ref in ("A1", "A2", "A4")
    ] == [
        "A1",
        "A2",
    ]


def test_a_late_event_of_the_old_days_leaves_the_new_version_in_force(history):
    signed(history, "03-03T10:00", "C-1", catalogue=1)
    happens(history, "03-03T09:00", "cs.health.changed", {"to": "green"}, catalogue=1, arrived="03-03T12:00")
    signed(history, "03-03T13:00", "C-2", catalogue=1)

    assert dues(history) == {"C-1": "03-06", "C-2": "03-06"}


def test_an_instance_whose_version_is_not_there_is_parked_and_told(second):
    libraries = {0: Library([shipped()[NAME]]), 1: Library([second])}
    history = History("acme", libraries, DirectoryTimeline(directory_from({})), Watermarks())
    signed(history, "03-03T10:00", "C-1", catalogue=0)
    happens(history, "03-03T11:00", "sales.handoff.submitted", {"contract_id": "C-1"}, catalogue=1)
    history.advance(history.frontier + timedelta(days=30))

    assert "is not stored; it is parked (F52)" in history.drain().problems[0].reason
    assert [item.status for item in history.state.work.values() if item.ref == "T1"] == ["offered"]
