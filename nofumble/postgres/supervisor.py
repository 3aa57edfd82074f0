"""Which database does this process use, and is its server running?

`open_database` answers once per process: the PostgreSQL of NOFUMBLE_DATABASE_URL when that is set, else the embedded
one of NOFUMBLE_HOME, which is made and started when need be and shared by all processes of that home.

Whoever leaves last stops the server, on a normal end and on SIGTERM or SIGHUP. After a kill -9 of its last user the
server stays up, and the next process of that home adopts it. After a kill -9 of the server, the next `connect` starts
it again.
"""

import atexit
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Literal, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from config.settings import Settings, without_password
from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.postgres.binaries import MAJOR_MAX, MAJOR_MIN, find_binaries
from nofumble.postgres.cluster import SUPERUSER, Cluster, Postmaster, Progress
from nofumble.postgres.locks import FileLock, alone
from nofumble.postgres.server_user import choose_server_user

DATABASE = "nofumble"
CONNECT_TIMEOUT_S = 10
CONNECT_TRIES = 3
"""A server that was killed may go away once more between its start and our connect."""


class Database:
    """The database of this process: its address, and a way to connect that revives the embedded server.

    `owner` says who answers for the server: "nofumble" for the embedded one, "operator" for that of
    NOFUMBLE_DATABASE_URL. May be used by several threads. Close it once; a forked child does not close its parent's.
    """

    owner: Literal["nofumble", "operator"] = "operator"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    @property
    def dsn(self) -> str:
        """Return the address for libpq, with its password if it has one: never log it."""
        return self._dsn

    def connect(self, *, autocommit: bool = False) -> Connection[TupleRow]:
        """Open a connection; raise ServiceUnavailable when nobody answers, WrongUse when it is no PostgreSQL 15-18."""
        try:
            connection = psycopg.connect(self.dsn, autocommit=autocommit, connect_timeout=CONNECT_TIMEOUT_S)
        except psycopg.OperationalError as error:
            raise ServiceUnavailable(
                f"the database at {without_password(self.dsn)} does not answer ({_first_line(error)}): start "
                "it, or mend NOFUMBLE_DATABASE_URL"
            ) from error
        except psycopg.Error as error:
            raise WrongUse(f"NOFUMBLE_DATABASE_URL is no address of a PostgreSQL: {_first_line(error)}") from error
        major = connection.info.server_version // 10000
        if not MAJOR_MIN <= major <= MAJOR_MAX:
            connection.close()
            raise WrongUse(
                f"the database at {without_password(self.dsn)} is PostgreSQL {major}, and nofumble runs on "
                f"{MAJOR_MIN} to {MAJOR_MAX}"
            )
        return connection

    def close(self) -> None:
        """Give the database up. A second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EmbeddedDatabase(Database):
    """The PostgreSQL of a home, shared by the processes of that home (see locks.py)."""

    owner = "nofumble"

    def __init__(self, cluster: Cluster, progress: Progress) -> None:
        self._cluster = cluster
        self._progress = progress
        self._start_lock = cluster.folder / "start.lock"
        self._guard = threading.RLock()
        self._pid = os.getpid()
        self._is_closed = False
        with alone(self._start_lock):
            self._use = FileLock(cluster.folder / "users.lock")
            try:
                self._use.share()
                cluster.make(progress)
                self._server = self._running_server()
            except BaseException:
                self._use.release()
                raise
        atexit.register(self.close)

    @property
    def dsn(self) -> str:
        """Return the address for libpq; it stays the same when a killed server is started again."""
        return _address(DATABASE, self._server.socket_folder)

    @property
    def server(self) -> psutil.Process:
        """Return the process of the server, for `nofumble doctor`."""
        return self._server.process

    def connect(self, *, autocommit: bool = False) -> Connection[TupleRow]:
        """Open a connection, starting the server again if it was killed; raise ServiceUnavailable when that fails."""
        for _ in range(CONNECT_TRIES - 1):
            try:
                return super().connect(autocommit=autocommit)
            except ServiceUnavailable:
                if self._is_closed:
                    raise
                self._revive()
        return super().connect(autocommit=autocommit)

    def close(self) -> None:
        """Give the server up, and stop it if nobody else uses it. A second call does nothing."""
        with self._guard:
            if self._is_closed or os.getpid() != self._pid:
                return
            self._is_closed = True
            atexit.unregister(self.close)
            try:
                self._leave()
            finally:
                self._use.release()

    def _leave(self) -> None:
        if not self._cluster.folder.exists():  # the home was deleted: the server has nothing to run on
            self._cluster.abandon(self._server)
            return
        with alone(self._start_lock):
            if self._use.try_own():
                server = self._cluster.running()
                if server is not None:
                    self._cluster.stop(server)

    def _revive(self) -> None:
        with self._guard, alone(self._start_lock):
            self._server = self._running_server()

    def _running_server(self) -> Postmaster:
        """Return the server, started if it does not run, with our database in it.

        One that is killed between its start and our first word is started again.
        """
        for tries_left in reversed(range(CONNECT_TRIES)):
            server = self._cluster.start(self._progress)
            try:
                _make_database(server.socket_folder)
            except psycopg.OperationalError as error:
                if not tries_left:
                    raise ServiceUnavailable(f"the embedded database went away: {_first_line(error)}") from error
            else:
                return server
        raise AssertionError("the loop returns or raises")


def open_database(settings: Settings, *, progress: Progress = lambda _: None) -> Database:
    """Return the database of this process, with the embedded server running if that is the one.

    `progress` is told in a few words what takes time. The caller closes what it gets; the end of the process does as
    well. In the main thread, SIGTERM and SIGHUP are turned into SystemExit unless the program handles them itself, so
    that the server is stopped then, too. Raises ServiceUnavailable or WrongUse with one sentence. The schema is not
    touched: see nofumble/store/migrate.py.
    """
    if settings.database_url is not None:
        return Database(settings.database_url.get_secret_value())
    if os.name != "posix":
        raise ServiceUnavailable(
            "the embedded database runs on Linux and macOS: set NOFUMBLE_DATABASE_URL to a PostgreSQL of your own"
        )
    data = _own_folder(settings.home) / "data"
    user = choose_server_user(data)
    database = EmbeddedDatabase(Cluster(settings.home, find_binaries(settings.pg_bin, user=user), user), progress)
    _end_on_signals()
    return database


def _own_folder(home: Path) -> Path:
    folder = home / "postgres"
    try:
        # Others may pass to the data folder, which lets its owner alone in, and may read nothing here.
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        for name in ("start.lock", "users.lock", "server.log"):
            (folder / name).touch(mode=0o600)
    except OSError as error:
        raise WrongUse(
            f"the folder {folder} cannot be used ({error.strerror}): set NOFUMBLE_HOME to a folder that you "
            "may write to"
        ) from error
    return folder


def _address(database: str, socket_folder: Path) -> str:
    return f"postgresql:///{database}?host={quote(str(socket_folder))}&user={SUPERUSER}"


def _make_database(socket_folder: Path) -> None:
    """Make our database in a new cluster; in any other it is there."""
    with psycopg.connect(_address("postgres", socket_folder), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _end_on_signals() -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    """End as the shell says of a process ended by this signal, but by way of `finally` and atexit."""
    sys.exit(128 + number)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
