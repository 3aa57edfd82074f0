"""How is a line, an event or a name said to somebody who runs customer success?

Words are chosen by type only; who, when and how it ended come from the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from events.catalogue import EVENT_TYPES
from events.envelope import Event
from nofumble.cli.output import Weight, number_of, weight_of
from nofumble.cli.telling import plain_reason
from nofumble.cli.when import as_time, brief
from nofumble.demo.thread import Moment, Said, Thread
from workflows.account import Alert, Hold, Recipient
from workflows.directory import Directory
from workflows.working_time import business_days_between

LATE_AFTER = timedelta(hours=1)
"""An event that is known so much later than it happened is said to be late."""

_WORD = re.compile(r"[a-z]+")

NUDGE = "75%"
"""The rung of a ladder before the due time: a word to the holder alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a story: a short label, the text, and its weight; `item` is the work whose evidence belongs here."""

    label: str
    text: str
    weight: Weight = ""
    item: str = ""


class Names:
    """The names of our people and of a customer's contacts, as short as they can be."""

    def __init__(self, directory: Directory, heard: Iterable[tuple[datetime, Event]] = ()) -> None:
        self._directory = directory
        self._contacts = {
            str(event.data["contact_id"]): str(event.data["name"])
            for _, event in heard
            if event.type == "customer.contact.joined" and event.data.get("name")
        }

    def full(self, person: str) -> str:
        """Return a person's whole name, or the id of one that is not known."""
        known = self._directory.people.get(person)
        return (known.name if known is not None else None) or self._contacts.get(person) or person

    def short(self, person: str) -> str:
        """Return the first name of one of ours, the whole name of a contact, the id of one that is not known."""
        known = self._directory.people.get(person)
        return known.name.split()[0] if known is not None and known.name else self.full(person)

    def of(self, recipient: object) -> str:
        """Name who gets work: the person, else the queue, else the role that nobody fills."""
        if isinstance(recipient, Mapping):
            person = recipient.get("person")
            return self.short(str(person)) if person else str(recipient.get("queue") or recipient.get("role") or "")
        return self.short(str(recipient)) if recipient else ""

    def of_all(self, recipients: Iterable[object]) -> str:
        """Name several, each once."""
        return ", ".join(dict.fromkeys(name for name in map(self.of, recipients) if name))

    def person(self, recipient: Recipient) -> str:
        """Name who has a piece of work."""
        return self.short(recipient.person) if recipient.person else recipient.queue or recipient.role

    def each(self, recipients: Iterable[Recipient]) -> str:
        """Name who has several pieces of work, each once."""
        return ", ".join(dict.fromkeys(self.person(one) for one in recipients))

    def in_text(self, text: str) -> str:
        """Write the ids of our people in a sentence as their names."""
        return _WORD.sub(lambda word: self.short(word[0]) if word[0] in self._directory.people else word[0], text)

    def role(self, person: str) -> str:
        """Return the first role that a person holds for the whole company, or ""."""
        known = self._directory.people.get(person)
        return known.roles[0] if known is not None and known.roles else ""

    def actor(self, event: Event) -> str:
        """Name who did what an event tells: one of ours, a contact, or nobody."""
        actor = event.data.get("actor")
        if isinstance(actor, Mapping):
            person = actor.get("person") or actor.get("contact")
            return self.short(str(person)) if person else ""
        return self.short(str(actor)) if actor else ""


def said_of(event_type: str) -> str:
    """Say what an event of a type tells, as the catalogue does.

    >>> said_of("sales.contract.signed")
    'The customer signed a contract'
    """
    known = EVENT_TYPES.get(event_type)
    return known.summary if known is not None else event_type


def event_row(event: Event, known_at: datetime, names: Names) -> Told:
    """Say an event as a row of a story: what, in whose words, by whom; and when it was, if it is known only late."""
    words = ", ".join(_spoken(event.data))
    late = f"it was {brief(event.time)}, and is known only now" if known_at - event.time > LATE_AFTER else ""
    aside = "; ".join(part for part in (names.actor(event), late) if part)
    return Told(
        "event", f"{said_of(event.type)}{f': {words}' if words else ''}{f' ({aside})' if aside else ''}", "strong"
    )


def _spoken(data: Mapping[str, Any]) -> Iterator[str]:
    """Give what an event says of itself: its state, its own words, else its number; and the money it is about."""
    if isinstance(data.get("status"), str):
        yield plain_reason(data["status"])
    yield from [str(data[name]) for name in _OWN_WORDS if isinstance(data.get(name), str)][:1]
    money = data.get("arr")
    if isinstance(money, Mapping) and isinstance(money.get("amount"), int):
        yield f"{money['amount'] / _MINOR_UNITS:,.0f} {money.get('currency', '')} a year".replace("  ", " ")


_OWN_WORDS = ("summary", "title", "offer", "about", "reason", "text", "contract_id")
"""Where an event has words of its own, the most telling first."""

_MINOR_UNITS = 100


def rows_of(moment: Moment, thread: Thread, names: Names, directory: Directory) -> list[Told]:
    """Say a moment as rows: the events that led to it, then what went out; holds that go together are one row."""
    told = [event for event in moment.causes if not event.type.startswith(_DEEDS)]
    rows = [event_row(event, moment.at, names) for event in told]
    scopes: dict[str, list[Said]] = {}
    for line in moment.lines:
        if line.type.startswith("hold."):
            scopes.setdefault(line.type, []).append(line)
        elif (row := _row_of(line, thread, names, directory)) is not None:
            rows.append(row)
    return rows + [_holds(line_type, lines, thread, names) for line_type, lines in scopes.items()]


