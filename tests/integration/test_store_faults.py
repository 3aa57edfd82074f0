"""When processes and connections die, nothing is lost and nothing is doubled (F1 to F9, F12, F62)."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from agents.page_rows import WorkPage
from agents.ports import Fenced, OutcomeUnknown, StoreUnavailable
from agents.rows import Batch, EntryRow, IntakeChunk, IntakeRecord, OutboxRow, WorkFilter, WorkRow
from nofumble.errors import ServiceUnavailable
from nofumble.faults import POINTS, VARIABLE
from nofumble.postgres import Database
from nofumble.reports.reading import TIME_LOGGED
from nofumble.store.postgres_pages import _named
from nofumble.store.postgres_store import PostgresStore
from nofumble.store.queries import queries
from nofumble.store.transactions import RETRY_MAX_S, Session
from workflows.briefs import PUBLISHED

pytestmark = pytest.mark.database

CHECKOUT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def batch_of(partition: int, start: int, count: int = 3, worker: str = "w1") -> Batch:
    """Return a batch with an entry, a work item and a row of the outbox for each of its offsets."""
    names = [f"p{partition}-{offset}" for offset in range(start, start + count)]
    return Batch(
        partition,
        start,
        start + count,
        worker,
        entries=[
            EntryRow(name, 1, "event", NOON, NOON, "/crm", name, "t", too_late=False, body=b"{}") for name in names
        ],
        opened=[work_row(name) for name in names],
        outbox=[
            OutboxRow(str(uuid5(NAMESPACE_URL, f"out {name}")), name, NOON, "task.offered", b"{}") for name in names
        ],
    )


def work_row(name: str) -> WorkRow:
    id_ = str(uuid5(NAMESPACE_URL, name))
    return WorkRow(
        id_,
        name,
        "task",
        "w",
        "k",
        "T1",
        "offered",
        "dana",
        "csm",
        None,
        None,
        "t",
        NOON,
        NOON,
        None,
        confirmed=True,
        body=b"{}",
    )


def page_parameters(wanted: WorkPage) -> dict[str, object]:
    """Return the parameters of the statements of a page."""
    return _named(wanted) | {"rank": None, "at": None, "id": None, "limit": 25, "now": NOON, "soon": NOON}


def rows_of(store: PostgresStore) -> tuple[int, int, int]:
    """Return how many entries, work items and rows of the outbox there are."""
    with store._database.connect() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM nofumble.events), (SELECT count(*) FROM nofumble.work), (SELECT "
            "count(*) FROM nofumble.outbox)"
        ).fetchone()
    connection.close()
    assert row is not None
    return row


@pytest.fixture
def store(database: Database) -> Iterator[PostgresStore]:
    store = PostgresStore(database)
    store.ensure_partitions(4)
    yield store
    store.close()


WORKER = """
import sys
from nofumble.postgres import Database
from nofumble.store.postgres_store import PostgresStore
from tests.integration.test_store_faults import batch_of, chunk_of
store = PostgresStore(Database(sys.argv[1]))
for number in range(3):
    store.take(chunk_of(number))
    store.save(batch_of(1, store.cursor(1)))
