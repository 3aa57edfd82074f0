"""What does a line that goes out say to a person: what happened, to which work, who has it, and why?

`told` puts one engine event into words, `write_lines` writes many of them as a story by day. A quarter of a company is
tens of thousands of lines, so they are laid out by hand: a rich table takes a hundred times as long.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any

from rich.cells import cell_len, set_cell_size

from nofumble.cli.output import Weight, clean, paint, weight_of, width, write
from nofumble.cli.when import as_time, brief, long_day
from workflows.shadow import MARK

Data = Mapping[str, Any]

ACCOUNT_WIDTH_MAX = 14
WHO_WIDTH_MAX = 12
WHAT_WIDTH_MAX = 16
TEXT_WIDTH_MIN = 24

_ENDED = ("completed", "resolved", "closed", "lifted")
_WITHDRAWN = ("cancelled", "retracted", "expired")


@dataclass(frozen=True, slots=True)
class Told:
    """One line in words: `what` happened, the step's `ref`, `who` has it, the rest as `text`, and its weight."""

    what: str
    ref: str
    who: str
    text: str
    weight: Weight = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line in words with its time and its account."""

    at: datetime
    account: str
    told: Told


def told(line_type: str, data: Data, at: datetime | None = None) -> Told:
    """Put an engine event into words; an unknown type is told by what its data has. `at` is when it went out."""
    noun, _, verb = line_type.partition(".")
    text = _TEXTS.get(noun, _rest)(verb, data, at)
    if MARK in data:
        text = f"(in shadow, {data[MARK]}) {text}"
    return Told(
        _WHAT.get(line_type, f"{noun} {verb}"),
        str(data.get("ref") or ""),
        who_of(data),
        text,
        _weight(noun, verb, data),
    )


def who_of(data: Data) -> str:
    """Name the people of a line: those it goes to, the holder, or who asked; a queue where no person has it."""
    to = data.get("to") or data.get("holder") or data.get("asked_by") or ()
    people = to if isinstance(to, list) else [to]
    named = dict.fromkeys(name_of(one) for one in people)
    return ", ".join(name for name in named if name)


def name_of(recipient: object) -> str:
    """Name a recipient: the person, else the queue, else the role that nobody fills.

    >>> name_of({"role": "csm", "person": None, "queue": "cs.unassigned"})
    'cs.unassigned'
    """
    if isinstance(recipient, Mapping):
        return str(recipient.get("person") or recipient.get("queue") or recipient.get("role") or "")
    return str(recipient or "")


def write_lines(lines: Sequence[Spoken]) -> None:
    """Write lines, which are in order of time, as a story by day with its columns aligned."""
    if not lines:
        return
    layout = _Layout(lines)
    former: Spoken | None = None
    for line in lines:
        if former is None or former.at.date() != line.at.date():
            write(("" if former is None else "\n") + paint(long_day(line.at), "strong"))
            former = None
        layout.write(line, former)
        former = line


class _Layout:
    """The widths of the columns, from what the lines hold, and where the text begins."""

    def __init__(self, lines: Sequence[Spoken]) -> None:
        self._account = _fit((line.account for line in lines), ACCOUNT_WIDTH_MAX)
        self._what = _fit((line.told.what for line in lines), WHAT_WIDTH_MAX)
        self._ref = _fit((line.told.ref for line in lines), 4)
        self._who = _fit((line.told.who for line in lines), WHO_WIDTH_MAX)
        self._margin = 7 + self._account + 2 + self._what + 1 + self._ref + 2 + self._who + 2
        self._room = max(TEXT_WIDTH_MIN, width() - self._margin)

    def write(self, line: Spoken, former: Spoken | None) -> None:
        """Write a line; what it has in common with the one before it, of the same day, is left blank."""
        told, clock, account = line.told, f"{line.at:%H:%M}", line.account
        if former is not None and former.account == account:
            account = ""
            clock = clock if f"{former.at:%H:%M}" != clock else ""
        first, *more = wrap(clean(told.text), self._room) or [""]
        what = paint(_cell(told.what, self._what), told.weight)
        who = _cell(told.who, self._who)
        head = f"{clock:5}  {_cell(account, self._account)}  {what} {_cell(told.ref, self._ref)}  {who}  {first}"
        write(head.rstrip())
        for rest in more:
            write(" " * self._margin + rest)


def _fit(texts: Iterable[str], most: int) -> int:
    return min(most, max((cell_len(text) for text in set(texts)), default=0))


def _cell(text: str, size: int) -> str:
    """Return text in exactly that many columns; what is too long ends in an ellipsis."""
    plain = clean(text)
    length = cell_len(plain)
    return plain + " " * (size - length) if length <= size else f"{set_cell_size(plain, size - 1)}…"


# ---------------------------------------------------------------------------------------------------------------------
# Words

_WHAT = {
    "loop.customer_told": "customer told",
    "preflight.answered": "preflight",
    "workflow.started": "workflow begins",
    "workflow.completed": "workflow ends",
    "workflow.cancelled": "workflow stops",
    "alert.acknowledged": "alert seen",
    "escalation.raised": "escalation",
}
"""Types whose two words are too long or too technical for the column."""


def _weight(noun: str, verb: str, data: Data) -> Weight:
    if verb in _ENDED:
        return "good"
    if verb in _WITHDRAWN or noun == "workflow":
        return "quiet"
    if verb == "raised":
        return weight_of(data.get("severity"))
    return "warn" if noun == "hold" else ""


def _task(verb: str, data: Data, at: datetime | None) -> str:
    title = str(data.get("title") or "")
    due, until = as_time(data.get("due")), as_time(data.get("until"))
    match verb:
        case "offered" | "proposed" | "updated" | "reassigned" | "accepted" | "started" if due:
            return f"{title}, due {brief(due, now=at)}"
        case "snoozed" if until:
            return f"{title}, until {brief(until, now=at)}"
        case _:
            return _because(title, data)


def _alert(verb: str, data: Data, at: datetime | None) -> str:
    until = as_time(data.get("until"))
    if verb == "snoozed" and until:
        return f"until {brief(until, now=at)}"
    if verb == "acknowledged":
        return f"by {data.get('by') or 'somebody'}"
    unsure = " (unconfirmed)" if data.get("confirmed") is False else ""
    severity = f"{data['severity']}: " if verb == "raised" and data.get("severity") else ""
    return f"{severity}{data.get('because') or plain_reason(data.get('reason'))}{unsure}"


def _escalation(_verb: str, data: Data, _at: datetime | None) -> str:
    return f"{data.get('title') or ''} (rung {data.get('rung')}, {data.get('at')})"


def _hold(_verb: str, data: Data, _at: datetime | None) -> str:
    return _because(str(data.get("scope") or ""), data)


def _loop(verb: str, data: Data, _at: datetime | None) -> str:
    name = str(data.get("name") or "")
    if verb == "passed":
        return f"{name}, from {name_of(data.get('from'))}"
    return _because(name, data)


def _workflow(_verb: str, data: Data, _at: datetime | None) -> str:
    reason = data.get("reason")
    said = "" if reason == "workflow_completed" else plain_reason(reason)
    return f"{data.get('workflow')} {data.get('key')}" + (f": {said}" if said else "")


def _preflight(_verb: str, data: Data, at: datetime | None) -> str:
    earliest = as_time(data.get("earliest"))
    reasons = ", ".join(str(one) for one in data.get("reasons") or ())
    later = f", not before {brief(earliest, now=at)}" if earliest else ""
    return (
        f"{data.get('purpose') or ''}: {data.get('decision')}{f' ({reasons})' if reasons else ''}{later}".removeprefix(
            ": "
        )
    )


def _rest(_verb: str, data: Data, _at: datetime | None) -> str:
    found = (data.get(name) for name in ("title", "because", "name", "reason"))
    return "; ".join(str(one) for one in found if one)


def _notice(verb: str, data: Data, _at: datetime | None) -> str:
    said = "; ".join(f"{one['ref']} {one['text']}" for one in data["matters"]) or "what you were told of is over"
    head = {"changed": "again, since it changed: ", "repeat": "again, since nobody has seen it: "}.get(data["why"], "")
    rest = f" (the budget of the day is spent: in the digest of {data['until']})" if verb == "deferred" else ""
    return f"{head}{said}{rest}"


def _digest(_verb: str, data: Data, _at: datetime | None) -> str:
    lines = [f"{one['ref']} {one['text']}" for line in data["lines"] for one in line["matters"]]
    more = f"; and {data['more']} more" if data["more"] else ""
    return "; ".join(lines) + more


_TEXTS: Mapping[str, Callable[[str, Data, datetime | None], str]] = {
    "task": _task,
    "alert": _alert,
    "escalation": _escalation,
    "hold": _hold,
    "loop": _loop,
    "workflow": _workflow,
    "preflight": _preflight,
    "notice": _notice,
    "digest": _digest,
}


def _because(head: str, data: Data) -> str:
    reason = plain_reason(data.get("reason"))
    outcome = f" ({data['outcome']})" if data.get("outcome") else ""
    return f"{head}{outcome}" + (f": {reason}" if reason else "")


def plain_reason(reason: object) -> str:
    """Return a reason code in words.

    >>> plain_reason("late_evidence")
    'late evidence'
    """
    text = str(reason or "")
    return text.replace("_", " ") if " " not in text and "." not in text else text
