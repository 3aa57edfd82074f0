"""What is found in the state of an account and kept with its runs and work: reasons, what goes along, a gate's word."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class Reason(Struct, frozen=True, gc=False):
    """What may have led to a run, and how often it was found before, of how many times (B8)."""

    reason: str
    words: str
    event: str
    type: str
    time: datetime
    seen_before: int
    of: int


class Bundled(Struct, frozen=True, gc=False):
    """One thread of what a person holds: a loop, the tasks beside it, or both; each by its id."""

    workflow: str
    key: str
    title: str
    due: datetime | None
    loop: str | None
    tasks: list[str]


class Verdict(Struct, omit_defaults=True, gc=False):
    """What a gate says now, and when it last opened."""

    decision: str = ""
    reasons: list[str] = field(default_factory=list)
    earliest: datetime | None = None
    told: bool = True
    waited: bool = False
    opened_at: datetime | None = None
    overridden: dict[str, str] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    """Whom it is asked for one by one, and in `removed` who may not, by the code of the first check."""
    removed: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: dict[str, list[str]] = field(default_factory=dict)
    """What was found of the others of the list at other accounts: code → them, and who may under no code."""
