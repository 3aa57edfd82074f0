"""How a history is folded in a property, and what of the result is compared."""

import os
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.properties.strategies import END, IN_TIME, Happening, happenings
from workflows.account import AccountState, decode, encode, is_open
from workflows.entries import Entry, Stored
from workflows.history import History
from workflows.moment import iso
from workflows.simulation import World

TIMES = int(os.environ.get("NOFUMBLE_EXAMPLES_TIMES", "1"))
"""How many times the usual number of examples is drawn; a nightly run takes 200."""

FEW = settings(max_examples=40 * TIMES)
MANY = settings(max_examples=100 * TIMES)


def run(found: World, drawn: list[Happening], until: Any = END) -> World:
    """Let everything happen, and the clock run on."""
    for happening in drawn:
        found.receive(happening.arrival)
    found.advance(until)
    return found


def essence(state: AccountState) -> bytes:
    """Write the state down without closed work, which is forgotten when no late event can open it again."""
    copy = decode(encode(state))
    copy.work = {key: item for key, item in sorted(copy.work.items()) if is_open(item)}
    for instance in copy.instances.values():
        for step in instance.steps.values():
            step.work = [one for one in step.work if one in copy.work]
    return encode(copy)


def essences(found: World) -> dict[str, bytes]:
    """Write every account down."""
    return {account: essence(history.state) for account, history in found.histories.items()}


def said(found: World, account: str | None = None) -> list[tuple[str, str, str, dict[str, Any]]]:
    """List what went out since the last call: account, time, type, data."""
    return [
        (one.account, iso(one.line.at), one.line.type, one.line.data)
        for one in found.lines()
        if account in (None, one.account) and one.line.at is not None
    ]


def log_of(history: History) -> list[Entry]:
    """List the whole log of an account, in the order of arrival."""
    return sorted({one.number: one for one in [*history._archive, *history.entries]}.values(), key=lambda e: e.number)


def restored(history: History) -> History:
    """Build the account again from what a store holds: the base, the entries behind it, how far time had passed."""
    log, base = log_of(history), history.base
    return History(
        history.account_id,
        history.libraries,
        history.directories,
        history.watermarks,
        stored=Stored(
            base=base,
            recent=tuple(one for one in log if base is None or one.number > base.number),
            number=history.number,
            frontier=history.frontier,
            fired=history.fired,
        ),
        older=lambda: log,
    )


@st.composite
def two_arrivals(draw: st.DrawFn, /, **options: Any) -> tuple[list[Happening], list[Happening]]:
    """Draw one history and two orders in which it becomes known, all within 72 h."""
    drawn = draw(happenings(**options))
    lags = draw(st.lists(st.sampled_from(IN_TIME), min_size=len(drawn), max_size=len(drawn)))
    other = [replace(one, lag=timedelta(hours=lag)) for one, lag in zip(drawn, lags, strict=True)]
    return _ties_in_order(drawn), _ties_in_order(other)


def _ties_in_order(drawn: list[Happening]) -> list[Happening]:
    """Let events of one time arrive in the order of their numbers, whichever lags were drawn for them."""

    def place(one: Happening) -> tuple[str, Any]:
        return one.account, one.time

    found: list[Happening] = []
    for _, group in groupby(sorted(drawn, key=place), key=place):
        tied = sorted(group, key=lambda one: one.number)
        known = sorted(one.lag for one in tied)
        found += [replace(one, lag=lag) for one, lag in zip(tied, known, strict=True)]
    return sorted(found, key=lambda one: (one.time + one.lag, one.number))
