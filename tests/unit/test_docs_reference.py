"""The generated pages are made from the code, the same on every machine."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
import typer

from nofumble.docs_reference import commands_page, remove_pages, settings_page, write_pages


def small_command_line() -> typer.Typer:
    """Return a command line with one command on top and one in a group."""
    app = typer.Typer()
    group = typer.Typer()
    app.add_typer(group, name="task")

    @app.command()
    def simulate(
        files: Annotated[list[Path], typer.Argument()],
        until: Annotated[str | None, typer.Option("--until", help="Advance the clock | to here.")] = None,
    ) -> None:
        """Fold the events in memory."""

    @group.command()
    def done(work_id: str, *, person: Annotated[str, typer.Option("--as", help="Who acts.")]) -> None:
        """Finish a task."""

    @group.callback()
    def task() -> None:
        """Act on a task."""

    return app


def test_the_page_of_commands_shows_how_each_is_called(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "nofumble.cli.app", SimpleNamespace(app=small_command_line()))

    page = commands_page()

    assert "## `nofumble simulate`\n\n    nofumble simulate FILES… [OPTIONS]\n\nFold the events in memory." in page
    assert "## `nofumble task done`\n\n    nofumble task done WORK_ID [OPTIONS]\n\nFinish a task." in page
    assert r"| `--until` | Advance the clock \| to here. |" in page
    assert "--help" not in page


def test_the_page_of_settings_names_no_folder_of_this_machine():
    assert str(Path.home()) not in settings_page()
    assert "the user's data folder" in settings_page()


def test_only_pages_that_differ_are_written(tmp_path: Path):
    folder = tmp_path / "reference"

    assert write_pages(folder, {"settings.md": "one\n", "events.md": "two\n"}) == [
        folder / "settings.md",
        folder / "events.md",
    ]
    assert write_pages(folder, {"settings.md": "one\n", "events.md": "three\n"}) == [folder / "events.md"]


def test_a_page_that_nothing_stands_behind_any_more_is_removed(tmp_path: Path):
    write_pages(tmp_path, {"kept.md": "one\n", "gone.md": "two\n", "gone.svg": "three\n"})

    assert remove_pages(tmp_path, {"kept.md": "one\n"}) == [tmp_path / "gone.md", tmp_path / "gone.svg"]
    assert [path.name for path in tmp_path.iterdir()] == ["kept.md"]
