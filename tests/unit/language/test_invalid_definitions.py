"""Does each rule of the checker refuse what it is for? One named bad file each, as Alertmanager does it."""

import re
from pathlib import Path

import pytest

from workflows.language.checker import check_files, check_text
from workflows.language.rules import RULES
from workflows.language.yaml_source import SIZE_MAX

FOLDER = Path(__file__).resolve().parents[2] / "invalid_definitions"
FILES = sorted(FOLDER.rglob("*.y*ml"))
EXPECTED = re.compile(r"# expect: (?P<line>\d+): (?P<part>.+)")

THE_FIRST_OF_TWO = FOLDER / "duplicate_name.yaml"
WITHOUT_A_FILE = {"size": "a file of 256 KiB has no place in a repository; it is made in a test below"}


@pytest.fixture(scope="module")
def checked():
    return {one.file: one for one in check_files((file.read_text(), str(file)) for file in FILES)}


@pytest.mark.parametrize("file", [file for file in FILES if file != THE_FIRST_OF_TWO], ids=lambda file: file.stem)
def test_a_bad_file_gives_the_one_finding_that_it_is_named_for(file, checked):
    expected = EXPECTED.match(file.read_text().splitlines()[0])
    assert expected is not None, f"{file} does not begin with `# expect: LINE: part of the message`"

    (finding,) = checked[str(file)].findings

    assert finding.rule == file.stem
    assert finding.line == int(expected["line"])
    assert expected["part"] in finding.message
    assert checked[str(file)].definition is None


def test_of_two_definitions_of_one_name_the_first_may_run(checked):
    assert checked[str(THE_FIRST_OF_TWO)].findings == []


def test_every_rule_has_its_bad_file():
    missing = set(RULES) - {file.stem for file in FILES} - set(WITHOUT_A_FILE)

    assert not missing, f"rules without a file in {FOLDER}: {', '.join(sorted(missing))}; add RULE.yaml for each"


def test_every_bad_file_is_of_a_rule():
    assert {file.stem for file in FILES} <= set(RULES)


def test_a_file_that_is_too_long_is_refused_before_it_is_read():
    (finding,) = check_text("#" * (SIZE_MAX + 1), "long.yaml").findings

    assert finding.rule == "size"


@pytest.mark.parametrize("rule", RULES)
def test_a_message_begins_small_and_ends_without_a_full_stop(rule, checked):
    messages = [one.message for check in checked.values() for one in check.findings if one.rule == rule]

    for message in messages:
        assert not message.endswith(".")
        assert message[0] in "`{\"'" or not message[0].isupper() or re.match(r"[A-Z]\d", message), message
