"""What an event tells of how the account stands with us: answers, favours, asks, selling, disputes.

The index is :data:`STANDING_FACTS`, event type → function; each returns the names of the facts that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from events.envelope import Event
from workflows.account import AccountState
from workflows.ledger import reverse
from workflows.nps import forget_answer, learn_answer
from workflows.postings import LEDGER_FACTS
from workflows.standing import Answer, ContactStanding, OwnerChange, Seen, Standing

Fact = Callable[[AccountState, Mapping[str, Any], Event], set[str]]

SELLING = frozenset({"upsell", "cross_sell", "expansion", "renewal", "intro_new_buyer"})
"""Purposes of a contact that is about selling or about the renewal."""

NEGOTIATES = frozenset({"negotiation", "verbal", "commit", "proposal"})
"""Stages of an opportunity in which we negotiate."""

ROLE_OF_CHANGE = {"cs.owner.changed": "csm", "sales.owner.changed": "am", "product.owner.changed": "pm"}
"""Which role changes hands by which event."""

ASKS_KEPT = 3
SURVEYS_KEPT = 2
MAILS_KEPT = 4
NO_MARKETING = frozenset({"transactional", "legal", "service"})
"""Kinds of mail that are not about selling, and always go out."""
OPEN_MAX = 100
"""Open disputes and escalations that are kept."""


def standing_of(state: AccountState) -> Standing:
    """Give the account's standing, which begins with its first fact."""
    if state.standing is None:
        state.standing = Standing()
    return state.standing


def contact_named(state: AccountState, data: Mapping[str, Any]) -> str:
    """Name the contact that an event is about, by her id where her address is given; "" for nobody."""
    listed = data.get("contact_ids")
    for said in (data.get("contact_id"), data.get("said_by"), data.get("from"), *(listed or ())):
        if isinstance(said, str) and said:
            if said in state.contacts or "@" not in said:
                return said
            return next((one.id for one in state.contacts.values() if one.email == said), said)
    return ""


def _contact(state: AccountState, data: Mapping[str, Any]) -> ContactStanding | None:
    name = contact_named(state, data)
    return standing_of(state).contacts.setdefault(name, ContactStanding()) if name else None


def _value(state: AccountState, _data: Mapping[str, Any], event: Event) -> set[str]:
    standing = standing_of(state)
    standing.value = standing.value or Seen(event.time, event.id)
    return {"value"}


