"""What a reader counts on in every file; each failure says what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.docs.repository import PACKAGES, ROOT, modules, shown

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

LONG_MODULES: dict[str, str] = {
    "workflows/language/grammar.py": "the whole vocabulary of a definition in one place, one short class a block",
    "workflows/language/compiler.py": "one walk over a definition; its parts share the names that they compile against",
}
"""Modules above MODULE_LINES_MAX by path, each with its reason."""

LONG_FUNCTIONS: dict[str, str] = {}
"""Functions above FUNCTION_LINES_MAX as `path:name`, each with its reason."""

SOURCE = modules(*PACKAGES)
ALL = modules(*PACKAGES, "tests")
STANDARD_NAMES = {
    "calendar",
    "queue",
    "signal",
    "types",
    "logging",
    "token",
    "select",
    "copy",
    "random",
    "time",
    "json",
    "string",
}
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "misc", "process", "util", "utils"}
REGISTRY_HOSTS = re.compile(
    r"files\.pythonhosted\.org|pypi\.org|registry\.npmjs|docker\.io|ghcr\.io|repo\.maven|repo1\.maven", re.IGNORECASE
)
# What goes on with a placeholder is an address of our own pages, such as that of a work item.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|tmp/\w+)/(?!\{)")


def _is_ours(path: Path) -> bool:
    return path.name != "results.json" and not path.name.endswith(".min.js")


def text_files() -> list[Path]:
    """Return what people of ours wrote: code, docs, definitions, configuration; no lock file, nothing vendored."""
    folders = (*PACKAGES, "tests", "docs", ".ci")
    suffixes = {".py", ".md", ".sql", ".yaml", ".yml", ".toml", ".json", ".css", ".js", ".html", ".svg", ""}
    below = (
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    on_top = (path for path in ROOT.iterdir() if path.is_file() and path.name not in {"uv.lock", ".git"})
    return sorted(path for path in (*below, *on_top) if _is_ours(path) and path.suffix in suffixes)


@pytest.mark.parametrize("path", SOURCE, ids=shown)
def test_a_module_is_no_longer_than_one_idea(path: Path):
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= MODULE_LINES_MAX or shown(path) in LONG_MODULES, (
        f"{shown(path)} has {lines} lines, more than {MODULE_LINES_MAX}: "
        "split it, or list it in LONG_MODULES with the reason"
    )


@pytest.mark.parametrize("path", SOURCE, ids=shown)
def test_a_function_can_be_seen_as_a_whole(path: Path):
    for function in functions(path):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        assert lines <= FUNCTION_LINES_MAX or f"{shown(path)}:{function.name}" in LONG_FUNCTIONS, (
            f"{shown(path)}:{function.lineno} {function.name} has {lines} lines, more than {FUNCTION_LINES_MAX}: "
            "take a part of it out, or list it in LONG_FUNCTIONS with the reason"
        )


def test_no_exception_outlives_its_reason():
    gone = [path for path in LONG_MODULES if not (ROOT / path).exists()]
    gone += [name for name in LONG_FUNCTIONS if not (ROOT / name.partition(":")[0]).exists()]

    assert not gone, f"listed as long, but not there any more: {', '.join(gone)}"


@pytest.mark.parametrize("path", SOURCE, ids=shown)
def test_every_public_name_has_a_docstring(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert ast.get_docstring(tree), f"{shown(path)} has no docstring: its first line says what the module answers"
    missing = [f"{shown(path)}:{node.lineno} {node.name}" for node in public(tree) if not ast.get_docstring(node)]
    assert not missing, f"no docstring: {'; '.join(missing)}"


@pytest.mark.parametrize("path", SOURCE, ids=shown)
def test_a_name_says_what_it_is_and_is_not_of_the_standard_library(path: Path):
    assert path.stem not in STANDARD_NAMES, (
        f"{shown(path)} has the name of a module of the standard library: choose another"
    )
    assert path.stem not in VAGUE_NAMES, f"{shown(path)} says nothing about what is in it: name the idea"


@pytest.mark.parametrize("path", text_files(), ids=shown)
def test_a_file_ends_with_one_newline_and_has_no_trailing_blanks(path: Path):
    text = path.read_text(encoding="utf-8")

    assert re.fullmatch(r"|.*[^\n]\n", text, re.DOTALL), f"{shown(path)} does not end with one newline: `make format`"
    trailing = [number for number, line in enumerate(text.split("\n"), 1) if line != line.rstrip()]
    assert not trailing, f"{shown(path)} has trailing blanks in lines {trailing[:5]}: `make format`"
    assert not set("\r\ufeff") & set(text), (
        f"{shown(path)} has carriage returns or a byte order mark: save it as plain UTF-8"
    )


@pytest.mark.parametrize("path", text_files(), ids=shown)
def test_nothing_belongs_to_one_machine(path: Path):
    if path == Path(__file__):
        return
    text = path.read_text(encoding="utf-8")

    host = REGISTRY_HOSTS.search(text)
    assert not host, (
        f"{shown(path)} names the registry {host.group()}: that is a matter of the machine's own configuration"
    )
    place = MACHINE_PATHS.search(text)
    assert not place, (
        f"{shown(path)} names {place.group()}, a path of one machine: use a relative path or a temporary folder"
    )


def test_modules_are_imported_by_name_never_as_whole_packages():
    for path in ALL:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                whole = {alias.name for alias in node.names} & {"events", "workflows", "agents", "config"}
                assert not whole, (
                    f"{shown(path)}:{node.lineno} imports {whole.pop()} as a whole: write `from … import Name`"
                )


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module, methods and inner ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the public functions and classes of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    method
                    for method in node.body
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
                    and not method.name.startswith("_")
                    and not any(getattr(mark, "id", "") in {"overload", "override"} for mark in method.decorator_list)
                )
