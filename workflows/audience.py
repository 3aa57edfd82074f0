"""Whose contacts are on a campaign's list? What is asked at each account, and what comes of the whole (W17).

A campaign concerns many accounts, and nothing crosses accounts inside a fold. So its list is split: each account that
knows some of the contacts gets its part as an event of its own log and judges it there, and the account that the
campaign names gets the rest of the list with what was found at the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from events.envelope import JSON, Event
from workflows.account import AccountState
from workflows.interest import texts
from workflows.links import Lookup, resolve

LISTED = frozenset({"marketing.campaign.scheduled", "marketing.campaign.approved"})
"""Events that bring a list of contacts."""

MEMBERS_MAX = 10_000
"""Contacts of one list that are judged; a larger audience is kept behind a reference (I12)."""

PART_OF = "part_of"
"""Field of a part: the account at which the whole is answered."""
SCREENED = "screened"
"""Field of the whole: what was found elsewhere, code → contacts; "" has those that may be written to."""


@dataclass(frozen=True, slots=True)
class Split:
    """A campaign's event in parts: those of other accounts, and the whole as far as it stays."""

    whole: Event
    parts: tuple[Event, ...]
    unknown: tuple[str, ...]


SAY_WHOSE = frozenset({"customer.contact.joined", "customer.contact.role_changed", "customer.contact.left"})
"""Events that tell whose a contact is."""


class Audience:
    """Which account knows which contact, by id and by address. Not safe for two threads."""

    def __init__(self, account_of: Mapping[str, str] | None = None) -> None:
        """Begin with what is known."""
        self._account_of = dict(account_of or {})

    def learn(self, event: Event, account: str) -> dict[str, str | None]:
        """Learn whose a contact is, or that she left; gives what is new of it by id and address."""
        if event.type not in SAY_WHOSE:
            return {}
        names = contacts_in(event)
        if event.type == "customer.contact.left":
            gone = [name for name in names if self._account_of.get(name) == account]
            for name in gone:
                del self._account_of[name]
            return dict.fromkeys(gone)
        self._account_of |= dict.fromkeys(names, account)
        return dict.fromkeys(names, account)

    def account_of(self, contact: str, lookup: Lookup) -> str | None:
        """Give the account that knows a contact; None where none does, or nobody knows which it is."""
        account = self._account_of.get(contact)
        return None if account is None else resolve(account, lookup)

    def split(self, event: Event, lookup: Lookup) -> Split | None:
        """Split a campaign's event. None where it has no list, or names no account that is known."""
        members = _members(event.data) if event.type in LISTED and event.subject else {}
        home = resolve(event.subject, lookup) if members else None
        if home is None:
            return None
        parts: dict[str, list[str]] = {}
        own, unknown = list[str](), list[str]()
        for contact, said in members.items():
            account = resolve(said, lookup) if said else self.account_of(contact, lookup)
            if account is None:
                unknown.append(contact)
            elif account == home:
                own.append(contact)
            else:
                parts.setdefault(account, []).append(contact)
        if not parts:
            own, unknown = list(members), []
        return Split(
            replace(event, subject=home, data=_with(event.data, own)),
            tuple(_part(event, account, found, home) for account, found in parts.items()),
            tuple(unknown),
        )


def accounts_listed(event: Event) -> list[str]:
    """Name the accounts that a campaign's list gives its contacts."""
    return [one for one in _members(event.data).values() if one] if event.type in LISTED else []


def contacts_in(event: Event) -> list[str]:
    """Name the contacts, by id or address, of an event that says whose one is, or that brings a list of them."""
    if event.type in LISTED:
        return list(_members(event.data))
    if event.type in SAY_WHOSE:
        return [one for one in texts([event.data.get("contact_id"), event.data.get("email")]) if one]
    return []


def screened(split: Split, answers: Mapping[str, Mapping[str, Sequence[str]]]) -> Event:
    """Give the whole with what the other accounts found, by part: what no gate has judged there may be written to."""
    found: dict[str, list[str]] = {"": list(split.unknown)}
    for part in split.parts:
        gone = answers[part.id]
        removed = {one for ones in gone.values() for one in ones}
        found[""] += [one for one in _members(part.data) if one not in removed]
        for code, ones in gone.items():
            found.setdefault(code, []).extend(ones)
    data: dict[str, JSON] = {**split.whole.data, SCREENED: {code: list[JSON](ones) for code, ones in found.items()}}
    return replace(split.whole, data=data) if any(found.values()) else split.whole


def found_at(state: AccountState, part: Event) -> dict[str, list[str]]:
    """Tell whom of a part its account refuses, by code: what its gate has said of it."""
    gone: dict[str, list[str]] = {}
    for instance in state.instances.values():
        if instance.start.id == part.id or instance.key == part.data.get("campaign_id"):
            for verdict in instance.verdicts.values():
                gone |= verdict.removed
    return gone


def screened_in(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Read what was found elsewhere."""
    found = data.get(SCREENED)
    return {code: list(ones) for code, ones in found.items()} if isinstance(found, dict) else {}


def _members(data: Mapping[str, Any]) -> dict[str, str]:
    """List the contacts of an event, each with its account where the event names it."""
    found: dict[str, str] = {}
    for listed in (data.get("contact_ids"), data.get("audience")):
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, str):
                found.setdefault(one, "")
            elif isinstance(one, dict):
                name = one.get("contact_id") or one.get("id") or one.get("email")
                account = one.get("account_id") or one.get("account")
                if isinstance(name, str):
                    found[name] = account if isinstance(account, str) else ""
    return found


def _with(data: Mapping[str, JSON], contacts: list[str]) -> dict[str, JSON]:
    return {**{name: one for name, one in data.items() if name != "audience"}, "contact_ids": list[JSON](contacts)}


def _part(event: Event, account: str, contacts: list[str], home: str) -> Event:
    data: dict[str, JSON] = {**_with(event.data, contacts), PART_OF: home}
    known, cause = f"{event.id}/{account}", event.id
    return replace(event, id=known, subject=account, data=data, correlation_id=None, causation_id=cause)
