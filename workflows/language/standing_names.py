"""How do conditions read how an account stands with us? The names of `account.nps.*`, `contact.*` and their like.

Each name has a type, a getter over the bindings, and where one event or several stand behind it, which: the evidence
of a gate lists them. Times are those of the events; what ages is worked out for the moment of the bindings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from events.kinds import FieldKind
from workflows import nps
from workflows.language.conditions import UNSET, Getter
from workflows.language.durations import Duration
from workflows.ledger import balance_of, balance_of_contact, is_drained
from workflows.postings import weight_asked
from workflows.standing import ContactStanding, Ledger, OwnerChange, Seen, Standing
from workflows.standing_facts import contact_named
from workflows.working_time import add, business_days_between

Names = dict[str, tuple[FieldKind, Getter]]

ROUNDED = 2
"""Digits after the point of scores and balances."""

CRISIS = "crisis"
"""The code of the holds of a crisis."""

OWNER_IS_NEW_FOR = Duration(2, "bd")
"""How long what nudges the former owner goes to the new one (R16)."""

_NOBODY, _NOTHING, _EMPTY = ContactStanding(), Standing(), Ledger()


def _standing(bindings: Any) -> Standing:
    return bindings.account.standing or _NOTHING


def _ledger(bindings: Any) -> Ledger:
    standing = bindings.account.standing
    return standing.ledger if standing is not None else _EMPTY


def contact_of(bindings: Any) -> str:
    """Name the contact: of a list the one at hand, of the event that opened the instance, else of the event at hand."""
    if bindings.member:
        return contact_named(bindings.account, {"contact_id": bindings.member})
    if bindings.instance is not None:
        return contact_named(bindings.account, bindings.instance.data)
    return contact_named(bindings.account, bindings.event.data) if bindings.event is not None else ""


def _contact(bindings: Any) -> ContactStanding:
    return _standing(bindings).contacts.get(contact_of(bindings), _NOBODY)


def _score(value: float | None) -> Any:
    return UNSET if value is None else round(value, ROUNDED)


def _nps(bindings: Any) -> nps.Score:
    return nps.score_now(bindings.account, bindings.at)


def _of_class(bindings: Any) -> Any:
    found = _nps(bindings).classes.get(nps.DECIDER)
    return UNSET if found is None else round(found[0], ROUNDED)


def _of_others(bindings: Any) -> Any:
    return _score(nps.score_of({name: one for name, one in _nps(bindings).classes.items() if name != nps.DECIDER}))


def _classes(bindings: Any) -> list[str]:
    """Write the table of classes: score, weight, and how many answered."""
    found = _nps(bindings).classes
    return [f"{name} {mean:.1f} (weight {nps.WEIGHTS[name]:g}, {count})" for name, (mean, count) in found.items()]


def _decider_detractor(bindings: Any) -> bool:
    return any(one.score <= nps.DETRACTOR_TO for _, one in nps.answered_in_wave(bindings.account))


def _deciders_silent(bindings: Any) -> bool:
    account = bindings.account
    return bool(nps.deciders(account)) and not nps.answered_in_wave(account)


def _time(seen: Seen | None) -> Any:
    return UNSET if seen is None else seen.at


def _nth_last(seen: list[Seen], number: int) -> Any:
    return seen[-number].at if len(seen) >= number else UNSET


def _crisis_over(bindings: Any) -> Any:
    """Tell when asks are free of a crisis: when its hold lifts, if that is set; else when the last was lifted."""
    account = bindings.account
    live = [one for one in account.holds() if one.code == CRISIS and one.scope == "ask"]
    if not live:
        return _standing(bindings).lifted.get(CRISIS, UNSET)
    lifts = [account.lifts_at(one) for one in live]
    return UNSET if None in lifts else max(lifts)


def _lately(bindings: Any) -> OwnerChange | None:
    """Give the latest change of owners while it is new: to the close of work two business days after it."""
    change = _standing(bindings).owner_change
    if change is None:
        return None
    until = add(change.at, OWNER_IS_NEW_FOR, bindings.directory.default_calendar)
    return change if bindings.at <= until else None


def _running(bindings: Any) -> list[str]:
    return sorted({one.workflow for one in bindings.account.instances.values() if one.status == "running"})


def _running_for_contact(bindings: Any) -> list[str]:
    account, contact = bindings.account, contact_of(bindings)
    return sorted(
        {
            one.workflow
            for one in account.instances.values()
            if contact
            and one.status == "running"
            and one is not bindings.instance
            and contact_named(account, one.data) == contact
        }
    )


def _weight(bindings: Any) -> Any:
    source = bindings.instance if bindings.instance is not None else bindings.event
    return weight_asked(source.data) if source is not None else UNSET


def _contact_names(bindings: Any) -> list[str]:
    contact = contact_of(bindings)
    known = bindings.account.contacts.get(contact)
    return [name for name in (contact, known.email if known else "", known.name if known else "") if name]


def _contact_role(bindings: Any) -> str:
    known = bindings.account.contacts.get(contact_of(bindings))
    return known.role if known is not None else ""


def _meets_in_bd(bindings: Any) -> Any:
    """Count the working days until two executives meet next."""
    today = bindings.at.date()
    times = [one.at for one in _standing(bindings).exec_meetings if one.at.date() >= today]
    return business_days_between(bindings.at, times[0], bindings.directory.default_calendar) if times else UNSET


STANDING: Names = {
    "account.value.realized": (FieldKind.BOOL, lambda b: _standing(b).value is not None),
    "account.nps.score": (FieldKind.DOUBLE, lambda b: _score(_nps(b).value)),
    "account.nps.band": (FieldKind.STRING, lambda b: _nps(b).band),
    "account.nps.former_band": (FieldKind.STRING, lambda b: nps.score_before(b.account, b.at).band),
    "account.nps.fell": (FieldKind.INT, lambda b: nps.steps_fallen(b.account, b.at)),
    "account.nps.split": (FieldKind.BOOL, lambda b: nps.is_split(b.account, b.at)),
    "account.nps.decider_score": (FieldKind.DOUBLE, _of_class),
    "account.nps.others_score": (FieldKind.DOUBLE, _of_others),
    "account.nps.decider_detractor": (FieldKind.BOOL, _decider_detractor),
    "account.nps.deciders_silent": (FieldKind.BOOL, _deciders_silent),
    "account.nps.classes": (FieldKind.STRINGS, _classes),
    "account.nps.coverage": (FieldKind.DOUBLE, lambda b: round(nps.coverage(b.account, b.at), ROUNDED)),
    "account.nps.thin": (FieldKind.BOOL, lambda b: nps.coverage(b.account, b.at) < nps.COVERED_FROM),
    "account.loyalty.balance": (FieldKind.DOUBLE, lambda b: round(balance_of(_ledger(b), b.at), ROUNDED)),
    "account.loyalty.favours": (FieldKind.INT, lambda b: _ledger(b).favours),
    "account.loyalty.drained": (FieldKind.BOOL, lambda b: is_drained(_ledger(b), b.at)),
    "account.asks.last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_standing(b).asked, 1)),
    "account.asks.second_last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_standing(b).asked, 2)),
    "account.asks.third_last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_standing(b).asked, 3)),
    "account.asks.forbidden": (FieldKind.BOOL, lambda b: _standing(b).forbids_asks is not None),
    "account.selling.last_at": (FieldKind.TIMESTAMP, lambda b: _time(_standing(b).selling)),
    "account.crisis.over_at": (FieldKind.TIMESTAMP, _crisis_over),
    "account.disputes": (FieldKind.STRINGS, lambda b: list(_standing(b).disputes)),
    "account.escalations": (FieldKind.STRINGS, lambda b: list(_standing(b).escalations)),
    "account.held_at": (FieldKind.TIMESTAMP, lambda b: _standing(b).held_at or UNSET),
    "account.not_them": (FieldKind.STRINGS, lambda b: _standing(b).not_them),
    "account.ambiguous_name": (FieldKind.BOOL, lambda b: _standing(b).ambiguous is not None),
    "account.execs.tied": (FieldKind.BOOL, lambda b: _standing(b).exec_tie is not None),
    "account.execs.meet_in_bd": (FieldKind.INT, _meets_in_bd),
    "account.running": (FieldKind.STRINGS, _running),
    "account.new_owner": (FieldKind.STRING, lambda b: change.new if (change := _lately(b)) else ""),
    "account.former_owner": (FieldKind.STRING, lambda b: change.former if (change := _lately(b)) else ""),
}
"""Facts about the account."""

CONTACT: Names = {
    "contact.id": (FieldKind.STRING, contact_of),
    "contact.names": (FieldKind.STRINGS, _contact_names),
    "contact.role": (FieldKind.STRING, _contact_role),
    "contact.former_role": (FieldKind.STRING, lambda b: _contact(b).former_role),
    "contact.objects": (FieldKind.BOOL, lambda b: _contact(b).objects is not None),
    "contact.balance": (
        FieldKind.DOUBLE,
        lambda b: round(balance_of_contact(_ledger(b), contact_of(b), b.at), ROUNDED),
    ),
    "contact.asks.last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_contact(b).asked, 1)),
    "contact.asks.second_last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_contact(b).asked, 2)),
    "contact.surveys.second_last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_contact(b).surveyed, 2)),
    "contact.mails.third_last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_contact(b).mailed, 3)),
    "contact.mails.fourth_last_at": (FieldKind.TIMESTAMP, lambda b: _nth_last(_contact(b).mailed, 4)),
    "contact.consents": (FieldKind.BOOL, lambda b: _contact(b).refuses is None),
    "favour.weight": (FieldKind.DOUBLE, _weight),
    "contact.running": (FieldKind.STRINGS, _running_for_contact),
}
"""Facts about the contact and the favour of the event."""

EVENTS_KEPT = 20
"""Events that are named behind one fact, the latest of them."""


def _events(*seen: Seen | None) -> list[str]:
    return [one.event for one in seen if one is not None]


def _behind_nps(bindings: Any) -> list[str]:
    return [one.event for one in _standing(bindings).answers.values()]


def _behind_ledger(bindings: Any) -> list[str]:
    return [one.event for one in _ledger(bindings).entries.values()]


BEHIND: Mapping[str, Callable[[Any], list[str]]] = {
    "account.value": lambda b: _events(_standing(b).value),
    "account.nps": _behind_nps,
    "account.loyalty": _behind_ledger,
    "account.asks": lambda b: _events(*_standing(b).asked, _standing(b).forbids_asks),
    "account.execs": lambda b: _events(_standing(b).exec_tie, *_standing(b).exec_meetings),
    "account.selling": lambda b: _events(_standing(b).selling),
    "account.disputes": lambda b: list(_standing(b).disputes.values()),
    "account.escalations": lambda b: list(_standing(b).escalations.values()),
    "contact.asks": lambda b: _events(*_contact(b).asked),
    "contact.mails": lambda b: _events(*_contact(b).mailed),
    "contact.consents": lambda b: _events(_contact(b).refuses),
}
"""Beginning of a name → the events behind it."""


def events_behind(names: tuple[str, ...], bindings: Any) -> list[str]:
    """List the events behind some names, oldest first as far as they are kept."""
    found: dict[str, None] = {}
    for name in names:
        read = BEHIND.get(".".join(name.split(".")[:2]))
        if read is not None:
            found |= dict.fromkeys(read(bindings)[-EVENTS_KEPT:])
    return list(found)
