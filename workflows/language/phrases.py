"""How do the parts of a sentence about a definition read? Events that are asked for, conditions, and lists."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.language.grammar import EventMatch


def on_event(match: EventMatch) -> str:
    """Name an event that is asked for, such as `on cs.kickoff.held where event.by == "us"`."""
    return f"on {either(match.on)}{where_words(match.where)}"


def on_any(matches: Iterable[EventMatch]) -> str:
    """Name events of which any will do."""
    return "on " + " or ".join(on_event(one).removeprefix("on ") for one in matches)


def where_words(condition: str | None) -> str:
    """Add a condition to what it is a condition of."""
    return f" where {condition}" if condition else ""


def either(words: Iterable[object]) -> str:
    """Join words of which one will do."""
    return _joined([str(one) for one in words], "or")


def both(words: Iterable[object]) -> str:
    """Join words of which all are meant."""
    return _joined([str(one) for one in words], "and")


def _joined(words: list[str], last: str) -> str:
    return " ".join([", ".join(words[:-1]), last, words[-1]]) if len(words) > 1 else "".join(words)
