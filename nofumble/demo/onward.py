"""Where does a reader go from the demo? Commands that work as they stand, about what was just seen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from agents.page_rows import SEVERITIES
from nofumble.cli.stored_work import SHORT_MIN
from nofumble.demo.figures import Figures
from nofumble.demo.thread import Thread
from nofumble.sample import Story
from workflows.account import Alert
from workflows.moment import iso

FILE = "quarter.jsonl"
FOLDER = "quarter"


def where_to_look(
    stories: Sequence[tuple[Story, Sequence[Thread]]], figures: Figures, until: datetime
) -> Iterator[tuple[str, list[str]]]:
    """Give groups of commands, each with what it is for. Names, ids and times are those of this run."""
    program = _program()
    story, threads = stories[0]
    yield (
        "the same quarter without a database, and the rule behind the first story:",
        [
            f"{program} demo --events > {FILE}",
            f"{program} simulate {FILE}",
            f"{program} workflows show {story.workflow}",
        ],
    )
    yield (
        "the same in a database that stays, step by step:",
        [
            f"export NOFUMBLE_HOME={_below_environment(FOLDER)}",
            f"{program} ingest {FILE}",
            f"{program} run --once --until {iso(until)}",
        ],
    )
    asked = [f"{program} inbox --person {person}" for person in list(figures.people)[:1]]
    asked += [f"{program} timeline {thread.account_id}" for thread in threads[:1]]
    asked += [f"{program} why {work_id[:SHORT_MIN]}" for work_id in _gravest(threads)]
    yield "and then ask it:", [*asked, f"{program} loops"]


def _gravest(threads: Sequence[Thread]) -> list[str]:
    """Return the id of the gravest alert of the threads, if there was one."""
    alerts = [item for thread in threads for item in thread.work.values() if isinstance(item, Alert)]
    return [item.id for item in sorted(alerts, key=lambda one: SEVERITIES.index(one.severity))[:1]]


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
