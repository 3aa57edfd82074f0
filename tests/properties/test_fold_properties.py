"""Whatever happens at an account, in whatever order it becomes known: what the fold keeps (D1, P1-P15).

Ties. Two events of the very same time are taken in the order of their arrival, since nothing else tells them apart
(R4). So where arrival orders are compared, events of one time keep their order among themselves.

Sources. What was known of a source, and when, is a matter of arrival (R7); arrival orders are therefore compared
without declared sources, and everything else with and without them.
"""

import os
import subprocess
import sys
from datetime import timedelta
from itertools import groupby

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import workflows.history
from events.catalogue import EVENT_TYPES
from events.checking import check_data
from events.envelope import Event
from tests.properties.strategies import (
    ACTIONS,
    END,
    IN_TIME,
    MONDAY,
    MOULDS,
    SLOTS,
    TOO_LATE,
    Happening,
    happenings,
    library,
    registrations,
    world,
)
from tests.scenarios.scenario import CHECKOUT
from workflows.account import Alert, Hold, Loop, Task, decode, encode, is_open
from workflows.actions import ACTIONS as POSSIBLE_ACTIONS
from workflows.escalation import ladder_of, rung_timer
from workflows.history import History
from workflows.moment import iso
from workflows.simulation import Arrival

FEW = settings(max_examples=60)
MANY = settings(max_examples=150)


