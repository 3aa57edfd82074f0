"""The processes of a proof: the real commands, started as a supervisor would start them, and killed as nobody would.

None of them outlives the crew. What they say is in one file, and a process that ends in a way that is not foreseen
ends the proof: that is a fault of ours, not a disaster.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Event as Flag

import psutil

import nofumble
from config.settings import PREFIX
from nofumble.errors import ExitCode, InternalError
from nofumble.faults import VARIABLE
from nofumble.signals import whole

CHECKOUT = Path(nofumble.__file__).resolve().parent.parent
KEPT_SETTINGS = frozenset({f"{PREFIX}PG_BIN"})
"""What the commands of a proof take over from whoever runs it; everything else is as it comes."""

FORESEEN = frozenset({ExitCode.DONE, ExitCode.UNAVAILABLE, -signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM})
Tell = Callable[[str], None]
"""Is told in a few words what happens."""

POLL_S = 0.02
REST_MAX_S = 180.0
"""How long a command may take that nobody disturbs any more: recovery is bounded (I8)."""

TRIES = 20


class Crew:
    """Starts, kills and buries processes; `kills` counts what was killed, servers included."""

    def __init__(self, folder: Path, settings: Mapping[str, str], draw: Random) -> None:
        """Begin with nobody; `settings` are the environment of every process."""
        self.draw, self.kills = draw, 0
        self._said = folder / "processes.log"
        (folder / "tmp").mkdir(exist_ok=True)
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(PREFIX) or name in KEPT_SETTINGS
        }
        # The folders of who is killed stay behind: they lie in ours.
        self._environment = inherited | {f"{PREFIX}LOG_LEVEL": "ERROR", "TMPDIR": str(folder / "tmp")} | dict(settings)
        self._alive: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str, fault: str = "") -> subprocess.Popen[bytes]:
        """Start a command; `fault` is where it is to die."""
        with self._said.open("ab") as said, whole():
            process = subprocess.Popen(
                [sys.executable, "-m", "nofumble", *words],
                cwd=CHECKOUT,
                env=self._environment | ({VARIABLE: fault} if fault else {}),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl-C is for us: we end them
            )
            self._alive.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process at once, asleep or not."""
        process.kill()
        self.bury(process)

    def bury(self, process: subprocess.Popen[bytes], *, patience_s: float = REST_MAX_S) -> int:
        """Wait for the end of a process and return its exit code; raise InternalError when that is not foreseen."""
        try:
            code = process.wait(patience_s)
        except subprocess.TimeoutExpired as error:
            raise InternalError(
                f"{_named(process)} came to no end in {patience_s:g} s; {self._last_words()}"
            ) from error
        if process in self._alive:
            self._alive.remove(process)
            self.kills += code == -signal.SIGKILL
        if code not in FORESEEN:
            raise InternalError(f"{_named(process)} ended with {code}; {self._last_words()}")
        return code

    def finish(self, *words: str) -> None:
        """Run a command until it is done, again and again when a service was away, as a supervisor would."""
        for _ in range(TRIES):
            if self.bury(self.start(*words)) == ExitCode.DONE:
                return
        raise InternalError(f"`nofumble {' '.join(words[:1])}` came to no end; {self._last_words()}")

    def let_work(self, process: subprocess.Popen[bytes], least_s: float, most_s: float) -> None:
        """Let a process work for a drawn time, or until it ends."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.draw.uniform(least_s, most_s))

    def kill_database(self, home: Path) -> None:
        """Kill the server of the embedded database; whoever connects next starts it again."""
        with suppress(OSError, IndexError, ValueError, psutil.Error):
            server = psutil.Process(int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0]))
            if "postgres" in server.name():
                server.kill()
                self.kills += 1

    def close(self) -> None:
        """Leave no process behind."""
        for process in self._alive:
            process.kill()
        for process in self._alive:
            process.wait()
        self._alive.clear()

    def _last_words(self) -> str:
        lines = self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"the last words of the processes: {lines[-1]}" if lines else "nobody said anything"


class Deck:
    """Disasters in a drawn order, each of them once before one comes again."""

    def __init__(self, disasters: Mapping[str, Callable[[datetime], None]], draw: Random) -> None:
        """Take the disasters by their names."""
        self._disasters, self._draw = disasters, draw
        self._left: list[str] = []

    def next(self) -> tuple[str, Callable[[datetime], None]]:
        """Return the next disaster with its name."""
        if not self._left:
            self._left = self._draw.sample(sorted(self._disasters), len(self._disasters))
        name = self._left.pop()
        return name, self._disasters[name]


def wait_until(is_so: Callable[[], bool], what: str, *, patience_s: float = REST_MAX_S) -> None:
    """Wait for something that processes bring about; raise InternalError when it does not come."""
    give_up, pause = time.monotonic() + patience_s, Flag()
    while not is_so():
        if time.monotonic() > give_up:
            raise InternalError(f"{what} did not come about in {patience_s:g} s")
        pause.wait(POLL_S)


def _named(process: subprocess.Popen[bytes]) -> str:
    words = process.args
    assert isinstance(words, list), "we start commands as lists of words"
    return f"`nofumble {words[3]}`"
