"""How do accounts that are folded side by side come to hear of each other, with the same result in any process?

In rounds: all accounts are folded with what is believed of the others, then those again for which it was wrong, until
nothing is. What is told concerns what comes later, so each round is right for longer than the one before (W03, W17).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from workflows.backtesting.replay import NOTHING_HEARD, Heard, Removed
from workflows.conduct import Start
from workflows.language.vocabulary import REPEATS_WITHIN

ROUNDS_MAX = 25
"""Rounds after which accounts still tell each other something new: a circle within one instant, which is cut."""


class Telling(Protocol):
    """What the others are told of a folded account, and what it must be told; as in ``Replayed``."""

    account: str
    starts: list[Start]
    acted: dict[tuple[str, str], tuple[datetime, datetime]]
    answers: dict[str, Removed]
    asked: list[str]


T = TypeVar("T", bound=Telling)

Fold = Callable[[Mapping[str, Heard]], Iterator[T]]
"""Folds the accounts that it is given, each with what it hears; in any order."""


def settle(accounts: Iterable[str], fold: Fold[T], believed: Mapping[str, Heard]) -> tuple[list[T], dict[str, Heard]]:
    """Fold accounts until each has heard what the others did; give them in order, and what each has heard.

    `believed` is where to begin, such as what was heard on the other side; whatever it is, the result is the same.
    """
    found: dict[str, T] = {}
    heard = {account: believed.get(account, NOTHING_HEARD) for account in accounts}
    wrong = dict(heard)
    for _ in range(ROUNDS_MAX):
        found |= {one.account: one for one in fold(wrong)}
        wrong = {account: now for account, now in _heard(found.values()) if now != heard[account]}
        if not wrong:
            break
        heard |= wrong
    return [found[account] for account in sorted(found)], heard


def _heard(found: Iterable[Telling]) -> Iterator[tuple[str, Heard]]:
    """Give what each account ought to have heard of the others."""
    everyone = list(found)
    by_actor: dict[tuple[str, str], list[Start]] = {}
    answers: dict[str, Removed] = {}
    for one in everyone:
        answers |= one.answers
        for start in one.starts:
            by_actor.setdefault((start.workflow, start.actor), []).append(start)
    for one in everyone:
        starts = {start for name, span in one.acted.items() for start in _counting(by_actor.get(name, ()), span)}
        others = sorted((start for start in starts if start.account_id != one.account), key=_by_arrival)
        told = [(part, answers[part]) for part in sorted(set(one.asked)) if part in answers]
        yield one.account, Heard(tuple(others), tuple(told))


def _counting(starts: Sequence[Start], span: tuple[datetime, datetime]) -> Iterator[Start]:
    """Give the starts that can count for what was done in a span of time."""
    first, last = span
    return (start for start in starts if start.at <= last and start.at + REPEATS_WITHIN >= first)


def _by_arrival(start: Start) -> tuple[datetime, datetime, str]:
    return start.arrived_at, start.at, start.id
