"""What the tests of the pages share: definitions, the shipped ones and small ones."""

from collections.abc import Callable

import pytest

from nofumble.wiring import check_definitions, load_definitions
from workflows.language.plans import Definition

HEAD = """\
name: trial
title: Nobody is left alone
team: cs
version: 1.0.0
purpose: To have something small.
start: {on: sales.contract.signed}
key: event.contract_id
correlate: contract_id
steps:
"""

TAIL = """\
cancel: {on: sales.contract.cancelled}
examples:
  - name: signed
    when:
      - {at: 2026-03-03T10:00:00Z, type: sales.contract.signed, data: {contract_id: C-1, kind: new}}
    never:
      - {type: workflow.completed}
"""

Written = Callable[..., Definition]


@pytest.fixture(scope="session")
def written() -> Written:
    """Give the definition that has these lines as its steps."""

    def compiled(*steps: str, more: str = "") -> Definition:
        text = HEAD + "".join(f"  - {one}\n" for one in steps) + more + TAIL
        (definition,) = check_definitions([(text, "a text")])
        return definition

    return compiled


@pytest.fixture(scope="session")
def shipped() -> dict[str, Definition]:
    """Give the shipped definitions by name."""
    return {one.name: one for one in load_definitions()}
