"""The real commands, in processes of their own: how a test runs them, lets them die, and looks at what they left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from nofumble.faults import VARIABLE
from tests.integration.eventful import UNTIL

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "nofumble"]
PATIENCE_S = 120

SMALL_BATCHES = """
import sys
from agents import embedded, handle, intake, owner, teller
from workflows import history
embedded.BATCH_RECORDS, owner.BATCH_DUE, intake.CHUNK_ROWS = 20, 15, 400
handle.ACCOUNTS_CACHED_MAX, history.SNAPSHOT_EVERY, teller.LINES_AT_ONCE = 16, 12, 100
from nofumble.__main__ import main
sys.argv[0] = "nofumble"
main()
"""
"""The same command with bounds that make a hundred transactions of a short file, and forget accounts in between."""


class Commands:
    """Runs commands on one store. `killed` counts the processes that died of SIGKILL."""

    def __init__(self, folder: Path, dsn: str | None, *, is_small: bool = False) -> None:
        self.folder, self.dsn, self.is_small = folder, dsn, is_small
        self.home = folder / "home"
        self.killed = 0

    def start(self, *words: str, fault: str = "", **more: str) -> subprocess.Popen[bytes]:
        """Start a command; `fault` is where it is to die."""
        how = [sys.executable, "-c", SMALL_BATCHES] if self.is_small else COMMAND
        return subprocess.Popen(
            [*how, *words],
            cwd=CHECKOUT,
            env=self.environment({VARIABLE: fault} if fault else {}) | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *words: str, **more: str) -> Mapping[str, Any]:
        """Run a command to its end, and return the last line of its answer."""
        process = self.start(*words, "--json", **more)
        answer, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said.decode()
        answered: Mapping[str, Any] = json.loads(answer.splitlines()[-1])
        return answered

    def die(self, fault: str, *words: str) -> bool:
        """Run a command that is to die at a point; tell whether it did, or was done before it came there."""
        process = self.start(*words, fault=fault)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode in (0, -signal.SIGKILL), said.decode()
        self.killed += process.returncode != 0
        return process.returncode != 0

    def ingest(self, file: Path, **more: str) -> Mapping[str, Any]:
        """Take a file in; return what became of its rows."""
        return self.run("ingest", str(file), **more)

    def work(self, until: str = f"{UNTIL:%Y-%m-%d}", **more: str) -> Mapping[str, Any]:
        """Let the agents work until nothing is due."""
        return self.run("run", "--once", "--until", until, **more)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return an environment of its own: the store, the organisation, and nothing of who runs the test."""
        own = {"PATH": os.environ["PATH"], "NOFUMBLE_HOME": str(self.home), "LANG": "C"}
        own |= {"NOFUMBLE_ORGANISATION": str(self.folder / "organisation.yaml")}
        return own | ({} if self.dsn is None else {"NOFUMBLE_DATABASE_URL": as_url(self.dsn)}) | more


AGENTS = ("run", "--once", "--until", f"{UNTIL:%Y-%m-%d}")
"""The agents' command, with a clock that does not depend on today."""


def as_url(dsn: str) -> str:
    """Write the address of a database as the setting wants it."""
    parts = conninfo_to_dict(dsn)
    if "://" in dsn or not parts.get("dbname"):
        return dsn
    rest = "&".join(f"{name}={quote(str(value))}" for name, value in parts.items() if name != "dbname")
    return f"postgresql:///{parts['dbname']}?{rest}"
