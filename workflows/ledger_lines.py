"""How does an entry of the loyalty ledger go out? As `ledger.posted` or `ledger.reversed`, where a workflow keeps one.

A company whose workflows do not read the ledger is not told of it; the entries are there all the same.
"""

from __future__ import annotations

from typing import Any

from events.envelope import Event
from workflows.account import AccountState
from workflows.ledger import balance_of, balance_of_contact, post
from workflows.moment import Moment, iso, work_id
from workflows.standing import Entry, Ledger
from workflows.standing_facts import standing_of

POINTS_SHOWN = 2


def post_entry(moment: Moment, name: str, entry: Entry) -> None:
    """Post an entry that a workflow brings about, and tell of it."""
    ledger = standing_of(moment.state).ledger
    if post(ledger, name, entry):
        moment.stale.add("loyalty")
        moment.facts_changed = moment.facts_changed | {"loyalty"}
        _tell(moment, name, entry)


def tell_postings(moment: Moment, event: Event) -> None:
    """Tell of the entries that an event has posted."""
    ledger = standing_of(moment.state).ledger
    for name in list(ledger.entries)[-ENTRIES_OF_EVENT:]:
        if ledger.entries[name].event == event.id:
            _tell(moment, name, ledger.entries[name])


ENTRIES_OF_EVENT = 4
"""An event posts at most so many entries, the newest ones."""


def _tell(moment: Moment, name: str, entry: Entry) -> None:
    if moment.library.keeps_ledger:
        moment.emit(*posting(moment.state, name, entry))


def posting(state: AccountState, name: str, entry: Entry) -> tuple[str, dict[str, Any]]:
    """Give the line that tells of an entry, with the balance after it."""
    ledger: Ledger = standing_of(state).ledger
    said: dict[str, Any] = {
        "id": work_id(f"ledger/{state.id}/{name}"),
        "entry_id": name,
        "kind": entry.kind,
        "points": _shown(entry.points),
        "balance": _shown(balance_of(ledger, entry.at)),
        "posted_at": iso(entry.at),
        "evidence": {"events": [entry.event]},
    }
    if entry.contact:
        said["contact_id"] = entry.contact
        said["contact_balance"] = _shown(balance_of_contact(ledger, entry.contact, entry.at))
    if entry.reverses:
        return "ledger.reversed", {**said, "reverses": entry.reverses}
    return "ledger.posted", said


def _shown(points: float) -> float:
    rounded = round(points, POINTS_SHOWN)
    return int(rounded) if rounded == int(rounded) else rounded
