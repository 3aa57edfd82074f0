"""How does an account stand with us? What it answered, gave and got, who was asked how often, what is unsettled.

Plain data, a part of the account's state; every fact names the event behind it. What changes with time alone (a score
that ages, a balance that decays) is never written down: it is worked out from the times of the events and the moment
at which it is asked for.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class Seen(Struct, frozen=True, gc=False):
    """That something happened: when, and the event that says so."""

    at: datetime
    event: str


class Answer(Struct, frozen=True, omit_defaults=True, gc=False):
    """A contact's latest answer to the survey, and the one that counted for her before this wave."""

    score: int
    at: datetime
    event: str
    wave: str = ""
    prior: Answer | None = None


class Entry(Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of the loyalty ledger: a deposit is positive, a withdrawal negative."""

    kind: str
    points: float
    at: datetime
    event: str
    contact: str = ""
    favour: bool = False
    """Whether it is something that we asked of the customer, not a slip of ours or a survey."""
    reverses: str = ""


class Ledger(Struct, omit_defaults=True, gc=False):
    """The account's ledger; the balances are those of the time `as_of`, from which they decay."""

    balance: float = 0.0
    as_of: datetime | None = None
    contacts: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    favours: int = 0
    """How many favours of the customer stand in the ledger, older ones than the entries included."""


class ContactStanding(Struct, omit_defaults=True, gc=False):
    """What is known of one contact besides her name and role."""

    asked: list[Seen] = field(default_factory=list)
    surveyed: list[Seen] = field(default_factory=list)
    refuses: Seen | None = None
    mailed: list[Seen] = field(default_factory=list)
    objects: Seen | None = None
    """That she unsubscribed or complained; who merely left has not."""
    former_role: str = ""
    """Her role before the latest word about her."""


class Sample(Struct, frozen=True, gc=False):
    """How many people used a product on a day, or in the week up to it."""

    at: datetime
    users: int


class Usage(Struct, omit_defaults=True, gc=False):
    """How much a product is used: what is known of nine weeks, what was usual, and since when it has fallen."""

    samples: list[Sample] = field(default_factory=list)
    usual: float = 0.0
    drop: float = 0.0
    fallen_at: datetime | None = None


class OwnerChange(Struct, frozen=True, gc=False):
    """Who looked after the account until when, and who does since."""

    former: str
    new: str
    at: datetime
    role: str


class Standing(Struct, omit_defaults=True, gc=False):
    """How the account stands with us; see the module's words."""

    value: Seen | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    latest: str = ""
    """The contact of the latest answer, and in `before` what counted for her until then."""
    before: Answer | None = None
    wave: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    contacts: dict[str, ContactStanding] = field(default_factory=dict)
    asked: list[Seen] = field(default_factory=list)
    selling: Seen | None = None
    disputes: dict[str, str] = field(default_factory=dict)
    escalations: dict[str, str] = field(default_factory=dict)
    forbids_asks: Seen | None = None
    lifted: dict[str, datetime] = field(default_factory=dict)
    """Code of a hold on asks → when such a one was last lifted."""
    ambiguous: Seen | None = None
    """News of somebody else of the same name were dismissed, and in `not_them` the terms that tell them."""
    not_them: list[str] = field(default_factory=list)
    exec_tie: Seen | None = None
    exec_meetings: list[Seen] = field(default_factory=list)
    """The meetings of executives that are or were planned, in their order; `at` is when they meet."""
    held_at: datetime | None = None
    """When a hold was last placed."""
    owner_change: OwnerChange | None = None
    usage: dict[str, Usage] = field(default_factory=dict)
    """Product → its use; "" where the events name none."""