@pytest.fixture(autouse=True, params=[48, 3], ids=["a snapshot now and then", "a snapshot at every turn"])
def snapshots(request):
    """Bring bases and snapshots into play, or leave them out: the fold must not show it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workflows.history, "SNAPSHOT_EVERY", request.param)
        yield


# ---------------------------------------------------------------- what is compared


def run(found, drawn, until=END):
    for happening in drawn:
        found.receive(happening.arrival)
    found.advance(until)
    return found


def essence(state):
    """Write the state down without closed work, which is forgotten when no late event can open it again."""
    copy = decode(encode(state))
    copy.work = {key: item for key, item in sorted(copy.work.items()) if is_open(item)}
    for instance in copy.instances.values():
        for step in instance.steps.values():
            step.work = [one for one in step.work if one in copy.work]
    return encode(copy)


def essences(found):
    return {account: essence(history.state) for account, history in found.histories.items()}


def said(found, account=None):
    return [
        (one.account, iso(one.line.at), one.line.type, one.line.data)
        for one in found.lines()
        if account in (None, one.account)
    ]


def open_work(state):
    return {item.id for item in state.work.values() if is_open(item)}


@st.composite
def two_arrivals(draw, **options):
    """Draw one history and two orders in which it becomes known, all within 72 h."""
    drawn = draw(happenings(**options))
    lags = draw(st.lists(st.sampled_from(IN_TIME), min_size=len(drawn), max_size=len(drawn)))
    other = [
        Happening(one.number, one.mould, one.account, one.time, timedelta(hours=lag))
        for one, lag in zip(drawn, lags, strict=True)
    ]
    return _ties_in_order(drawn), _ties_in_order(other)


def _ties_in_order(drawn):
    """Let events of one time arrive in the order of their numbers, whichever lags were drawn for them."""
    by_time = sorted(drawn, key=lambda one: (one.account, one.time))
    found = []
    for _, group in groupby(by_time, key=lambda one: (one.account, one.time)):
        tied = list(group)
        for one, lag in zip(sorted(tied, key=lambda one: one.number), sorted(one.lag for one in tied), strict=True):
            found.append(Happening(one.number, one.mould, one.account, one.time, lag))
    return sorted(found, key=lambda one: (one.time + one.lag, one.number))


# ---------------------------------------------------------------- order, repetition, batches


@MANY
@given(two_arrivals())
def test_any_order_of_arrival_within_the_lateness_ends_in_the_same_state(orders):
    one, other = (run(world(), order) for order in orders)

    assert essences(one) == essences(other)


@MANY
@given(two_arrivals(actions=True))
def test_with_actions_of_people_it_differs_by_kept_work_only(orders):
    one, other = (run(world(), order) for order in orders)

    kept = {
        item.id
        for found in (one, other)
        for history in found.histories.values()
        for entry in [*history._archive, *history.entries]
        for item in entry.kept
    }
    if not kept:
        assert essences(one) == essences(other)
    for found in (one, other):
        state = found.histories["acme"].state
        assert all(item.touched for item in state.work.values() if item.id in kept)


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


# ---------------------------------------------------------------- a restart at any moment


def restored(history):
    """Build the account again from what a store holds of it: the base, the entries behind it, how far time had passed."""
    log = sorted({one.number: one for one in [*history._archive, *history.entries]}.values(), key=lambda e: e.number)
    base = history.base
    return History(
        history.account_id,
        history.libraries,
        history.directories,
        history.watermarks,
        base=base,
        recent=[one for one in log if base is None or one.number > base.number],
        frontier=history.frontier,
        fired=history.fired,
        number=history.number,
        older=lambda: log,
    )


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.booleans())
def test_the_log_folds_to_the_same_state_again(drawn, declares_sources):
    history = run(world(declares_sources=declares_sources), drawn, until=MONDAY + timedelta(days=30)).histories["acme"]

    assert essence(restored(history).state) == essence(history.state)


@FEW
@given(
    happenings(actions=True, lags=IN_TIME + TOO_LATE),
    st.sets(st.integers(0, 39), max_size=6),
    st.booleans(),
)
def test_a_crash_after_any_event_shows_nowhere(drawn, crashes, declares_sources):
    calm, hit = (world(declares_sources=declares_sources) for _ in range(2))
    logs = {}
    for number, happening in enumerate(drawn):
        calm.receive(happening.arrival)
        hit.receive(happening.arrival)
        if number in crashes:
            former = hit.histories["acme"]
            logs["acme"] = logs.get("acme", []) + said(hit)
            fresh = restored(former)
            fresh._archive = [one for one in fresh._older() if one.number not in {e.number for e in fresh.entries}]
            fresh._older = None
            hit.histories["acme"] = fresh
    calm.advance(END)
    hit.advance(END)

    assert essences(calm) == essences(hit)
    assert said(calm) == logs.get("acme", []) + said(hit)


@FEW
@given(happenings(actions=True), st.integers(0, 40))
def test_a_state_that_is_written_down_and_read_back_is_the_same(drawn, length):
    state = run(world(), drawn[:length], until=MONDAY + timedelta(days=20)).histories["acme"].state

    assert encode(decode(encode(state))) == encode(state)


# ---------------------------------------------------------------- accounts, poison


@FEW
@given(happenings(accounts=3, actions=True, lags=IN_TIME + TOO_LATE))
def test_accounts_do_not_see_each_other(drawn):
    together = run(world(3), drawn)
    lines = said(together)
    for account in together.histories:
        alone = run(world(3), [one for one in drawn if one.account == account])
        assert essence(alone.histories[account].state) == essence(together.histories[account].state)
        assert said(alone, account) == [line for line in lines if line[0] == account]


@FEW
@given(happenings(accounts=2, lags=IN_TIME + TOO_LATE), happenings(lags=TOO_LATE, actions=True, most=10))
def test_what_is_poisonous_at_one_account_is_nothing_to_the_others(drawn, poison):
    calm, hit = world(3), world(3)
    drawn = [Happening(one.number, one.mould, ("bolt", "core")[one.account == "acme"], one.time, one.lag) for one in drawn]
    odd = [Happening(100 + one.number, one.mould, "acme", one.time, one.lag) for one in poison]
    run(calm, drawn)
    run(hit, sorted([*drawn, *odd], key=lambda one: one.time + one.lag))

    assert [line for line in said(hit) if line[0] != "acme"] == said(calm)


@FEW
@given(happenings(actions=True), st.lists(st.tuples(st.integers(0, 23), st.sampled_from(SLOTS)), max_size=8))
def test_events_of_unknown_types_change_nothing_even_at_their_own_account(drawn, when):
    calm, hit = world(), world()
    odd = [
        Happening(100 + number, ("acme.custom.happened", {"x": 1}), "acme", MONDAY + timedelta(days=day, minutes=slot), timedelta())
        for number, (day, slot) in enumerate(when)
    ]
    run(calm, drawn)
    run(hit, sorted([*drawn, *odd], key=lambda one: one.time + one.lag))

    assert essences(hit) == essences(calm)
    assert said(hit) == said(calm)


@FEW
@given(happenings(lags=TOO_LATE))
def test_what_comes_too_late_raises_nothing(drawn):
    found = run(world(), drawn)

    assert [line for line in said(found) if line[2] in ("alert.raised", "workflow.started")] == []


# ---------------------------------------------------------------- invariants


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.integers(0, 60))
def test_all_open_work_has_a_holder_and_every_ladder_its_timer(drawn, days):
    history = run(world(), drawn, until=max([MONDAY + timedelta(days=days), *(o.arrival.arrived_at for o in drawn)])).histories["acme"]

    for item in history.state.work.values():
        if not is_open(item):
            continue
        match item:
            case Task():
                assert item.to.person or item.to.queue
                assert not item.to.queue or item.copy or item.to.fallback == ("declined",)
                _assert_climbs(history, item)
            case Alert():
                assert item.to and all(one.person or one.queue for one in item.to)
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
    state = run(world(), drawn, until=max([MONDAY + timedelta(days=days), *(o.arrival.arrived_at for o in drawn)])).histories["acme"].state

    for instance in state.instances.values():
        work = [state.work[one] for step in instance.steps.values() for one in step.work if one in state.work]
        assert instance.timers or any(is_open(item) for item in work), instance.id
        if instance.status != "running":
            assert all(isinstance(item, Task) and item.stays for item in work if is_open(item))
    running = {one.id for one in state.instances.values() if one.status == "running"}
    assert running == {one.instance for one in state.runs.values() if one.status == "running"}


@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.booleans())
def test_no_timer_is_left_behind_and_the_earliest_fires_first(drawn, declares_sources):
    history = run(world(declares_sources=declares_sources), drawn, until=MONDAY).histories["acme"]
    assert history.frontier is not None
    for _ in range(30):
        timers = [due for instance in history.state.instances.values() for due in instance.timers.values()]
        timers += [one.due for waiting in history.state.pending.values() for one in waiting.values() if one.due]
        assert all(due > history.frontier for due in timers)
        if not timers:
            break
        former = min(timers)
        history.advance(former - timedelta(microseconds=1))
        assert history.frontier < former
        history.advance(former)


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
    for _, _, line_type, data in said(found):
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
        rows |= {key: encode_item(item) for key, item in found.histories["acme"].drain().work.items()}
    found.advance(END)
    rows |= {key: encode_item(item) for key, item in found.histories["acme"].drain().work.items()}

    state = found.histories["acme"].state
    assert {key: encode_item(item) for key, item in state.work.items()}.items() <= rows.items()
    assert {key for key, row in rows.items() if b'"closed_at":null' in row and key in open_work(state)} == open_work(state)


def encode_item(item):
    return workflows.account._encoder.encode(item)


# ---------------------------------------------------------------- totality


STRANGE = [
    *("", "x", "C-1", "T-1", "P-1", "sam", "dana", "1", "-1", "upsell", "high", "customer", "out", "in", "new", "live"),
    *("new_product", "product", "product_request", "decision_maker", "withdrawn", "resolved", "EUR", "\u202eevil", "a" * 200),
    *("2026-03-10", "2026-03-10T10:00:00Z", "1970-01-01", "2099-12-31", "9999-12-31T23:59:59Z", "0001-01-01"),
    *(0, 1, 2, 4, 12, 2**31, 2**63 - 1, -1, 0.5, 1e300, True, False, None),
    *([], ["dana"], ["x"] * 50, [1, None], {}, {"person": "dana"}, {"contact": "jo"}, {"x": {"y": []}}),
    *({"amount": 2**63 - 1, "currency": "EUR"}, {"amount": "-12.50", "currency": "EUR"}, {"csm": "dana", "ae": "x"}),
]
"""Values of which a field takes those that its type allows."""


def allowed(type_name):
    """List, for each field of a type, the strange values that its model takes."""
    model = EVENT_TYPES[type_name].model
    found = {}
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        values = [value for value in STRANGE if not _refuses(model, name, value)]
        found[name] = (field.is_required(), values)
    return found


def _refuses(model, name, value):
    try:
        model.model_validate({name: value})
    except ValueError as error:
        return any(not one["loc"] or one["loc"][0] == name for one in error.errors())
    return False


ASKED_FOR = sorted({*library().starts, *library().reacting, *library().remembering, *POSSIBLE_ACTIONS, *workflows.facts.FACTS})
ALLOWED = {name: allowed(name) for name in ASKED_FOR}


@st.composite
def strange_events(draw):
    found = []
    for number in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(ASKED_FOR))
        data = {
            field: draw(st.sampled_from(values))
            for field, (is_required, values) in ALLOWED[name].items()
            if values and (is_required or draw(st.booleans()))
        }
        at = MONDAY + timedelta(days=draw(st.integers(0, 40)), minutes=draw(st.sampled_from(SLOTS)))
        found.append(Event(f"s-{number}", "/any", name, "acme", at, None, data))
    return found


@MANY
@given(strange_events(), st.booleans())
def test_whatever_is_valid_can_be_folded(events, declares_sources):
    found = world(declares_sources=declares_sources)
    for event in events:
        try:
            check_data(EVENT_TYPES[event.type].model, event.data)
        except Exception:  # noqa: BLE001  two fields that do not go together
            assume(False)
    for event in sorted(events, key=lambda one: one.time):
        found.receive(Arrival(event, event.time))
    found.advance(END)

    assert all(encode(decode(encode(history.state))) for history in found.histories.values())


@pytest.mark.parametrize(("event_type", "data"), [*MOULDS, *ACTIONS])
def test_the_drawn_events_are_what_the_intake_takes(event_type, data):
    if event_type in EVENT_TYPES:
        check_data(EVENT_TYPES[event_type].model, data)


# ---------------------------------------------------------------- determinism


TELL = """
import random, sys
from datetime import timedelta
import msgspec
from tests.properties.strategies import ACTIONS, END, IN_TIME, MONDAY, MOULDS, SLOTS, TOO_LATE, Happening, world

