"""What is true of the work of an account at any moment: holders, ladders, timers, lines and rows (R5, R9, R12, I6)."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.folding import MANY, run, said
from tests.properties.strategies import END, IN_TIME, MONDAY, TOO_LATE, happenings, library, world
from workflows.account import Alert, Hold, Loop, Task, is_open
from workflows.escalation import SKIPPED, ladder_of, rung_timer
from workflows.language.grammar import Reentry
from workflows.moment import iso

pytestmark = pytest.mark.usefixtures("snapshots")


def open_work(state):
    return {item.id for item in state.work.values() if is_open(item)}


def some_days_later(drawn, days):
    return max([MONDAY + timedelta(days=days), *(one.arrival.arrived_at for one in drawn)])


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.integers(0, 60))
def test_all_open_work_has_a_holder_and_every_ladder_its_timer(drawn, days):
    history = run(world(), drawn, until=some_days_later(drawn, days)).histories["acme"]

    for item in history.state.work.values():
        if not is_open(item):
            continue
        match item:
            case Task():
                assert item.to.person or item.to.queue
                assert not item.to.queue or item.copy or item.to.fallback == ("declined",)
                _assert_climbs(history, item)
            case Alert():
                assert item.to
                assert all(one.person or one.queue for one in item.to)
            case Loop():
                assert item.holder.person or item.holder.queue
            case Hold():
                assert item.scope


def _assert_climbs(history, task):
    instance = history.state.instances.get(task.instance)
    if instance is None:  # kept for the person who had touched it; the workflow is gone
        assert task.touched
        return
    definition = library().by_hash[instance.definition]
    rungs = ladder_of(definition.steps[task.ref].step.ladder)
    is_passed = task.handoff and task.status not in ("proposed", "offered")
    if task.id in instance.steps[task.ref].work and len(task.rungs) < len(rungs) and not is_passed:
        assert rung_timer(task.ref) in instance.timers


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.integers(0, 60))
def test_whatever_runs_waits_for_somebody_or_for_a_time(drawn, days):
    state = run(world(), drawn, until=some_days_later(drawn, days)).histories["acme"].state

    for instance in state.instances.values():
        work = [state.work[one] for step in instance.steps.values() for one in step.work if one in state.work]
        assert instance.timers or any(is_open(item) for item in work), instance.id
        if instance.status != "running":
            assert all(isinstance(item, Task) and item.stays for item in work if is_open(item))
    running = {one.id: one for one in state.instances.values() if one.status == "running"}
    latest = {one.instance for one in state.runs.values() if one.status == "running"}
    assert latest <= running.keys()
    for former in [
        one for name, one in running.items() if name not in latest
    ]:  # a further run began after its cool-down
        assert state.runs[f"{former.workflow}/{former.key}"].number > 1
        assert isinstance(library().by_hash[former.definition].source.reentry, Reentry)


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.booleans())
def test_no_timer_is_left_behind_and_the_earliest_fires_first(drawn, declares_sources):
    history = run(world(declares_sources=declares_sources), drawn, until=MONDAY).histories["acme"]
    history.advance(history.frontier or MONDAY)
    for _ in range(30):
        timers = [due for instance in history.state.instances.values() for due in instance.timers.values()]
        timers += [one.due for waiting in history.state.pending.values() for one in waiting.values() if one.due]
        assert history.frontier is None or all(due > history.frontier for due in timers)
        if not timers:
            break
        history.advance(min(timers))


OPENS = {"task.offered", "task.proposed", "alert.raised", "hold.placed", "loop.opened"}
CLOSES = {
    "task.completed",
    "task.cancelled",
    "task.declined",
    "task.expired",
    "alert.resolved",
    "alert.retracted",
    "hold.lifted",
    "loop.closed",
}


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.booleans())
def test_the_lines_that_went_out_tell_the_work_that_is_open(drawn, declares_sources):
    found = run(world(declares_sources=declares_sources), drawn, until=MONDAY + timedelta(days=40))
    shown = set()
    for _, _, line_type, data in said(found, "acme"):
        if line_type in OPENS:
            assert data["id"] not in shown, (line_type, data)
            shown.add(data["id"])
        elif line_type in CLOSES:
            assert data["id"] in shown, (line_type, data)
            shown.discard(data["id"])

    assert shown == open_work(found.histories["acme"].state)


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE))
def test_the_rows_that_were_handed_over_are_the_work(drawn):
    found = world()
    rows = {}
    for happening in drawn:
        found.receive(happening.arrival)
        rows |= {key: _row(item) for key, item in found.histories["acme"].drain().work.items()}
    found.advance(END)
    rows |= {key: _row(item) for key, item in found.histories["acme"].drain().work.items()}

    state = found.histories["acme"].state
    assert {key: _row(item) for key, item in state.work.items()}.items() <= rows.items()
    assert {key for key, row in rows.items() if b'"closed_at":null' in row and key in open_work(state)} == open_work(
        state
    )


def _row(item):
    return msgspec.json.encode(item)


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.booleans())
def test_nothing_happens_to_work_before_it_was_there(drawn, declares_sources):
    state = (
        run(world(declares_sources=declares_sources), drawn, until=MONDAY + timedelta(days=40)).histories["acme"].state
    )

    for item in state.work.values():
        assert item.closed_at is None or item.opened_at <= item.closed_at
        if isinstance(item, Task):
            told = [rung for rung in item.rungs if rung != SKIPPED]
            assert told == sorted(told)
            assert not told or iso(item.opened_at) <= told[0]
