"""What is hard about us: which kind of friction, how often, at how many customers, and what did it cost (W18)?

A kind is a way into `friction_watch`. What happened counts at once; the workflow looks at a customer when
it was enough.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from agents.ports import Store
from agents.rows import EntryRow
from events.money import minor_units
from nofumble.reports.reading import Period, data_of, events_of, lines_of, time_on_tasks

WATCH = "friction_watch"
CHARGED, REVERSED, DISPUTED = "finance.charge.added", "finance.charge.reversed", "finance.invoice.disputed"
WITH_AMOUNT = frozenset({CHARGED, DISPUTED})

Said = Mapping[str, Any]


class Amount(Struct, frozen=True):
    """A sum of money in the smallest unit of its currency."""

    amount: int
    currency: str


class Friction(Struct, frozen=True):
    """One kind of friction in a period.

    `times` is how often it happened, absent where it shows only in many events together; `raised` is how often
    `friction_watch` looked at a customer because of it. `hours` are those logged on the tasks that came of it.
    """

    kind: str
    what: str
    times: int | None
    raised: int
    accounts: int
    hours: float
    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way into `friction_watch`, in words, and which events are one occurrence of it."""

    name: str
    what: str
    counts: Mapping[str, Callable[[Said], bool]]


def _always(_said: Said) -> bool:
    return True


def _is_extra(said: Said) -> bool:
    return said.get("kind") == "extra"


def _is_asked_again(said: Said) -> bool:
    tags = said.get("tags")
    return bool(said.get("duplicate_of")) or (isinstance(tags, list) and "repeat_question" in tags)


KINDS = (
    Kind("extra_charges", "extra charges", {CHARGED: _is_extra}),
    Kind("dispute", "disputed invoices", {DISPUTED: _always}),
    Kind("contracting", "rounds of a contract", {"sales.contract.review_round": _always}),
    Kind("transfers", "tickets passed on", {"support.ticket.transferred": _always}),
    Kind("asked_again", "asked again", {"cs.meeting.held": _is_asked_again, "survey.nps.sent": _is_asked_again}),
    Kind("many_people", "too many of us", {}),
)
"""The kinds of `friction_watch`; a charge that was reversed is none."""


@dataclass(slots=True)
class _Found:
    times: int = 0
    raised: int = 0
    accounts: set[str] = field(default_factory=set)
    hours: float = 0
    amounts: Counter[str] = field(default_factory=Counter)


def frictions(store: Store, period: Period) -> list[Friction]:
    """Return every kind of friction, what happened most often first; a kind that did not happen counts 0."""
    found = {kind.name: _Found() for kind in KINDS}
    _count_events(store, period, found)
    _count_fires(store, period, found)
    _count_hours(store, period, found)
    rows = [_row(kind, found[kind.name]) for kind in KINDS]
    return sorted(rows, key=lambda one: (-(one.times or 0), -one.raised))


def _count_events(store: Store, period: Period, found: Mapping[str, _Found]) -> None:
    kind_of = {event_type: (found[kind.name], counts) for kind in KINDS for event_type, counts in kind.counts.items()}
    events = [(row, data_of(row)) for row in events_of(store, period, [*kind_of, REVERSED])]
    undone = {_charge(row, said) for row, said in events if row.type == REVERSED and said.get("charge_id")}
    for row, said in events:
        if row.type == REVERSED or (row.type == CHARGED and _charge(row, said) in undone):
            continue
        one, counts = kind_of[row.type]
        if counts(said):
            one.times += 1
            one.accounts.add(row.account_id)
            money = said.get("amount") if row.type in WITH_AMOUNT else None
            if money:
                one.amounts[money["currency"]] += minor_units(money["amount"], money["currency"])


def _charge(row: EntryRow, said: Said) -> tuple[str, str | None]:
    """Name a charge: its id is its account's."""
    return row.account_id, said.get("charge_id")


def _count_fires(store: Store, period: Period, found: Mapping[str, _Found]) -> None:
    for row in lines_of(store, period, ["workflow.started"]):
        said = data_of(row)
        one = found.get(_way(said.get("key"))) if said.get("workflow") == WATCH else None
        if one is not None:
            one.raised += 1
            one.accounts.add(row.account_id)


def _count_hours(store: Store, period: Period, found: Mapping[str, _Found]) -> None:
    for task, hours in time_on_tasks(store, period):
        one = found.get(_way(task.key)) if task.workflow == WATCH else None
        if one is not None:
            one.hours += hours


def _way(key: object) -> str:
    """Return the kind in a key of `friction_watch`: `dispute` in `dispute/2026-Q1`."""
    return str(key or "").partition("/")[0]


def _row(kind: Kind, one: _Found) -> Friction:
    return Friction(
        kind=kind.name,
        what=kind.what,
        times=one.times if kind.counts else None,
        raised=one.raised,
        accounts=len(one.accounts),
        hours=round(one.hours, 2),
        amounts=tuple(Amount(amount, currency) for currency, amount in sorted(one.amounts.items())),
    )
