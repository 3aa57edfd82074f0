"""What does a raw status of a help desk mean for a ticket, and which one event does a row of the log become?

One row of the log gives exactly one event, though it may change several things at once. The table of precedence, from
the first that applies:

1. `opened`            the first row of the ticket, whatever it says (its raw status is kept)
2. `closed`            the status says closed or cancelled, and the ticket was not closed
3. `resolved`          the status says resolved, and the ticket was neither resolved nor closed
4. `reopened`          work goes on ("in progress", "queued" …) although the ticket was resolved or closed
5. `severity_changed`  the severity differs from the row before; it starts a crisis, so it comes before the move
6. `transferred`       the group differs from the row before
7. `updated`           everything else: waiting, a repeated status, a status that the table does not know

What a lower line would have said is not lost: every event carries severity, from_team, to_team and the raw status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum


class Stage(Enum):
    """Where a raw status puts the ticket."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    CLOSED = "closed"
    UNKNOWN = "unknown"


_ACTIVE_WORDS = (
    "accepted, queued, in progress, assigned, awaiting assignment, open, opened, new, reopened,"
    "wait, wait - user, wait - customer, wait - vendor, wait - implementation, pending, on hold,"
    "assign seriousness, take in charge ticket, insert ticket, require upgrade, create sw anomaly,"
    "schedule intervention"
)
_RESOLVED_WORDS = "resolved, resolve ticket, solved, fixed, in call"  # in call: while the customer was on the line
_CLOSED_WORDS = "closed, close, close ticket, cancelled, canceled"
_CUSTOMER_WORDS = "wait - user, wait - customer, waiting for customer, pending customer, awaiting customer"


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


_STAGES: dict[str, Stage] = (
    dict.fromkeys(_words(_ACTIVE_WORDS), Stage.ACTIVE)
    | dict.fromkeys(_words(_RESOLVED_WORDS), Stage.RESOLVED)
    | dict.fromkeys(_words(_CLOSED_WORDS), Stage.CLOSED)
)
_WAITS_FOR_CUSTOMER = _words(_CUSTOMER_WORDS)
_ENDED = frozenset({Stage.RESOLVED, Stage.CLOSED})

# The words of severity; a number from 1 to 4 is taken as it is.
_SEVERITIES = {"critical": 1, "major": 1, "blocker": 1, "high": 2, "medium": 3, "normal": 3, "low": 4, "minor": 4}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands after a row: what the next row is compared with."""

    stage: Stage
    severity: int | None
    team: str | None


def stage_of(statuses: Sequence[str]) -> Stage:
    """Give the stage of a row from its statuses, the more exact one first (the transition, then the activity)."""
    for status in statuses:
        stage = _STAGES.get(_plain(status), Stage.UNKNOWN)
        if stage is not Stage.UNKNOWN:
            return stage
    return Stage.UNKNOWN


def waiting_on(statuses: Sequence[str]) -> str:
    """Say who has to move next: "customer" when a status says that we wait for the user, else "us"."""
    return "customer" if any(_plain(status) in _WAITS_FOR_CUSTOMER for status in statuses) else "us"


def severity_of(words: str | None) -> int | None:
    """Give the severity 1 (worst) to 4 of an impact or a priority, or None when it is missing or says nothing.

    >>> severity_of("Major"), severity_of("3"), severity_of("purple")
    (1, 3, None)
    """
    plain = _plain(words or "")
    return int(plain) if plain in {"1", "2", "3", "4"} else _SEVERITIES.get(plain)


def verb_of(before: Standing | None, now: Standing) -> str:
    """Name the one event that a row becomes, by the table of precedence at the top of this module."""
    if before is None:
        return "opened"
    if now.stage is Stage.CLOSED and before.stage is not Stage.CLOSED:
        return "closed"
    if now.stage is Stage.RESOLVED and before.stage not in _ENDED:
        return "resolved"
    if now.stage is Stage.ACTIVE and before.stage in _ENDED:
        return "reopened"
    if now.severity != before.severity:
        return "severity_changed"
    return "transferred" if now.team != before.team else "updated"


def standing_after(before: Standing | None, now: Standing) -> Standing:
    """Give what the next row is compared with.

    Only work reopens an ended ticket: a status without a meaning, or "resolved" after "closed", leaves its stage.
    """
    if before is None:
        return now
    ended = before.stage in _ENDED
    stays = now.stage is Stage.UNKNOWN or (ended and now.stage is Stage.RESOLVED)
    return replace(now, stage=before.stage) if stays else now


def _plain(status: str) -> str:
    return " ".join(status.casefold().split())
