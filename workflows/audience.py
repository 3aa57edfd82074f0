"""Whose contacts are on a campaign's list? What is asked at each account, and what comes of the whole (W17).

A campaign concerns many accounts, and nothing crosses accounts inside a fold. So its list is split: each account that
knows some of the contacts gets its part as an event of its own log and judges it there, and the account that the
campaign names gets the rest of the list with what was found at the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from events.envelope import JSON, Event
from workflows.account import AccountState

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


class Audience:
    """Which account knows which contact. Not safe for two threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._account_of: dict[str, str] = {}

    def learn(self, event: Event, account: str) -> None:
        """Learn of a contact by id and address, or that she left."""
        names = [event.data.get("contact_id"), event.data.get("email")]
        for name in (one for one in names if isinstance(one, str) and one):
            if event.type in ("customer.contact.joined", "customer.contact.role_changed"):
                self._account_of[name] = account
            elif event.type == "customer.contact.left":
                self._account_of.pop(name, None)

    def split(self, event: Event, home: str) -> Split | None:
        """Split a campaign's event; `home` is the account that it names. None where it has no list."""
        if event.type not in LISTED:
            return None
        members = _members(event.data)
        if not members:
            return None
        parts: dict[str, list[str]] = {}
        own, unknown = list[str](), list[str]()
        for contact, said in members.items():
            account = said or self._account_of.get(contact)
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


def removed_at(state: AccountState, part: Event) -> dict[str, list[str]]:
    """Give what an account has answered to its part: code → contacts to whom it is not to go."""
    gone: dict[str, list[str]] = {}
    for instance in state.instances.values():
        if instance.start.id == part.id or instance.key == part.data.get("campaign_id"):
            for verdict in instance.verdicts.values():
                gone |= verdict.removed
    return gone


def screened(split: Split, answers: Mapping[str, Mapping[str, list[str]]]) -> Event:
    """Give the whole with what the other accounts answered, by part: who was not removed may be written to."""
    found: dict[str, list[str]] = {"": list(split.unknown)}
    for part in split.parts:
        gone = answers[part.id]
        removed = {one for ones in gone.values() for one in ones}
        found[""] += [one for one in _members(part.data) if one not in removed]
        for code, ones in gone.items():
            found.setdefault(code, []).extend(ones)
    data: dict[str, JSON] = {**split.whole.data, SCREENED: {code: list[JSON](ones) for code, ones in found.items()}}
    return replace(split.whole, data=data) if any(found.values()) else split.whole


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
