"""What of a reason may a role not read? The answers quote values in sentences, where hiding fields does not reach."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import structs

from nofumble.web.roles import ADDRESS, View, hidden_names, masked
from workflows.reasons.changes import AddEvent, Change, ChangeField
from workflows.reasons.stops import Stop
from workflows.reasons.why_not import WhyNot

SOMEBODY = "somebody"
"""Stands for a mail address in a sentence; where it is a value of its own, it is left out as everywhere."""


def visible_in_words(said: Any, view: View) -> Any:
    """Return JSON-like data without the fields that a view hides, and with no address in any sentence."""
    return _without_addresses(masked(said, view), ADDRESS) if "contact" in view.hides else masked(said, view)


def visible_reason(found: WhyNot, view: View) -> WhyNot:
    """Return why a workflow did not begin, where no sentence tells a value that the view hides."""
    names = hidden_names(view)
    if not names:
        return found
    stops = [_stop(one, names) for one in (*([found.stop] if found.stop else ()), *found.others)]
    sentence = found.sentence
    if found.stop is not None and stops[0].words != found.stop.words:
        sentence = sentence.replace(found.stop.words, stops[0].words)
    changes = [_change(one, names, view) for one in found.changes]
    words = found.words
    for former, now in zip(found.changes, changes, strict=True):
        words = words.replace(former.words, now.words)
    return structs.replace(
        found,
        sentence=sentence,
        stop=stops[0] if found.stop else None,
        others=stops[1 if found.stop else 0 :],
        changes=changes,
        words=words,
    )


def _stop(stop: Stop, names: frozenset[str]) -> Stop:
    if stop.clause is None:
        return stop
    read = {name: value for name, value in stop.clause.read.items() if names.isdisjoint(name.split("."))}
    if read == stop.clause.read:
        return stop
    words = f"`{stop.clause.text}` did not hold" if stop.kind == "condition" else stop.words
    return structs.replace(stop, words=words, clause=structs.replace(stop.clause, read=read))


def _change(change: Change, names: frozenset[str], view: View) -> Change:
    match change:
        case ChangeField() if not names.isdisjoint(change.field.split(".")):
            words = f"{change.event} had said something else as {change.field}"
            return structs.replace(change, value=None, was=None, words=words)
        case AddEvent() if masked(change.event, view) != change.event:
            return structs.replace(change, words=f"{change.event['type']} came")
        case _:
            return change


def _without_addresses(said: Any, address: re.Pattern[str]) -> Any:
    match said:
        case str():
            return address.sub(SOMEBODY, said) if "@" in said else said
        case dict():
            return dict(_pairs(said, address))
        case list() | tuple():
            return [_without_addresses(one, address) for one in said]
        case _:
            return said


def _pairs(said: dict[Any, Any], address: re.Pattern[str]) -> Iterator[tuple[Any, Any]]:
    for name, one in said.items():
        yield name, _without_addresses(one, address)