dice = random.Random(7)
moulds = [*MOULDS, *ACTIONS[::3]]
drawn = [
    Happening(
        number,
        dice.choice(moulds),
        dice.choice(["acme", "bolt", "core"]),
        MONDAY + timedelta(days=dice.randrange(24), minutes=dice.choice(SLOTS)),
        timedelta(hours=dice.choice(IN_TIME * 3 + TOO_LATE)),
    )
    for number in range(600)
]
found = world(3, declares_sources=True)
for one in sorted(drawn, key=lambda one: one.time + one.lag):
    found.receive(one.arrival)
found.advance(END)
for line in found.lines():
    sys.stdout.buffer.write(msgspec.json.encode([line.account, line.line.at, line.line.type, line.line.data]) + b"\\n")
for history in found.histories.values():
    sys.stdout.buffer.write(msgspec.json.encode(history.state) + b"\\n")
"""


@pytest.mark.parametrize("snapshots", [48], indirect=True, ids=[""])
def test_every_process_gives_the_same_bytes():
    runs = [
        subprocess.run(
            [sys.executable, "-c", TELL],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
            capture_output=True,
            check=True,
        ).stdout
        for environment in (
            {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
            {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8"},
        )
    ]

    assert runs[0].count(b"\n") > 500
    assert runs[0] == runs[1]
