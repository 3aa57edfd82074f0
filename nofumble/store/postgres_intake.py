"""How does a chunk of intake get into the database?

Under one advisory lock, because offsets have no gaps and an event must not be parked while its link is being added;
then read what the plan needs to know, ask it, and write its answer. One intake at a time is no limit: it is bound by
COPY, not by the lock.
"""

from collections import Counter
from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from agents.ports import StoreError
from agents.rows import IntakeChunk, IntakeRecord, IntakeResult, ParkedRow, partition_of
from nofumble.faults import crash_point
from nofumble.store.copying import KEY, LOG, copy_rows
from nofumble.store.intake import IntakePlan, Key, Known, check_is_current, keys_of, plan_intake, refs_asked, refs_given
from nofumble.store.postgres_batch import add_quarantine
from nofumble.store.postgres_crossing import add_crossing, interest_seq
from nofumble.store.queries import queries


def take_chunk(connection: Connection[TupleRow], chunk: IntakeChunk) -> IntakeResult:
    """Write a chunk within the transaction of the caller, who commits."""
    connection.execute(queries()["lock_intake"])
    check_is_current(chunk, interest_seq(connection))
    plan = plan_intake(chunk, _known(connection, chunk))
    append(connection, plan.records)
    _write_links(connection, plan)
    with connection.cursor() as cursor:
        if plan.park:
            cursor.executemany(queries()["park"], [row[:-1] for row in plan.park])
        if plan.directory:
            cursor.executemany(queries()["add_directory"], [row[:-1] for row in plan.directory])
        if chunk.watermarks:
            cursor.executemany(queries()["add_watermark"], [step._asdict() for step in chunk.watermarks])
    add_crossing(connection, chunk.crossing)
    add_quarantine(connection, chunk.quarantined)
    crash_point("intake.after_insert")
    return plan.result


def taken_keys(connection: Connection[TupleRow], keys: Sequence[Key]) -> set[Key]:
    """Return those of the keys that the log, the parked, the directory or what crosses accounts hold."""
    held = (_known_by_id(connection, name, keys) for name in ("known_directory", "known_interest", "known_campaigns"))
    return set(keys) & _known_keys(connection, keys).union(*held)


def _known(connection: Connection[TupleRow], chunk: IntakeChunk) -> Known:
    given, asked = refs_given(chunk), refs_asked(chunk)
    return Known(
        keys=_known_keys(connection, keys_of([*chunk.records, *chunk.parked])),
        directory=_known_by_id(connection, "known_directory", keys_of(chunk.directory)),
        links=dict(connection.execute(queries()["resolve"], {"refs": asked}).fetchall()) if asked else {},
        waiting=[ParkedRow(*row) for row in connection.execute(queries()["parked_for"], {"refs": given})]
        if given
        else [],
    )


def _known_keys(connection: Connection[TupleRow], keys: Sequence[Key]) -> frozenset[Key]:
    if not keys:
        return frozenset()
    copy_rows(connection, "copy_keys", KEY, keys)
    return frozenset((source, event_id) for source, event_id in connection.execute(queries()["known_keys"]))


def _known_by_id(connection: Connection[TupleRow], name: str, keys: Sequence[Key]) -> frozenset[Key]:
    if not keys:
        return frozenset()
    rows = connection.execute(queries()[name], {"ids": [event_id for _, event_id in keys]})
    return frozenset((source, event_id) for source, event_id in rows)


def append(connection: Connection[TupleRow], records: Sequence[IntakeRecord]) -> None:
    """Copy records into the log, each with the next offset of its partition."""
    if not records:
        return
    offsets: dict[int, int] = dict(connection.execute(queries()["next_offsets"]).fetchall())
    if not offsets:
        raise StoreError("this store has no partitions yet: make them with ensure_partitions")
    added: Counter[int] = Counter()
    rows = []
    for record in records:
        partition = partition_of(record.account_id, len(offsets))
        offset = offsets[partition] + added[partition]
        added[partition] += 1
        rows.append(
            (partition, offset, record.arrived_at, record.account_id, record.source, record.event_id, record.body)
        )
    copy_rows(connection, "copy_log", LOG, rows)
    with connection.cursor() as cursor:
        moved = [(offsets[partition] + count, partition) for partition, count in added.items()]
        cursor.executemany(queries()["move_offsets"], moved)


def _write_links(connection: Connection[TupleRow], plan: IntakePlan) -> None:
    with connection.cursor() as cursor:
        if plan.unpark:
            cursor.execute(queries()["unpark"], {"refs": plan.unpark})
        if plan.repoint:
            cursor.executemany(queries()["repoint"], [(into, old) for old, into in plan.repoint])
        if plan.links:
            cursor.executemany(queries()["link"], [link[:3] for link in plan.links])
