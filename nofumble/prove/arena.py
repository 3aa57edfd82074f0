"""Where a proof takes place: a folder, a database, a crew; and how events get in there, whatever happens."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Protocol

from nofumble.faults import POINTS
from nofumble.postgres import Database
from nofumble.prove.crew import Crew

PASSAGES_MAX = 5
"""A process dies at a named point at one of its first passages: a piece makes no more batches than that."""

BATCH_POINTS = tuple(sorted(point for point in POINTS if point.startswith("batch.")))
INTAKE_POINTS = tuple(sorted(point for point in POINTS if point.startswith("intake.")))

_SLEEPERS = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"""


class Runtime(Protocol):
    """The agents under attack: embedded ones, or workers on Kafka."""

    def strike(self, until: datetime) -> str:
        """Let the next disaster happen while the clock may run to `until`; return its name."""
        ...

    def rest(self, until: datetime) -> None:
        """Let everything come to rest, undisturbed."""
        ...


class Arena:
    """Feeds pieces of the quarter, and has the tools of a disaster at hand."""

    def __init__(self, folder: Path, crew: Crew, database: Database) -> None:
        """Begin with nothing fed."""
        self.folder, self.crew, self.database = folder, crew, database
        self.home = folder / "home"
        self._pieces: list[Path] = []

    def feed(self, rows: Sequence[bytes]) -> None:
        """Take rows in by the real command, which may die or be repeated; when this returns they are accepted."""
        crew, piece = self.crew, self.folder / f"piece-{len(self._pieces)}.jsonl"
        piece.write_bytes(b"\n".join(rows) + b"\n")
        self._pieces.append(piece)
        match crew.draw.choice(("in peace", "killed at a point", "twice", "database")):
            case "killed at a point":
                crew.bury(crew.start("ingest", str(piece), fault=f"{crew.draw.choice(INTAKE_POINTS)}:1"))
            case "twice":
                crew.finish("ingest", str(crew.draw.choice(self._pieces)))
            case "database":
                process = crew.start("ingest", str(piece))
                crew.let_work(process, 0.3, 1.0)
                crew.kill_database(self.home)
                crew.bury(process)
            case "in peace":
                pass
        crew.finish("ingest", str(piece))

    def drawn_point(self) -> str:
        """Return a point and a passage at which agents are to die."""
        return f"{self.crew.draw.choice(BATCH_POINTS)}:{self.crew.draw.randint(1, PASSAGES_MAX)}"

    def end_sleepers(self) -> None:
        """End the transactions that a sleeping process holds open; the server does so itself after a minute (F64)."""
        with closing(self.database.connect(autocommit=True)) as connection:
            connection.execute(_SLEEPERS)
