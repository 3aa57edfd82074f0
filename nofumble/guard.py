"""Are the packages that Python would import ours?

`events`, `workflows`, `agents` and `config` are good names, and others use them too: a package in the same
environment, or a folder that comes first on the import path, would be imported in place of ours, and fail far from
the cause. So the command line and the tests look before they import anything.
"""

from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("events", "workflows", "agents", "config", "nofumble")
"""The top-level packages of this project."""

CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that holds this copy of the packages: a checkout, or site-packages."""

Finder = Callable[[str], ModuleSpec | None]


def foreign_package(checkout: Path = CHECKOUT, *, find: Finder = find_spec) -> str | None:
    """Return one sentence about the first package that is missing or foreign, with the remedy; None when all are ours.

    Imports nothing: a foreign package must not get to run.
    """
    for name in PACKAGES:
        found = _places(find(name))
        if not found:
            return f"the package {name} is not installed: run `make setup` in {checkout}"
        if (checkout / name).resolve() not in found:
            return (
                f"the package {name} would come from {found[0]}, not from {checkout}: another package or folder of "
                f"that name comes first; use an environment of its own (`make setup` in {checkout}, then "
                ".venv/bin/nofumble), or another working directory"
            )
    return None


def _places(spec: ModuleSpec | None) -> list[Path]:
    """Return the folders that a package would be imported from, resolved."""
    if spec is None:
        return []
    if spec.origin is not None and spec.submodule_search_locations is None:
        return [Path(spec.origin).resolve()]  # a module of that name: one file
    return [Path(place).resolve() for place in spec.submodule_search_locations or ()]
