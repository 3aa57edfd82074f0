"""What is found in the state of an account and kept with its work: reasons for it, and what goes with it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


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
