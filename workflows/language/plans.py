"""How a definition runs: what the compiler makes of it, plain and unchangeable.

What happens when an event comes is a walk over ``Definition.reactions[event.type]``, in the fixed
order of :data:`REACTION_ORDER`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from workflows.language.conditions import Condition
from workflows.language.durations import Duration
from workflows.language.grammar import Count, DefinitionSource, Limit, Mode, Start, Step
from workflows.language.templates import Template
from workflows.language.vocabulary import Bindings

REACTION_ORDER = (
    "cancel",
    "restart",
    "pause",
    "resume",
    "track_add",
    "track_remove",
    "mark",
    "override",
    "renew",
    "reopen",
    "told",
    "gather",
    "accept",
    "decline",
    "refuse",
    "done_by",
    "resolve",
    "void",
    "satisfy",
    "early",
    "trigger",
    "done",
)
"""Within one event and one instance: first what stops it, then what it completes, then what it begins."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """An event that is asked for: one of the types, and a condition on it."""

    types: frozenset[str]
    where: Condition | None

    def holds(self, bindings: Bindings) -> bool:
        """Tell whether the event of the bindings is one of them; the type is already known to be."""
        return self.where is None or self.where.holds(bindings)


@dataclass(frozen=True, slots=True)
class Choice:
    """Rows of (condition, value): the first row whose condition holds decides."""

    rows: tuple[tuple[Condition | None, Any], ...]

    def pick(self, bindings: Bindings) -> Any:
        """Give the value of the first row that holds; the last row always does."""
        for condition, value in self.rows:
            if condition is None or condition.holds(bindings):
                return value
        return self.rows[-1][1]


@dataclass(frozen=True, slots=True)
class Named:
    """A receiver that no role names: `how` is a word of `grammar.Receiver`, with its expression or its steps."""

    how: str
    condition: Condition | None
    refs: tuple[str, ...]

    def __str__(self) -> str:
        """Write it as a definition does, such as `the manager of T1`."""
        if self.condition is not None:
            return f"{_SAID_AS[self.how]}{self.condition.source}"
        return f"the {self.how.removesuffix('_of')} of {' or '.join(self.refs)}"


_SAID_AS = {"person": "", "manager": "the manager of ", "team": "the team "}


@dataclass(frozen=True, slots=True)
class At:
    """A due time that is a time, or so long before one; at the latest so long after the start."""

    condition: Condition
    before: Duration | None = None
    latest: Duration | None = None

    def __str__(self) -> str:
        """Write it as words, such as `at start.needed_by`."""
        return f"{f'{self.before} before' if self.before else 'at'} {self.condition.source}"


@dataclass(frozen=True, slots=True)
class Timed:
    """A clock of a step: its timer's name, how long, since when, and the event that satisfies it."""

    timer: str
    within: Duration
    since: str
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """One check of a gate, ready to run; a test of holds has a `scope`, a wait `since` and `span`."""

    code: str
    condition: Condition | None
    since: Condition | None
    span: Duration | None
    scope: str
    when: Condition | None
    denies: bool
    override: tuple[str, ...]
    getters: tuple[tuple[str, Callable[[Any], Any]], ...]
    topics: frozenset[str]
    """What it depends on: it is looked at again when one of these changes."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The names that it reads."""
        return tuple(name for name, _ in self.getters)


