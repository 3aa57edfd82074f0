"""Files become what the core takes; their faults become one sentence with the place."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nofumble.errors import DefinitionError, WrongUse
from nofumble.readers import Reading, Row
from nofumble.readers.row import wrong_row
from nofumble.wiring import (
    SHIPPED,
    BadRow,
    arrivals,
    definition_files,
    load_definitions,
    load_directory,
    read_definitions,
)
from workflows.simulation import Arrival

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def raw(**over: object) -> bytes:
    """Return an envelope."""
    body = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/crm",
        "type": "sales.contract.signed",
        "subject": "acme",
        "time": "2026-03-03T10:00:00Z",
        "data": {"contract_id": "C-1"},
    }
    return json.dumps(body | over).encode()


def test_the_shipped_definitions_are_loaded_in_order_of_name():
    names = [one.name for one in load_definitions()]

    assert "signature_to_kickoff" in names
    assert names == sorted(names)


def test_shipped_definitions_lie_in_the_folder_of_their_team():
    for file in definition_files([SHIPPED]):
        assert file.parent.parent == SHIPPED


def test_a_definition_that_does_not_pass_is_an_error_at_its_line(tmp_path: Path):
    (tmp_path / "wrong.yaml").write_text("name: wrong\nnonsense: 1\n", encoding="utf-8")

    with pytest.raises(DefinitionError) as refused:
        load_definitions(tmp_path)

    assert refused.value.file == str(tmp_path / "wrong.yaml")
    assert refused.value.line is not None
    assert str(refused.value).startswith(f"{tmp_path}/wrong.yaml:{refused.value.line}: ")


def test_a_file_below_the_working_directory_is_named_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "one.yaml").write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert read_definitions([tmp_path / "one.yaml"]) == [("x", "one.yaml")]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path):
    (tmp_path / "one.yaml").touch()
    (tmp_path / "notes.txt").touch()

    assert definition_files([tmp_path, tmp_path / "one.yaml"]) == [tmp_path / "one.yaml"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe\x00", "no UTF-8 text"), (b"x" * 1_100_000, "more than 1048576 bytes")],
    ids=["noise", "long"],
)
def test_a_file_that_is_no_definition_is_refused(content: bytes, sentence: str, tmp_path: Path):
    (tmp_path / "one.yaml").write_bytes(content)

    with pytest.raises(WrongUse, match=sentence):
        load_definitions(tmp_path)


def test_the_default_organisation_has_nobody_in_it():
    assert load_directory().people == {}


def test_what_only_the_core_can_refuse_has_file_and_line_too(tmp_path: Path):
    file = tmp_path / "org.yaml"
    file.write_text("time_zone: UTC\ncountry: Atlantis\n", encoding="utf-8")

    with pytest.raises(WrongUse, match=rf"{file}:2: country: "):
        load_directory(file)


def test_an_event_arrives_when_its_source_knew_of_it_else_when_it_happened():
    rows = [Row("f:1", raw=raw()), Row("f:2", raw=raw(id="e-2", recordedtime="2026-03-04T08:00:00Z"))]

    first, second = arrivals([Reading(iter(rows))], now=NOW)

    assert isinstance(first, Arrival)
    assert isinstance(second, Arrival)
    assert first.arrived_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert second.arrived_at == datetime(2026, 3, 4, 8, tzinfo=UTC)


def test_a_row_that_is_no_event_keeps_its_place_field_and_reason():
    rows = [Row("f:1", raw=raw(time="yesterday")), wrong_row("f:2", "subject", "names no account", excerpt=b"abc")]

    refused, problem = arrivals([Reading(iter(rows))], now=NOW)

    assert isinstance(refused, BadRow)
    assert (refused.position, refused.path) == ("f:1", "time")
    assert problem == BadRow("f:2", "subject", "names no account", b"abc")
