"""How do several processes share one server without ever being wrong about who is left?

By locks of the operating system (flock), which end with the process that holds them, however it ends: nothing on disk
can be stale.

    start.lock   exclusive: whoever starts, adopts or stops the server
    users.lock   shared: every process that uses the server, for as long as it does

The last one out is the one that gets users.lock for itself alone while it holds start.lock.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nofumble.errors import ServiceUnavailable

POLL_S = 0.02
WAIT_MAX_S = 180.0
"""Longer than a start with crash recovery of a full WAL takes."""


class FileLock:
    """A lock on a file, held until `release` or the end of the process. Not shared with programs that we start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold it together with others; waits for one that holds it alone."""
        self._wait(fcntl.LOCK_SH)

    def own(self) -> None:
        """Hold it alone; raise ServiceUnavailable when another process does not let go within WAIT_MAX_S."""
        self._wait(fcntl.LOCK_EX)

    def try_own(self) -> bool:
        """Hold it alone if nobody else holds it, in place of what we held of it before; say whether we do."""
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go, and close the file. A second call does nothing."""
        if self._descriptor >= 0:
            # Explicitly: a forked child shares the open file, and closing ours alone would leave the lock with it.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = -1

    def _wait(self, mode: int) -> None:
        deadline = time.monotonic() + WAIT_MAX_S
        while not self._try(mode):
            if time.monotonic() > deadline:
                raise ServiceUnavailable(
                    f"another process has held {self._path} for {WAIT_MAX_S:.0f} seconds while it starts or "
                    "stops the database: "
                    "end that process, then try again"
                )
            time.sleep(POLL_S)

    def _try(self, mode: int) -> bool:
        try:
            fcntl.flock(self._descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file at `path` alone within the block."""
    lock = FileLock(path)
    try:
        lock.own()
        yield
    finally:
        lock.release()
