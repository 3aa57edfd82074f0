"""What should be in the tables? The same rows folded in memory, as `simulate` does: no store, no batches, no cursor."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from agents.rows import partition_of
from agents.written import entry_row, outbox_row, work_row
from events.envelope import Refused
from events.parsing import event_to_json, parse_event
from nofumble.prove.tables import Dump, Row, account_row, line_row
from workflows.deeds import SOURCE
from workflows.directory import Directory
from workflows.library import Library
from workflows.people import OF_HOLDERS
from workflows.simulation import Arrival, World, fan_out

Key = tuple[str, str]
"""Source and id of an event: what makes it one event (R3)."""


class Read(NamedTuple):
    """Rows as they were read: events in order of arrival, the bytes in which each came first, rows that are none."""

    events: list[Arrival]
    raw: dict[Key, bytes]
    bad: list[bytes]


def read_rows(rows: Iterable[bytes], now: datetime) -> Read:
    """Read rows as intake and `simulate` do: the events in order of arrival, and what is none."""
    events: list[tuple[Arrival, bytes]] = []
    raw: dict[Key, bytes] = {}
    bad: list[bytes] = []
    for row in rows:
        try:
            event = parse_event(row, now=now)
        except Refused:
            bad.append(row)
            continue
        events.append((Arrival(event, event.recorded_at or event.time), row))
    events.sort(key=lambda one: one[0].arrived_at)
    for arrival, row in events:
        raw.setdefault((arrival.event.source, arrival.event.id), row)
    return Read([arrival for arrival, _ in events], raw, bad)


def dump_of_simulation(read: Read, library: Library, directory: Directory, *, until: datetime) -> Dump:
    """Fold the same rows in memory, and write down what would be in the tables: the oracle."""
    world = World(library, directory)
    for arrival in read.events:
        world.receive(arrival)
    world.advance(until)
    bodies = _bodies(read)
    work: list[Row] = []
    lines: list[Row] = []
    entries: list[Row] = []
    accounts: list[Row] = []
    problems: set[Row] = set()
    for name, history in sorted(world.histories.items()):
        out = history.drain()
        work += [tuple(work_row(name, item)) for item in out.work.values()]
        lines += [line_row(outbox_row(name, line)) for line in out.lines]
        own = {
            one.number: bodies[one.event.source, one.event.id]
            for one in out.entries
            if one.event is not None
            and one.kind == "event"
            and one.event.source != SOURCE
            and one.event.type not in OF_HOLDERS  # a part that the fold made of a departure has no bytes of its own
            and (one.event.source, one.event.id) in bodies  # nor has one for who is behind a product request
        }
        entries += [
            tuple(entry_row(name, entry, own)[:-1]) for entry in sorted(out.entries, key=lambda one: one.number)
        ]
        shown = ("name", "tier", "lifecycle", "health", "country", "industry", "renewal_date", "roles", "arr")
        facts = json.dumps({field: getattr(history.state, field) for field in shown})
        due, fired = history.next_due(), history.fired
        accounts.append(account_row((name, partition_of(name, 8), due, history.number, fired, facts, None)))
        problems |= {(name, one.event_id, one.workflow, one.reason) for one in out.problems}
    return Dump(sorted(work), lines, entries, accounts, sorted(problems))


def _bodies(read: Read) -> dict[Key, bytes]:
    """Return the bytes in which each event came first; those of one account's part of an event of many."""
    bodies: dict[Key, bytes] = {}
    for arrival in read.events:
        event = arrival.event
        if (event.source, event.id) not in bodies:
            bodies[event.source, event.id] = read.raw[event.source, event.id]
            for one in fan_out(event):
                if one is not event:
                    bodies[one.source, one.id] = event_to_json(one)
    return bodies
