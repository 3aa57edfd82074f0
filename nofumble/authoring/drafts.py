"""Where does the writing of a definition begin, and how are two states of a draft told apart?"""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.resources import files

from nofumble.errors import WrongUse
from workflows.language.grammar import TEAMS
from workflows.language.yaml_source import SIZE_MAX

TEMPLATE = "template.yaml"

_NAME = re.compile(r"[a-z][a-z0-9_]{1,59}")
_HOLDERS = {
    "sales": "ae",
    "cs": "csm",
    "support": "support_owner",
    "product": "pm",
    "marketing": "marketer",
    "finance": "finance_owner",
    "executive": "cco",
}
"""Whom the first task of a new definition goes to, by its team."""


def begun(name: str, title: str, team: str) -> str:
    """Return the text with which a new definition begins: a whole one, whose example comes true.

    Raises WrongUse for a name, title or team that a definition cannot have.
    """
    if not _NAME.fullmatch(name):
        raise WrongUse(
            f"name: {name!r} is no name of a workflow; write small letters, digits and _, as trial_follow_up"
        )
    if team not in TEAMS:
        raise WrongUse(f"team: {team!r} is no team that owns workflows; take one of {', '.join(TEAMS)}")
    words = " ".join(title.replace('"', "'").replace("\\", "/").split())
    if not words or not words.isprintable():
        raise WrongUse("title: a definition has one line that says what it is for; write it")
    text = files("nofumble.authoring").joinpath(TEMPLATE).read_text(encoding="utf-8")
    return text.format(name=name, title=f'"{words}"', team=team, role=_HOLDERS[team])


def storable(text: str) -> str:
    """Return a text as it is kept; raise WrongUse for one that is too long, or holds what no text does."""
    plain = text.replace("\r\n", "\n")
    try:
        size = len(plain.encode())
    except UnicodeEncodeError as error:
        raise WrongUse("the text holds half a character; write it again where it is no text") from error
    if size > SIZE_MAX:
        raise WrongUse(f"the text has {size} bytes, and a definition at most {SIZE_MAX}; split it into several")
    if "\0" in plain:
        raise WrongUse("the text holds a character of zero; take it out")
    return plain


def hash_of_text(text: str) -> str:
    """Return what tells two texts apart."""
    return sha256(text.encode()).hexdigest()[:32]
