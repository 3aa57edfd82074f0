"""Write the generated pages of docs from the code and the definitions that they describe: `make docs`.

A page is a pure function of the code, the same on every machine. A test compares the pages in the repository with
what this gives.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nofumble.guard import CHECKOUT
from nofumble.pages.markdown import page, table

DOCS = CHECKOUT / "docs"
REFERENCE = DOCS / "reference"
WORKFLOWS = DOCS / "workflows"


def settings_page() -> str:
    """Return the page of all settings: variable, default, meaning."""
    from config.settings import Settings, variable

    rows = [
        (f"`{variable(name)}`", _default_text(field.json_schema_extra, field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return page(
        "Settings",
        "A setting is an environment variable, or a line `NAME=value` in the file `settings.env` in the folder "
        "`NOFUMBLE_HOME`; the environment wins, and an empty value counts as not set. "
        "`nofumble doctor` prints the settings in force and where each came from.",
        table(("setting", "default", "meaning"), rows),
    )


def events_page() -> str:
    """Return the page of all event types by source team."""
    from events.reference import render_reference

    return render_reference()


def commands_page() -> str:
    """Return the page of the command line: each command with its arguments and options."""
    from typer.main import get_command

    from nofumble.cli.app import app

    parts = [_command(path, command) for path, command in _leaves("nofumble", get_command(app))]
    return page(
        "Commands",
        "Queries take `--json`: one JSON object a line on standard output, and nothing else there. "
        "Progress and logs go to standard error. "
        "Exit codes: 0 done; 1 it ran and found what it was asked to look for; 2 wrong use or wrong input; "
        "3 a service is not to be had; 70 a fault of nofumble itself.",
        "\n\n".join(parts),
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "events.md": events_page,
    "commands.md": commands_page,
}
"""The generated pages by file name."""


def workflow_pages() -> Mapping[str, str]:
    """Return the pages and pictures of the shipped workflows by file name."""
    from nofumble.pages.library import library_pages
    from nofumble.wiring import load_definitions

    return library_pages(load_definitions())


def write_pages(folder: Path, pages: Mapping[str, str]) -> list[Path]:
    """Write every page that differs from what is said, and return those that were written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def remove_pages(folder: Path, known: Mapping[str, str]) -> list[Path]:
    """Remove the files of a folder of generated pages that nothing stands behind any more, and return them."""
    gone = sorted(path for path in folder.iterdir() if path.name not in known)
    for path in gone:
        path.unlink()
    return gone


def _default_text(extra: object, default: object) -> str:
    text = extra.get("default_text") if isinstance(extra, dict) else None
    return str(text) if text else f"`{default}`"


def _fields(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}` {kind.name.lower()}" for name, kind in fields.items())


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield the commands below a group, each with the words that call it; also a group that is one itself.

    A command is Any: typer brings its own click, which it does not export.
    """
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    if command.invoke_without_command and path != "nofumble":
        yield path, command
    for name in sorted(children):
        if not children[name].hidden:
            yield from _leaves(f"{path} {name}", children[name])


def _command(path: str, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [
        param
        for param in command.params
        if param.param_type_name == "option" and not param.hidden and param.name != "help"
    ]
    usage = " ".join([path, *(_argument(param) for param in arguments), *(["[OPTIONS]"] if options else [])])
    rows = [(f"`{', '.join([*param.opts, *param.secondary_opts])}`", param.help or "") for param in options]
    parts = [
        f"## `{path}`",
        f"    {usage}",
        (command.help or "").replace("\b\n", "").strip(),
        table(("option", "meaning"), rows) if rows else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _argument(param: Any) -> str:
    name = (param.metavar or param.name).upper()
    name = f"{name}…" if param.nargs == -1 and not name.endswith(("…", "...")) else name
    return name if param.required else f"[{name.strip('[]')}]"


if __name__ == "__main__":
    write_pages(REFERENCE, {name: made() for name, made in PAGES.items()})
    found = workflow_pages()
    write_pages(WORKFLOWS, found)
    remove_pages(WORKFLOWS, found)
