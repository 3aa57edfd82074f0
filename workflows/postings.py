"""Which event is a deposit or a withdrawal, and of how many points? The ledger's price list (W14).

What no event tells (an award, what we bought of them) a person or a system posts herself, as `ledger.posted`. An entry
is named for the thing that it is about, so that two events of one favour are one entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from events.envelope import Event
from events.money import minor_units
from workflows.account import AccountState
from workflows.ledger import post, reverse
from workflows.standing import Entry, Standing

Fact = Callable[[AccountState, Mapping[str, Any], Event], set[str]]

FAVOURS: Mapping[str, float] = {
    "like": 1,
    "social_like": 1,
    "post": 3,
    "review": 3,
    "logo": 3,
    "beta": 3,
    "reference": 5,
    "reference_call": 5,
    "referral": 5,
    "testimonial": 6,
    "case_study": 10,
    "speaker": 10,
    "speaking": 10,
    "talk": 10,
}
"""Kind of a favour that we ask for → its weight."""

FAVOUR_ELSE = 5.0
"""Weight of a favour of a kind that the list does not have."""

GIVEN: Mapping[str, float] = {
    "content_opened": 1,
    "intro": 5,
    "event_attended": 3,
    "unpaid_help": 5,
    "request_shipped": 5,
    "praise": 4,
    "award": 4,
    "goodwill": 3,
    "benchmark": 3,
    "purchase": 8,
}
TAKEN: Mapping[str, float] = {
    "survey": 1,
    "price_rise": 6,
    "missed_promise": 5,
    "severity_1": 8,
    "duplicate_contact": 1,
}
"""What we give, and what we take or spoil, by kind of entry."""

GOODWILL_MAX = 8
MINUTES_OF_DAY = 480
UNPAID = frozenset({"unpaid_help", "free_help", "goodwill", "bent_a_rule"})
"""Activities of logged time that are a gift."""

WRONG_WITHIN = timedelta(hours=4)
"""A severity that is lowered so soon was wrong, and its penalty is taken back."""


def weight_of(kind: str) -> float:
    """Give the weight of a kind of favour."""
    return FAVOURS.get(kind, FAVOUR_ELSE)


def weight_asked(data: Mapping[str, Any]) -> float:
    """Give the weight of the favour that an event speaks of: its own, else that of its kind."""
    weight = data.get("weight")
    return float(weight) if isinstance(weight, int | float) else weight_of(str(data.get("kind") or ""))


def _post(state: AccountState, name: str, entry: Entry) -> set[str]:
    if state.standing is None:
        state.standing = Standing()
    return {"loyalty"} if post(state.standing.ledger, name, entry) else set()


def _given(kind: str, contact: str = "contact_id", *, about: str = "") -> Fact:
    """Make the fact of a deposit; `about` is the field that tells two of them apart, else each event is one."""

    def fact(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
        thing = str(data.get(about) or event.id) if about else event.id
        who = str(data.get(contact) or "")
        return _post(state, f"{kind}/{thing}/{who}", Entry(kind, GIVEN[kind], event.time, event.id, who))

    return fact


def _contacted(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Post an introduction that we made for the customer; sales introducing the CSM is none."""
    if data.get("topic") != "intro_made" and (data.get("purpose") != "intro" or event.type != "cs.contact.logged"):
        return set()
    contacts = data.get("contact_ids") or [""]
    return _post(state, f"intro/{event.id}", Entry("intro", GIVEN["intro"], event.time, event.id, str(contacts[0])))


