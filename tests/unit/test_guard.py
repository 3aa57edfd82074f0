"""A foreign package of one of our names is noticed before it is imported."""

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from nofumble.guard import CHECKOUT, PACKAGES, foreign_package


def finder(places: dict[str, Path]):
    """Stand in for importlib: each name is a package in the folder given for it."""

    def find(name: str) -> ModuleSpec | None:
        if name not in places:
            return None
        spec = ModuleSpec(name, None, origin=str(places[name] / "__init__.py"), is_package=True)
        spec.submodule_search_locations = [str(places[name])]
        return spec

    return find


def ours(checkout: Path) -> dict[str, Path]:
    return {name: checkout / name for name in PACKAGES}


def test_the_packages_of_this_checkout_are_ours():
    assert foreign_package() is None


@pytest.mark.parametrize("name", PACKAGES)
def test_a_foreign_package_is_named_with_its_place_and_the_remedy(name: str, tmp_path: Path):
    elsewhere = tmp_path / "site-packages" / name
    places = ours(tmp_path) | {name: elsewhere}

    sentence = foreign_package(tmp_path, find=finder(places))

    assert sentence is not None
    assert f"the package {name} would come from {elsewhere}" in sentence
    assert "make setup" in sentence


def test_a_missing_package_says_how_to_install_it(tmp_path: Path):
    places = ours(tmp_path)
    del places["agents"]

    sentence = foreign_package(tmp_path, find=finder(places))

    assert sentence == f"the package agents is not installed: run `make setup` in {tmp_path}"


def test_a_single_file_of_that_name_is_foreign_too(tmp_path: Path):
    def find(name: str) -> ModuleSpec | None:
        if name == "events":
            return ModuleSpec(name, None, origin=str(tmp_path / "events.py"))
        return finder(ours(tmp_path))(name)

    sentence = foreign_package(tmp_path, find=find)

    assert sentence is not None
    assert "events.py" in sentence


def test_the_command_stops_with_one_sentence_when_the_working_directory_shadows_a_package(tmp_path: Path):
    foreign = tmp_path / "events"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise SystemExit('the foreign package was imported')\n")
    start = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(CHECKOUT)!r}]; from nofumble.__main__ import main; main()"
    )

    ended = subprocess.run(
        [sys.executable, "-c", start], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("nofumble: the package events would come from ")
    assert ended.stderr.count("\n") == 1
