"""What of other accounts does a chunk of intake follow from? The part of it that the store knows already (W08).

Only what is connected with the chunk is read: rows that name its requests and releases, rows that name what those
name, and so on. Replayed in their order they give the interest as it was when the last of them was taken.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.crossing_rows import InterestRow
from agents.ports import Store
from events.envelope import Event
from events.parsing import reread_event
from workflows.interest import Interest, keys_of


def interest_behind(store: Store, events: Iterable[Event]) -> Interest:
    """Read who is behind the requests and releases that these events name, and what was told of them."""
    interest, rows = Interest(), dict[int, InterestRow]()
    asked, wanted = set[str](), {key for event in events for key in keys_of(event)}
    while new := wanted - asked:
        found = store.interest(sorted(new))
        rows |= {row.seq: row for row in found}
        asked |= new
        wanted |= {key for row in found for key in row.keys}
    for _, row in sorted(rows.items()):
        interest.take(reread_event(row.body), row.accounts)
    return interest


def interest_row(event: Event, accounts: Iterable[str], body: bytes) -> InterestRow:
    """Write down what an event that names requests or releases was given to."""
    return InterestRow(sorted(keys_of(event)), event.source, event.id, list(accounts), body)
