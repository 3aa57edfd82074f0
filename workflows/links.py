"""Which account is meant? References of other systems, domains and merged accounts, resolved to account ids.

`salesforce:0015g`, `zendesk:8812` and `domain:acme.example` are references; a subject without a
colon is an account id. A reference that nobody knows yet waits; the event that brings the link
frees what waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from events.envelope import Event

Lookup = Callable[[str], str | None]
"""Gives the account of a reference, or ``None``."""

MERGED = "account.merged"

FOLLOWS_MAX = 20
"""Merges in a row that are followed; a longer chain is a cycle (F57)."""


def is_reference(subject: str) -> bool:
    """Tell a reference from an account id."""
    return ":" in subject


def resolve(subject: str, lookup: Lookup) -> str | None:
    """Give the account id of a subject; ``None`` while its reference is unknown.

    A merged account's id leads to the account it went into.
    """
    account = lookup(subject)
    if account is None:
        return None if is_reference(subject) else subject
    for _ in range(FOLLOWS_MAX):
        further = lookup(account)
        if further is None or further == account:
            return account
        account = further
    return account


def meant(subject: str, lookup: Lookup) -> str:
    """Give the account id of a subject, or the reference as it is while nobody knows what it means."""
    return resolve(subject, lookup) or subject


def links_of(event: Event) -> Mapping[str, str]:
    """List the links that an event brings: reference (or merged account id) → account id."""
    if event.type in ("account.registered", "account.updated"):
        return _registered(event)
    if event.type == "account.linked":
        return {f"{event.data['system']}:{event.data['external_id']}": event.subject}
    if event.type == MERGED:
        return {event.subject: str(event.data["into"])}
    return {}


def learn_links(event: Event, links: dict[str, str]) -> list[str]:
    """Add the links that an event brings to those that are known; the last word holds. Gives the new references.

    The references of a merged account lead to the one that it goes on as.
    """
    brought = links_of(event)
    if event.type == MERGED:
        into = resolve(str(event.data["into"]), links.get) or str(event.data["into"])
        for reference, account in links.items():
            if account == event.subject:
                links[reference] = into
        brought = {event.subject: into}
    links.update(brought)
    return list(brought)


def would_cycle(event: Event, lookup: Lookup) -> bool:
    """Tell whether a merge would lead back to the account that it closes (F57)."""
    return event.type == MERGED and resolve(str(event.data["into"]), lookup) == event.subject


def _registered(event: Event) -> dict[str, str]:
    links, domains = event.data.get("links"), event.data.get("domains")
    found: dict[str, str] = {}
    if isinstance(links, dict):
        found |= {f"{system}:{external}": event.subject for system, external in links.items()}
    if isinstance(domains, list):
        found |= {f"domain:{domain}": event.subject for domain in domains}
    return found
