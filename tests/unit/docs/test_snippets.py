"""The commands in the docs are commands of the product: each is taken apart as the command line itself would."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.unit.docs.repository import ROOT, pages, shown, snippets

TARGETS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def command_lines(page: Path) -> list[list[str]]:
    """Return the commands in the bash blocks of a page, as words; a pipe makes two."""
    found: list[list[str]] = []
    for block in snippets(page, "bash"):
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            for part in re.split(r"\s+(?:\||&&)\s+", line.strip()):
                words = shlex.split(part, comments=True)
                while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                    words.pop(0)
                if words[:1] == ["export"]:
                    continue
                if words:
                    found.append(words)
    return found


COMMANDS = [(page, words) for page in pages() for words in command_lines(page)]


def test_the_docs_show_commands():
    assert {words[0].removeprefix(".venv/bin/") for _, words in COMMANDS} >= {"make", "nofumble"}


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS, ids=[f"{shown(page)}: {' '.join(words)[:60]}" for page, words in COMMANDS]
)
def test_a_command_in_the_docs_exists(page: Path, words: list[str]):
    program = words[0].removeprefix(".venv/bin/")
    if program == "make":
        targets = [word for word in words[1:] if "=" not in word]
        assert set(targets) <= TARGETS, f"{shown(page)}: the Makefile has no {', '.join(targets)}"
    if program == "nofumble":
        parses(words[1:])


def parses(words: list[str]) -> None:
    """Fail unless the command line knows these words: commands, options and the number of arguments. Runs nothing."""
    from typer.main import get_command

    from nofumble.cli.app import app

    command = get_command(app)
    if helped := bool(set(words) & {"--help", "--version"}):
        words = [word for word in words if word not in {"--help", "--version"}]
    while (children := getattr(command, "commands", None)) and words:
        if command.invoke_without_command and words[0].startswith("--"):
            break
        assert words[0] in children, f"no command is called {words[0]}; there are {', '.join(sorted(children))}"
        command, words = children[words[0]], words[1:]
    if helped or (getattr(command, "commands", None) and not words):
        return
    given, left, _ = command.make_parser(command.context_class(command)).parse_args(list(words))
    assert not left, f"too many arguments: {' '.join(left)}"
    missing = [
        param.name
        for param in command.params
        if param.required and not isinstance(given.get(param.name), str | tuple | list)
    ]
    assert not missing, f"not given: {', '.join(missing)}"


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_yaml_and_json_in_the_docs_can_be_read(page: Path):
    for block in snippets(page, "yaml"):
        yaml.safe_load(block)
    for block in snippets(page, "json"):
        for line in block.strip().splitlines() if block.count("\n{") else [block]:
            json.loads(line)


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_a_whole_definition_in_the_docs_passes_the_checker(page: Path, tmp_path: Path):
    definitions = [
        block for block in snippets(page, "yaml") if re.match(r"\s*name: \w+", block) and "\nsteps:" in block
    ]
    if not definitions:
        return
    from typer.testing import CliRunner

    from nofumble.cli.app import app

    for block in definitions:
        name = yaml.safe_load(block)["name"]
        path = tmp_path / f"{name}.yaml"
        path.write_text(block, encoding="utf-8")
        ended = CliRunner().invoke(app, ["workflows", "check", str(path)])
        assert ended.exit_code == 0, f"{shown(page)}: {name}\n{ended.output}"


@pytest.mark.parametrize("path", sorted((ROOT / "docs/examples").glob("*.jsonl")), ids=shown)
def test_every_event_of_an_example_file_is_accepted(path: Path):
    from events.parsing import parse_event

    for line in path.read_bytes().splitlines():
        parse_event(line, now=datetime(2027, 1, 1, tzinfo=UTC))
