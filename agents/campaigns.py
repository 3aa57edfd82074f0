"""When does the account of a campaign get the whole, with what the other accounts have found? (D1, W17).

Intake gives each account its part of the list (`agents/intake.py`), and keeps the whole. Agents that own all the
accounts give it as soon as the last part is folded (`answer_to`), as `simulate` does. Where others own one of them, it
goes through the log, once every part was written (`tell_campaigns`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from agents.crossing_rows import CampaignRow
from agents.ports import Store
from agents.rows import IntakeChunk, IntakeRecord, LogRecord
from agents.world import World
from agents.written import entry_of
from events.envelope import Event
from events.parsing import event_to_json, reread_event
from workflows.account import AccountState
from workflows.audience import PART_OF, Split, found_at, screened
from workflows.entries import Stored
from workflows.history import History

CAMPAIGNS_AT_ONCE = 1_000

StateWith = Callable[[Event], AccountState | None]
"""Gives the state of a part's account once it has folded the part; None before, and where it is not ours."""


class Folded(Protocol):
    """An account that is folded here."""

    history: History


def campaign_row(split: Split, arrived_at: datetime) -> CampaignRow:
    """Write down a campaign whose parts go into the log."""
    whole, parts = split.whole, [event_to_json(one) for one in split.parts]
    return CampaignRow(whole.source, whole.id, arrived_at, event_to_json(whole), parts, list(split.unknown))


def answer_to(store: Store, part: Event, record: LogRecord, ours: Callable[[str], Folded | None]) -> LogRecord | None:
    """Give the whole of a campaign of which an account has just folded a part, if that was the last one.

    It arrives with the part's `record`, which stands for it in the log. `ours` gives the accounts that are folded here.
    """
    if not part.data.get(PART_OF) or part.causation_id is None:
        return None
    row = store.campaign((part.source, part.causation_id))
    if row is None or row.is_told:
        return None

    def state_with(one: Event) -> AccountState | None:
        folded = ours(one.subject)
        return folded.history.state if folded is not None and _has_folded(store, folded.history, one) else None

    whole = _whole(split_of(row), state_with)
    return None if whole is None else record._replace(account_id=whole.subject, body=event_to_json(whole), event=whole)


def tell_campaigns(store: Store, world: World) -> int:
    """Give the accounts of campaigns what they wait for; return how many wholes went into the log.

    Raises:
        StoreUnavailable, OutcomeUnknown: nothing is lost; the same is told again, and known already.
    """
    told, done = 0, list[tuple[str, str]]()
    for row in store.untold_campaigns(CAMPAIGNS_AT_ONCE):
        key, split = (row.source, row.event_id), split_of(row)
        home = split.whole.subject
        if not store.known_events(home, [key]):
            whole = _whole(split, lambda part: _state_after(store, world, part))
            if whole is None:
                continue
            record = IntakeRecord(home, row.arrived_at, *key, event_to_json(whole))
            told += store.take(IntakeChunk(records=[record])).accepted
        done.append(key)
    if done:
        store.mark_campaigns_told(done)
    return told


def _whole(split: Split, state_with: StateWith) -> Event | None:
    answers = dict[str, dict[str, list[str]]]()
    for part in split.parts:
        state = state_with(part)
        if state is None:
            return None
        answers[part.id] = found_at(state, part)
    return screened(split, answers)


def _has_folded(store: Store, history: History, part: Event) -> bool:
    key = (part.source, part.id)
    is_recent = any(one.event and (one.event.source, one.event.id) == key for one in history.entries)
    return is_recent or key in store.known_events(part.subject, [key])


def split_of(row: CampaignRow) -> Split:
    """Read a campaign back."""
    parts = tuple(reread_event(one) for one in row.parts)
    return Split(reread_event(row.whole), parts, tuple(row.unknown))


def _state_after(store: Store, world: World, part: Event) -> AccountState | None:
    """Fold the log of an account up to the part: what it said then, however far it is by now."""
    key = (part.source, part.id)
    if not store.known_events(part.subject, [key]):
        return None
    rows = store.entries(part.subject)
    end = next(place for place, row in enumerate(rows) if (row.source, row.event_id) == key) + 1
    entries = tuple(entry_of(row) for row in rows[:end])
    last = entries[-1]
    stored = Stored(
        recent=entries,
        number=last.number,
        frontier=last.arrived_at,
        fired=last.arrived_at - timedelta(microseconds=1),  # what was due before it came had fired
    )
    return History(part.subject, world.libraries, world.directories, world.watermarks, stored=stored).state
