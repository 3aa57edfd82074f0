"""What is known of one account at a time: people, facts, running instances, open work.

Every value here is plain data, so that a state can be written down and read back without
loss (``encode``/``decode``) and two folds of the same events give the same bytes (D1).
Times are aware UTC datetimes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from workflows.findings import Bundled, Reason, Verdict
from workflows.standing import Standing

Json = Any


class Trace(Struct, frozen=True, omit_defaults=True, gc=False):
    """One event as evidence: which, of whom, when (R18)."""

    id: str
    source: str
    type: str
    time: datetime
    actor: str = ""


class Recipient(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who gets work: the role that was asked for, and who holds it (R9)."""

    role: str
    person: str | None = None
    queue: str | None = None
    fallback: tuple[str, ...] = ()
    away: str | None = None


class PatternStep(Struct, frozen=True, gc=False):
    """One event of a pattern, with the step that it stands for (R18)."""

    step: str
    event: str
    source: str
    type: str
    time: datetime
    actor: str


class Clock(Struct, frozen=True, gc=False):
    """The clock of a piece of work: whose calendar, from when, until when, how long (R6)."""

    calendar: str
    start: datetime
    due: datetime
    duration: str


class Evidence(Struct, gc=False, kw_only=True):
    """Why a piece of work exists (R18)."""

    because: str
    events: list[str]
    pattern: list[PatternStep]
    clock: Clock | None
    state: dict[str, Json]
    version: str
    hash: str
    confidence: str
    counterfactual: str
    links: list[str] = field(default_factory=list)
    reasons: list[Reason] | msgspec.UnsetType = msgspec.UNSET


class Task(Struct, tag="task", gc=False):
    """A piece of work with one holder and a due time (R11)."""

    id: str
    workflow: str
    key: str
    ref: str
    instance: str
    title: str
    to: Recipient
    status: str
    opened_at: datetime
    due: datetime
    calendar: str
    evidence: msgspec.Raw
    occurrence: int = 1
    copy: list[Recipient] = field(default_factory=list)
    checklist: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    closed_at: datetime | None = None
    reason: str = ""
    outcome: str = ""
    touched: bool = False
    notes: list[str] = field(default_factory=list)
    rungs: list[str] = field(default_factory=list)
    snoozes: int = 0
    snoozed_until: datetime | None = None
    handoff: str = ""
    stays: bool = False
    snoozed_bd: int = 0
    taken_at: datetime | None = None
    bundle: list[Bundled] = field(default_factory=list)


class Alert(Struct, tag="alert", gc=False):
    """Something that people must know (R13)."""

    id: str
    workflow: str
    key: str
    ref: str
    instance: str
    because: str
    severity: str
    to: list[Recipient]
    status: str
    opened_at: datetime
    evidence: msgspec.Raw
    occurrence: int = 1
    confirmed: bool = True
    closed_at: datetime | None = None
    reason: str = ""
    touched: bool = False
    notes: list[str] = field(default_factory=list)
    snoozed_until: datetime | None = None
    stays: bool = False
    details: dict[str, Json] = field(default_factory=dict)


class Hold(Struct, tag="hold", gc=False):
    """A stop on one kind of contact with the customer (R15)."""

    id: str
    workflow: str
    key: str
    ref: str
    instance: str
    scope: str
    reason: str
    status: str
    opened_at: datetime
    evidence: msgspec.Raw
    occurrence: int = 1
    speak_to: Recipient | None = None
    closed_at: datetime | None = None
    touched: bool = False
    notes: list[str] = field(default_factory=list)
    until: datetime | None = None
    until_event: str = ""
    code: str = ""
    contact: str = ""


class Loop(Struct, tag="loop", gc=False):
    """Something open towards the customer; it always has exactly one holder."""

    id: str
    workflow: str
    key: str
    ref: str
    instance: str
    name: str
    holder: Recipient
    status: str
    opened_at: datetime
    held_since: datetime
    evidence: msgspec.Raw
    occurrence: int = 1
    told_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    touched: bool = False
    notes: list[str] = field(default_factory=list)


Work = Task | Alert | Hold | Loop

OPEN_TASK = frozenset({"proposed", "offered", "accepted", "in_progress"})
OPEN_ALERT = frozenset({"raised", "acknowledged"})
OPEN: frozenset[str] = OPEN_TASK | OPEN_ALERT | {"live", "open"}
"""The states of work that somebody still has to care about."""


def is_open(item: Work) -> bool:
    """Tell whether the item still asks for attention."""
    return item.status in OPEN


class StepState(Struct, omit_defaults=True, gc=False):
    """Where one step of an instance stands.

    ``waiting`` → ``open`` → ``done`` | ``missed`` | ``skipped`` | ``closed``; a repeated step goes round.
    """

    status: str = "waiting"
    occurrence: int = 0
    work: list[str] = field(default_factory=list)
    by: str = ""
    by_ref: str = ""
    done_at: datetime | None = None
    outcome: str = ""
    trace: list[Trace] = field(default_factory=list)


class Remembered(Struct, frozen=True, gc=False):
    """An event that a definition may look back at."""

    trace: Trace
    data: dict[str, Json]


