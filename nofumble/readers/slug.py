"""What is a stable, printable id for a name that a source gives?

Ids of accounts and people are ASCII without spaces, so that they survive shells, URLs and Kafka keys; the name itself
is kept in the event that registers them.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

SLUG_LENGTH_MAX = 80
"""Long enough for every name seen, short enough for a column of a table."""

# Letters that Unicode does not take apart into a base letter and an accent.
_SPELT_OUT = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l"}
    | {"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "\u0131": "i"}
)
# Events take ids of at most 200 characters; the number of a row still has to fit behind.
_PRINTABLE = re.compile(r"[!-~]{1,150}")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """Give the id of a name: lower case ASCII letters and digits, joined by single hyphens.

    A name without any such letter ("- -", a name in another script) gets an id from its hash, so that two such names
    stay apart on every run.

    >>> slug("Acme Corporation"), slug("Gekko & Co"), slug("Kåre")
    ('acme-corporation', 'gekko-co', 'kare')
    """
    plain = unicodedata.normalize("NFKD", name.translate(_SPELT_OUT)).encode("ascii", "ignore").decode()
    words = _NOT_IN_SLUG.sub("-", plain.lower()).strip("-")[:SLUG_LENGTH_MAX].rstrip("-")
    return words or f"unnamed-{_digest(name)}"


def printable_id(name: str) -> str:
    """Give a source's own id of a thing as it is, or one made of its slug and its hash when an id may not look so.

    >>> printable_id("1-364285768"), printable_id("Case 12")
    ('1-364285768', 'case-12-7b3bb2f8')
    """
    return name if _PRINTABLE.fullmatch(name) else f"{slug(name)}-{_digest(name)}"


class Slugs:
    """Ids for the names of one source, so that two different names never share an id.

    Names that differ only in case or spacing are the same name. A later name that would take an id already given to
    another gets the id with a hash of the name behind it.
    """

    def __init__(self) -> None:
        self._owner: dict[str, str] = {}
        self._given: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Give the id of `name`, the same on every call."""
        same = " ".join(name.casefold().split())
        known = self._given.get(same)
        if known is None:
            known = self._given[same] = self._new(name, same)
        return known

    def _new(self, name: str, same: str) -> str:
        wanted = slug(name)
        if self._owner.setdefault(wanted, same) == same:
            return wanted
        return f"{wanted}-{_digest(same)}"


def _digest(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
