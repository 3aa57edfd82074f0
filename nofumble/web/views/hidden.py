"""What of a reason may a role not read? The answers quote values in sentences, where `masked` does not reach."""

from msgspec import structs

from nofumble.web.roles import View, hidden_names, masked
from workflows.reasons.changes import AddEvent, Change, ChangeField
from workflows.reasons.stops import Stop
from workflows.reasons.why_not import WhyNot


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
