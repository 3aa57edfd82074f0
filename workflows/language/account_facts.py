"""Which names stand for what is known of the account: `account.tier`, `account.holds`, and who holds a role."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from events.kinds import FieldKind
from workflows.holdings import held_in_place_of
from workflows.language.conditions import UNSET, Getter, Vocabulary
from workflows.language.grammar import ROLES
from workflows.language.load_names import LOAD
from workflows.language.standing_names import CONTACT, STANDING
from workflows.language.usage_names import USAGE
from workflows.language.vocabulary import Bindings, as_time
from workflows.language.work_names import WORK
from workflows.people import AWAY_SET, Away, DirectoryError, absence_told_by, person_of
from workflows.working_time import Calendar, business_days_between, next_opening

AWAY_FOR_GOOD = 10_000
"""The working days of an absence without a known end."""

_TICK = timedelta(microseconds=1)

CUSTOMER_STAGES = frozenset({"onboarding", "live"})
DECIDERS = frozenset({"decision_maker", "sponsor"})
CHAMPIONS = frozenset({"champion"})


def account_names() -> Vocabulary:
    """Name the facts of the account."""
    roles = {f"account.{role}": (FieldKind.STRING, _role(role)) for role in ROLES}
    return Vocabulary({**_ACCOUNT, **roles, **STANDING, **CONTACT, **WORK, **USAGE, **LOAD})


def _role(role: str) -> Getter:
    return lambda bindings: bindings.account.roles.get(role, "")


def _is_customer(bindings: Bindings) -> bool:
    account = bindings.account
    return account.lifecycle in CUSTOMER_STAGES or (account.lifecycle == "" and "csm" in account.roles)


def _renewal_in_days(bindings: Bindings) -> Any:
    renewal = as_time(bindings.account.renewal_date)
    return (renewal.date() - bindings.at.date()).days if renewal else UNSET


def names_of_role(bindings: Bindings, role: str) -> list[str]:
    """List the ids and addresses of who holds the role, and of the delegate who stands in (R10)."""
    person = bindings.account.roles.get(role)
    if person is None:
        return []
    delegate = bindings.directory.delegate_of(person, bindings.at)
    people = [person] if delegate is None else [person, delegate]
    return [name for one in people for name in bindings.directory.names_of(one) if name]


def _workday(bindings: Bindings) -> datetime:
    """Give the date of the working day at hand, as its midnight in UTC: today, or the next one after its close."""
    calendar = bindings.directory.default_calendar
    day = next_opening(bindings.at, calendar).astimezone(calendar.table.zone).date()
    return datetime.combine(day, time(), UTC)


def _away_bd(bindings: Bindings) -> Any:
    """Count the working days that begin within the absence of the event at hand, by the calendar of who is away."""
    absence, calendar = _absence(bindings)
    if absence is None:
        return UNSET
    if absence.end is None:
        return AWAY_FOR_GOOD
    return business_days_between(absence.start - _TICK, absence.end - _TICK, calendar)


def _away_back(bindings: Bindings) -> Any:
    """Tell when who is away by the event at hand is at work again, by her own calendar."""
    absence, calendar = _absence(bindings)
    return UNSET if absence is None or absence.end is None else next_opening(absence.end, calendar)


def _away_held(bindings: Bindings) -> Any:
    """Count the tasks and loops that others hold in place of who is away by the event at hand."""
    event = bindings.event
    if event is None or event.type != AWAY_SET:
        return UNSET
    return sum(1 for _ in held_in_place_of(bindings.account, person_of(event)))


def _absence(bindings: Bindings) -> tuple[Away | None, Calendar]:
    """Give the absence that the event at hand tells of, with the calendar of who is away; none of another event."""
    event = bindings.event
    if event is None or event.type != AWAY_SET:
        return None, bindings.directory.default_calendar
    calendar = bindings.directory.calendar_of(person_of(event))
    try:
        return absence_told_by(event, calendar), calendar
    except DirectoryError:
        return None, calendar


def _contacts_as(bindings: Bindings, roles: frozenset[str]) -> list[str]:
    contacts = bindings.account.contacts.values()
    return [name for one in contacts if one.role in roles for name in (one.id, one.email, one.name) if name]


def _seniors(bindings: Bindings) -> list[str]:
    contacts = bindings.account.contacts.values()
    return [one.id for one in contacts if one.role in DECIDERS | CHAMPIONS]


def _our_names(bindings: Bindings) -> list[str]:
    people = dict.fromkeys(bindings.account.roles.values())
    return [name for one in people for name in bindings.directory.names_of(one) if name]


def _local(bindings: Bindings) -> datetime:
    return bindings.at.astimezone(bindings.directory.default_calendar.table.zone)


def _quarter(bindings: Bindings) -> str:
    local = _local(bindings)
    return f"{local.year}-Q{(local.month + 2) // 3}"


_ACCOUNT: dict[str, tuple[FieldKind, Getter]] = {
    "away.bd": (FieldKind.INT, _away_bd),
    "away.back": (FieldKind.TIMESTAMP, _away_back),
    "away.held": (FieldKind.INT, _away_held),
    "clock.workday": (FieldKind.TIMESTAMP, _workday),
    "account.id": (FieldKind.STRING, lambda b: b.account.id),
    "account.name": (FieldKind.STRING, lambda b: b.account.name or b.account.id),
    "account.tier": (FieldKind.INT, lambda b: b.account.tier or UNSET),
    "account.lifecycle": (FieldKind.STRING, lambda b: b.account.lifecycle),
    "account.is_customer": (FieldKind.BOOL, _is_customer),
    "account.country": (FieldKind.STRING, lambda b: b.account.country),
    "account.industry": (FieldKind.STRING, lambda b: b.account.industry),
    "account.health": (FieldKind.STRING, lambda b: b.account.health),
    "account.test": (FieldKind.BOOL, lambda b: b.account.test),
    "account.arr": (FieldKind.INT, lambda b: b.account.arr or UNSET),
    "account.renewal_date": (FieldKind.TIMESTAMP, lambda b: as_time(b.account.renewal_date) or UNSET),
    "account.renewal_in_days": (FieldKind.INT, _renewal_in_days),
    "account.holds": (FieldKind.STRINGS, lambda b: [hold.scope for hold in b.account.holds() if not hold.contact]),
    "account.products": (FieldKind.STRINGS, lambda b: b.account.products),
    "account.csm_names": (FieldKind.STRINGS, lambda b: names_of_role(b, "csm")),
    "account.our_names": (FieldKind.STRINGS, _our_names),
    "clock.month": (FieldKind.STRING, lambda b: _local(b).strftime("%Y-%m")),
    "clock.week": (FieldKind.STRING, lambda b: _local(b).strftime("%G-W%V")),
    "clock.quarter": (FieldKind.STRING, _quarter),
    "account.contacts": (FieldKind.STRINGS, lambda b: list(b.account.contacts)),
    "account.seniors": (FieldKind.STRINGS, _seniors),
    "account.champions": (FieldKind.STRINGS, lambda b: _contacts_as(b, CHAMPIONS)),
    "account.decision_makers": (FieldKind.STRINGS, lambda b: _contacts_as(b, DECIDERS)),
}
