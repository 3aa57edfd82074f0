"""What did we give this customer, and what did we take? The loyalty ledger with its decay (W14).

Every entry is posted once for the thing that it is about; an entry is never changed, only reversed by an opposite one.
Deposits and withdrawals lose half of their weight in 365 days, so that a sum that is known for one time is known for
every later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from workflows.standing import Entry, Ledger

HALF_LIFE = timedelta(days=365)
ENTRIES_MAX = 500
"""Entries that are kept one by one; the sums know the older ones, too."""

DRAINED_BY, DRAINED_WITHIN = 3, timedelta(days=90)
"""So many withdrawals without a deposit, in that time, drain an account."""


def decayed(points: float, since: datetime, at: datetime) -> float:
    """Give what points of a time are worth later.

    >>> from datetime import UTC
    >>> begin = datetime(2026, 1, 1, tzinfo=UTC)
    >>> round(decayed(10, begin, begin + timedelta(days=30)), 2)
    9.45
    """
    return points * 0.5 ** ((at - since) / HALF_LIFE) if at > since else points


def balance_of(ledger: Ledger, at: datetime) -> float:
    """Give the balance of the account at a time."""
    return decayed(ledger.balance, ledger.as_of, at) if ledger.as_of is not None else 0.0


def balance_of_contact(ledger: Ledger, contact: str, at: datetime) -> float:
    """Give the balance of a contact's sub-ledger at a time."""
    found = ledger.contacts.get(contact)
    return decayed(*found, at) if found is not None else 0.0


def post(ledger: Ledger, name: str, entry: Entry) -> bool:
    """Post an entry for the thing that it is about; tells whether it was not posted before."""
    if name in ledger.entries:
        return False
    entry = replace(entry, points=float(entry.points))
    ledger.entries[name] = entry
    ledger.balance = balance_of(ledger, entry.at) + entry.points
    ledger.as_of = entry.at if ledger.as_of is None else max(ledger.as_of, entry.at)
    if entry.contact:
        ledger.contacts[entry.contact] = balance_of_contact(ledger, entry.contact, entry.at) + entry.points, entry.at
    if entry.favour:
        ledger.favours += -1 if entry.reverses else 1
    if len(ledger.entries) > ENTRIES_MAX:
        del ledger.entries[next(iter(ledger.entries))]
    return True


def reverse(ledger: Ledger, name: str, at: datetime, event: str) -> bool:
    """Post the opposite of an entry, at what it is worth then; tells whether there was one that still stood."""
    entry = ledger.entries.get(name)
    if entry is None or entry.reverses:
        return False
    points = -decayed(entry.points, entry.at, at)
    opposite = Entry(entry.kind, points, at, event, entry.contact, favour=entry.favour, reverses=name)
    return post(ledger, f"{name}/reversed", opposite)


def is_drained(ledger: Ledger, at: datetime) -> bool:
    """Tell whether we only took, several times, of late."""
    recent = [one for one in standing_entries(ledger) if one.at + DRAINED_WITHIN >= at]
    return sum(one.points < 0 for one in recent) >= DRAINED_BY and not any(one.points > 0 for one in recent)


def standing_entries(ledger: Ledger) -> Iterator[Entry]:
    """Give the entries that were not reversed."""
    reversed_ones = {one.reverses for one in ledger.entries.values() if one.reverses}
    return (one for name, one in ledger.entries.items() if not one.reverses and name not in reversed_ones)
