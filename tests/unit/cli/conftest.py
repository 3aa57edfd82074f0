"""A command line for tests: in this process, with everything that it wrote and how it ended."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nofumble.errors import NofumbleError

CHECKOUT = Path(__file__).resolve().parents[3]
SIGNATURE = str(CHECKOUT / "docs" / "examples" / "signature.jsonl")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return standard output as JSON, one object a line; fails when anything else stands there."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ended]


@pytest.fixture
def nofumble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs one command as `nofumble.__main__` does, in a home of its own."""
    from nofumble.cli.app import app

    monkeypatch.setenv("NOFUMBLE_HOME", str(tmp_path / "home"))
    for name in ("NOFUMBLE_ORGANISATION", "NOFUMBLE_PERSON", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, stdin: str | bytes | None = None) -> Ended:
        result = CliRunner().invoke(app, list(words), input=stdin)
        if isinstance(result.exception, NofumbleError):
            return Ended(result.exception.exit_code, result.stdout, f"{result.stderr}nofumble: {result.exception}\n")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def signature() -> str:
    """Return the path of the ten events of one signature."""
    return SIGNATURE
