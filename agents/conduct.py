"""Who tells the other accounts of what somebody of ours did at one of them? (D1, W03).

Mostly they know: what was done before is noted when an account is folded. What was folded side by side, or known
late, is told here: after the batches were written, each start that nobody was told of goes as notes into the log, once.
"""

from __future__ import annotations

from datetime import datetime

from agents.ports import Store
from agents.rows import IntakeChunk, IntakeRecord
from agents.written import start_of
from events.parsing import LATEST, event_to_json, reread_event
from workflows.conduct import Conduct, Note
from workflows.deeds import SOURCE

STARTS_AT_ONCE = 1_000


def tell_others(store: Store) -> int:
    """Tell of the starts that nobody was told of; return how many notes went into the log.

    Raises:
        StoreUnavailable, OutcomeUnknown: nothing is lost; the same is told again, and known already.
    """
    told = 0
    while untold := store.untold_starts(STARTS_AT_ONCE):
        conduct = Conduct()
        for workflow, actor in dict.fromkeys((row.workflow, row.actor) for row in untold):
            for row in store.starts_of(workflow, actor):
                conduct.record(start_of(row))
        notes = {note.event.id: note for row in untold for note in conduct.notes_about(start_of(row))}
        told += _put_into_log(store, list(notes.values()))
        store.mark_told([row.seq for row in untold])
    return told


def _put_into_log(store: Store, notes: list[Note]) -> int:
    by_account: dict[str, list[Note]] = {}
    for note in notes:
        by_account.setdefault(note.event.subject, []).append(note)
    records = []
    for account, found in by_account.items():
        known = _noted_at(store, account)
        records += [_record(note) for note in found if known.get(note.of, LATEST) > note.event.time]
    return store.take(IntakeChunk(records=records)).accepted if records else 0


def _noted_at(store: Store, account: str) -> dict[str, datetime]:
    """Tell from when on an account knows of which starts elsewhere."""
    known: dict[str, datetime] = {}
    for row in store.entries(account):
        if row.source == SOURCE:
            event = reread_event(row.body)
            name = str(event.data["of"])
            known[name] = min(event.time, known.get(name, LATEST))
    return known


def _record(note: Note) -> IntakeRecord:
    event = note.event
    return IntakeRecord(event.subject, note.arrived_at, event.source, event.id, event_to_json(event))
