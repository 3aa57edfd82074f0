"""What holds for the shipped workflows holds for whatever the language lets one write (D1, P2, P4, P8)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.folding import FEW, essence, essences, restored, run, said, two_arrivals
from tests.properties.random_definitions import EVENTS, definitions
from tests.properties.strategies import IN_TIME, MONDAY, MOULDS, MOVES, TOO_LATE, happenings, world
from workflows.account import is_open
from workflows.library import Library

pytestmark = pytest.mark.usefixtures("snapshots")

STARTING = {"sales.contract.signed", "sales.upsell.attempted"}
STORY = [one for one in MOULDS if one[0] in {*EVENTS, *STARTING}]
ACTING = [
    (action, {"workflow": "drawn_by_chance", "ref": ref, **data})
    for ref in ("T1", "T2", "T3")
    for action, data in MOVES
] + [("alert.acknowledged", {"workflow": "drawn_by_chance", "ref": "A1", "actor": "dana"})]
STORIES = ((STORY, ACTING),)


@FEW
@given(definitions(), two_arrivals(stories=STORIES, most=25))
def test_any_order_of_arrival_ends_in_the_same_state(definition, orders):
    library = Library([definition])
    one, other = (run(world(definitions=library), order) for order in orders)

    assert essences(one) == essences(other)


@FEW
@given(
    definitions(),
    happenings(stories=STORIES, actions=True, lags=IN_TIME + TOO_LATE, most=25),
    st.integers(0, 60),
    st.booleans(),
)
def test_the_log_folds_to_the_same_state_again(definition, drawn, days, declares_sources):
    found = world(definitions=Library([definition]), declares_sources=declares_sources)
    history = run(found, drawn, until=MONDAY + timedelta(days=days)).histories["acme"]

    assert essence(restored(history).state) == essence(history.state)


OPENING = {"task.offered", "task.proposed", "alert.raised", "hold.placed", "loop.opened"}
CLOSING = {
    *("task.completed", "task.cancelled", "task.declined"),
    *("alert.resolved", "alert.retracted", "hold.lifted", "loop.closed"),
}


@FEW
@given(definitions(), happenings(stories=STORIES, actions=True, lags=IN_TIME + TOO_LATE, most=25))
def test_the_lines_that_went_out_tell_the_work_that_is_open(definition, drawn):
    found = run(world(definitions=Library([definition])), drawn, until=MONDAY + timedelta(days=40))
    shown = set()
    for _, _, line_type, data in said(found):
        if line_type in OPENING:
            assert data["id"] not in shown
            shown.add(data["id"])
        elif line_type in CLOSING:
            shown.remove(data["id"])

    work = found.histories["acme"].state.work.values()
    assert shown == {item.id for item in work if is_open(item)}
