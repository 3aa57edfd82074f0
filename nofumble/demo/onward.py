"""Where does a reader go from the demo? Commands that work as they stand, about what was just seen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from nofumble.cli.stored_work import SEVERITY_ORDER, SHORT_MIN
from nofumble.demo.figures import Figures
from nofumble.demo.thread import Thread
from nofumble.sample import Story
from workflows.account import Alert

FILE = "quarter.jsonl"
FOLDER = "quarter"


def where_to_look(
    stories: Sequence[tuple[Story, Sequence[Thread]]], figures: Figures
) -> Iterator[tuple[str, list[str]]]:
    """Give groups of commands, each with what it is for. Names and ids are those of this run."""
    program, home = _program(), _below_environment(FOLDER)
    here = f"NOFUMBLE_HOME={home} {program}"
    story, threads = stories[0]
    yield (
        "the same quarter without a database, and the rule behind the first story:",
        [
            f"{program} demo --events > {FILE}",
            f"{program} simulate {FILE} --only {story.workflow}",
            f"{program} workflows show {story.workflow}",
        ],
    )
    asked = [f"{here} inbox --person {next(iter(figures.people))}"] if figures.people else []
    asked += [f"{here} timeline {threads[0].account_id}"] if threads else []
    asked += [f"{here} why {work_id[:SHORT_MIN]}" for work_id in _gravest(threads)]
    yield "the same quarter in a database that stays, to ask questions of:", [f"{program} demo --home {home}", *asked]
    own = f"NOFUMBLE_HOME={home}-now {program}"
    yield (
        "the same events by your own clock, on which all of it is long overdue:",
        [
            f"{own} ingest {FILE}",
            f"{own} run --once",
        ],
    )


def _gravest(threads: Sequence[Thread]) -> list[str]:
    """Return the id of the gravest alert of the threads, if there was one."""
    alerts = [item for thread in threads for item in thread.work.values() if isinstance(item, Alert)]
    return [item.id for item in sorted(alerts, key=lambda one: SEVERITY_ORDER[one.severity])[:1]]


def _program() -> str:
    """Return what to type for `nofumble` here: the bare name where the shell finds it, else its path."""
    script = Path(sys.executable).with_name("nofumble")
    found = shutil.which("nofumble")
    if found is not None and Path(found) == script:
        return "nofumble"
    return _from_here(script) if script.exists() else "python -m nofumble"


def _below_environment(name: str) -> str:
    """Return where a folder to try things in is out of the way: in the virtual environment, when there is one."""
    return _from_here(Path(sys.prefix) / name) if sys.prefix != sys.base_prefix else name


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
