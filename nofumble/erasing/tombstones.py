"""What stands in the place of a person who was erased? The same everywhere, so that what belongs together stays so."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

NAME = "(erased)"
TERM_MIN = 3
"""Characters of a name that is looked for; a shorter one is found in too many texts that mean somebody else."""


@dataclass(frozen=True)
class Tombstones:
    """What is looked for, whatever its case, and what stands there afterwards."""

    of: Mapping[str, str]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.of, key=len, reverse=True)
        # A full stop or a plus before it is part of somebody else's address.
        either = "|".join(re.escape(term) for term in longest_first)
        return re.compile(rf"(?<![\w.+])(?:{either})(?!\w)", re.IGNORECASE)

    @cached_property
    def _by_term(self) -> Mapping[str, str]:
        return {term.casefold(): stone for term, stone in self.of.items()}

    def in_text(self, text: str) -> str:
        """Return a text with tombstones.

        >>> Tombstones({"Jo Doe": "(erased)"}).in_text("I wrote to jo doe, not to Jo Doering")
        'I wrote to (erased), not to Jo Doering'
        """
        return self._pattern.sub(lambda found: self._by_term.get(found.group().casefold(), NAME), text)

    def in_value(self, value: Any) -> Any:
        """Return JSON-like data with tombstones, in names of fields too; bytes are states within states."""
        match value:
            case str():
                return self.in_text(value)
            case bytes():
                return self.in_state(value)
            case dict():
                return {self.in_value(name): self.in_value(one) for name, one in value.items()}
            case list() | tuple():
                return [self.in_value(one) for one in value]
            case _:
                return value

    def in_json(self, body: bytes) -> bytes:
        """Return a JSON document with tombstones, and as it was where there is none."""
        value = msgspec.json.decode(body)
        changed = self.in_value(value)
        return body if changed == value else msgspec.json.encode(changed)

    def in_msgpack(self, body: bytes) -> bytes:
        """Return a state with tombstones, and as it was where there is none."""
        value = msgspec.msgpack.decode(body)
        changed = self.in_value(value)
        return body if changed == value else msgspec.msgpack.encode(changed)

    def in_state(self, body: bytes) -> bytes:
        """Return bytes within a state with tombstones: a state themselves, or whatever they are."""
        try:
            return self.in_msgpack(body)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
            return self.in_raw(body)

    def in_raw(self, body: bytes) -> bytes:
        """Return what came from outside, and may be anything, with tombstones."""
        try:
            return self.in_json(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.in_text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def tombstones_for(names: Iterable[str], addresses: Iterable[str], new_id: Callable[[], str]) -> Tombstones:
    """Return tombstones for a person's names and addresses; an address becomes another one, of nobody."""
    stones = {name: NAME for name in names if len(name) >= TERM_MIN}
    stones |= {address: f"erased-{new_id()[:8]}@erased.invalid" for address in {one.lower() for one in addresses}}
    return Tombstones(stones)


def needles(stones: Tombstones) -> list[str]:
    """Return what a row that may have to change holds, as `encode(body, 'escape')` of PostgreSQL writes it.

    A term stands there in UTF-8, or with the escapes of JSON; a row with such escapes is always looked at.
    """
    return [_escaped(term.lower().encode()) for term in stones.of] + [_escaped(b"\\u")]


def _escaped(raw: bytes) -> str:
    return "".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in raw.replace(b"\\", b"\\\\"))  # noqa: PLR2004
