"""How a process ends: every error becomes one sentence and an exit code, never a traceback."""

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from nofumble.__main__ import main
from nofumble.errors import ServiceUnavailable, WrongUse


def fail_with(error: BaseException) -> Callable[[], None]:
    """Return a command line that fails in this way."""

    def app() -> None:
        raise error

    return app


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Return a function that starts the process with a command line of the test's own, and gives the exit code."""

    def start(app: Callable[[], None]) -> int:
        monkeypatch.setitem(sys.modules, "nofumble.cli.app", SimpleNamespace(app=app))
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    monkeypatch.delenv("NOFUMBLE_LOG_LEVEL", raising=False)
    return start


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongUse("no account is called acme: see `nofumble account`"), 2),
        (ServiceUnavailable("the database does not answer"), 3),
    ],
)
def test_an_error_is_one_sentence_on_standard_error(
    error: Exception, code: int, run, capsys: pytest.CaptureFixture[str]
):
    assert run(fail_with(error)) == code

    said = capsys.readouterr()
    assert said.err == f"nofumble: {error}\n"
    assert said.out == ""


def test_a_fault_of_ours_is_a_sentence_with_its_place_and_no_traceback(run, capsys: pytest.CaptureFixture[str]):
    assert run(fail_with(KeyError("hunter2"))) == 70

    said = capsys.readouterr().err
    assert said.startswith("nofumble: a fault of nofumble itself: KeyError at test_start.py:")
    assert "Traceback" not in said
    assert "hunter2" not in said


def test_the_whole_report_is_there_for_who_asks(
    run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("NOFUMBLE_LOG_LEVEL", "debug")

    assert run(fail_with(KeyError("x"))) == 70

    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_ctrl_c_ends_quietly(run, capsys: pytest.CaptureFixture[str]):
    assert run(fail_with(KeyboardInterrupt())) == 130

    assert capsys.readouterr().err == ""


def test_the_exit_code_of_the_command_line_is_kept(run):
    assert run(fail_with(SystemExit(1))) == 1
