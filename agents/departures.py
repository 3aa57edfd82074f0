"""Who tells the accounts at rest that one of ours has left? (D1, W21).

An account that is folded, or woken, hears of it on the way (`Handler`). Where nothing happens, but the person holds
open work, it goes as a part into the log here, once that was folded; a part that is known already changes nothing.
What came to her since concerns nobody here, so that agents which begin anew tell what those before them told.
"""

from __future__ import annotations

from agents.ports import Store
from agents.rows import IntakeChunk, IntakeRecord, WorkFilter
from agents.world import World
from events.parsing import event_to_json
from workflows.departures import is_asked_for, part_for
from workflows.people import person_of


def tell_of_departures(store: Store, world: World) -> int:
    """Tell accounts at which a departed person holds open work; return how many parts went into the log.

    Raises:
        StoreUnavailable, OutcomeUnknown: nothing is lost; the same is told again, and known already.
    """
    told = 0
    while world.untold:
        event, arrived_at = world.untold[-1]
        if is_asked_for(event, world.library):
            held = store.work(WorkFilter(person=person_of(event)))
            accounts = dict.fromkeys(row.account_id for row in held if row.opened_at <= arrived_at)
            parts = [part_for(event, account) for account in accounts]
            records = [IntakeRecord(one.subject, arrived_at, one.source, one.id, event_to_json(one)) for one in parts]
            told += store.take(IntakeChunk(records=records)).accepted if records else 0
        world.untold.pop()
    return told
