"""The order in which things become known, how often they are delivered, and how time passes: none of it shows (D1).

Ties. Two events of the very same time are taken in the order of their arrival, since nothing else tells them apart
(R4). So where arrival orders are compared, events of one time keep their order among themselves.

Sources. What was known of a source, and when, is a matter of arrival (R7); arrival orders are therefore compared
without declared sources, and everything else with and without them.
"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.folding import FEW, MANY, essences, log_of, run, said, two_arrivals
from tests.properties.strategies import END, IN_TIME, MONDAY, TOO_LATE, happenings, world
from workflows.account import encode
from workflows.simulation import Arrival

pytestmark = pytest.mark.usefixtures("snapshots")


@MANY
@given(two_arrivals())
def test_any_order_of_arrival_within_the_lateness_ends_in_the_same_state(orders):
    one, other = (run(world(), order) for order in orders)

    assert essences(one) == essences(other)


@MANY
@given(two_arrivals(actions=True))
def test_with_actions_of_people_it_differs_by_what_was_kept_or_done_again_for_them_only(orders):
    one, other = (run(world(), order) for order in orders)

    logs = [log_of(found.histories["acme"]) for found in (one, other)]
    if not any(entry.kept or entry.kind == "again" for log in logs for entry in log):
        assert essences(one) == essences(other)


@FEW
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.lists(st.integers(0, 39), max_size=8))
def test_delivering_again_changes_nothing(drawn, again):
    once, twice = run(world(), drawn), world()
    for number, happening in enumerate(drawn):
        assert twice.receive(happening.arrival)
        for index in again:
            if index <= number:
                late = Arrival(drawn[index].event, happening.arrival.arrived_at)
                assert not twice.receive(late)
    twice.advance(END)

    assert essences(once) == essences(twice)
    assert said(once) == said(twice)


@FEW
@given(happenings(actions=True), st.lists(st.integers(0, 39), max_size=8))
def test_an_account_itself_refuses_what_it_has_lately_seen(drawn, again):
    found = world()
    history = found.histories["acme"]
    for happening in drawn:
        history.receive(happening.event, happening.arrival.arrived_at)
    before = encode(history.state), history.number
    for index in again:
        if index < len(drawn) and (drawn[index].event.source, drawn[index].event.id) in history._ids:
            assert not history.receive(drawn[index].event, END)

    assert (encode(history.state), history.number) == before


@FEW
@given(happenings(actions=True, accounts=3, lags=IN_TIME + TOO_LATE), st.booleans())
def test_time_may_pass_in_many_steps_or_in_one(drawn, declares_sources):
    one = run(world(3, declares_sources=declares_sources), drawn)
    other = world(3, declares_sources=declares_sources)
    for happening in drawn:
        for history in other.histories.values():
            history.advance(happening.arrival.arrived_at - timedelta(minutes=30))
            history.advance(happening.arrival.arrived_at, including=False)
        other.receive(happening.arrival)
    for days in range(0, 85, 3):
        at = MONDAY + timedelta(days=days)
        if other.now is None or at > other.now:
            other.advance(at)
    other.advance(END)

    assert essences(one) == essences(other)
    assert said(one) == said(other)
