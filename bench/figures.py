"""Which figures are there, what is each held to, and what is known of a measurement?

The names are those of `bench/results.json`. Targets are those of the design; a target that is missed is told, never a
failure. A wrong output count is one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is held to: at least, or at most, this much."""

    bound: Literal[">=", "<="]
    value: float

    def holds(self, found: float) -> bool:
        """Tell whether a value meets the target."""
        return found >= self.value if self.bound == ">=" else found <= self.value


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by name: its unit, its target if it has one, and the measurement that gives it."""

    name: str
    unit: str
    measurement: str
    target: Target | None = None


FIGURES = (
    Figure("fold_events_per_s", "events/s", "fold", Target(">=", 75_000)),
    Figure("fold_with_parsing_events_per_s", "events/s", "fold"),
    Figure("fold_four_workflows_events_per_s", "events/s", "fold_four_workflows", Target(">=", 50_000)),
    Figure("fold_all_workflows_events_per_s", "events/s", "fold_all_workflows", Target(">=", 50_000)),
    Figure("late_event_cost_ratio", "times", "late", Target("<=", 5)),
    Figure("late_event_cost_ratio_5", "times", "late", Target("<=", 5)),
    Figure("intake_events_per_s", "events/s", "embedded"),
    Figure("embedded_events_per_s", "events/s", "embedded", Target(">=", 25_000)),
    Figure("embedded_four_workflows_events_per_s", "events/s", "embedded_four_workflows"),
    Figure("timers_drained_per_s", "timers/s", "timers", Target(">=", 10_000)),
    Figure("timers_event_delay_s", "s", "timers", Target("<=", 1)),
    Figure("restart_seconds", "s", "restart", Target("<=", 5)),
    Figure("kafka_events_per_s", "events/s", "kafka", Target(">=", 36_000)),
    Figure("kafka_two_workers_events_per_s", "events/s", "kafka"),
    Figure("empty_faust_events_per_s", "events/s", "kafka"),
    Figure("faust_dict_events_per_s", "events/s", "kafka"),
    Figure("quix_streams_events_per_s", "events/s", "kafka"),
    Figure("event_to_task_p99_ms", "ms", "latency", Target("<=", 100)),
    Figure("backtest_events_per_s", "events/s", "backtest", Target(">=", 16_667)),
    Figure("inbox_page_p95_ms", "ms", "web", Target("<=", 150)),
    Figure("account_page_p95_ms", "ms", "web", Target("<=", 150)),
    Figure("agents_beside_pages_ratio", "times", "web", Target(">=", 0.9)),
    Figure("api_beside_agents_p95_ms", "ms", "web"),
    Figure("memory_mib_100k_accounts", "MiB", "memory", Target("<=", 1024)),
)
"""Every figure, in the order in which they are measured and printed."""

ABSENT: dict[str, str] = {}
"""Figures that cannot be measured here, each with the reason."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure that was measured: one number a run, and what a reader should know of how."""

    name: str
    runs: list[float]
    note: str = ""

    @property
    def value(self) -> float:
        """Give the median of the runs."""
        return median(self.runs)


@dataclass(frozen=True, slots=True)
class Check:
    """An answer of the engine beside that of the plain reference loop; where they differ, it is wrong."""

    what: str
    found: int
    reference: int

    @property
    def holds(self) -> bool:
        """Tell whether the answer is right."""
        return self.found == self.reference

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        sign = "=" if self.holds else "IS NOT"
        return f"{self.what}: outputs {self.found:,} {sign} reference {self.reference:,}"


@dataclass(slots=True)
class Findings:
    """What one measurement found: its figures, its checks, and which figures could not be had."""

    figures: list[Measured] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give it as plain JSON, to cross from one process to another."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Findings:
        """Read back what `as_json` gave."""
        figures, checks = said["figures"], said["checks"]
        return cls([Measured(**one) for one in figures], [Check(**one) for one in checks], said["absent"])


def chosen(names: list[str]) -> list[Figure]:
    """Give the figures of these names, which may also be those of measurements; all of them for no names.

    Raises:
        ValueError: a name is none of them; the text lists those that are.
    """
    known = {one.name for one in FIGURES} | {one.measurement for one in FIGURES}
    for name in names:
        if name not in known:
            raise ValueError(f"no figure is called {name}; there are {', '.join(one.name for one in FIGURES)}")
    return [one for one in FIGURES if not names or one.name in names or one.measurement in names]