store.close()
"""


def chunk_of(number: int) -> IntakeChunk:
    return IntakeChunk(records=[IntakeRecord("acme", NOON, "/crm", f"{number}-{place}", b"{}") for place in range(3)])


def run_worker(database: Database, fault: str = "") -> int:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, database.dsn], cwd=CHECKOUT, env=os.environ | {VARIABLE: fault}, check=False
    )
    return done.returncode


@pytest.mark.parametrize("point", sorted(one for one in POINTS if not one.startswith("attention.")))
def test_a_worker_that_is_killed_at_any_point_loses_and_doubles_nothing(
    database: Database, store: PostgresStore, point: str
) -> None:
    # given: killed in its second round
    assert run_worker(database, f"{point}:2") == -signal.SIGKILL
    whole = store.cursor(1) // 3
    assert rows_of(store) == (whole * 3,) * 3
    assert whole == (2 if point == "batch.after_commit" else 1)

    # when: it goes on, with all of the intake again
    assert run_worker(database) == 0

    # then
    assert rows_of(store) == (store.cursor(1),) * 3
    logged = [record.offset for state in store.partitions() for record in store.read_log(state.partition, 0, 100)]
    assert sorted(logged) == list(range(9))


def test_a_fault_that_there_is_not_is_refused(database: Database) -> None:
    assert run_worker(database, "batch.nowhere:1") == 1


def test_ranges_of_batches_tile_the_axis(store: PostgresStore, database: Database) -> None:
    for start in (0, 3, 6):
        store.save(batch_of(2, start))
        with pytest.raises(Fenced):
            store.save(batch_of(2, start, worker="zombie"))
    store.save(Batch(2, 9, 9, "w1"))

    with database.connect() as connection:
        rows = connection.execute(
            "SELECT from_off, to_off, worker FROM nofumble.batch WHERE partition = 2 ORDER BY 1"
        ).fetchall()
    connection.close()
    assert rows == [(0, 3, "w1"), (3, 6, "w1"), (6, 9, "w1")]


def test_a_store_survives_the_end_of_its_connection(store: PostgresStore, database: Database) -> None:
    store.save(batch_of(0, 0))

    terminate(database, store)
    store.save(batch_of(0, 3))

    assert (store.cursor(0), rows_of(store)) == (6, (6, 6, 6))


def test_a_backend_that_is_ended_within_a_transaction_is_tried_again(store: PostgresStore, database: Database) -> None:
    # given
    attempts = []

    def work(connection: Connection) -> None:
        attempts.append(connection.info.backend_pid)
        connection.execute("INSERT INTO meta VALUES ('x', 'y')")
        if len(attempts) == 1:
            terminate(database, store)
        connection.execute("SELECT 1")

    # when
    store._session.run(work)

    # then
    assert len(set(attempts)) == 2
    assert store.fix("x", "other") == "y"


def test_a_deadlock_is_tried_again(store: PostgresStore, database: Database) -> None:
    # given: two sessions that take two locks crosswise
    meeting = threading.Barrier(2)
    attempts: list[str] = []

    def cross(name: str, first: int, second: int) -> None:
        other = PostgresStore(database)

        def work(connection: Connection) -> None:
            attempts.append(name)
            connection.execute("SELECT pg_advisory_xact_lock(99, %s)", [first])
            if attempts.count(name) == 1:
                meeting.wait()
            connection.execute("SELECT pg_advisory_xact_lock(99, %s)", [second])

        other._session.run(work)
        other.close()

    # when
    threads = [threading.Thread(target=cross, args=args) for args in (("a", 1, 2), ("b", 2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # then
    assert sorted(attempts) in (["a", "a", "b"], ["a", "b", "b"])


def test_a_commit_whose_answer_is_lost_is_never_guessed(database: Database) -> None:
    # given: the connection ends while the commit is under way
    def connect() -> Connection:
        connection = database.connect()
        connection.commit = lambda: lose(connection)  # type: ignore[method-assign]
        return connection

    def lose(connection: Connection) -> None:
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    session = Session(connect)

    # then
    with pytest.raises(OutcomeUnknown, match="read the cursor"):
        session.run(lambda connection: connection.execute("SELECT 1"))


def test_after_a_lost_answer_the_cursor_tells_and_nothing_is_doubled(store: PostgresStore, database: Database) -> None:
    # given: something between us and the server passes the commit on, and then drops us (F4)
    with deaf_after_commit(database) as deaf:
        far = PostgresStore(deaf)

        # when
        with pytest.raises(OutcomeUnknown):
            far.save(batch_of(1, 0))
        far.close()

    # then
    assert wait_for(lambda: store.cursor(1) == 3)
    with pytest.raises(Fenced):
        store.save(batch_of(1, 0))
    assert rows_of(store) == (3, 3, 3)


def test_a_database_that_stays_away_is_given_up_after_a_while() -> None:
    # given
    now = [0.0]
    pauses: list[float] = []

    def pause(duration_s: float) -> None:
        pauses.append(duration_s)
        now[0] += duration_s

    def connect() -> Connection:
        raise ServiceUnavailable("the database does not answer")

    # when
    session = Session(connect, monotonic=lambda: now[0], pause=pause)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        session.run(lambda connection: connection)

    # then: pauses double up to two seconds, and end after the deadline
    assert pauses[:3] == [0.02, 0.04, 0.08]
    assert (max(pauses), RETRY_MAX_S <= now[0] <= RETRY_MAX_S + 2) == (2.0, True)


def test_an_error_of_the_work_itself_is_not_tried_again_and_leaves_nothing(store: PostgresStore) -> None:
    attempts = []

    def work(connection: Connection) -> None:
        attempts.append(1)
        connection.execute("INSERT INTO meta VALUES ('x', 'y')")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store._session.run(work)

    assert (len(attempts), store.fix("x", "z")) == (1, "z")


def test_two_intakes_at_the_same_time_leave_no_gap_and_take_each_event_once(
    store: PostgresStore, database: Database
) -> None:
    # given
    def take(source: str) -> None:
        mine = PostgresStore(database)
        for number in range(10):
            shared = [IntakeRecord(f"a{place}", NOON, "/shared", f"{number}-{place}", b"{}") for place in range(10)]
            own = [IntakeRecord(f"a{place}", NOON, source, f"{number}-{place}", b"{}") for place in range(10)]
            mine.take(IntakeChunk(records=shared + own))
        mine.close()

    # when
    threads = [threading.Thread(target=take, args=(source,)) for source in ("/one", "/two", "/three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # then: 100 shared, 100 of each of the three
    states = store.partitions()
    assert sum(state.end for state in states) == 400
    for state in states:
        assert [row.offset for row in store.read_log(state.partition, 0, 1000)] == list(range(state.end))


@pytest.mark.parametrize(
    ("name", "parameters", "index"),
    [
        ("due_accounts", {"partition": 1, "until": NOON, "limit": 10}, "accounts_due"),
        ("known_events", {"account": "a", "ids": ["x"]}, "events_pkey"),
        ("work", WorkFilter(person="dana")._asdict(), "work_holder"),
        ("work", WorkFilter(queue="cs")._asdict(), "work_holder"),
        ("work", WorkFilter(account_id="acme", is_open=None)._asdict(), "work_account"),
        ("happened", {"types": [TIME_LOGGED], "since": NOON, "until": NOON, "limit": 10}, "events_time_logged"),
        ("told", {"types": [PUBLISHED], "since": NOON, "until": NOON, "limit": 10}, "outbox_briefs"),
        ("work", WorkFilter(is_open=None, id_prefix="5023f5")._asdict(), "work_pkey"),
        ("unsent", {"limit": 10}, "outbox_unsent"),
        ("known_keys", None, "log_event_id_source_key"),
        ("load_entries", {"ids": ["a"], "after": [0]}, "events_pkey"),
    ],
)
def test_a_statement_of_every_batch_can_use_its_index(
    store: PostgresStore, name: str, parameters: dict[str, object] | None, index: str
) -> None:
    def plan(connection: Connection) -> str:
        connection.execute("SET LOCAL enable_seqscan = off")
        return "\n".join(row[0] for row in connection.execute(b"EXPLAIN " + queries()[name], parameters))

    assert index in store._session.run(plan)


MUCH_WORK = """
INSERT INTO work (id, account_id, kind, workflow, key, ref, status, person, title, opened_at, confirmed, body,
                  receivers)
