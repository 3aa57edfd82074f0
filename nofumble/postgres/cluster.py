"""Where is the embedded PostgreSQL kept, and how is it made, found, started and stopped?

    HOME/postgres/data          the cluster, owned by the server's user, 0700 HOME/postgres/server.log    what the
    server says HOME/postgres/*.lock        see locks.py /tmp/nofumble-XXXXXXXX      the socket, in a private folder
    of the server's user: a socket's path may have 107 bytes only

There is no TCP port and no password: whoever may enter the socket's folder, the user itself and root, is let in. The
cluster is durable as PostgreSQL is by default: fsync, synchronous commit, full pages, and data checksums.

Which server is ours is never taken from a pid alone, which may be another process's by now: it must be a `postgres`
whose working folder is our data folder.
"""

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.postgres.binaries import Binaries
from nofumble.postgres.server_user import ServerUser, data_argument, give, run_as, spawn_as

Progress = Callable[[str], None]
"""Is told in a few words what takes time."""

SUPERUSER = "nofumble"
SOCKET_PATH_MAX = 107
SOCKET_PREFIX = "nofumble-"
SOCKET_LOCK = ".s.PGSQL.5432.lock"
PRIVATE = 0o700
LOG_BYTES_MAX = 4 * 1024 * 1024
"""A log that has grown beyond this is set aside (server.log.1) at the next start."""

SOCKET_FOLDER_LINE, STATUS_LINE = 4, 7
"""Where postmaster.pid says them (miscadmin.h); its first line is the pid."""

POLL_S = 0.01
START_MAX_S = 150.0
"""A start after a crash replays up to max_wal_size of WAL."""
ORPHANS_MAX_S = 20.0
"""How long the children of a killed postmaster may hold its memory: each ends at its next look at its parent."""
STOP_MAX_S = 60.0
"""A fast stop writes a checkpoint; after this the server is told to stop at once, and recovers at the next start."""
STOP_AT_ONCE_MAX_S = 10.0

BUILTIN_LOCALES_SINCE = 17
"""From here on PostgreSQL brings C.UTF-8 itself; before, the machine must have it."""

CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",  # taken from the machine as it is used
    "max_connections": "100",
    "max_wal_size": "2GB",  # checkpoints by time, not by volume, under load
    "jit": "off",  # short statements only
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server: its process, the folder of its socket, and whether it takes connections."""

    process: psutil.Process
    socket_folder: Path
    is_ready: bool


class Cluster:
    """The embedded database of one home. Its methods are called while `start.lock` is held."""

    def __init__(self, home: Path, binaries: Binaries, user: ServerUser | None) -> None:
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._binaries = binaries
        self._user = user

    def running(self) -> Postmaster | None:
        """Return the server of this cluster if it runs, whoever started it."""
        lines = self._pid_file()
        if len(lines) <= SOCKET_FOLDER_LINE or not lines[0].strip().isdigit():
            return None
        try:
            process = psutil.Process(int(lines[0]))
            is_ours = _is_alive(process) and "postgres" in process.name() and self._works_in_data(process)
        except psutil.Error:
            return None
        is_ready = len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"
        return Postmaster(process, Path(lines[SOCKET_FOLDER_LINE].strip()), is_ready) if is_ours else None

    def make(self, progress: Progress) -> None:
        """Make the cluster if there is none, whole or not at all; refuse one of another major version."""
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_version()
            return
        progress(f"making the embedded PostgreSQL {self._binaries.major} in {self.folder}")
        half = self.folder / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=PRIVATE)
        give(half, self._user)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if self._binaries.major < BUILTIN_LOCALES_SINCE:
            locale = ["--locale=C.UTF-8"]
        options = [
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            *locale,
            "--data-checksums",
            "--no-instructions",
        ]
        done = run_as(
            self._user,
            [self._binaries.initdb, "-D", data_argument(half, self._user, major=self._binaries.major), *options],
            folder=half,
        )
        if done.returncode != 0:
            raise ServiceUnavailable(f"the embedded database could not be made in {half}: {_last_line(done.stderr)}")
        half.rename(self.data)

    def start(self, progress: Progress) -> Postmaster:
        """Return the server, started if need be, once it takes connections; else raise ServiceUnavailable."""
        server = self.running()
        if server is not None:
            ready = self._wait_ready(server.process.pid, progress)
            if ready is not None:
                return ready
        progress(f"starting the embedded PostgreSQL {self._binaries.major}")
        self._set_log_aside()
        socket_folder = self._socket_folder()
        try:
            return self._started(socket_folder, progress)
        except BaseException:
            self._remove_socket_folder(socket_folder)
            raise

    def stop(self, server: Postmaster) -> None:
        """Stop the server: fast with a checkpoint, else at once; then remove the socket's folder."""
        for how, patience_s in ((signal.SIGINT, STOP_MAX_S), (signal.SIGQUIT, STOP_AT_ONCE_MAX_S)):
            if _ended(server.process, how, patience_s):
                break
        else:
            raise ServiceUnavailable(
                f"the embedded database (process {server.process.pid}) does not stop: end it with kill -QUIT"
            )
        self._remove_socket_folder(server.socket_folder)

    def abandon(self, server: Postmaster) -> None:
        """Stop a server whose data folder was deleted under it: there is nothing left to save."""
        _ended(server.process, signal.SIGQUIT, STOP_AT_ONCE_MAX_S)
        self._remove_socket_folder(server.socket_folder)

    def _started(self, socket_folder: Path, progress: Progress) -> Postmaster:
        deadline = time.monotonic() + ORPHANS_MAX_S
        while True:
            said_before = self.log.stat().st_size if self.log.exists() else 0
            server = self._wait_ready(self._launch(socket_folder), progress)
            if server is not None:
                return server
            said = self.log.read_bytes()[said_before:].decode(errors="replace")
            self._bury_zombie()
            if not _is_held_by_orphans(said) or time.monotonic() > deadline:
                raise ServiceUnavailable(
                    f"the embedded database in {self.data} does not start: {_last_line(said)}; see {self.log}"
                )
            time.sleep(POLL_S * 10)

    def _bury_zombie(self) -> None:
        """Remove the lock files of a killed postmaster that nobody reaps: PostgreSQL takes a zombie for alive.

        Its parent may be a process of ours that has other things to do, or the first one of a container. The pid file
        also guards the memory of the postmaster's children, so none of them may be left.
        """
        lines = self._pid_file()
        if len(lines) <= SOCKET_FOLDER_LINE or not lines[0].strip().isdigit():
            return
        with suppress(psutil.Error):
            is_zombie = psutil.Process(int(lines[0])).status() == psutil.STATUS_ZOMBIE
            if is_zombie and not any(self._is_left(process) for process in psutil.process_iter()):
                socket_folder = Path(lines[SOCKET_FOLDER_LINE].strip())
                if self._is_private(socket_folder):
                    (socket_folder / SOCKET_LOCK).unlink(missing_ok=True)
                (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_left(self, process: psutil.Process) -> bool:
        try:
            return "postgres" in process.name() and self._works_in_data(process)
        except psutil.Error:
            return False  # it ended, or is another user's: no child of our server

    def _launch(self, socket_folder: Path) -> int:
        settings = CONFIGURATION | {"unix_socket_directories": str(socket_folder)}
        options: list[str | Path] = [f"--{name}={value}" for name, value in settings.items()]
        command = [
            self._binaries.postgres,
            "-D",
            data_argument(self.data, self._user, major=self._binaries.major),
            *options,
        ]
        with self.log.open("ab") as log:
            return spawn_as(self._user, command, folder=self.data, log=log)

    def _wait_ready(self, pid: int, progress: Progress) -> Postmaster | None:
        """Return the server once it is ready, None when it ended instead."""
        started = time.monotonic()
        is_told = False
        while time.monotonic() < started + START_MAX_S:
            server = self.running()
            if server is not None and server.process.pid == pid and server.is_ready:
                return server
            if not _is_alive_pid(pid):
                return None
            if not is_told and time.monotonic() > started + 2:
                progress("PostgreSQL is recovering from a crash or an unclean stop")
                is_told = True
            time.sleep(POLL_S)
        raise ServiceUnavailable(
            f"the embedded database in {self.data} is not ready after {START_MAX_S:.0f} seconds; see {self.log}"
        )

    def _socket_folder(self) -> Path:
        """Return the folder for the socket: that of the last start, so that addresses stay valid, else a new one."""
        lines = self._pid_file()
        if len(lines) > SOCKET_FOLDER_LINE:
            last = Path(lines[SOCKET_FOLDER_LINE].strip())
            if self._is_private(last):
                return last
        folder = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=_short_temporary_folder()))
        give(folder, self._user)
        return folder

    def _remove_socket_folder(self, folder: Path) -> None:
        if self._is_private(folder):
            shutil.rmtree(folder, ignore_errors=True)

    def _is_private(self, folder: Path) -> bool:
        """Say whether this is a socket folder that we made: by its name, its owner and its mode, and no link."""
        try:
            found = folder.lstat()
        except OSError:
            return False
        uid = os.geteuid() if self._user is None else self._user.uid
        return (
            folder.name.startswith(SOCKET_PREFIX)
            and stat.S_ISDIR(found.st_mode)
            and found.st_uid == uid
            and stat.S_IMODE(found.st_mode) == PRIVATE
        )

    def _refuse_other_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(self._binaries.major):
            raise WrongUse(
                f"the database in {self.data} was made by PostgreSQL {found}, and these programs are "
                f"PostgreSQL {self._binaries.major}, "
                f"which cannot read it: set NOFUMBLE_PG_BIN to the bin folder of a PostgreSQL {found}, or dump "
                "it there with pg_dump, "
                "set NOFUMBLE_HOME to a new folder and restore the dump"
            )

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _works_in_data(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()).samefile(self.data)
        except OSError:
            return False

    def _set_log_aside(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))


