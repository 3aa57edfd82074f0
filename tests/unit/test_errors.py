"""The tree of errors: whose fault it is decides the exit code."""

import pytest

from nofumble.errors import DefinitionError, ExitCode, InternalError, NofumbleError, ServiceUnavailable, WrongUse


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongUse("no account is called acme"), 2),
        (DefinitionError("a step has no ref"), 2),
        (ServiceUnavailable("the database does not answer"), 3),
        (InternalError("an open loop has no holder"), 70),
    ],
)
def test_the_exit_code_says_whose_fault_it_is(error: NofumbleError, code: int):
    assert error.exit_code == code


def test_every_error_is_caught_by_the_root_of_the_tree():
    assert all(
        issubclass(kind, NofumbleError) for kind in (WrongUse, DefinitionError, ServiceUnavailable, InternalError)
    )


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        ("sales/handoff.yaml", 12, "sales/handoff.yaml:12: a step has no ref"),
        ("sales/handoff.yaml", None, "sales/handoff.yaml: a step has no ref"),
        (None, None, "a step has no ref"),
    ],
)
def test_an_error_of_a_definition_says_where_first(file: str | None, line: int | None, sentence: str):
    assert str(DefinitionError("a step has no ref", file=file, line=line)) == sentence


def test_exit_1_is_no_error_but_a_finding():
    assert ExitCode.FOUND not in {
        kind.exit_code for kind in (WrongUse, DefinitionError, ServiceUnavailable, InternalError)
    }