_DEEDS = ("task.", "alert.")
"""What a person does to work is told by the line that follows."""


def _row_of(line: Said, thread: Thread, names: Names, directory: Directory) -> Told | None:
    """Say a line as a row; None for what another row says already."""
    noun, _, verb = line.type.partition(".")
    match noun:
        case "task":
            return _task(verb, line, thread, names, directory)
        case "alert":
            return _alert(verb, line, thread, names)
        case "escalation":
            return _escalation(line, thread, names)
        case "loop":
            return _loop(verb, line, names)
        case _:
            return None


def _holds(line_type: str, lines: Sequence[Said], thread: Thread, names: Names) -> Told:
    scopes = ", ".join(str(line.data["scope"]) for line in lines)
    if line_type == "hold.lifted":
        return Told("lifted", f"{scopes} may go on", "good")
    item = thread.work.get(str(lines[0].data["id"]))
    speak_to = names.person(item.speak_to) if isinstance(item, Hold) and item.speak_to is not None else ""
    return Told("hold", f"no {scopes}: {lines[0].data['reason']}" + (f" ({speak_to})" if speak_to else ""), "warn")


def _task(verb: str, line: Said, thread: Thread, names: Names, directory: Directory) -> Told | None:
    data = line.data
    who, title, due = names.of(data.get("to")), short_title(data, thread), as_time(data.get("due"))
    match verb:
        case "offered" | "proposed":
            until = f", until {brief(due)}{' (which has passed)' if due < line.at else ''}" if due else ""
            return Told("task", f"{who}: {title}{until}", "", str(data["id"]))
        case "completed":
            outcome = f", with the answer: {plain_reason(data['outcome'])}" if data.get("outcome") else ""
            return Told("done", f"{who}: {title}{outcome}{_lateness(due, line.at, directory)}", "good")
        case "cancelled":
            return Told("dropped", f"{who}: {title}; {plain_reason(data.get('reason'))}", "quiet")
        case "updated" | "reassigned":
            until = f", until {brief(due)}" if due else ""
            return Told("task", f"{who}: {title or 'the task'}{until} ({verb})", "quiet")
        case _:
            return None


def _lateness(due: datetime | None, at: datetime, directory: Directory) -> str:
    return "" if due is None or at <= due else f" ({days_between(due, at, directory)} late)"


def days_between(start: datetime, end: datetime, directory: Directory) -> str:
    """Say how many working days of the organisation lie between two moments, or hours when it is the same day."""
    days = business_days_between(start, end, directory.default_calendar)
    if days:
        return number_of(days, "working day")
    minutes = int((end - start).total_seconds()) // 60
    return number_of(minutes // 60, "hour") if minutes >= _HOUR else number_of(minutes, "minute")


_HOUR = 60


def _alert(verb: str, line: Said, thread: Thread, names: Names) -> Told | None:
    data = line.data
    to = names.of_all(data.get("to") or ())
    item = thread.work.get(str(data.get("id")))
    match verb:
        case "raised":
            severity = str(data["severity"])
            unsure = " (unconfirmed)" if data.get("confirmed") is False else ""
            text = f"{severity}, to {to}: {names.in_text(str(data['because']))}{unsure}"
            return Told("ALERT", text, weight_of(severity), str(data["id"]))
        case "resolved" | "retracted":
            since = f" of {brief(item.opened_at)}" if isinstance(item, Alert) else ""
            if verb == "resolved":
                return Told("settled", f"the alert to {to}{since}", "good")
            return Told("BACK", f"the alert to {to}{since} is taken back: {plain_reason(data.get('reason'))}", "good")
        case _:
            return None


def _escalation(line: Said, thread: Thread, names: Names) -> Told | None:
    data = line.data
    if is_reminder(line, thread):
        return None
    to, title = names.of_all(data["to"]), short_title(data, thread)
    return Told("climbs", f"to {to} ({_rung(str(data['at']))}): {title}", weight_of(data.get("severity")))


def is_reminder(line: Said, thread: Thread) -> bool:
    """Say whether an escalation goes to nobody but the holder: before the due time, or when it is over."""
    if line.type != "escalation.raised":
        return False
    task = thread.work.get(str(line.data.get("of")))
    holder = getattr(getattr(task, "to", None), "person", None)
    return line.data.get("at") == NUDGE or all(one.get("person") == holder for one in line.data["to"])


def _rung(at: str) -> str:
    """Say when a rung is: "due + 1bd" is "1 working day overdue".

    >>> _rung("due + 3bd"), _rung("due")
    ('3 working days overdue', 'now due')
    """
    amount = at.removeprefix("due + ").removesuffix("bd")
    if amount.isdigit():
        return f"{amount} working {'day' if amount == '1' else 'days'} overdue"
    return "now due" if at == "due" else at


def _loop(verb: str, line: Said, names: Names) -> Told | None:
    match verb:
        case "opened":
            return Told("ball", f"{names.of(line.data['holder'])} has it")
        case "passed":
            return Told("ball", f"{names.of(line.data['to'])} has it, from {names.of(line.data['from'])}")
        case "closed":
            return Told("ball", "nobody needs it any more: nothing is open towards the customer", "good")
        case _:
            return None


def short_title(data: Mapping[str, Any], thread: Thread) -> str:
    """Return a task's title without the customer's name, which stands above the story."""
    title, customer = str(data.get("title") or ""), str(thread.facts.get("name") or "")
    for word in ("for", "of", "with", "at", "to"):
        title = title.replace(f" {word} {customer}", "") if customer else title
    return title.replace(customer, "the customer") if customer else title