SELECT gen_random_uuid(), 'acme', CASE n % 2 WHEN 0 THEN 'task' ELSE 'alert' END, 'w', 'k', 'T1', 'open', 'p' || n / 10,
       't', now(), true, repeat('x', 500)::bytea, ARRAY['p' || n / 10, 'p' || n / 20] FROM generate_series(1, 4000) AS n
"""


@pytest.mark.parametrize("name", ["work_page", "work_counts"])
def test_an_inbox_can_be_read_by_the_indexes_of_holders_and_of_receivers(store: PostgresStore, name: str) -> None:
    def plan(connection: Connection) -> str:
        connection.execute(MUCH_WORK)
        connection.execute("ANALYZE work")
        parameters = page_parameters(WorkPage(("task", "alert"), ["dana"]))
        return "\n".join(row[0] for row in connection.execute(b"EXPLAIN " + queries()[name], parameters))

    found = store._session.run(plan)

    assert "work_holder" in found
    assert "work_receivers" in found


@contextmanager
def deaf_after_commit(database: Database) -> Iterator[Database]:
    """Give the database behind a proxy that passes all on, except what the server answers to a commit of entries."""
    folder = Path(tempfile.mkdtemp(prefix="nofumble-proxy-", dir="/tmp"))
    target = conninfo_to_dict(database.dsn)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / ".s.PGSQL.5432"))
    listener.listen()
    thread = threading.Thread(target=pass_on, args=(listener, f"{target['host']}/.s.PGSQL.5432"))
    thread.start()
    try:
        yield Database(make_conninfo(database.dsn, host=str(folder)))
    finally:
        thread.join()
        listener.close()
        shutil.rmtree(folder)


def pass_on(listener: socket.socket, target: str) -> None:
    """Serve one connection until it commits after it copied entries."""
    client, _ = listener.accept()
    server = socket.socket(socket.AF_UNIX)
    server.connect(target)
    has_copied = False
    with client, server:
        while True:
            for ready in select.select([client, server], [], [])[0]:
                passed = ready.recv(1 << 16)
                (server if ready is client else client).sendall(passed)
                has_copied = has_copied or b"COPY events" in passed
                if not passed or (has_copied and ready is client and b"COMMIT" in passed):
                    return


def wait_for(condition: Callable[[], bool]) -> bool:
    """Poll a condition for ten seconds: the server brings it about in its own time."""
    return any(condition() or time.sleep(0.01) for _ in range(1000))


def terminate(database: Database, store: PostgresStore) -> None:
    """End the connection of a store, as an administrator may."""
    pid = store._session._connection.info.backend_pid
    with database.connect(autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close()
