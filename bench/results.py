"""How are the figures shown, and what is written to `bench/results.json`?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import FIGURES, Figure, Findings, Measured

FILE = Path(__file__).with_name("results.json")
_BY_NAME = {one.name: one for one in FIGURES}


def results(
    found: Findings, *, machine: dict[str, Any], versions: dict[str, str], is_quick: bool, took_s: float
) -> dict[str, Any]:
    """Give what is written: `figures` by name as plain numbers, `absent` by name with the reason, and how it was done.

    `details` has for each figure its unit, its target, whether it holds, every run, and a note.
    """
    return {
        "machine": machine | {"versions": versions},
        "figures": {one.name: rounded(one.value) for one in found.figures},
        "absent": dict(found.absent),
        "details": {one.name: _details(_BY_NAME[one.name], one) for one in found.figures},
        "checks": [
            {"what": one.what, "outputs": one.found, "reference": one.reference, "holds": one.holds}
            for one in found.checks
        ],
        "quick": is_quick,
        "took_s": round(took_s, 1),
    }


def write(said: dict[str, Any], path: Path = FILE) -> None:
    """Write the results as JSON."""
    path.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def line(figure: Figure, measured: Measured) -> str:
    """Give the line of a figure: name, value, unit, target, and whether it holds.

    >>> line(FIGURES[0], Measured("fold_events_per_s", [80_000.0]))
    'fold_events_per_s                       80,000 events/s  >= 75,000  holds'
    """
    target = figure.target
    value = rounded(measured.value)
    against = "" if target is None else f"{target.bound} {target.value:,}"
    verdict = "" if target is None else ("holds" if target.holds(value) else "missed")
    return f"{figure.name:<37} {value:>8,} {figure.unit:<8}  {against:<9}  {verdict}".rstrip()


def notes(found: Findings) -> Iterator[str]:
    """Give what else is to be said of the figures: how the runs differed, how each was done."""
    for one in found.figures:
        said = [f"{len(one.runs)} runs, {_span(one.runs)}"] if len(one.runs) > 1 else []
        said += [one.note] if one.note else []
        if said:
            yield f"{one.name}: {'; '.join(said)}"


def rounded(value: float) -> int | float:
    """Round a value to what can be trusted of it: whole from 100 on, else two digits behind the point."""
    return round(value) if value >= 100 else round(value, 2)  # noqa: PLR2004


def _span(runs: list[float]) -> str:
    return f"{rounded(min(runs)):,} to {rounded(max(runs)):,}, the median counts"


def _details(figure: Figure, measured: Measured) -> dict[str, Any]:
    target = figure.target
    return {
        "unit": figure.unit,
        "target": None if target is None else f"{target.bound} {target.value:,}",
        "holds": None if target is None else target.holds(rounded(measured.value)),
        "runs": [rounded(one) for one in measured.runs],
        "note": measured.note,
    }
