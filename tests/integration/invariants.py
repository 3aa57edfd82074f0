"""Was anything lost, was anything doubled? The invariants of the store, counted on the database as it stands.

Every function gives what breaks its invariant, so that a test reads `assert coverage(connection) == []`; none of them
believes the code that is under test. The oracle is the simulation: the same rows, folded in memory with no store, no
batches and no cursor. Only how a row is written down is shared with the agents.

- I1 every record of the log is handled once: an entry, a row in quarantine, or known already
- I2 what went out went out once, and is what the oracle says
- I5 the ranges of the batches tile the log
- I6 no timer is overdue, and no rung of a ladder fired twice
- I7 the tables hold the bytes of an undisturbed run
- I10 whatever intake said that it took is somewhere
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow

from events.envelope import Refused
from events.parsing import parse_event
from nofumble.postgres import Database
from nofumble.prove.oracle import Key, Read
from nofumble.prove.oracle import dump_of_simulation as simulated
from nofumble.prove.tables import Dump, Row, account_row, differences, dump_of
from nofumble.store.memory_store import MemoryStore
from nofumble.wiring import load_definitions, load_directory
from tests.integration.eventful import UNTIL, Quarter, read_rows
from workflows.deeds import SOURCE
from workflows.directory import Directory
from workflows.library import Library
from workflows.people import OF_HOLDERS


def dump_in(database: Database) -> Dump:
    """Read the tables of a database by a connection of its own."""
    with database.connect() as connection:
        dump = dump_of(connection)
    connection.close()
    return dump


def dump_of_memory(store: MemoryStore) -> Dump:
    """Read the same out of the store in memory."""
    entries = {name: [of[seq] for seq in sorted(of)] for name, of in sorted(store._entries.items())}
    lines = sorted(store._outbox.values(), key=lambda row: (row.account_id, row.seq))
    accounts = []
    for name, row in sorted(store._accounts.items()):
        own = entries.get(name, [])
        last = max([row.seq, *(entry.seq for entry in own)])
        frontier = max([row.frontier, *(entry.arrived_at for entry in own)])
        accounts.append(
            (name, row.partition, row.next_due_at, last, row.fired_at, (row.facts or b"{}").decode(), frontier)
        )
    problems = [one.row for one in store._quarantine.values() if one.row.origin.startswith("account/")]
    return Dump(
        [tuple(store._work[name]) for name in sorted(store._work)],
        [(row.account_id, row.id, row.at, row.type, row.body) for row in lines],
        [tuple(entry[:-1]) for own in entries.values() for entry in own],
        [account_row(row) for row in accounts],
        sorted((row.account_id, row.event_id or "", row.workflow or "", row.reason) for row in problems),
    )


def dump_of_simulation(read: Read, library: Library, directory: Directory, *, until: datetime = UNTIL) -> Dump:
    """Fold the same rows in memory, and write down what would be in the tables: the oracle."""
    return simulated(read, library, directory, until=until)


def oracle_of(quarter: Quarter, folder: Path) -> Dump:
    """Say what must come of a quarter, with the organisation of its folder."""
    directory = load_directory(folder / "organisation.yaml")
    return dump_of_simulation(read_rows(quarter.rows), Library(load_definitions()), directory)


# ------------------------------------------------------------------------------------------------------- the invariants


def coverage(connection: Connection[TupleRow], *, is_at_rest: bool = True) -> list[str]:
    """I1: each record before the cursor is one of entry, quarantine, duplicate; each after it is none; nothing else is.

    At rest, the cursor stands at the end of the log, and offsets have no gaps. That one of ours has left reaches an
    account on the way or through the log, whichever is first (W21): the comparison with the oracle says whether it did.
    """
    broken = [
        f"partition {partition}: cursor {cursor}, end {end}, {rows} rows from {low} to {high}"
        for partition, cursor, end, rows, low, high in connection.execute(
            """SELECT c.partition, c.next, p.next_off, count(l.off), min(l.off), max(l.off) FROM nofumble.cursor c
            JOIN nofumble.log_partition p USING (partition) LEFT JOIN nofumble.log l USING (partition)
            GROUP BY 1, 2, 3"""
        )
        if rows != end or (rows and (low, high) != (0, end - 1)) or cursor > end or (is_at_rest and cursor != end)
    ]
    entries = Counter(
        connection.execute(
            "SELECT account_id, source, event_id FROM nofumble.events WHERE kind = 'event' AND type <> ALL(%s)",
            [list(OF_HOLDERS)],
        )
    )
    refused = Counter(
        connection.execute("SELECT origin, position::bigint FROM nofumble.quarantine WHERE origin LIKE 'log/%'")
    )
    seen: set[Row] = set()
    log = """SELECT l.partition, off, account_id, body, off < c.next
             FROM nofumble.log l JOIN nofumble.cursor c USING (partition)"""
    departures = {one.encode() for one in OF_HOLDERS}
    for partition, offset, account, body, is_handled in connection.execute(f"{log} ORDER BY 1, 2"):
        if any(one in body for one in departures):
            continue
        key = key_of(body)
        place = (account, *key) if key else None
        is_refused = (f"log/{partition}", offset) in refused
        if is_refused:
            times = refused.pop((f"log/{partition}", offset))
        elif place in seen:
            times = int(is_handled)  # known already
        else:
            times = entries.pop(place, 0)
        if is_handled and place is not None and not is_refused:
            seen.add(place)
        if times != is_handled:
            broken.append(f"log {partition}/{offset} of {account} was handled {times} times, not {int(is_handled)}")
    unknown = [row for row in (*entries, *refused) if SOURCE not in row]  # what was done elsewhere is noted (W03)
    return broken + [f"{row} stands in no log" for row in unknown]


def effects(connection: Connection[TupleRow], oracle: Dump, lines: Sequence[Row]) -> list[str]:
    """I2: ids are unique, and the lines are those of the oracle: neither side has one that the other has not."""
    broken = [
        f"{table} has {id_} {count} times"
        for table in ("outbox", "work")
        for id_, count in connection.execute(
            f"SELECT id, count(*) FROM nofumble.{table} GROUP BY 1 HAVING count(*) > 1"
        )
    ]
    for what, one, other in (("lost", oracle.lines, lines), ("doubled or made up", lines, oracle.lines)):
        odd = Counter(map(tuple, one)) - Counter(map(tuple, other))
        broken += [f"{what}: {row}" for row in sorted(odd, key=lambda row: row[2])[:5]]
    return broken


def tiles(connection: Connection[TupleRow]) -> list[str]:
    """I5: each batch of a partition begins where the one before it ended, from 0 to the cursor."""
    return [
        f"partition {partition}: a batch from {start} follows one to {before}"
        for partition, start, before in connection.execute(
            """SELECT * FROM (
                SELECT partition, from_off, coalesce(lag(to_off) OVER axis, 0) AS before FROM
                    (SELECT partition, from_off, to_off FROM nofumble.batch
                     UNION ALL SELECT partition, next, NULL FROM nofumble.cursor) AS ranges
                WINDOW axis AS (PARTITION BY partition ORDER BY from_off, to_off)) AS steps
            WHERE from_off <> before"""
        )
    ]


def timers(connection: Connection[TupleRow], until: datetime = UNTIL) -> list[str]:
    """I6: at rest nothing is due any more, and no rung of a task's ladder was raised twice.

    An account that waits for the proof of an absence is due again and again, at what fired last.
    """
    overdue = connection.execute(
        """SELECT id, next_due_at FROM nofumble.accounts
        WHERE next_due_at <= %s AND next_due_at IS DISTINCT FROM fired_at""",
        [until],
    )
    twice = connection.execute(
        """SELECT data ->> 'of', data ->> 'rung', data ->> 'due', count(*) FROM
            (SELECT convert_from(body, 'UTF8')::jsonb -> 'data' AS data FROM nofumble.outbox
             WHERE type = 'escalation.raised') AS raised
        GROUP BY 1, 2, 3 HAVING count(*) > 1"""
    )
    return [f"overdue: {row}" for row in overdue] + [f"raised twice: {row}" for row in twice]


def unaccounted(connection: Connection[TupleRow], acked: Iterable[bytes]) -> list[str]:
    """I10: rows that intake said it took, and that are in no log, not parked, not refused, not in the directory."""
    kept = set(
        connection.execute(
            """SELECT source, event_id FROM nofumble.log UNION SELECT source, event_id FROM nofumble.parked
            UNION SELECT source, event_id FROM nofumble.directory_log
            UNION SELECT source, event_id FROM nofumble.interest
            UNION SELECT source, regexp_replace(event_id, '/[^/]*$', '') FROM nofumble.log"""
        )
    )
    raw = {bytes(row[0]) for row in connection.execute("SELECT raw FROM nofumble.quarantine")}
    return [f"lost: {row[:200]!r}" for row in acked if key_of(row) not in kept and row not in raw]


def key_of(raw: bytes) -> Key | None:
    """Return what makes a row the event that it is, None for what is no event."""
    try:
        event = parse_event(raw, now=UNTIL)
    except Refused:
        return None
    return event.source, event.id


def broken_invariants(
    connection: Connection[TupleRow],
    oracle: Dump,
    acked: Iterable[bytes],
    *,
    until: datetime = UNTIL,
    view: Callable[[Dump], Dump] = Dump.without_frontier,
) -> Mapping[str, list[str]]:
    """Return everything that does not hold of a store at rest, by the number of the invariant.

    `view` leaves out of both sides what may differ.
    """
    ours, theirs = view(dump_of(connection)), view(oracle)
    found = {
        "I1": coverage(connection),
        "I2": effects(connection, theirs, ours.lines),
        "I5": tiles(connection),
        "I6": timers(connection, until),
        "I7": differences(ours, theirs),
        "I10": unaccounted(connection, acked),
    }
    return {name: broken[:5] for name, broken in found.items() if broken}
