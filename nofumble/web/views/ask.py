"""May I contact this customer, and what for? The answer in words (R15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nofumble.web.views.reader import Reader, plain
from workflows.preflight import SCOPE_OF_PURPOSE, Answer, Decision, known_purposes

_WORDS: Mapping[Decision, tuple[str, str]] = {
    "allow": ("Yes, go ahead", "good"),
    "allow_with_notice": ("Yes, and others are told of it", "good"),
    "hold": ("Not now", "warn"),
    "deny": ("No", "bad"),
}
_GROUPS: Mapping[str, str] = {
    "upsell": "To sell",
    "promo": "To promote",
    "survey": "To survey",
    "ask": "To ask a favour",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one question."""

    words: str
    weight: str
    decision: str
    reasons: tuple[str, ...]
    earliest: datetime | None
    speak_to: str


def purposes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the purposes that can be asked for, by what they are for, each with its words."""
    groups: dict[str, list[tuple[str, str]]] = {words: [] for words in _GROUPS.values()}
    for name in known_purposes():
        group = _GROUPS.get(SCOPE_OF_PURPOSE.get(name, ""), "Service and other")
        groups.setdefault(group, []).append((name, plain(name)))
    return [(group, names) for group, names in groups.items() if names]


def told_of(answer: Answer, reader: Reader) -> Told:
    """Return an answer in words."""
    words, weight = _WORDS[answer.decision]
    reasons = tuple(reader.sentence(_with_names(one["words"], reader)) for one in answer.reasons)
    return Told(
        words,
        weight,
        answer.decision,
        reasons,
        answer.earliest,
        reader.name(answer.speak_to) if answer.speak_to else "",
    )


def _with_names(words: str, reader: Reader) -> str:
    """Write the ids of our people in a sentence as their names."""
    return " ".join(reader.name(word) if word in reader.directory.people else word for word in words.split(" "))
