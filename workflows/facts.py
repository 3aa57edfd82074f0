"""What an event tells about the account itself: its roles, tier, stage, health, contacts, products.

One table, event type → function; each returns the names of the facts that it changed, so
that `changed` patterns can ask for them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, date
from typing import Any

from events.envelope import Event
from events.money import minor_units
from workflows.account import AccountState, Contact
from workflows.deeds import NOTED, learn_deed
from workflows.language.grammar import ROLES
from workflows.language.vocabulary import as_time, person_of
from workflows.outside_facts import OUTSIDE_FACTS
from workflows.postings import LEDGER_FACTS
from workflows.standing import ContactStanding
from workflows.standing_facts import STANDING_FACTS, joined, standing_of
from workflows.usage import learn_usage

Fact = Callable[[AccountState, Mapping[str, Any], Event], set[str]]

TERM_MONTHS_MAX = 1200
"""A longer term has no renewal date worth a reminder; a number that large is a slip of the pen."""

PLAIN_FIELDS = ("name", "tier", "lifecycle", "country", "industry", "health", "renewal_date", "parent", "test")
STAGES = ("", "prospect", "signed", "onboarding", "live")


def learn(state: AccountState, event: Event) -> set[str]:
    """Fold the event into the account's facts; returns the names of those that changed."""
    fact = FACTS.get(event.type)
    return fact(state, event.data, event) if fact is not None else set()


def _set(state: AccountState, name: str, value: Any) -> set[str]:
    if value is None or getattr(state, name) == value:
        return set()
    setattr(state, name, value)
    return {name}


