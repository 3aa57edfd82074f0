"""The workflow of the how-to: what a reader copies passes the checker, and its examples come true."""

import re
from pathlib import Path

import pytest

from workflows.directory import Directory
from workflows.language.checker import check_text
from workflows.language.examples import run_example

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "write-a-workflow.md"
FILE = re.compile(r"Put this into `(?P<file>[^`]+)`")
BLOCK = re.compile(r"```yaml\n(?P<text>name: .*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def checked():
    page = PAGE.read_text(encoding="utf-8")
    file, block = FILE.search(page), BLOCK.search(page)
    assert file is not None
    assert block is not None
    return check_text(block["text"], file["file"])


def test_the_workflow_of_the_how_to_passes_the_checker(checked):
    assert checked.findings == []


def test_the_examples_of_the_how_to_come_true(checked):
    for example in checked.definition.source.examples:
        assert run_example(checked.definition, example, Directory()).misses == []
