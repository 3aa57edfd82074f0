"""What may happen at an account: histories drawn from the events that the workflows ask for.

An event is one of a table of moulds at a time of a coarse grid, so that histories are dense: few ids, many ties,
times just before, at and after the end of a working day. Everything is derived from small integers, so that a
failing history shrinks to a short one, and equal draws give equal histories.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from events.envelope import Event
from tests.scenarios.scenario import shipped
from workflows.directory import Directory, directory_from
from workflows.library import Library
from workflows.simulation import Arrival, World

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 24
SLOTS = (8 * 60, 9 * 60, 10 * 60, 12 * 60, 16 * 60 + 59, 17 * 60, 17 * 60 + 1, 23 * 60)
"""Minutes of the day; with five working days of eight slots, forty events meet often."""

IN_TIME = (0, 0, 0, 0, 0, 1, 7, 16, 24, 40, 71, 72)
"""Hours between a time and its arrival, none beyond the allowed 72."""
TOO_LATE = (73, 100, 240)

ACCOUNTS = ("acme", "bolt", "core")
ROLES = {"ae": "sam", "am": "sam", "csm": "dana", "pm": "pat", "support_owner": "kim", "marketer": "mo"}
COMPANY: dict[str, Any] = {
    "people": {
        "sam": {"team": "sales", "manager": "sue"},
        "dana": {"team": "cs", "manager": "max", "delegate": "eve", "time_zone": "Europe/Berlin"},
        "sue": {"roles": ["sales_manager"]},
        "max": {"roles": ["cs_manager"]},
        "lea": {"roles": ["product_lead"]},
    },
    "holidays": ["2026-03-16"],
}
SOURCES: dict[str, Any] = {
    "/crm": {"produces": ["cs.kickoff.*", "sales.*"], "every": "1h"},
    "/product": {"produces": ["product.*"], "every": "1h"},
}

Mould = tuple[str, dict[str, Any]]


def _each(event_type: str, *rows: dict[str, Any]) -> list[Mould]:
    return [(event_type, row) for row in rows]


def _ticket(word: str, *rows: dict[str, Any]) -> list[Mould]:
    return [
        (f"support.ticket.{word}", {"ticket_id": number, **row}) for number in ("T-1", "T-2") for row in rows or ({},)
    ]


def _request(*words: str) -> list[Mould]:
    return [
        (f"product.request.{word}", {"request_id": number, "actor": "pat"})
        for number in ("P-1", "P-2")
        for word in words
    ]


FACTS: list[Mould] = [
    *_each("account.updated", {"tier": 2}, {"renewal_date": "2026-04-10"}, {"health": "red"}),
    *_each("cs.lifecycle.changed", {"to": "live"}, {"to": "churned"}),
    *_each("cs.health.changed", {"to": "red"}, {"to": "green"}),
    *_each("cs.owner.assigned", {"to": "dana"}, {"to": "eve", "tier": 1}),
    *_each("cs.owner.changed", {"from": "dana", "to": "eve"}),
    *_each("product.owner.changed", {"area": "export", "to": "pia"}),
    *_each("customer.contact.joined", {"contact_id": "jo", "role_to": "decision_maker"}),
    *_each("acme.custom.happened", {"anything": [1, {"b": None}]}),
]
SIGNATURE: list[Mould] = [
    *_each(
        "sales.contract.signed",
        {"contract_id": "C-1", "kind": "new", "actor": "sam", "term_months": 12},
        {"contract_id": "C-2", "kind": "new_product"},
        {"contract_id": "C-3", "kind": "renewal"},
    ),
    *_each("sales.contract.cancelled", {"contract_id": "C-2"}),
    *_each("sales.handoff.submitted", {"contract_id": "C-1"}, {"contract_id": "C-2"}),
    *_each("cs.handoff.accepted", {"contract_id": "C-1"}),
    *_each("cs.handoff.returned", {"contract_id": "C-1"}),
    *_each(
        "cs.kickoff.scheduled",
        {"contract_id": "C-1", "at": "2026-03-11T10:00:00Z"},
        {"contract_id": "C-1", "at": "2026-04-20T10:00:00Z"},
        {"at": "2026-03-20T10:00:00Z"},
    ),
    *_each("cs.kickoff.cancelled", {"contract_id": "C-1"}),
    *_each("cs.kickoff.deferred", {"contract_id": "C-1", "by": "customer", "until": "2026-03-25"}, {"by": "us"}),
    *_each("cs.kickoff.held", {"contract_id": "C-1"}, {"contract_id": "C-2"}, {}),
    *_each("cs.meeting.requested", {"meeting_id": "M-1"}),
]
CONTACT: list[Mould] = [
    *_each(
        "sales.upsell.attempted",
        {"opportunity_id": "O-1", "participants": ["sam"], "contact_ids": ["jo"], "actor": "sam"},
        {"opportunity_id": "O-2", "participants": ["sam", "dana"], "actor": "sam"},
    ),
    *_each(
        "sales.contact.logged",
        {"direction": "out", "purpose": "intro", "actor": "sam"},
        {"direction": "in", "purpose": "support", "thread_id": "th-1"},
        {"direction": "out", "purpose": "upsell", "thread_id": "th-1", "actor": "sam"},
        {"direction": "out", "purpose": "upsell", "thread_id": "th-1", "cc": ["dana"], "actor": "sam"},
        {"direction": "out", "purpose": "upsell", "contact_ids": ["jo"], "cc": ["dana"], "actor": "sam"},
        {"direction": "out", "purpose": "renewal", "thread_id": "th-2", "customer_initiated": True, "actor": "sam"},
    ),
    *_each("sales.intent.announced", {"purpose": "upsell", "actor": "sam"}),
    *_each("cs.note.logged", {"thread_id": "th-1"}),
    *_each("cs.meeting.held", {"meeting_id": "M-2", "type": "planning", "attendees": ["dana"]}),
    *_each(
        "cs.contact.logged",
        {"direction": "out"},
        {"direction": "out", "request_id": "P-1"},
        {"direction": "out", "topic": "resolved"},
        {"direction": "out", "topic": "close_out"},
        {"direction": "out", "topic": "check_in"},
    ),
]
REQUEST: list[Mould] = [
    *_each(
        "product.request.submitted",
        {"request_id": "P-1", "problem": "no export", "asker": "jo", "actor": "dana"},
        {"request_id": "P-2", "accounts": ["a", "b", "c", "d", "e"], "actor": "dana"},
    ),
    *_each("customer.request.raised", {"target": "product", "text": "export"}),
    *_each("cs.commitment.made", {"commitment_id": "P-2", "kind": "product_request"}),
    *_request("acknowledged", "rerouted", "triaged", "date_changed", "declined", "shipped", "merged"),
    *_each("product.request.status_changed", {"request_id": "P-1", "status": "withdrawn"}, {"request_id": "P-2"}),
]
CRISIS: list[Mould] = [
    *_ticket("opened", {"severity": 1}, {"severity": 2}, {"severity": 4}, {"severity": 4}),
    *_ticket("severity_changed", {"severity": 1}, {"severity": 3}),
    *_ticket("resolved"),
    *_ticket("closed"),
    *_ticket("reopened"),
    *_ticket("replied"),
    *_each("product.incident.opened", {"incident_id": "I-1"}),
    *_each("product.incident.resolved", {"incident_id": "I-1"}),
    *_each("cs.risk.raised", {"risk_id": "R-1", "level": "high"}),
    *_each("cs.risk.cleared", {"risk_id": "R-1"}),
    *_each("customer.complaint.received", {"from": "jo"}, {"from": "al", "level": "sponsor"}),
    *_each("exec.contact.reported", {"our_exec": "eva"}),
    *_each("finance.credit.granted", {"reason": "goodwill"}),
]
HELD: list[Mould] = [
    *_each("hold.placed", {"scope": "upsell"}, {"scope": "upsell", "until": "2026-03-11T12:00:00Z"}),
    *_each("hold.placed", {"scope": "ask", "until_event": "cs.note.logged"}, {"scope": "all"}),
    *_each("hold.lifted", {"scope": "upsell", "actor": "dana"}, {"scope": "ask", "actor": "dana"}),
    *_each("cs.note.logged", {"links": ["th-1"]}),
]
MOULDS = (*FACTS, *SIGNATURE, *CONTACT, *REQUEST, *CRISIS, *HELD)
TASKS = {
    "signature_to_kickoff": ("T1", "T2", "T3", "T3'", "T4", "T5", "T6"),
    "sales_contact_without_csm": ("T1", "T2"),
    "product_request_relay": ("T1", "T2", "T3", "T4", "T5", "T6"),
    "crisis_hold_and_recovery": ("T1", "T2", "T3", "T5", "T6", "T7"),
}
MOVES: list[Mould] = [
    ("task.accepted", {"actor": "sam"}),
    ("task.started", {"actor": "sam"}),
    ("task.completed", {"actor": "dana", "outcome": "go"}),
    ("task.completed", {"actor": "pat", "outcome": "planned"}),
    ("task.declined", {"actor": "pat", "reason": "not mine"}),
    ("task.snoozed", {"actor": "dana", "until": "2026-03-13T10:00:00Z"}),
    ("task.reassigned", {"actor": "max", "to": "eve"}),
]
ACTIONS: list[Mould] = [
    (action, {"workflow": workflow, "ref": ref, **data})
    for workflow, refs in TASKS.items()
    for ref in refs
    for action, data in MOVES
] + [
    (action, {"workflow": workflow, "ref": "A1", "actor": "dana", **data})
    for workflow in TASKS
    for action, data in (("alert.acknowledged", {}), ("feedback.recorded", {"mark": "noise"}))
]
STORIES: tuple[tuple[list[Mould], list[Mould]], ...] = tuple(
    (moulds, [one for one in ACTIONS if one[1]["workflow"] in names])
    for moulds, names in (
        (SIGNATURE + CONTACT, ["signature_to_kickoff", "sales_contact_without_csm"]),
        (CONTACT + HELD, ["sales_contact_without_csm"]),
        (CONTACT + CRISIS, ["sales_contact_without_csm", "crisis_hold_and_recovery"]),
        (REQUEST + CONTACT, ["product_request_relay"]),
        (CRISIS + FACTS, ["crisis_hold_and_recovery"]),
        (list(MOULDS), list(TASKS)),
    )
)
"""A history keeps to one story mostly, so that its events meet; with it go the actions on its work."""


@dataclass(frozen=True)
class Happening:
    """One drawn event: which mould, when, where, and how much later it is known."""

    number: int
    mould: Mould
    account: str
    time: datetime
    lag: timedelta

    @property
    def arrival(self) -> Arrival:
        """The event with its arrival."""
        return Arrival(self.event, self.time + self.lag)

    @property
    def event(self) -> Event:
        """The event itself, of the source that tells such things."""
        event_type, data = self.mould
        return Event(f"e-{self.number}", source_of(event_type), event_type, self.account, self.time, None, data)


def source_of(event_type: str) -> str:
    """Name the system that an event comes from."""
    if event_type.startswith(("product.", "customer.")):
        return "/product"
    return "/crm" if event_type.startswith(("sales.", "cs.")) else "/desk"


@st.composite
def happenings(
    draw: st.DrawFn,
    *,
    accounts: int = 1,
    actions: bool = False,
    lags: tuple[int, ...] = IN_TIME,
    most: int = 40,
    stories: Sequence[tuple[list[Mould], list[Mould]]] = STORIES,
) -> list[Happening]:
    """Draw what happens, in the order in which it becomes known."""
    moulds, moves = draw(st.sampled_from(stories))
    mould = st.sampled_from(moulds) if not actions else st.one_of(st.sampled_from(moulds), st.sampled_from(moves))
    day, slot = st.integers(0, DAYS - 1), st.integers(0, len(SLOTS) - 1)
    one = st.tuples(mould, day, slot, st.integers(0, accounts - 1), st.integers(0, len(lags) - 1))
    least = min(most, draw(st.sampled_from((0, 6, 14, 28))))  # left alone, most lists are of five
    drawn = draw(st.lists(one, min_size=least, max_size=most))
    found = [
        Happening(
            number,
            which,
            ACCOUNTS[account],
            MONDAY + timedelta(days=days, minutes=SLOTS[minutes]),
            timedelta(hours=lags[lag]),
        )
        for number, (which, days, minutes, account, lag) in enumerate(drawn)
    ]
    return sorted(found, key=lambda happening: happening.time + happening.lag)


END = MONDAY + timedelta(days=DAYS + 60)
"""Late enough for every event to have arrived, and for most deadlines to have passed."""


@cache
def library() -> Library:
    """The shipped definitions and those of the bench."""
    return Library([*shipped().values(), *shipped("bench/definitions").values()])


@cache
def company(*, declares_sources: bool = False) -> Directory:
    """The people, with or without declared sources."""
    return directory_from(COMPANY | ({"sources": SOURCES} if declares_sources else {}))


def registrations(accounts: int = len(ACCOUNTS)) -> list[Arrival]:
    """Register the accounts: the first two are customers of old, the last is new."""
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    stages = ("live", "onboarding", "prospect")
    return [
        Arrival(
            Event(
                f"r-{name}",
                "/desk",
                "account.registered",
                name,
                at,
                None,
                {"name": name.title(), "tier": 1, "lifecycle": stage, "roles": {**ROLES}},
            ),
            at,
        )
        for name, stage in list(zip(ACCOUNTS, stages, strict=True))[:accounts]
    ]


def world(accounts: int = 1, *, declares_sources: bool = False, definitions: Library | None = None) -> World:
    """Begin a world in which the accounts are registered."""
    found = World(definitions or library(), company(declares_sources=declares_sources))
    for arrival in registrations(accounts):
        found.receive(arrival)
    return found
