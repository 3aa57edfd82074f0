"""What should be in the tables? The same rows folded in memory, as `simulate` does: no store, no batches, no cursor."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from agents.rows import partition_of
from agents.written import entry_row, outbox_row, work_row
from events.envelope import Refused
from events.parsing import parse_event
from nofumble.prove.tables import Dump, Row, account_row, line_row
from workflows.directory import Directory
from workflows.library import Library
from workflows.simulation import Arrival, World

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
    # What the fold was given as it came has the bytes in which it came; what was made of it has none of its own.
    as_it_came = {id(one.event): read.raw[one.event.source, one.event.id] for one in read.events}
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
            one.number: as_it_came[id(one.event)]
            for one in out.entries
            if one.kind == "event" and id(one.event) in as_it_came
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