def _ended(process: psutil.Process, how: signal.Signals, patience_s: float) -> bool:
    """Signal the process, which psutil knows by pid and start time, and say whether it ended within the patience."""
    deadline = time.monotonic() + patience_s
    try:
        process.send_signal(how)
    except psutil.NoSuchProcess:
        return True
    while _is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _is_alive(process: psutil.Process) -> bool:
    """Say whether the process still does anything; one that ended as our child is reaped."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return True
        with suppress(ChildProcessError):  # somebody else's child: theirs to reap
            os.waitpid(process.pid, os.WNOHANG)
    except psutil.NoSuchProcess:
        pass
    return False


def _is_alive_pid(pid: int) -> bool:
    try:
        return _is_alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def _short_temporary_folder() -> Path:
    """Return a folder that everybody may enter and whose name leaves room for the socket's."""
    wanted = Path(tempfile.gettempdir())
    room = len(os.fsencode(wanted)) + len(f"/{SOCKET_PREFIX}XXXXXXXX/.s.PGSQL.5432.lock")
    is_open = os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (wanted, *wanted.parents))
    return wanted if room <= SOCKET_PATH_MAX and is_open else Path("/tmp")  # noqa: S108 - a private folder is made in it


def _is_held_by_orphans(said: str) -> bool:
    """Say whether the start failed on what a killed postmaster left: its children, which end by themselves."""
    return "pre-existing shared memory block" in said or 'lock file "postmaster.pid" already exists' in said


def _last_line(said: str) -> str:
    """Return the server's own words for its failure: the last line that names one, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "error:" in line]
    return (telling or lines or ["it said nothing"])[-1]
