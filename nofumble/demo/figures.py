"""What did the quarter come to: per workflow, and per person at its end?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.ports import Store
from agents.rows import WorkFilter, WorkRow
from nofumble.cli.output import Cell, number_of, write, write_table
from nofumble.cli.stored_work import holder_of, people_of
from nofumble.demo.thread import ROWS_MAX, Lines
from nofumble.demo.words import Names

PEOPLE_SHOWN = 8
"""The busiest; the rest are counted."""

COUNTED: Mapping[str, str] = {
    "workflow.started": "started",
    "task.offered": "tasks",
    "task.proposed": "tasks",
    "escalation.raised": "climbs",
    "alert.raised": "alerts",
    "alert.retracted": "retracted",
}
"""Which line counts as what."""

COLUMNS = ("started", "tasks", "climbs", "alerts", "retracted", "open loops")


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened per workflow, and what waits for each person or queue: (open tasks, overdue ones, open alerts)."""

    workflows: Mapping[str, Mapping[str, int]]
    people: Mapping[str, tuple[int, int, int]]

    def as_json(self) -> dict[str, Any]:
        """Return them as the last object of `--json`."""
        people = {
            person: {"open_tasks": tasks, "overdue": overdue, "open_alerts": alerts}
            for person, (tasks, overdue, alerts) in self.people.items()
        }
        workflows = {
            name: {column.replace(" ", "_"): count for column, count in counts.items()}
            for name, counts in self.workflows.items()
        }
        return {"workflows": workflows, "people": people}


def figures_of(store: Store, lines: Lines, workflows: Iterable[str], until: datetime) -> Figures:
    """Count what went out and what is open; every escalation counts but the reminders to a holder alone."""
    counts: dict[str, Counter[str]] = {name: Counter(dict.fromkeys(COLUMNS, 0)) for name in sorted(workflows)}
    for _, line in lines.all:
        column, workflow = COUNTED.get(line.type), line.data.get("workflow")
        if column is not None and workflow in counts and not (column == "climbs" and line.data.get("rung", 0) < _ABOVE):
            counts[workflow][column] += 1
    is_open = store.work(WorkFilter(limit=ROWS_MAX))
    for row in is_open:
        if row.kind == "loop" and row.workflow in counts:
            counts[row.workflow]["open loops"] += 1
    return Figures({name: dict(found) for name, found in counts.items()}, _people(is_open, until))


_ABOVE = 3
"""From this rung on, a ladder goes beyond the holder."""


def _people(rows: Iterable[WorkRow], until: datetime) -> dict[str, tuple[int, int, int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row.kind == "task":
            one = found[holder_of(row)]
            one[0] += 1
            one[1] += row.due_at is not None and row.due_at < until
        elif row.kind == "alert":
            for person in people_of(row):
                found[person][2] += 1
    busiest = sorted(found.items(), key=lambda one: (-one[1][1], -sum(one[1]), one[0]))
    return {person: (tasks, overdue, alerts) for person, (tasks, overdue, alerts) in busiest}


def write_figures(figures: Figures, names: Names) -> None:
    """Write both tables."""
    rows = [(name, *(_figure(counts[column]) for column in COLUMNS)) for name, counts in figures.workflows.items()]
    write_table(("workflow", *(f">{column}" for column in COLUMNS)), rows)
    write()
    if not figures.people:
        write("nothing waits for anybody")
        return
    shown = list(figures.people.items())[:PEOPLE_SHOWN]
    people = [(names.full(person), *(_figure(one) for one in counts)) for person, counts in shown]
    write_table(("open at the end of the quarter", ">tasks", ">overdue", ">alerts"), people)
    rest = len(figures.people) - len(shown)
    if rest:
        write(f"and {number_of(rest, 'more person or queue', 'more people and queues')} with less")


def _figure(value: int) -> str | Cell:
    return f"{value:,}" if value else Cell("-", "quiet")
