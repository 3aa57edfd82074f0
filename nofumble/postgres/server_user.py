"""As which user does the embedded PostgreSQL run?

As ourselves, except that PostgreSQL refuses to run as root. Root's server runs as the owner of its data folder, else
as `postgres` when there is such a user, else as `nobody`; the data folder belongs to that user and is closed to
everybody else (0700).

The folders above the data folder are never touched: under /root or in a test's private folder the server's user could
not walk to its own data. On Linux it needs not: the server starts with its data folder as its working folder, entered
while we are still root, and is told that its data is in `/proc/self/cwd`, which the kernel resolves without a walk.
(PostgreSQL 15 needs to walk, and is refused where it may not.)
"""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nofumble.errors import ServiceUnavailable, WrongUse

RUN_MAX_S = 120.0
"""`initdb` takes half a second; a slow disk may take a hundred times as long."""

CANDIDATES = ("postgres", "nobody")
WORKING_FOLDER = "/proc/self/cwd"
STAYS_IN_FOLDER_SINCE = 16
"""PostgreSQL 15 leaves its working folder while it looks for its own programs, and walks back."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Another user of this machine, as which root runs the server."""

    name: str
    uid: int
    gid: int


def choose_server_user(data: Path) -> ServerUser | None:
    """Return the user to run the server as, or None for ourselves.

    `data` is the data folder, which may not exist yet. Raises WrongUse when it belongs to somebody else and we are
    not root.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise WrongUse(
                f"the database in {data} belongs to the user {_name(owner)}, and only its owner or root may start it: "
                "run nofumble as that user, or set NOFUMBLE_HOME to a folder of your own"
            )
        return None
    if owner is not None and owner != 0:
        return ServerUser(_name(owner), owner, data.stat().st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name, entry.pw_uid, entry.pw_gid)
    raise ServiceUnavailable(
        "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody to run it as: "
        "run nofumble as another user, or set NOFUMBLE_DATABASE_URL to a PostgreSQL of your own"
    )


def data_argument(data: Path, user: ServerUser | None, *, major: int) -> str:
    """Return how a program is told of the data folder, given that this is its working folder.

    Raises ServiceUnavailable where another user would have to walk there and may not.
    """
    if user is None:
        return str(data)
    if sys.platform == "linux" and major >= STAYS_IN_FOLDER_SINCE:
        return WORKING_FOLDER
    closed = [folder for folder in data.parents if not folder.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise ServiceUnavailable(
            f"root's PostgreSQL {major} runs as the user {user.name}, which may not enter {closed[-1]}: "
            "set NOFUMBLE_HOME to a folder that everybody may enter, such as /var/lib/nofumble, "
            "or run nofumble as another user"
        )
    return str(data)


def run_as(user: ServerUser | None, command: Sequence[str | Path], *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program to its end as the server's user, in `folder`, and return what it said."""
    program = _popen(user, command, folder=folder, output=subprocess.PIPE)
    try:
        said, failed = program.communicate(timeout=RUN_MAX_S)
    except BaseException:
        program.kill()
        program.communicate()
        raise
    return subprocess.CompletedProcess(program.args, program.returncode, said, failed)


def spawn_as(user: ServerUser | None, command: Sequence[str | Path], *, folder: Path, log: IO[bytes]) -> int:
    """Start the server as its user, in `folder`, its output going to `log`; return its pid.

    It may outlive us. While it is our child we are the one to reap it: see cluster.py.
    """
    program = _popen(user, command, folder=folder, output=log)
    program.returncode = 0  # from here on it is watched by its pid; a forgotten Popen would warn of a running child
    return program.pid


def _popen(
    user: ServerUser | None, command: Sequence[str | Path], *, folder: Path, output: IO[bytes] | int
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,  # entered while we are still who we are
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        text=True,
        start_new_session=True,  # Ctrl-C is for us
        user=None if user is None else user.uid,
        group=None if user is None else user.gid,
        extra_groups=None if user is None else [],
    )


def give(path: Path, user: ServerUser | None) -> None:
    """Make the server's user the owner of a folder that we just made; raise ServiceUnavailable where that cannot be."""
    if user is None:
        return
    try:
        os.chown(path, user.uid, user.gid)
    except OSError as error:
        raise ServiceUnavailable(
            f"{path} cannot be given to the user {user.name}, as which root runs PostgreSQL ({error.strerror}): "
            "run nofumble as another user, or set NOFUMBLE_DATABASE_URL to a PostgreSQL of your own"
        ) from error


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
