"""What the tests of the language share: a small definition, and how it is changed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflows.language.checker import check_text

ROOT = Path(__file__).resolve().parents[3]

SMALL = """\
name: call_after_signature
title: A call after the signature
team: cs
version: 1.0.0
purpose: To have something small to change.
start: {on: sales.contract.signed}
key: event.contract_id
steps:
  - ref: T1
    task: Call {account.name}
    to: csm
    due: 1bd
done: {after: T1}
examples:
  - name: signed
    when:
      - {at: 2026-03-03T10:00:00Z, type: sales.contract.signed, data: {contract_id: C-1, kind: new}}
    then:
      - {type: task.proposed, ref: T1}
"""


@pytest.fixture(scope="session")
def march():
    """Tuesday, 2026-03-03 at 10:00: the moment of which the engine's rules give their examples."""
    return datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def small():
    """Give the small definition, with parts of its text replaced by others."""

    def changed(*changes):
        text = SMALL
        for old, new in changes:
            assert old in text, f"{old!r} is not in the definition"
            text = text.replace(old, new, 1)
        return text

    return changed


@pytest.fixture(scope="session")
def definition(small):
    """Give the compiled small definition with changes that must hold."""

    def compiled(*changes):
        checked = check_text(small(*changes), "a text")
        assert not checked.findings, "; ".join(map(str, checked.findings))
        return checked.definition

    return compiled


@pytest.fixture(scope="session")
def shipped():
    """Give the shipped definition of a name."""

    def found(name):
        (file,) = (ROOT / "workflows" / "definitions").rglob(f"{name}.yaml")
        checked = check_text(file.read_text(), str(file))
        assert not checked.findings, "; ".join(map(str, checked.findings))
        return checked.definition

    return found
