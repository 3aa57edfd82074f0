"""What do reports read of the store? Work, events and lines of a period, bounded: what is too much is refused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from agents.ports import Store
from agents.rows import EntryRow, SentRow, StoredFacts, WorkFilter, WorkRow
from nofumble.errors import WrongUse

READ_MAX = 500_000
"""Rows of one kind that a report holds in memory; a sum over a part of them would be wrong, so more is refused."""

ACCOUNTS_AT_ONCE = 5_000
IDS_AT_ONCE = 10_000
TIME_LOGGED = "cs.time.logged"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Period:
    """From a time on, and before another."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """That somebody spent time on a customer; `is_paid` is None where nobody said whether the customer pays for it."""

    account: str
    person: str | None
    hours: float
    is_paid: bool | None
    task: str | None


@dataclass(frozen=True, slots=True)
class Customer:
    """An account, as far as reports look at it."""

    id: str
    tier: int | None
    industry: str | None
    lifecycle: str


class _Envelope(msgspec.Struct):
    data: dict[str, Any] | None = None


_envelope_decoder = msgspec.json.Decoder(_Envelope)


def data_of(row: EntryRow | SentRow) -> dict[str, Any]:
    """Return what an event or a line says."""
    return _envelope_decoder.decode(row.body).data or {}


def events_of(store: Store, period: Period, types: Sequence[str]) -> list[EntryRow]:
    """Return the events of some types in a period, by time; raise WrongUse when there are too many."""
    return _bounded(store.happened(types, period.since, period.until, READ_MAX + 1), "events")


def lines_of(store: Store, period: Period, types: Sequence[str]) -> list[SentRow]:
    """Return what went out of some types in a period, by time; raise WrongUse when there is too much."""
    return _bounded(store.told(types, period.since, period.until, READ_MAX + 1), "lines")


def work_of(store: Store, wanted: WorkFilter) -> list[WorkRow]:
    """Return all the work that a filter asks for; raise WrongUse when there is too much."""
    return _bounded(store.work(wanted._replace(limit=READ_MAX + 1)), "work items")


def work_named(store: Store, ids: Iterable[str]) -> dict[str, WorkRow]:
    """Return the work items of these ids; a name that is no id, or one that nothing has, is left out."""
    known = sorted({one for one in ids if _is_id(one)})
    stretches = (known[start : start + IDS_AT_ONCE] for start in range(0, len(known), IDS_AT_ONCE))
    return {
        row.id: row
        for stretch in stretches
        for row in store.work(WorkFilter(is_open=None, limit=IDS_AT_ONCE, ids=stretch))
    }


def time_spent(store: Store, period: Period) -> list[TimeSpent]:
    """Return the time that was logged in a period, each on the account that it names, else on that of its event."""
    logged = [(row, data_of(row)) for row in events_of(store, period, [TIME_LOGGED])]
    means = store.resolve({str(data["account"]) for _, data in logged if data.get("account")})
    return [_spent(row.account_id, data, means) for row, data in logged]


def time_on_tasks(store: Store, period: Period) -> list[tuple[WorkRow, float]]:
    """Return the tasks on which time was logged in a period, each with the hours of one entry."""
    spent = [(one.task, one.hours) for one in time_spent(store, period) if one.task is not None]
    tasks = work_named(store, {task for task, _ in spent})
    return [(tasks[task], hours) for task, hours in spent if task in tasks]


def customers(store: Store) -> Iterator[Customer]:
    """Give every account, in order of id."""
    after = ""
    while page := store.accounts(after=after, limit=ACCOUNTS_AT_ONCE):
        yield from map(_customer, page)
        after = page[-1].account_id


def _bounded(rows: list[T], what: str) -> list[T]:
    if len(rows) > READ_MAX:
        raise WrongUse(
            f"the report would have to read more than {READ_MAX:,} {what}: a report is kept in memory; "
            "give a shorter period with --from and --to"
        )
    return rows


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _spent(account_id: str, data: dict[str, Any], means: dict[str, str]) -> TimeSpent:
    named = data.get("account")
    account = means.get(named, named) if named else account_id
    actor = data.get("actor")
    actor = actor.get("person") if isinstance(actor, dict) else actor
    minutes = data.get("minutes") or 0
    return TimeSpent(account, data.get("person") or actor, minutes / 60, data.get("billable"), data.get("task_id"))


def _customer(row: StoredFacts) -> Customer:
    facts = msgspec.json.decode(row.facts, type=dict[str, Any])
    return Customer(
        row.account_id, facts.get("tier") or None, facts.get("industry") or None, facts.get("lifecycle") or ""
    )
