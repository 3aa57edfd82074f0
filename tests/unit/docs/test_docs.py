"""The docs are promises: whatever the product understands is in them, and what they say is there."""

import re
from pathlib import Path

import pytest

from config.settings import Settings, variable
from nofumble.docs_reference import PAGES, REFERENCE, WORKFLOWS, workflow_pages
from tests.unit.docs.repository import ROOT, TOP_PAGES, documentation, is_documented, pages, shown


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_says_what_the_code_says(name: str):
    assert (REFERENCE / name).exists(), f"docs/reference/{name} is missing: run `make docs`"
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), (
        f"docs/reference/{name} is out of date: run `make docs`"
    )


def test_every_workflow_has_its_page_and_its_picture_and_they_say_what_the_definition_says():
    pages = workflow_pages()
    there = {path.name for path in WORKFLOWS.iterdir()}

    missing = sorted(set(pages) - there)
    stale = sorted(name for name in set(pages) & there if (WORKFLOWS / name).read_text(encoding="utf-8") != pages[name])
    left = sorted(there - set(pages))

    assert not missing, f"docs/workflows lacks {', '.join(missing)}: run `make docs`"
    assert not stale, f"out of date in docs/workflows: {', '.join(stale)}; run `make docs`"
    assert not left, f"docs/workflows has {', '.join(left)}, which no definition stands behind: run `make docs`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str):
    assert is_documented(variable(name), documentation()), (
        f"{variable(name)} is not in the docs: give it a description and run `make docs`"
    )


def test_every_event_type_is_documented():
    from events.catalogue import EVENT_TYPES

    text = documentation()

    missing = [name for name in EVENT_TYPES if not is_documented(name, text)]

    assert not missing, f"not in the docs: {', '.join(missing)}; run `make docs`"


def test_every_key_of_a_definition_is_explained():
    from pydantic import BaseModel

    from workflows.language import grammar

    blocks = [item for item in vars(grammar).values() if isinstance(item, type) and issubclass(item, BaseModel)]
    keys = {field.alias or name for block in blocks for name, field in block.model_fields.items()}
    text = (ROOT / "docs/reference/language.md").read_text(encoding="utf-8")

    missing = sorted(key for key in keys if not is_documented(key, text))

    assert not missing, (
        f"not in docs/reference/language.md: {', '.join(missing)}; explain each where its block is explained"
    )


def test_every_command_is_documented():
    from typer.main import get_command

    from nofumble.cli.app import app
    from nofumble.docs_reference import _leaves

    text = documentation()

    missing = [path for path, _ in _leaves("nofumble", get_command(app)) if path not in text]

    assert not missing, f"not in the docs: {', '.join(missing)}; run `make docs`"


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_link_leads_somewhere(page: Path):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)

    for target in re.findall(r"\[[^\]\n]+\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{shown(page)} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(place), (
                f"{shown(page)} links to {target}: no heading of {shown(place)} gives #{anchor}"
            )


def anchors(page: Path) -> set[str]:
    """Return the anchors that the headings of a page give."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [page for page in pages() if page.parent != ROOT], ids=shown)
def test_every_page_is_linked_from_another(page: Path):
    others = "\n".join(other.read_text(encoding="utf-8") for other in pages() if other != page)

    assert re.search(rf"\]\([^)]*{re.escape(page.name)}", others), (
        f"no page links to {shown(page)}: a reader cannot find it"
    )


@pytest.mark.parametrize("folder", ["events", "workflows", "agents", "config", "nofumble", "bench", "tests", "docs"])
def test_every_folder_is_in_the_table_of_folders(folder: str):
    assert f"| `{folder}/`" in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_a_file_that_a_page_names_exists(page: Path):
    text = page.read_text(encoding="utf-8")

    named = re.findall(
        r"`((?:events|workflows|agents|config|nofumble|bench|tests|docs)/[\w./-]*\w\.(?:py|yaml|md|sql|json))`", text
    )

    ours = [name for name in named if name != "bench/results.json"]  # made by the bench, never committed
    missing = [name for name in ours if not (ROOT / name).exists()]
    assert not missing, f"{shown(page)} names files that are not there: {', '.join(missing)}"


def test_the_top_pages_are_there():
    assert all((ROOT / name).exists() for name in TOP_PAGES)
