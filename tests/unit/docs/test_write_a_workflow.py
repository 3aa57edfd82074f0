"""The page on how to write a workflow is done from top to bottom, in a folder of its own, and says what happens."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nofumble.pages.library import library_pages
from nofumble.wiring import SHIPPED, load_definitions
from tests.unit.docs.repository import ROOT

PAGE = ROOT / "docs/how-to/write-a-workflow.md"
WRITTEN = Path("my-workflows/trial_follow_up.yaml")
LIBRARY = Path("workflows/definitions")
SHIPPED_AS = LIBRARY / "sales/trial_follow_up.yaml"


class Reader:
    """Somebody who does what the page says, block by block, and compares what it shows."""

    def __init__(self) -> None:
        self.output = ""
        self.outputs: list[tuple[str, str]] = []

    def does(self, language: str, block: str) -> None:
        """Do one block."""
        if language == "yaml" and block.startswith("name:"):
            WRITTEN.parent.mkdir()
            WRITTEN.write_text(block, encoding="utf-8")
        elif language == "yaml":
            self.sets(block)
        elif language == "text":
            assert block.strip() == "\n".join(line.rstrip() for line in self.output.splitlines()).strip()
        else:
            for line in block.splitlines():
                self.runs(shlex.split(line))

    def sets(self, line: str) -> None:
        """Set the mode, below the version."""
        path = WRITTEN if WRITTEN.exists() else SHIPPED_AS
        text = re.sub(r"^mode: .*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        path.write_text(re.sub(r"(?m)^(version: .*\n)", rf"\1{line}", text), encoding="utf-8")

    def runs(self, words: list[str]) -> None:
        """Run one command."""
        if words[0] == "mv":
            shutil.move(*words[1:])
        elif words[0] == "make":
            assert "trial_follow_up.svg" in library_pages(load_definitions(LIBRARY))
        else:
            from nofumble.cli.app import app

            ended = CliRunner().invoke(app, words[1:])
            assert ended.exit_code == 0, f"{' '.join(words)}\n{ended.output}"
            self.output = ended.stdout
            self.outputs.append((" ".join(words[1:]), ended.stdout))


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Return a reader in a checkout of her own, in which the library may change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOFUMBLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NOFUMBLE_ORGANISATION", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    shutil.copytree(SHIPPED / "sales", LIBRARY / "sales")
    shutil.copytree(ROOT / "docs/examples", "docs/examples")
    monkeypatch.setattr("nofumble.wiring.SHIPPED", LIBRARY.resolve())
    return Reader()


def test_the_page_leads_from_the_first_line_to_a_workflow_that_is_switched_on(reader: Reader):
    for language, block in re.findall(
        r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        reader.does(language, block)

    library = "simulate docs/examples/trial.jsonl"
    in_shadow, in_force = [output for command, output in reader.outputs if command == library]
    asked = next(output for command, output in reader.outputs if command.startswith(f"{library} --shadow"))
    assert "trial_follow_up" not in in_shadow
    assert asked.count('"shadow":"1.0.0"') == 9
    assert "trial_follow_up O-1" in in_force
    added = {path.relative_to(LIBRARY) for path in LIBRARY.rglob("*") if path.is_file()} - {
        path.relative_to(SHIPPED) for path in SHIPPED.rglob("*") if path.is_file()
    }
    assert added == {Path("sales/trial_follow_up.yaml")}, "one YAML file is all that it takes"
