"""Who was erased, and is named again by an event that comes in later? A tombstone stands there from the start (F58).

What is kept of somebody who was erased are hashes: who reads the store does not learn her name from them. So each word
and each few words in a row are hashed and looked up, which is done only where somebody was erased at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

WORDS_MAX = 5
"""Words of the longest name that is found in a text."""

_PART = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d[\d ()/-]{5,}\d|[\w'’-]+")
"""A mail address, a telephone number, or a word."""


def hash_of_name(name: str) -> bytes:
    """Return what is kept of a name, whatever its case and its blanks."""
    return sha256(" ".join(_PART.findall(name.casefold())).encode()).digest()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Those who were erased: the hash of each name and address, and its tombstone."""

    stones: Mapping[bytes, str]

    def in_raw(self, raw: bytes) -> bytes:
        """Return a row as it may be taken in: the same bytes where nobody is named who was erased."""
        if not self.stones:
            return raw
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.in_text(raw.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        changed = self._in_value(value)
        return raw if changed == value else msgspec.json.encode(changed)

    def in_text(self, text: str) -> str:
        """Return a text with tombstones, the longest name first.

        >>> Forgotten({hash_of_name("Jo Doe"): "(erased)"}).in_text("Ask JO  Doe, not Jo.")
        'Ask (erased), not Jo.'
        """
        parts, kept, place, first = list(_PART.finditer(text)), [], 0, 0
        while first < len(parts):
            found = self._named(parts[first : first + WORDS_MAX])
            if found is None:
                first += 1
                continue
            count, stone = found
            kept += [text[place : parts[first].start()], stone]
            place = parts[first + count - 1].end()
            first += count
        return "".join([*kept, text[place:]])

    def _named(self, parts: list[re.Match[str]]) -> tuple[int, str] | None:
        for count in range(len(parts), 0, -1):
            stone = self.stones.get(hash_of_name(" ".join(part.group() for part in parts[:count])))
            if stone is not None:
                return count, stone
        return None

    def _in_value(self, value: Any) -> Any:
        match value:
            case str():
                return self.in_text(value)
            case dict():
                return {self.in_text(name): self._in_value(one) for name, one in value.items()}
            case list():
                return [self._in_value(one) for one in value]
            case _:
                return value
