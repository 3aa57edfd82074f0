"""How is a backtest run beside a server? In processes of its own, one backtest at a time, with a trace in a file.

Whoever asks how far it is reads the trace, so a page may be loaded anew, and a server started anew. The process holds
a lock for as long as it lives: a trace that says "running" while nobody holds it is of one that was ended from outside.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Literal

import msgspec
from msgspec import Struct, structs

from nofumble.backtest.kept import FOLDER, KeptBacktests, check_name, write_whole
from nofumble.errors import WrongUse

State = Literal["running", "done", "failed", "cancelled"]
END_MAX_S = 10.0
"""How long a process may take to end when it is told to."""

POLL_S = 0.02
ENDED = "its process was ended from outside"


class Order(Struct, frozen=True):
    """What is asked: which text of a definition is tried over the active ones of a store, and over which time.

    It goes to the process by its standard input, since `dsn` may have a password in it.
    """

    name: str
    dsn: str
    home: str
    organisation: str
    text: str
    called: str
    now: datetime
    since: datetime | None
    until: datetime | None


class Trace(Struct, frozen=True):
    """How far a backtest is: `done` of `of` accounts in this `stage`; `error` says why it failed."""

    name: str
    tried: str
    by: str
    asked_at: datetime
    since: datetime | None
    until: datetime | None
    state: State = "running"
    stage: str = "starting"
    done: int = 0
    of: int = 0
    error: str = ""
    process: int = 0


class Runs:
    """The backtests that are run for the servers of one home."""

    def __init__(self, home: Path) -> None:
        """Look nowhere yet."""
        self._home = home
        self._folder = home / FOLDER / "runs"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def start(self, order: Order, by: str) -> Trace:
        """Start a backtest; raise WrongUse while another one runs, and for a name that is taken, or none."""
        check_name(order.name)
        with self._lock, self._alone() as descriptor:
            if KeptBacktests(self._home).has(order.name):
                raise WrongUse(f"a backtest is called {order.name!r} already; take another name")
            for one in self._traces():
                write_trace(self._home, _ended(one))
            if self._process is not None:
                self._process.wait()  # it has let the lock go
            self._process = _process_of(descriptor)
            pid = self._process.pid
            trace = Trace(order.name, order.called, by, order.now, order.since, order.until, process=pid)
            write_trace(self._home, trace)
            _tell(self._process, order)  # the process goes on from here, and finds its trace
        return trace

    def get(self, name: str) -> Trace | None:
        """Return the trace of a backtest, None where none was run under this name; raise WrongUse for no name."""
        check_name(name)
        return next((one for one in self.all() if one.name == name), None)

    def all(self) -> list[Trace]:
        """Return the traces of all that were run, newest first."""
        found = self._traces()
        if any(one.state == "running" for one in found) and not self._is_busy():
            found = [_ended(one) for one in self._traces()]  # read again: it may have told its end meanwhile
        return sorted(found, key=lambda one: one.asked_at, reverse=True)

    def cancel(self, name: str) -> Trace:
        """End a backtest that runs; raise WrongUse for one that does not."""
        trace = self.get(name)
        if trace is None or trace.state != "running":
            raise WrongUse(f"no backtest called {name!r} runs; the list of backtests says what became of it")
        with self._lock:
            self._end(trace.process)
            trace = structs.replace(trace, state="cancelled")
            write_trace(self._home, trace)
        return trace

    def close(self) -> None:
        """End the backtest that was started here, if it still runs."""
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return
            if process.poll() is None:
                self._end(process.pid)
                for one in self._traces():
                    if one.process == process.pid and one.state == "running":
                        write_trace(self._home, structs.replace(one, state="cancelled"))
            process.wait()

    def _end(self, process: int) -> None:
        """End a process with those that it forked: they are a group of their own."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process, how)
            deadline = time.monotonic() + END_MAX_S
            while time.monotonic() < deadline:
                if not self._is_busy():
                    return
                time.sleep(POLL_S)

    def _is_busy(self) -> bool:
        if self._process is not None:
            self._process.poll()  # one that has ended is let go
        with suppress(FileNotFoundError), self._open() as descriptor:
            return not _owns(descriptor, fcntl.LOCK_SH)
        return False

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Hold the lock that goes to the process; raise WrongUse while one has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._open() as descriptor:
            deadline = time.monotonic() + 1
            while not _owns(descriptor, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise WrongUse("a backtest is running, and one runs at a time; wait for it, or cancel it")
                time.sleep(POLL_S)
            yield descriptor

    @contextmanager
    def _open(self) -> Iterator[int]:
        descriptor = os.open(self._folder / "running.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)  # the lock stays with the process that got it

    def _traces(self) -> list[Trace]:
        found = []
        for file in self._folder.glob("*.json"):
            with suppress(OSError, msgspec.MsgspecError):
                found.append(msgspec.json.decode(file.read_bytes(), type=Trace))
        return found


def read_trace(home: Path, name: str) -> Trace:
    """Return how far a backtest is."""
    return msgspec.json.decode((home / FOLDER / "runs" / f"{name}.json").read_bytes(), type=Trace)


def write_trace(home: Path, trace: Trace) -> None:
    """Write how far a backtest is."""
    write_whole(home / FOLDER / "runs" / f"{trace.name}.json", msgspec.json.encode(trace))


def _ended(trace: Trace) -> Trace:
    """Return the trace of a process that is gone: one that has not told its end was ended."""
    return structs.replace(trace, state="failed", error=ENDED) if trace.state == "running" else trace


def _owns(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _process_of(lock: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "nofumble.backtest.running"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,
    )


def _tell(process: subprocess.Popen[bytes], order: Order) -> None:
    assert process.stdin is not None, "it is a pipe"
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(msgspec.json.encode(order))
