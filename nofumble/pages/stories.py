"""How does an example read? As a story on the virtual clock: what was, what came, what went out, and what never did."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from textwrap import wrap
from typing import Any

from events.instants import read_instant
from workflows.language.grammar import Example

WIDTH = 118
"""Letters of a line."""

_ORDER = ("given", "when", "then")
_TOLD_APART = {"at", "type", "ref", "data", "actor"}
"""What has a place of its own in a line."""


def story(example: Example) -> str:
    """Return an example as a heading and its lines in order of time."""
    beside = f"\n\nBeside {', '.join(example.beside)}." if example.beside else ""
    lines = "\n".join(story_lines(example))
    return f"### {example.name[:1].upper()}{example.name[1:]}{beside}\n\n```text\n{lines}\n```"


def story_lines(example: Example) -> list[str]:
    """Return the lines of an example in order of time, folded to the width of a page."""
    dated = [
        (read_instant(str(entry["at"])), _ORDER.index(word), _line(word, entry))
        for word in _ORDER
        for entry in getattr(example, word)
        if "at" in entry
    ]
    lines = [_wrapped(word, _time(at), text) for at, _, (word, text) in sorted(dated, key=lambda one: one[:2])]
    for word, entries in (("then", example.then), ("never", example.never)):
        for entry in entries:
            if word == "never" or "at" not in entry:
                at = _time(read_instant(str(entry["at"]))) if "at" in entry else ""
                lines.append(_wrapped(word, at, _line(word, entry)[1]))
    if example.until is not None:
        lines.append(_wrapped("until", _time(read_instant(example.until)), ""))
    return lines


def _line(word: str, entry: Mapping[str, Any]) -> tuple[str, str]:
    facts = {**{name: value for name, value in entry.items() if name not in _TOLD_APART}, **entry.get("data", {})}
    facts.pop("actor", None)
    who = _actor((entry.get("data") or {}).get("actor"))
    told = ", ".join(f"{name} {_value(value)}" for name, value in facts.items())
    head = " ".join(str(entry[name]) for name in ("type", "ref") if name in entry)
    return word, "  ".join(part for part in (head, "; ".join(part for part in (told, who) if part)) if part)


def _actor(actor: Any) -> str:
    if isinstance(actor, Mapping):
        return "by " + " of ".join(str(value) for value in actor.values())
    return f"by {actor}" if actor else ""


def _value(value: Any) -> str:
    match value:
        case str():
            return _shown(value)
        case Mapping():
            return "(" + ", ".join(f"{name} {_value(one)}" for name, one in value.items()) + ")"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return json.dumps(value)


def _shown(text: str) -> str:
    """Return a text; a time of the clock as the lines have it."""
    if len(text) < len("2026-01-01T00:00Z") or text[4:5] != "-":
        return text
    try:
        return _time(read_instant(text))
    except ValueError:
        return text


def _time(at: datetime) -> str:
    seconds = "%H:%M:%S" if at.second else "%H:%M"
    return at.strftime(f"%a %Y-%m-%d {seconds}")


def _wrapped(word: str, at: str, text: str) -> str:
    head = f"{word:<5}  {at:<20}  "
    lines: Iterator[str] = iter(wrap(text, WIDTH - len(head), break_long_words=False, break_on_hyphens=False) or [""])
    first = f"{head}{next(lines)}".rstrip()
    return "\n".join([first, *(f"{'':{len(head)}}{line}" for line in lines)])
