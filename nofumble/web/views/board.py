"""Where do the balls lie? Open loops by team and age."""

from collections.abc import Sequence
from dataclasses import dataclass

from nofumble.reports.loops import HeldLoop
from nofumble.web.views.reader import Reader

AGES: tuple[tuple[int, str], ...] = (
    (10, "10 working days and more"),
    (5, "5 to 9"),
    (2, "2 to 4"),
    (0, "today or yesterday"),
)
"""From how many working days on a loop is of an age; the oldest first."""

OLD_FROM, AGING_FROM = 10, 5
TOLD_EVERY = 5
"""A customer who was told nothing for so many working days wonders."""

SHOWN_MAX = 12
"""Loops of one age and team that are shown one by one."""


@dataclass(frozen=True, slots=True)
class Ball:
    """One open loop on the board."""

    id: str
    account: str
    name: str
    holder: str
    held_days: int
    told: str
    weight: str


@dataclass(frozen=True, slots=True)
class Pile:
    """The loops of one age; `more` are not shown."""

    age: str
    balls: tuple[Ball, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Column:
    """What one team holds."""

    team: str
    count: int
    untold: int
    piles: tuple[Pile, ...]


def board_of(loops: Sequence[HeldLoop], reader: Reader) -> list[Column]:
    """Return one column for each team that holds something; the one with the most comes first."""
    teams: dict[str, list[HeldLoop]] = {}
    for one in loops:
        teams.setdefault(one.team or "of no team", []).append(one)
    columns = [
        Column(team, len(held), sum(one.told_at is None for one in held), tuple(_piles(held, reader)))
        for team, held in teams.items()
    ]
    return sorted(columns, key=lambda column: (-column.count, column.team))


def age_of(days: int) -> str:
    """Return the age of a loop that was held for so many working days."""
    return next(words for since, words in AGES if days >= since)


def ball_of(one: HeldLoop, reader: Reader) -> Ball:
    """Return a loop as the board shows it."""
    told = (
        "customer never told" if one.told_bd is None else f"told {one.told_bd} wd ago" if one.told_bd else "told today"
    )
    is_quiet = one.told_bd is None or one.told_bd >= TOLD_EVERY
    weight = "urgent" if one.held_bd >= OLD_FROM else "warn" if one.held_bd >= AGING_FROM and is_quiet else ""
    holder = reader.short(one.person) if one.person else one.queue or "nobody"
    return Ball(one.id, one.account, one.name, holder, one.held_bd, told, weight)


def _piles(held: Sequence[HeldLoop], reader: Reader) -> list[Pile]:
    found = []
    for _, words in AGES:
        of_age = [one for one in held if age_of(one.held_bd) == words]
        if of_age:
            balls = tuple(ball_of(one, reader) for one in of_age[:SHOWN_MAX])
            found.append(Pile(words, balls, len(of_age) - len(balls)))
    return found