def _registered(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    changed: set[str] = set()
    for name in PLAIN_FIELDS:
        changed |= _set(state, name, data.get(name))
    changed |= _money(state, data.get("arr"))
    for role, person in (data.get("roles") or {}).items():
        changed |= _give_role(state, role, person)
    if data.get("domains"):
        changed |= _set(state, "domains", list(data["domains"]))
    return changed


def _money(state: AccountState, money: Any) -> set[str]:
    if not isinstance(money, Mapping) or not isinstance(money.get("amount"), int | str):
        return set()
    currency = money.get("currency") or ""
    return _set(state, "arr", minor_units(money["amount"], currency)) | _set(state, "currency", currency)


def _give_role(state: AccountState, role: str, person: Any) -> set[str]:
    if not isinstance(person, str) or not person or state.roles.get(role) == person:
        return set()
    state.roles[role] = person
    return {role}


def _csm(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    return _give_role(state, "csm", data.get("to")) | _set(state, "tier", data.get("tier"))


def _sales_owner(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    former = data.get("from")
    held = [role for role in ("ae", "am") if former and state.roles.get(role) == former]
    changed: set[str] = set()
    for role in held or ["am"]:
        changed |= _give_role(state, role, data.get("to"))
    return changed


def _product_owner(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    return _give_role(state, "pm", data.get("to"))


def _lifecycle(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    return _set(state, "lifecycle", data.get("to"))


def _tier(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    return _set(state, "tier", data.get("to"))


def _health(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    return _set(state, "health", data.get("to"))


def _signed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    changed = _at_least(state, "signed")
    if "ae" not in state.roles:
        changed |= _give_role(state, "ae", person_of(data))
    for product in data.get("products") or []:
        if isinstance(product, str) and product not in state.products:
            state.products.append(product)
            changed.add("products")
    return changed | _renewal(state, data, event)


def _renewal(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """Renewal date = contract start + term."""
    term = data.get("term_months")
    if not isinstance(term, int) or term > TERM_MONTHS_MAX:
        return set()
    start = as_time(data.get("start_date")) or event.time
    if start.year + term // 12 >= MAXYEAR:
        return set()
    return _set(state, "renewal_date", months_later(start.date(), term).isoformat())


def months_later(start: date, months: int) -> date:
    """Give the same day of a later month, or its last day when it has no such day.

    >>> months_later(date(2024, 2, 29), 12).isoformat()
    '2025-02-28'
    """
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _renewed(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    """A renewal begins when it says so, else when the term before it ends."""
    begins = as_time(data.get("effective")) or as_time(state.renewal_date)
    return _renewal(state, {**data, "start_date": begins.isoformat() if begins else None}, event)


def _cancelled(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    del data, event
    return _set(state, "renewal_date", "")


def _kickoff(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    del data, event
    return _at_least(state, "onboarding")


def _value(state: AccountState, data: Mapping[str, Any], event: Event) -> set[str]:
    del data, event
    return _at_least(state, "live")


def _at_least(state: AccountState, stage: str) -> set[str]:
    if state.lifecycle == "churned" or STAGES.index(state.lifecycle) >= STAGES.index(stage):
        return set()
    return _set(state, "lifecycle", stage)


def _contact(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    known = data.get("contact_id")
    if not isinstance(known, str):
        return set()
    former = state.contacts.get(known)
    _remember_role(state, known, former)
    state.contacts[known] = Contact(
        id=known,
        name=data.get("name") or (former.name if former else ""),
        email=data.get("email") or (former.email if former else ""),
        role=data.get("role_to") or (former.role if former else ""),
        title=data.get("title") or (former.title if former else ""),
    )
    return {"contacts"}


def _contact_left(state: AccountState, data: Mapping[str, Any], _event: Event) -> set[str]:
    known = str(data.get("contact_id"))
    former = state.contacts.pop(known, None)
    _remember_role(state, known, former)
    return {"contacts"} if former else set()


def _remember_role(state: AccountState, known: str, former: Contact | None) -> None:
    """Keep what she was until now: of who has left, it is what was lost."""
    if former is not None and former.role:
        standing_of(state).contacts.setdefault(known, ContactStanding()).former_role = former.role


def _noted(state: AccountState, _data: Mapping[str, Any], event: Event) -> set[str]:
    learn_deed(state, event)
    return set()


_OWN: dict[str, Fact] = {
    "account.registered": _registered,
    "account.updated": _registered,
    "cs.owner.assigned": _csm,
    "cs.owner.changed": _csm,
    "sales.owner.changed": _sales_owner,
    "product.owner.changed": _product_owner,
    "cs.lifecycle.changed": _lifecycle,
    "cs.tier.changed": _tier,
    "cs.health.changed": _health,
    "sales.contract.signed": _signed,
    "sales.contract.renewed": _renewed,
    "sales.contract.cancelled": _cancelled,
    "product.usage.rolled_up": learn_usage,
    "cs.kickoff.held": _kickoff,
    "cs.value.realized": _value,
    "customer.contact.joined": _contact,
    "customer.contact.role_changed": _contact,
    "customer.contact.left": _contact_left,
    NOTED: _noted,
}

FACTS = joined(_OWN, STANDING_FACTS, OUTSIDE_FACTS)
"""Which event tells which facts."""

_REGISTRATIONS = ("account.registered", "account.updated")

CHANGED_BY: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*PLAIN_FIELDS, "arr", "domains", *ROLES), _REGISTRATIONS),
    "csm": (*_REGISTRATIONS, "cs.owner.assigned", "cs.owner.changed"),
    "ae": (*_REGISTRATIONS, "sales.owner.changed", "sales.contract.signed"),
    "am": (*_REGISTRATIONS, "sales.owner.changed"),
    "pm": (*_REGISTRATIONS, "product.owner.changed"),
    "tier": (*_REGISTRATIONS, "cs.tier.changed", "cs.owner.assigned", "cs.owner.changed"),
    "health": (*_REGISTRATIONS, "cs.health.changed"),
    "lifecycle": (
        *_REGISTRATIONS,
        "cs.lifecycle.changed",
        "sales.contract.signed",
        "cs.kickoff.held",
        "cs.value.realized",
    ),
    "loyalty": tuple(LEDGER_FACTS),
    "renewal_date": (*_REGISTRATIONS, "sales.contract.signed", "sales.contract.renewed", "sales.contract.cancelled"),
}
"""Which events can change a fact: what the pattern word `changed` listens to."""
