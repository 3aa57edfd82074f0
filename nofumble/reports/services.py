"""For whom did we spend our hours, and did the customer pay for them (W20)?"""

from collections.abc import Sequence
from typing import Literal, get_args

from msgspec import Struct

from agents.ports import Store
from nofumble.reports.reading import Period, TimeSpent, customers, time_spent, work_named

Side = Literal["account", "tier", "workflow"]
SIDES: tuple[Side, ...] = get_args(Side)
"""What hours can be added up by."""


class Service(Struct, frozen=True, tag_field="row", tag="service"):
    """Hours of a period: paid for, given, or without a word on it. A side that they are not added up by is absent."""

    account: str | None
    tier: int | None
    workflow: str | None
    hours: float
    paid_h: float
    given_h: float
    unsaid_h: float


class Together(Struct, frozen=True, tag_field="row", tag="sum"):
    """All of them."""

    hours: float
    paid_h: float
    given_h: float
    unsaid_h: float


def services(store: Store, period: Period, by: Sequence[Side] = SIDES) -> list[Service]:
    """Return the hours of a period by account, tier and workflow, or by some of these; the most hours first.

    Time belongs to a workflow by its `task_id`; other time has none.
    """
    spent = time_spent(store, period)
    tiers = {one.id: one.tier for one in customers(store)}
    tasks = work_named(store, {one.task for one in spent if one.task})
    groups: dict[tuple[str | None, int | None, str | None], list[TimeSpent]] = {}
    for one in spent:
        task = tasks.get(one.task or "")
        place = (
            one.account if "account" in by else None,
            tiers.get(one.account) if "tier" in by else None,
            task.workflow if task is not None and "workflow" in by else None,
        )
        groups.setdefault(place, []).append(one)
    found = [Service(*place, *_hours(group)) for place, group in groups.items()]
    return sorted(found, key=lambda one: (-one.hours, one.account or "", one.tier or 0, one.workflow or ""))


def together(found: Sequence[Service]) -> Together:
    """Add everything up."""
    columns = zip(*((one.hours, one.paid_h, one.given_h, one.unsaid_h) for one in found), strict=True)
    return Together(*(round(sum(column), 2) for column in columns)) if found else Together(0, 0, 0, 0)


def hours_by_account(store: Store, period: Period) -> dict[str, float]:
    """Return how many hours each account got."""
    return {one.account or "": one.hours for one in services(store, period, ["account"])}


def _hours(group: Sequence[TimeSpent]) -> tuple[float, float, float, float]:
    paid, given, unsaid = (sum(one.hours for one in group if one.is_paid is said) for said in (True, False, None))
    return round(paid + given + unsaid, 2), round(paid, 2), round(given, 2), round(unsaid, 2)
