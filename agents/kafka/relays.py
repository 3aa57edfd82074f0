"""What goes from the store to topics? Accepted events that are only in the table yet, and what is to go out.

The table of the log is the outbox of intake: an event that was accepted is in it, whatever becomes of the broker. A
relay reads, publishes, waits for the broker's word, and then notes it. Whoever dies in between publishes again: a
second record of an event has no effect in a fold, a second line of work has the same id (F10, F19).

One relays at a time, to spare doubles (`Store.lead_relay`), but nothing hangs on that. Each begins at or before
what was noted and goes on without a gap, so that the first record of everything stands in order, however many relays
there are and however long one of them slept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from agents.kafka.topics import Publisher, Topics, event_records, quarantine_records, work_records
from agents.ports import Store

Row = TypeVar("Row")

RELAY_ROWS = 2_000
"""Rows that are published at once."""


def relay_events(
    store: Store, publisher: Publisher, topic: str, on_rows: Callable[[int], None] = lambda _: None
) -> int:
    """Publish what the table holds behind what was relayed; return how many records that were.

    Raises:
        Unpublished: the broker did not take them; what was noted before stays.
    """
    count = 0
    for state in store.partitions():
        at = state.relayed
        while at < state.end and (rows := store.read_log(state.partition, at, RELAY_ROWS)):
            publisher.publish(topic, event_records(rows))
            at = rows[-1].offset + 1
            store.relayed(state.partition, at)
            count += len(rows)
            on_rows(len(rows))
    return count


def relay_work(store: Store, publisher: Publisher, topics: Topics, partitions: int, now: Callable[[], datetime]) -> int:
    """Publish what is to go out, in order; return how many rows that were.

    Raises:
        Unpublished: as above.
    """
    return _relay(
        lambda: store.unsent(RELAY_ROWS),
        lambda rows: publisher.publish(topics.work, work_records(rows, partitions)),
        lambda rows: store.mark_sent([row.seq for row in rows], now()),
    )


def relay_quarantine(
    store: Store, publisher: Publisher, topics: Topics, partitions: int, now: Callable[[], datetime]
) -> int:
    """Publish what came into quarantine; return how many rows that were.

    Raises:
        Unpublished: as above.
    """
    return _relay(
        lambda: store.unsent_quarantine(RELAY_ROWS),
        lambda rows: publisher.publish(topics.quarantine, quarantine_records(rows, partitions)),
        lambda rows: store.mark_quarantine_sent([row.id for row in rows], now()),
    )


def _relay(
    waiting: Callable[[], list[Row]], publish: Callable[[list[Row]], None], note: Callable[[list[Row]], None]
) -> int:
    """Publish what waits, and note it once the broker has it, until nothing does; return how many rows that were."""
    count = 0
    while rows := waiting():
        publish(rows)
        note(rows)
        count += len(rows)
    return count


def is_left(store: Store) -> bool:
    """Tell whether anything waits to be relayed."""
    behind = any(state.relayed < state.end for state in store.partitions())
    return behind or bool(store.unsent(1)) or bool(store.unsent_quarantine(1))
