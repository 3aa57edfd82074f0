"""A version in shadow is folded apart and compared with the active one (R17).

The second version of W01 gives T1 three working days instead of one, and has no T2.
"""

from datetime import datetime

import pytest

from events.envelope import Event
from tests.scenarios.scenario import CHECKOUT, shipped
from workflows.directory import directory_from
from workflows.language.compiler import compile_definition
from workflows.language.grammar import DefinitionSource
from workflows.language.yaml_source import read_source
from workflows.library import Library
from workflows.shadow import trial_of
from workflows.simulation import Arrival, World

NAME = "signature_to_kickoff"


@pytest.fixture(scope="module")
def library():
    plain = read_source((CHECKOUT / f"workflows/definitions/cs/{NAME}.yaml").read_text(encoding="utf-8")).value
    steps = [{**step, "due": "3bd"} if step["ref"] == "T1" else step for step in plain["steps"] if step["ref"] != "T2"]
    second = compile_definition(
        DefinitionSource.model_validate({**plain, "version": "2.0.0", "mode": "shadow", "steps": steps})
    )
    return Library([*shipped().values(), second])


def signed(library):
    world = World(library, directory_from({}))
    when = datetime.fromisoformat("2026-03-03T10:00:00+00:00")
    data = {"contract_id": "C-1", "kind": "new", "actor": "sam"}
    world.receive(Arrival(Event("e", "/crm", "sales.contract.signed", "acme", when, None, data), when))
    return [(one.account, one.line) for one in world.lines()]


@pytest.fixture
def trial(library):
    return trial_of(library.shadows[NAME], signed(library), signed(library.with_shadow(NAME)))


def test_nothing_of_the_shadow_version_goes_out(library):
    dues = {line.data["ref"]: line.data["due"] for _, line in signed(library) if line.type == "task.offered"}

    assert dues["T1"] == "2026-03-04T17:00:00Z"
    assert "T2" in dues


def test_its_lines_are_marked_with_their_version(trial):
    assert {line.data["shadow"] for _, line in trial.lines} == {"2.0.0"}
    assert [line.data["due"] for _, line in trial.lines if line.data.get("ref") == "T1"] == ["2026-03-06T17:00:00Z"]


def test_it_is_told_what_it_would_do_otherwise(trial):
    found = {one.ref: (one.kind, one.changes) for one in trial.differences if one.kind != "same"}

    assert found == {
        "T1": ("changed", (("due", "2026-03-04T17:00:00Z", "2026-03-06T17:00:00Z"),)),
        "T2": ("gone", ()),
    }
    assert trial.counts() == {"added": 0, "gone": 1, "changed": 1, "same": 3}