def _answered(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    score = data.get("score")
    if not isinstance(score, int):
        return set()
    contact = contact_named(state, data) or str(data.get("response_id") or event.id)
    wave = str(data.get("wave") or f"{event.time.year}-Q{(event.time.month + 2) // 3}")
    learn_answer(standing_of(state), contact, Answer(score, event.time, str(data.get("response_id") or event.id), wave))
    return {"nps"}


def _surveyed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    contact = _contact(state, data)
    if contact is not None:
        contact.surveyed = [*contact.surveyed, Seen(event.time, event.id)][-SURVEYS_KEPT:]
    return {"surveys"}


def _noted(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Take in what a note says by its tags: an answer that was withdrawn, a customer who may not be named."""
    tags = data.get("tags") or ()
    changed: set[str] = set()
    if "response_withdrawn" in tags:
        for link in data.get("links") or ():
            if isinstance(link, str) and forget_answer(standing_of(state), link):
                changed.add("nps")
    if "no_references" in tags:
        standing_of(state).forbids_asks = Seen(event.time, event.id)
        changed.add("asks")
    return changed


def _asked(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    standing, contact, seen = standing_of(state), _contact(state, data), Seen(event.time, event.id)
    standing.asked = [*standing.asked, seen][-ASKS_KEPT:]
    if contact is not None:
        contact.asked = [*contact.asked, seen][-ASKS_KEPT:]
    return {"asks"}


def _mailed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Take in a mail of marketing; what is no marketing, such as an invoice, does not count."""
    contact = _contact(state, data) if data.get("kind") not in NO_MARKETING else None
    if contact is not None:
        contact.mailed = [*contact.mailed, Seen(event.time, event.id)][-MAILS_KEPT:]
    return {"mails"}


def _refuses(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    contact = _contact(state, data)
    if contact is not None:
        contact.refuses = Seen(event.time, event.id)
    return {"asks"}


def _objects(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    contact = _contact(state, data)
    if contact is not None:
        contact.refuses = contact.objects = Seen(event.time, event.id)
    return {"asks"}


def _sold(state: AccountState, _data: Mapping[str, Any], event: Event) -> set[str]:
    standing_of(state).selling = Seen(event.time, event.id)
    return {"selling"}


def _contacted(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    return _sold(state, data, event) if data.get("purpose") in SELLING else set()


def _stage(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    return _sold(state, data, event) if data.get("to") in NEGOTIATES else set()


def _owner_changed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    former, new = data.get("from"), data.get("to")
    if isinstance(former, str) and isinstance(new, str) and former != new:
        standing_of(state).owner_change = OwnerChange(former, new, event.time, ROLE_OF_CHANGE[event.type])
    return set()


def _disputed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    _add(standing_of(state).disputes, str(data.get("invoice_id") or event.id), event.id)
    return {"disputes"}


def _dispute_over(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    found = state.standing and state.standing.disputes.pop(str(data.get("invoice_id")), None)
    return {"disputes"} if found else set()


def _escalated(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    _add(standing_of(state).escalations, str(data.get("ticket_id") or event.id), event.id)
    return {"escalations"}


def _escalation_over(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    found = state.standing and state.standing.escalations.pop(str(data.get("ticket_id")), None)
    return {"escalations"} if found else set()


def _add(open_ones: dict[str, str], name: str, event: str) -> None:
    open_ones[name] = event
    if len(open_ones) > OPEN_MAX:
        del open_ones[next(iter(open_ones))]


def _ask_withdrawn(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Give back what an ask had taken, since it is not wanted any more."""
    standing = state.standing
    found = standing is not None and reverse(standing.ledger, f"favour/{data.get('ask_id')}", event.time, event.id)
    return {"asks", "loyalty"} if found else {"asks"}


_OWN: dict[str, Fact] = {
    "cs.value.realized": _value,
    "survey.nps.responded": _answered,
    "survey.nps.sent": _surveyed,
    "cs.note.logged": _noted,
    "marketing.ask.sent": _asked,
    "marketing.ask.withdrawn": _ask_withdrawn,
    "marketing.email.sent": _mailed,
    "marketing.email.unsubscribed": _objects,
    "marketing.email.complained": _objects,
    "customer.contact.left": _refuses,
    "sales.upsell.attempted": _sold,
    "sales.contact.logged": _contacted,
    "sales.intent.announced": _contacted,
    "sales.contract.review_round": _sold,
    "sales.opportunity.stage_changed": _stage,
    "finance.invoice.disputed": _disputed,
    "finance.invoice.dispute_resolved": _dispute_over,
    "finance.invoice.paid": _dispute_over,
    **dict.fromkeys(ROLE_OF_CHANGE, _owner_changed),
    "support.ticket.escalated": _escalated,
    "support.ticket.resolved": _escalation_over,
    "support.ticket.closed": _escalation_over,
}


def joined(*tables: Mapping[str, Fact]) -> dict[str, Fact]:
    """Join tables of facts; an event type of several tells all of them, in the order of the tables."""
    found: dict[str, Fact] = {}
    for table in tables:
        for name, fact in table.items():
            found[name] = _both(found[name], fact) if name in found else fact
    return found


def _both(first: Fact, then: Fact) -> Fact:
    return lambda state, data, event: first(state, data, event) | then(state, data, event)


STANDING_FACTS: dict[str, Fact] = joined(_OWN, LEDGER_FACTS)
