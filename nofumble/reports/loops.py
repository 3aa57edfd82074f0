"""Who holds what is open towards customers, for how long, and when was the customer last told?"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from agents.ports import Store
from agents.rows import WorkFilter, WorkRow
from nofumble.reports.reading import work_of
from workflows.account import Loop
from workflows.directory import Directory
from workflows.working_time import business_days_between

_decoder = msgspec.json.Decoder(Loop)


class HeldLoop(Struct, frozen=True, tag_field="row", tag="loop"):
    """A loop, its one holder, and its two clocks in working days of the holder's calendar."""

    id: str
    account: str
    name: str
    workflow: str
    key: str
    person: str | None
    queue: str | None
    role: str | None
    team: str | None
    held_since: datetime
    held_bd: int
    told_at: datetime | None
    told_bd: int | None


class HeldTogether(Struct, frozen=True, tag_field="row", tag="sum"):
    """What one holder or one team has: how many loops, their working days together, and the longest of them."""

    by: Literal["holder", "team"]
    name: str | None
    team: str | None
    loops: int
    held_bd: int
    longest_bd: int
    untold: int
    """Loops of which the customer was never told anything."""


def held_loops(store: Store, directory: Directory, now: datetime) -> list[HeldLoop]:
    """Return the open loops, that which its holder has had for longest first."""
    found = [held_loop(row, directory, now) for row in work_of(store, WorkFilter("loop"))]
    return sorted(found, key=lambda one: (one.held_since, one.id))


def held_loop(row: WorkRow, directory: Directory, now: datetime) -> HeldLoop:
    """Tell of one open loop who holds it, and for how long."""
    loop = _decoder.decode(row.body)
    calendar = directory.calendar_of(row.person)
    return HeldLoop(
        id=row.id,
        account=row.account_id,
        name=loop.name,
        workflow=row.workflow,
        key=row.key,
        person=row.person,
        queue=row.queue,
        role=row.role,
        team=team_of(directory, row.person, row.queue),
        held_since=loop.held_since,
        held_bd=business_days_between(loop.held_since, now, calendar),
        told_at=loop.told_at,
        told_bd=None if loop.told_at is None else business_days_between(loop.told_at, now, calendar),
    )


def team_of(directory: Directory, person: str | None, queue: str | None) -> str | None:
    """Return the team of who holds work: the person's, else that whose queue it waits in."""
    if person is not None or queue is None:
        return directory.team_of(person)
    teams = {*directory.teams, *(one.team for one in directory.people.values() if one.team)}
    return next((team for team in sorted(teams) if directory.queue_of_team(team) == queue), None)


def sums(loops: Iterable[HeldLoop]) -> list[HeldTogether]:
    """Add loops up by holder, then by team; who has the most working days on hand comes first."""
    loops = list(loops)
    by_holder = _groups(loops, lambda one: one.person or one.queue)
    by_team = _groups(loops, lambda one: one.team)
    return [
        *_most_first(_sum("holder", name, group[0].team, group) for name, group in by_holder.items()),
        *_most_first(_sum("team", name, name, group) for name, group in by_team.items()),
    ]


def _sum(by: Literal["holder", "team"], name: str | None, team: str | None, loops: Sequence[HeldLoop]) -> HeldTogether:
    days = [one.held_bd for one in loops]
    return HeldTogether(by, name, team, len(loops), sum(days), max(days), sum(one.told_at is None for one in loops))


def _most_first(found: Iterable[HeldTogether]) -> list[HeldTogether]:
    return sorted(found, key=lambda one: (-one.held_bd, one.name or ""))


def _groups(loops: Iterable[HeldLoop], name_of: Callable[[HeldLoop], str | None]) -> dict[str | None, list[HeldLoop]]:
    groups: dict[str | None, list[HeldLoop]] = {}
    for one in loops:
        groups.setdefault(name_of(one), []).append(one)
    return groups