@dataclass(frozen=True, slots=True)
class LimitPlan:
    """How often a step may act, and what is counted apart."""

    source: Limit
    by: Condition | None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step, ready to run."""

    step: Step
    action: str
    trigger: str
    text: Template | None
    when: Condition | None
    to: Choice | None
    due: Choice | None
    severity: Choice | None
    early: Template | None
    clocks: tuple[Timed, ...]
    accepts: bool
    receiver: Choice | None
    then_due: Choice | None
    checks: tuple[CheckPlan, ...] = ()
    points: Condition | None = None
    contact: Condition | None = None
    limits: tuple[LimitPlan, ...] = ()
    link: Condition | None = None
    each: Condition | None = None
    """Whom a gate is asked for, one by one."""
    details: tuple[tuple[str, Condition], ...] = ()
    says: tuple[Template, ...] = ()
    """The lines of a brief."""
    bundle: Condition | None = None
    """Whose open work the task hands over."""
    record: tuple[tuple[str, Condition], ...] = ()
    """The fields of the event that the step states."""

    @property
    def ref(self) -> str:
        """The step's label in the definition."""
        return self.step.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPlan:
    """One way to open an instance, ready to run."""

    index: int
    kind: str
    source: Start
    matcher: Matcher
    key: Condition
    leave: tuple[Matcher, ...] = ()
    by: Condition | None = None
    first: Matcher | None = None
    each: Condition | None = None
    same: Condition | None = None
    distinct: Condition | None = None
    sum: Condition | None = None
    keeps_data: bool = False
    """Whether the data of what is counted are read later."""
    within: Choice | None = None
    """How long a silence may be."""
    since: Condition | None = None
    """From when a held state counts, where that is not its event."""
    of: Condition | None = None
    """The date that a start of the kind `date` waits for."""

    @property
    def counts(self) -> Count:
        """What is counted, of a start that counts."""
        assert self.source.count is not None
        return self.source.count


@dataclass(frozen=True, slots=True)
class LookBackPlan:
    """A value that asks earlier events: the `first`, a list of `every` one, or the `sum`.

    Without a matcher these are the events that the start has counted.
    """

    word: str
    matcher: Matcher | None
    within: Duration | None
    condition: Condition
    type_name: str


@dataclass(frozen=True, slots=True)
class CausePlan:
    """What may have led to the start: which event, so long before, unless it was over or announced; in words."""

    name: str
    event: Matcher
    within: Duration
    over: frozenset[str]
    by: Condition | None
    without: Matcher | None
    without_within: Duration | None
    text: Template


@dataclass(frozen=True, slots=True)
class GuardPlan:
    """One reason not to open an instance."""

    reason: str
    condition: Condition | None
    recent: Matcher | None
    within: Duration | None
    recheck: Duration | None = None


@dataclass(frozen=True, slots=True)
class EndPlan:
    """One way to end an instance by its steps, or the words of an ending by an event."""

    after: tuple[str, ...]
    missed: tuple[str, ...]
    begun: tuple[str, ...]
    reason: str
    retracts: bool
    within: Duration | None
    condition: Condition | None
    topics: frozenset[str]
    """What the condition depends on."""
    passes: tuple[str, Choice] | None


Reaction = tuple[str, str, Matcher, Any]
"""(what to do, the step or name it concerns, on which event, what else it needs)."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow, ready to run."""

    source: DefinitionSource
    name: str
    hash: str
    starts: tuple[StartPlan, ...]
    guards: tuple[GuardPlan, ...]
    values: tuple[tuple[str, Condition | LookBackPlan], ...]
    steps: dict[str, StepPlan]
    reactions: dict[str, tuple[Reaction, ...]]
    track_by: dict[str, Condition]
    done: tuple[EndPlan, ...]
    cancel: tuple[EndPlan, ...]
    gates: tuple[StepPlan, ...]
    watches: bool
    correlate: dict[str, tuple[str, ...]]
    restart_from: Condition | None
    pause_while: Condition | None
    causes: tuple[CausePlan, ...]
    remembers: dict[str, Duration]
    counts_actors: bool
    has_afterwards: bool
    missing: dict[str, Callable[[Any], Any]]
    reads: tuple[tuple[str, Callable[[Any], Any]], ...]

    def in_mode(self, mode: Mode) -> Definition:
        """Give the same version in another mode; its hash stays, since what it says is the same."""
        return self if mode == self.source.mode else replace(self, source=self.source.model_copy(update={"mode": mode}))
