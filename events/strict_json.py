"""Which bytes are one JSON object that every later reader understands alike?

JSON parsers disagree on NaN, huge integers, NUL, lone surrogates, duplicate keys
and depth (faults F30–F36). One rule for all: what two of the standard library's
parser, msgspec and PostgreSQL's jsonb would read differently is refused.

There are two readers. The quick one decodes in C and then proves, by one walk and
one count of quotes, that nothing needed the careful one. Anything it cannot
prove goes to the careful one, which finds the reason, or that there is none. The
quick reader accepts nothing that the careful one refuses (property-tested).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, cast

import msgspec

from events.envelope import JSON, Refused
from events.wording import joined, shown

DEPTH_MAX = 32  # the deepest documented event has 4; parsers break from 200 (F32)
INT_MIN, INT_MAX = -(2**63), 2**63 - 1  # what jsonb indexes, CEL and msgspec share
_INT_DIGITS_MAX = 20  # no longer literal can be in range; int() is quadratic
_UNPROVEN = -(10**9)  # spoils the sum below: no message has that many tokens

_decode = msgspec.json.Decoder().decode


def read_object(raw: bytes) -> dict[str, JSON]:
    """Return the object that the bytes are, or raise `Refused` with its reason.

    The caller bounds the length. Numbers keep their kind: integers are exact
    within 64 bits, fractions are finite doubles.
    """
    try:
        document = _decode(raw)
    except (ValueError, RecursionError):
        return _read_carefully(raw)
    if type(document) is dict and is_proven(raw, strings_kept(document, DEPTH_MAX)):
        return document
    return _read_carefully(raw)


def is_proven(raw: bytes, strings: int) -> bool:
    """Say if decoded bytes are certainly what the careful reader would read.

    strings: how many keys and strings the decoded value holds (`strings_kept`). Each
    has two quotes in the bytes, and nothing else has any but the escaped ones: if
    none is left over, no key came twice.
    """
    quotes = raw.count(b'"')
    if b"\\" in raw:
        if b"\\\\" in raw or b"\\u0000" in raw:
            return False
        quotes -= raw.count(b'\\"')
    return quotes == 2 * strings


def strings_kept(members: Mapping[Any, Any], depth_left: int) -> int:
    """Count the keys and strings below; far below zero for what is not allowed."""
    if depth_left == 0:
        return _UNPROVEN
    count = len(members)
    for value in members.values():
        kind = type(value)
        if kind is str:
            count += 1
        elif kind is dict:
            count += strings_kept(value, depth_left - 1)
        elif kind is list:
            count += _strings_in(value, depth_left - 1)
        elif kind is int and not INT_MIN <= value <= INT_MAX:
            return _UNPROVEN
    return count


def _strings_in(items: list[Any], depth_left: int) -> int:
    if depth_left == 0:
        return _UNPROVEN
    try:
        "".join(items)  # most lists hold strings only, and C sees that sooner
    except TypeError:
        return strings_kept(dict(enumerate(items)), depth_left) - len(items)
    return len(items)


class _Flaw:
    """Stand in the parsed tree for what was refused there, until its path is known."""

    def __init__(self, reason: str, key: str = "") -> None:
        self.reason = reason
        self.key = key


# The closing quote is optional, so that a string without one costs one pass, not n².
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _read_carefully(raw: bytes) -> dict[str, JSON]:
    text = _decoded(raw)
    _refuse_deep(text)
    try:
        document = json.loads(
            text,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
            object_pairs_hook=_members,
        )
    except json.JSONDecodeError as error:
        found = f"is not JSON: {error.msg.lower()} at character {error.pos}"
        raise Refused("", f"{found}; send one JSON object and nothing else") from None
    for path, reason in _flaws(document, ""):
        raise Refused(path, reason)
    if not isinstance(document, dict):
        found = f"is {shown(document)}; an event is one JSON object"
        raise Refused("", f"{found}; send each event as a message or line of its own")
    return cast("dict[str, JSON]", document)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        _refuse("starts with a byte order mark; send UTF-8 without one")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(f"is not UTF-8 at byte {error.start}; encode the JSON as UTF-8")


def _refuse(reason: str) -> NoReturn:
    raise Refused("", reason)


def _refuse_deep(text: str) -> None:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        bracket = token[0]
        if bracket in ("[", "{"):
            depth += 1
            if depth > DEPTH_MAX:
                _refuse(
                    f"is nested deeper than {DEPTH_MAX} levels at character "
                    f"{token.start()}; flatten it or refer to it by a link"
                )
        elif bracket in ("]", "}"):
            depth -= 1


def _integer(literal: str) -> "int | _Flaw":
    if len(literal) <= _INT_DIGITS_MAX and INT_MIN <= int(literal) <= INT_MAX:
        return int(literal)
    found = literal if len(literal) <= _INT_DIGITS_MAX + 1 else literal[:20] + "…"
    return _Flaw(f"is {found}; integers have 64 bits; send a larger one as a string")


def _fraction(literal: str) -> "float | _Flaw":
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        return _constant(literal[:20])
    return value


def _constant(literal: str) -> _Flaw:
    return _Flaw(f"is {literal}; numbers are finite; leave out what is unknown")


def _members(pairs: list[tuple[str, object]]) -> "dict[str, object] | _Flaw":
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    return _Flaw("occurs twice in one object; each key is sent once", key)


def _flaws(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield the path and reason of each flaw, outermost first, in order."""
    if isinstance(value, _Flaw):
        yield (joined(path, value.key) if value.key else path), value.reason
    elif isinstance(value, str):
        yield from _text_flaws(value, path)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _text_flaws(key, joined(path, key))
            yield from _flaws(member, joined(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flaws(item, joined(path, index))


def _text_flaws(text: str, path: str) -> Iterator[tuple[str, str]]:
    if "\x00" in text:
        yield path, "holds the character NUL, which no database keeps; remove it"
    elif not text.isascii() and _SURROGATE.search(text):
        yield path, "holds half of a surrogate pair; send whole characters"