def _helped(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    if data.get("activity") not in UNPAID or data.get("billable") is True:
        return set()
    minutes = data.get("minutes")
    days = ceil(minutes / MINUTES_OF_DAY) if isinstance(minutes, int) and minutes > 0 else 1
    points = GIVEN["unpaid_help"] * days
    return _post(state, f"unpaid_help/{event.id}", Entry("unpaid_help", points, event.time, event.id))


def _shared(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    return _benchmark(state, data, event) if data.get("kind") == "benchmark" else set()


_benchmark = _given("benchmark", about="content_id")


def _credited(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Post a goodwill credit: 3 points, up to 8 for a month's fee."""
    money, share = data.get("amount"), 0.0
    if isinstance(money, Mapping) and isinstance(money.get("amount"), int | str) and state.arr > 0:
        amount = minor_units(money["amount"], money.get("currency") or "")
        share = min(1.0, max(0.0, amount * 12 / state.arr))
    points = GIVEN["goodwill"] + round((GOODWILL_MAX - GIVEN["goodwill"]) * share)
    return _post(state, f"goodwill/{event.id}", Entry("goodwill", points, event.time, event.id))


def _favour(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Post a favour that we asked for, once: at the yes, or when it is done. What comes unasked is a gift (W15)."""
    asked = data.get("asked")
    name = data.get("ask_id") or (asked if isinstance(asked, str) else None)
    if event.type == "customer.advocacy.performed":
        if name is None and asked is not True:
            return set()
        name = name or data.get("act_id")
    kind, points = str(data.get("kind") or "favour"), weight_asked(data)
    contact = str(data.get("contact_id") or "")
    entry = Entry(kind, -points, event.time, event.id, contact, favour=True)
    return _post(state, f"favour/{name or event.id}", entry)


def _surveyed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Post a wave of the survey: once for the account."""
    wave = str(data.get("wave") or f"{event.time.year}-Q{(event.time.month + 2) // 3}")
    return _taken(state, f"survey/{wave}", "survey", event)


def _taken(state: AccountState, name: str, kind: str, event: Event) -> set[str]:
    contact = str(event.data.get("contact_id") or "") if kind == "duplicate_contact" else ""
    return _post(state, name, Entry(kind, -TAKEN[kind], event.time, event.id, contact))


def _duplicate(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    found = data.get("duplicate_of")
    return _taken(state, f"duplicate_contact/{event.id}", "duplicate_contact", event) if found else set()


def _broken(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    return _taken(state, f"missed_promise/{data.get('commitment_id') or event.id}", "missed_promise", event)


def _price(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    if "price" not in str(data.get("reason") or "").casefold():
        return set()
    return _taken(state, f"price_rise/{event.id}", "price_rise", event)


def _ticket(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    severity, name = data.get("severity"), f"severity_1/{data.get('ticket_id')}"
    if severity == 1:
        return _taken(state, name, "severity_1", event)
    if state.standing is None or severity is None or event.type != "support.ticket.severity_changed":
        return set()
    ledger = state.standing.ledger
    entry = ledger.entries.get(name)
    if entry is None or event.time > entry.at + WRONG_WITHIN:
        return set()
    return {"loyalty"} if reverse(ledger, name, event.time, event.id) else set()


def _by_hand(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Post what a person or a system posts; points that are missing are those of the kind."""
    if data.get("workflow"):
        return set()  # the engine's own line
    kind = str(data.get("kind") or "other")
    points = data.get("points")
    if not isinstance(points, int | float):
        points = GIVEN.get(kind) or -(TAKEN.get(kind) or FAVOURS.get(kind) or 0.0)
    name = str(data.get("entry_id") or event.id)
    favour = points < 0 and kind in FAVOURS
    entry = Entry(kind, float(points), event.time, event.id, str(data.get("contact_id") or ""), favour=favour)
    return _post(state, name, entry)


def _reversed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    if data.get("workflow") or state.standing is None:
        return set()
    found = reverse(state.standing.ledger, str(data.get("entry_id")), event.time, event.id)
    return {"loyalty"} if found else set()


LEDGER_FACTS: dict[str, Fact] = {
    "marketing.content.opened": _given("content_opened", about="content_id"),
    "marketing.content.shared": _shared,
    "marketing.event.attended": _given("event_attended", about="event_id"),
    "product.request.shipped": _given("request_shipped", "asker", about="request_id"),
    "cs.contact.logged": _contacted,
    "sales.contact.logged": _contacted,
    "cs.time.logged": _helped,
    "finance.credit.granted": _credited,
    "marketing.ask.accepted": _favour,
    "marketing.ask.completed": _favour,
    "customer.advocacy.performed": _favour,
    "survey.nps.responded": _surveyed,
    "survey.nps.sent": _duplicate,
    "cs.meeting.held": _duplicate,
    "cs.commitment.broken": _broken,
    "sales.contract.amended": _price,
    "sales.contract.renewed": _price,
    "support.ticket.opened": _ticket,
    "support.ticket.severity_changed": _ticket,
    "ledger.posted": _by_hand,
    "ledger.reversed": _reversed,
}
"""Which event is which entry: the index of this module."""
