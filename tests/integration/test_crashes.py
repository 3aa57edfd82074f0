"""Nothing is lost and nothing is doubled, whoever dies, and whenever (F1 to F3, F5 to F9, F12, F18 to F20).

Real commands in processes of their own, on a real database, over an eventful quarter. They are killed at every named
point and at moments drawn from a seed, and then simply run again. What is in the tables at the end must be what an
undisturbed run and the simulation give, byte for byte, and every invariant is counted on the database itself.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import psutil
import pytest
from psycopg import Error

from config.settings import Settings
from nofumble.faults import POINTS
from nofumble.postgres import Database, open_database
from tests.database import DatabaseServer
from tests.integration.commands import AGENTS, PATIENCE_S, Commands
from tests.integration.eventful import Quarter, eventful_quarter
from tests.integration.invariants import (
    Dump,
    broken_invariants,
    coverage,
    differences,
    dump_in,
    dump_of,
    oracle_of,
    tiles,
)

pytestmark = [pytest.mark.database, pytest.mark.slow]

SEED = int(os.environ.get("NOFUMBLE_TEST_SEED", "11"))
"""Another seed is another quarter, and other moments of death."""

BATCH_POINTS = sorted(point for point in POINTS if point.startswith("batch."))
ACCOUNTS = 16
"""Enough that every kind of batch comes more than once: each test below folds the quarter two to five times."""

END_MAX_S = 30
"""How long a process may take to end when it is asked to (F7)."""


class Case(NamedTuple):
    """The quarter as a file, what must come of it, and databases: with the file taken in, and at the end."""

    quarter: Quarter
    folder: Path
    file: Path
    oracle: Dump
    taken_in: Database
    undisturbed: Dump
    batches: int


@pytest.fixture(scope="module")
def case(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("crashes")
    quarter = eventful_quarter(SEED, ACCOUNTS)
    file = quarter.write(folder)
    oracle = oracle_of(quarter, folder)
    with database_server.database() as taken_in:
        Commands(folder, taken_in.dsn, is_small=True).ingest(file)
        spoil(taken_in)
        with database_server.copy_of(taken_in) as database:
            done = Commands(folder, database.dsn, is_small=True).work()
            undisturbed = dump_in(database)
        yield Case(quarter, folder, file, oracle, taken_in, undisturbed, done["batches"])


def spoil(database: Database) -> None:
    """Put into each partition what intake would not: bytes that are no event, and an event that is there already."""
    with database.connect() as connection:
        for name, body in (("no event", "'{'::bytea"), ("again", "body")):
            connection.execute(
                f"""INSERT INTO nofumble.log (partition, off, arrived_at, account_id, source, event_id, body)
                SELECT partition, next_off, arrived_at, account_id, '/spoilt', '{name} ' || partition, {body}
                FROM nofumble.log_partition JOIN nofumble.log USING (partition) WHERE off = 0"""
            )
            connection.execute("UPDATE nofumble.log_partition SET next_off = next_off + 1 WHERE next_off > 0")
    connection.close()


def check(case: Case, database: Database) -> None:
    """Count every invariant, and compare the tables with those of the undisturbed run (I7)."""
    with database.connect() as connection:
        assert broken_invariants(connection, case.oracle, case.quarter.rows) == {}
        assert dump_of(connection).digest() == case.undisturbed.digest()
    connection.close()


def check_meanwhile(database: Database) -> None:
    """After a crash: what was handled was handled once, and batches tile."""
    with database.connect() as connection:
        assert coverage(connection, is_at_rest=False) + tiles(connection) == []
    connection.close()


@pytest.fixture
def database(case: Case, database_server: DatabaseServer) -> Iterator[Database]:
    """A database with the quarter taken in and nothing of it folded."""
    with database_server.copy_of(case.taken_in) as database:
        yield database


@pytest.fixture
def empty(database_server: DatabaseServer) -> Iterator[Database]:
    with database_server.database() as database:
        yield database


def test_the_undisturbed_run_is_what_simulate_says(case):
    assert differences(case.undisturbed.without_frontier(), case.oracle.without_frontier()) == []
    assert (len(case.oracle.work), len(case.oracle.lines)) > (500, 1_500)


class TestKilledAtAPoint:
    @pytest.mark.parametrize("point", BATCH_POINTS)
    def test_agents_that_are_killed_go_on_where_they_were(self, case, database, point):
        commands = Commands(case.folder, database.dsn, is_small=True)
        later = Random(f"{SEED} {point}").randint(2, case.batches - 2)

        # when: at the first passage, and at a later one
        for passage in (1, later):
            assert commands.die(f"{point}:{passage}", *AGENTS)
            check_meanwhile(database)
        commands.work()

        # then
        assert commands.killed == 2
        check(case, database)

    @pytest.mark.parametrize("point", ["intake.after_commit", "intake.after_insert"])
    def test_an_intake_that_is_killed_is_repeated_by_whoever_had_no_answer(self, case, empty, point):
        commands = Commands(case.folder, empty.dsn, is_small=True)

        # when: in its first chunk, and in its second
        assert commands.die(f"{point}:1", "ingest", str(case.file))
        kept = logged(empty)
        assert commands.die(f"{point}:2", "ingest", str(case.file))
        tally = commands.ingest(case.file)
        commands.work()

        # then
        assert (kept > 0) == (point == "intake.after_commit")
        assert tally["rows"] == sum(tally[name] for name in ("accepted", "duplicate", "parked", "quarantined"))
        assert tally["duplicate"] > 350
        check(case, empty)

    def test_a_chain_of_deaths_in_a_hundred_small_transactions(self, case, empty):
        commands = Commands(case.folder, empty.dsn, is_small=True)
        draw = Random(SEED)

        # when: intake begins anew each time, the agents go on
        for chunk in (1, 2, 3, 4):
            assert commands.die(f"intake.{draw.choice(['after_insert', 'after_commit'])}:{chunk}", *feed(case))
        commands.ingest(case.file)
        while commands.die(f"{draw.choice(BATCH_POINTS)}:{draw.randint(10, 30)}", *AGENTS):
            check_meanwhile(empty)

        # then
        assert commands.killed >= 6
        check(case, empty)


class TestDatabaseDies:
    def test_a_server_that_is_killed_again_and_again_is_revived_and_the_work_goes_on(self, case, tmp_path):
        (tmp_path / "organisation.yaml").write_text(case.quarter.organisation, encoding="utf-8")
        commands = Commands(tmp_path, None, is_small=True)
        draw = Random(SEED)

        # when: while it is fed, and while it works
        kills = sum(
            under_fire(commands, words, lambda: kill_server(commands.home), draw, 4) for words in (feed(case), AGENTS)
        )
        commands.ingest(case.file)
        commands.work()

        # then
        with open_database(Settings(home=commands.home)) as database:
            check(case, database)
        assert kills >= 3

    def test_connections_that_are_ended_are_made_again(self, case, database):
        commands = Commands(case.folder, database.dsn, is_small=True)

        kills = under_fire(commands, AGENTS, lambda: end_connections(database), Random(SEED), 8)
        commands.work()

        assert kills >= 3
        check(case, database)


class TestAskedToEnd:
    @pytest.mark.parametrize(
        ("how", "words"), [(signal.SIGTERM, AGENTS), (signal.SIGINT, ("run",))], ids=["once", "on and on"]
    )
    def test_agents_end_soon_and_nothing_is_lost(self, case, database, how, words):
        commands = Commands(case.folder, database.dsn, is_small=True)
        process = commands.start(*words)
        assert waited_for(lambda: handled(database) > 500)

        took_s = ended(process, how)

        assert took_s < END_MAX_S
        assert handled(database) < logged(database) or words == ("run",)
        check_meanwhile(database)
        commands.work()
        if words == AGENTS:  # the others let the clock run to today
            check(case, database)

    def test_so_do_those_that_have_a_server_of_their_own(self, case, tmp_path):
        # given
        (tmp_path / "organisation.yaml").write_text(case.quarter.organisation, encoding="utf-8")
        commands = Commands(tmp_path, None, is_small=True)
        commands.ingest(case.file)

        # when
        process = commands.start(*AGENTS)
        with open_database(Settings(home=commands.home)) as database:
            assert waited_for(lambda: handled(database) > 500)
        took_s = ended(process, signal.SIGTERM)

        # then
        assert took_s < END_MAX_S
        commands.work()
        with open_database(Settings(home=commands.home)) as database:
            check(case, database)

    def test_an_intake_that_is_stopped_between_its_chunks_goes_on(self, case, empty):
        commands = Commands(case.folder, empty.dsn, is_small=True)
        process = commands.start(*feed(case))
        assert waited_for(lambda: logged(empty) > 600)

        ended(process, signal.SIGTERM)
        kept = logged(empty)
        tally = commands.ingest(case.file)
        commands.work()

        assert 600 < kept < 1_300
        assert tally["accepted"] > 100
        check(case, empty)


class TestTwice:
    def test_a_file_fed_again_is_known_and_changes_nothing(self, case, database):
        commands = Commands(case.folder, database.dsn, is_small=True)
        commands.work()

        # when
        tally = commands.ingest(case.file)
        done = commands.work()

        # then
        assert tally["accepted"] == tally["parked"] == 0
        assert tally["duplicate"] + tally["quarantined"] == tally["rows"] == len(case.quarter.rows)
        assert (done["records"], done["lines"]) == (0, 0)
        check(case, database)

    def test_two_processes_at_the_same_work_do_it_once(self, case, database):
        commands = Commands(case.folder, database.dsn, is_small=True)

        # when
        processes = [commands.start(*AGENTS) for _ in range(2)]
        said = [process.communicate(timeout=PATIENCE_S)[1].decode() for process in processes]

        # then: one may leave the work to the other, and says so
        codes = sorted(process.returncode for process in processes)
        assert codes in ([0, 0], [0, 3]), said
        commands.work()
        check(case, database)

    def test_a_process_that_slept_while_another_did_the_work_is_fenced(self, case, database):
        # given: one that sleeps in the middle of whatever it does
        commands = Commands(case.folder, database.dsn, is_small=True)
        sleeper = commands.start(*AGENTS)
        assert waited_for(lambda: handled(database) > 700)
        sleeper.send_signal(signal.SIGSTOP)
        end_open_transactions(database)

        # when
        commands.work()
        sleeper.send_signal(signal.SIGCONT)
        _, said = sleeper.communicate(timeout=PATIENCE_S)

        # then
        assert sleeper.returncode in (0, 3), said.decode()
        check(case, database)

    def test_a_cursor_that_is_set_back_by_hand_lets_nothing_happen_again(self, case, database):
        commands = Commands(case.folder, database.dsn, is_small=True)
        commands.work()
        with database.connect() as connection:  # F20: with the ranges of the batches, else the fence holds
            connection.execute("UPDATE nofumble.cursor SET next = 0")
            connection.execute("DELETE FROM nofumble.batch")
        connection.close()

        done = commands.work()

        assert (done["records"] > 1_000, done["lines"]) == (True, 0)
        check(case, database)


# ------------------------------------------------------------------------------------------------------------ disasters


def feed(case: Case) -> tuple[str, ...]:
    return "ingest", str(case.file)


def under_fire(commands: Commands, words: tuple[str, ...], strike: Callable[[], bool], draw: Random, most: int) -> int:
    """Run a command while something strikes at drawn moments; it may give up with 3, and is then run again."""
    strikes = 0
    for _ in range(10):
        process = commands.start(*words)
        while process.poll() is None:
            try:
                process.wait(draw.uniform(0.05, 0.6) if strikes < most else PATIENCE_S)
            except subprocess.TimeoutExpired:
                strikes += strike()
        _, said = process.communicate()
        assert process.returncode in (0, 3), said.decode()
        if process.returncode == 0:
            return strikes
    raise AssertionError(f"{words} came to no end: {said.decode()}")


def kill_server(home: Path) -> bool:
    """Kill the postmaster that the home names in its own pid file; the rest of the server ends with it."""
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    try:
        server = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        if "postgres" not in server.name():
            return False
        server.send_signal(signal.SIGKILL)
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return False  # it is just being started
    return True


def end_connections(database: Database) -> bool:
    """End every other connection to the database, whatever it does (F9)."""
    return run_sql(database, "SELECT count(pg_terminate_backend(pid)) FROM others") > 0


def end_open_transactions(database: Database) -> None:
    """End the transactions that a sleeping process holds open; the server does so itself after a minute (F64)."""
    run_sql(database, "SELECT count(pg_terminate_backend(pid)) FROM others WHERE state LIKE 'idle in transaction%'")
    run_sql(database, "SELECT count(pg_terminate_backend(pid)) FROM others WHERE state = 'active'")


def run_sql(database: Database, statement: str) -> int:
    """Return the number that a statement gives; `others` are the other connections to this database."""
    others = "SELECT * FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.connect(autocommit=True) as connection:
        row = connection.execute(f"WITH others AS ({others}) {statement}").fetchone()
    connection.close()
    return int(row[0]) if row else 0


def handled(database: Database) -> int:
    return run_sql(database, "SELECT coalesce(sum(next), 0) FROM nofumble.cursor")


def logged(database: Database) -> int:
    return run_sql(database, "SELECT coalesce(sum(next_off), 0) FROM nofumble.log_partition")


def ended(process: subprocess.Popen[bytes], how: signal.Signals) -> float:
    """Ask a process to end; return how long it took, and see that it left as asked, without a traceback."""
    asked_at = time.monotonic()
    process.send_signal(how)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, -how, 128 + how), said.decode()
    assert b"Traceback" not in said
    return time.monotonic() - asked_at


def waited_for(condition: Callable[[], bool]) -> bool:
    """Poll a condition that another process brings about."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except Error:
            pass
        time.sleep(0.005)
    return False
