"""How do the words of a definition read on a page? The account as "the customer"; conditions, event types as code."""

import re
from collections.abc import Iterator
from typing import Any

from events.catalogue import EVENT_TYPES
from nofumble.pages.markdown import code
from workflows.language.plans import Definition

_PROSE = {"task", "alert", "reason", "because", "says", "title", "purpose", "checklist", "examples", "version"}
"""Keys whose texts are for people; all others may hold an expression."""

_EXPRESSION = re.compile(r"[.()=<>!\[]")
"""What tells an expression from a name."""


class Wording:
    """Marks what is code in the sentences of one definition."""

    def __init__(self, definition: Definition) -> None:
        """Collect the expressions of the definition."""
        found = {" ".join(one.split()) for one in _expressions(definition.source.model_dump(by_alias=True))}
        longest_first = sorted(found | set(EVENT_TYPES), key=lambda one: (-len(one), one))
        self._code = re.compile(rf"(?<![\w.{{])(?:{'|'.join(map(re.escape, longest_first))})(?!\w|\.\w)")

    def marked(self, sentence: str) -> str:
        """Return a sentence with its expressions and event types as code, and the account by name."""
        flat = " ".join(sentence.split())
        return spoken(self._code.sub(lambda match: code(match.group()), flat))


def spoken(text: str) -> str:
    """Return a text of a definition with "the customer" for the name of the account.

    >>> spoken("{account.name} has asked")
    'The customer has asked'
    """
    said = text.replace("{account.name}", "the customer")
    return said[:1].upper() + said[1:] if text.startswith("{account.name}") else said


def _expressions(value: Any, key: str = "") -> Iterator[str]:
    if key in _PROSE:
        return
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _expressions(one, str(name))
    elif isinstance(value, list):
        for one in value:
            yield from _expressions(one, key)
    elif isinstance(value, str) and _EXPRESSION.search(value):
        yield value