class Pending(Struct, omit_defaults=True, gc=False):
    """A start pattern that waits: a held state, a silence or a date with its due time, or the events of a count."""

    events: list[Remembered] = field(default_factory=list)
    due: datetime | None = None
    deadline: datetime | None = None
    """When a silence was over that waits for the proof that its sources are alive (R7)."""
    ran_out: int = 0
    """How many of the events of a held state have lasted for its time, where several in a row must."""


class Found(Struct, omit_defaults=True, gc=False):
    """What a start pattern found: its events, and the sources that it did not hear from.

    A count also has the value that it counted for, and all that was `counted`, with the start; other patterns what
    came before the start.
    """

    by: str = ""
    events: list[Remembered] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    counted: bool = False


class Instance(Struct, gc=False):
    """One run of a workflow for one key."""

    id: str
    workflow: str
    key: str
    definition: str
    started_at: datetime
    clock_from: datetime
    start: Trace
    data: dict[str, Json]
    status: Literal["running", "done", "cancelled"] = "running"
    steps: dict[str, StepState] = field(default_factory=dict)
    timers: dict[str, datetime] = field(default_factory=dict)
    marks: dict[str, datetime] = field(default_factory=dict)
    tracked: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)
    effects: int = 0
    way: str = ""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    paused_at: datetime | None = None
    stopped: dict[str, datetime] = field(default_factory=dict)
    found: Found | None = None
    causes: list[Reason] = field(default_factory=list)
    bundles: dict[str, list[str]] = field(default_factory=dict)
    """Step → ids of the work that it hands over."""


class Contact(Struct, omit_defaults=True, gc=False):
    """A person on the customer's side."""

    id: str
    name: str = ""
    email: str = ""
    role: str = ""
    title: str = ""


class WorkflowRun(Struct, array_like=True, gc=False):
    """The latest run of a workflow for a key: what re-entry and the difference of two folds look at."""

    workflow: str
    key: str
    number: int
    instance: str
    event: str
    started_at: datetime
    actor: str = ""
    status: str = "running"
    reason: str = ""

    def said(self) -> dict[str, Json]:
        """Name the run as its lines do."""
        return {"workflow": self.workflow, "key": self.key, "instance": self.instance, "event": self.event}


class Deed(Struct, frozen=True, gc=False):
    """That somebody of ours started a workflow, here or at another account (W03)."""

    workflow: str
    actor: str
    at: datetime
    known_from: datetime


class AccountState(Struct, gc=False):
    """The fold of an account's events up to a time."""

    id: str
    name: str = ""
    tier: int = 0
    lifecycle: str = ""
    country: str = ""
    industry: str = ""
    health: str = ""
    arr: int = 0
    currency: str = ""
    renewal_date: str = ""
    parent: str = ""
    test: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    domains: list[str] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    products: list[str] = field(default_factory=list)
    work: dict[str, Work] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    runs: dict[str, WorkflowRun] = field(default_factory=dict)
    memory: dict[str, list[Remembered]] = field(default_factory=dict)
    pending: dict[str, dict[str, Pending]] = field(default_factory=dict)
    watermarks: dict[str, datetime] = field(default_factory=dict)
    deeds: dict[str, Deed] = field(default_factory=dict)
    standing: Standing | None = None
    watching: list[str] = field(default_factory=list)
    found: dict[str, list[list[str]]] = field(default_factory=dict)
    """Workflow → the names of the causes that were found for each of its runs."""

    def holds(self) -> list[Hold]:
        """List the live holds."""
        return [item for item in self.work.values() if isinstance(item, Hold) and item.status == "live"]

    def lifts_at(self, hold: Hold) -> datetime | None:
        """Tell when a live hold will be lifted, if a time is set for it."""
        if hold.until is not None:
            return hold.until
        instance = self.instances.get(hold.instance)
        lifts = [due for name, due in instance.timers.items() if name.endswith("~")] if instance else []
        return max(lifts, default=None)


def label_of(ref: str) -> str:
    """Give the label of a step: of `A1/setup` it is `A1`, as of every other part of it."""
    return ref.partition("/")[0]


def step_said(ref: str) -> dict[str, Json]:
    """Name a step as its lines do: the label, and the part of it where it has parts."""
    label, _, part = ref.partition("/")
    return {"ref": label, "part": part} if part else {"ref": label}


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AccountState)
_evidence_decoder = msgspec.json.Decoder(Evidence)


def encode(state: AccountState) -> bytes:
    """Write a state down; the same state gives the same bytes."""
    return _encoder.encode(state)


def decode(raw: bytes) -> AccountState:
    """Read a state back; ``decode(encode(s)) == s``."""
    return _decoder.decode(raw)


def seal(evidence: Evidence) -> msgspec.Raw:
    """Write evidence down as JSON, once: nothing in the fold reads it again, and it goes out as it is."""
    return msgspec.Raw(_encoder.encode(evidence))


def evidence_of_item(item: Work) -> Evidence:
    """Read the evidence of a work item."""
    return _evidence_decoder.decode(item.evidence)
