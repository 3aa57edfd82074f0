"""Whatever comes into force whenever: the work of running instances is neither dropped nor doubled (R17, F52, F53).

The strongest form of it: a version that says the same under another number changes nothing at all, though every
instance migrates to it, and back. Versions with other times are held to what must be true of any work.
"""

import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.catalogues import Text, definition_of, put_in_force, write_catalogue
from agents.embedded import EmbeddedAgents
from agents.intake import Incoming, Intake
from agents.world import World as Shared
from events.parsing import event_to_json, reread_event
from nofumble.activation import wake
from nofumble.reading import every_account
from nofumble.store.memory_store import MemoryStore
from tests.properties.folding import FEW, TIMES, essence, essences, restored, run, said
from tests.properties.strategies import DAYS, END, IN_TIME, MONDAY, TOO_LATE, company, happenings, registrations
from tests.properties.test_work_properties import CLOSES, OPENS
from tests.scenarios.scenario import CHECKOUT
from workflows.account import is_open
from workflows.directory import DirectoryTimeline
from workflows.library import Library
from workflows.moment import iso
from workflows.simulation import Arrival, World, simulate
from workflows.versions import Activation, Change, dropped_patterns
from workflows.watermarks import Watermarks

pytestmark = pytest.mark.usefixtures("snapshots")

STORY = happenings(accounts=2, actions=True, lags=IN_TIME + TOO_LATE, most=28)
FIRST = 1
"""The number of the catalogue with which a store begins; activations have the next."""

WHEN = st.tuples(st.integers(0, DAYS + 20), st.integers(0, 23 * 60), st.booleans())
"""The day and minute of an activation, and whether what runs migrates."""

AT_TIMES = st.lists(WHEN, min_size=1, max_size=3) | st.builds(
    lambda when, migrate: [(*when[:2], one) for one in migrate], WHEN, st.lists(st.booleans(), min_size=2, max_size=3)
)
"""A few activations, at times of their own or all at one instant."""


@cache
def texts():
    files = [*(CHECKOUT / "workflows/definitions").rglob("*.yaml"), *(CHECKOUT / "bench/definitions").rglob("*.yaml")]
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def second(text):
    return re.sub(r"(?m)^version: .*", "version: 2.0.0", text)


def later_by_a_day(text):
    """Give every plain due time and clock a working day more."""
    return re.sub(r"\b(due|within): (\d+)bd", lambda found: f"{found[1]}: {int(found[2]) + 1}bd", text)


@cache
def first():
    return {name: definition_of(Text(text, name)) for name, text in texts().items()}


@cache
def same():
    return {name: definition_of(Text(second(text), name)) for name, text in texts().items()}


@cache
def other():
    return {name: definition_of(Text(later_by_a_day(second(text)), name)) for name, text in texts().items()}


def in_turn(versions, times):
    """Put the second version, the first again, and so on in force at some times."""
    known = [*first().values(), *versions.values()]
    found, now = [], first()
    for number, (day, minute, migrates) in enumerate(sorted(times), start=FIRST + 1):
        was, now = now, versions if now is first() else first()
        at = MONDAY + timedelta(days=day, minutes=minute)
        changes = tuple(
            Change(
                name,
                one.source.version,
                one.hash,
                "active",
                (was[name].hash, "active"),
                migrate=migrates,
                dropped=dropped_patterns(was[name], one),
            )
            for name, one in now.items()
        )
        found.append((Activation(number, at, changes=changes), Library(now.values(), former=known)))
    return found


def world_with(versions, times):
    found = World(Library(first().values(), former=versions.values()), company(), in_turn(versions, times))
    for arrival in registrations(2):
        found.receive(arrival)
    return found


def unversioned(said_of_it):
    """Leave out under which version something came: its number and its hash."""
    plain = re.sub(rb'"version":"[a-z_]+ \d\.0\.0"|"version":"\d\.0\.0"', b'""', said_of_it)
    return re.sub(rb'"(hash|definition)":"[0-9a-f]{16}"', b'""', plain)


def lines_of(found):
    """List what went out, but for the migrations; within one instant the order is that in which it was found out."""
    return sorted(
        (account, at, line_type, unversioned(msgspec.json.encode(data)))
        for account, at, line_type, data in said(found)
        if line_type != "workflow.migrated"
    )


@FEW
@given(happenings(accounts=2, actions=True, lags=(0,), most=28), st.lists(WHEN, min_size=1, max_size=4))
def test_a_version_that_says_the_same_changes_nothing_whoever_migrates_to_it_and_back(drawn, times):
    changed, calm = (run(world_with(same(), one), drawn) for one in (times, []))

    assert lines_of(changed) == lines_of(calm)
    assert [one.reason for one in changed.refused if "keeps its version" not in one.reason] == [
        one.reason for one in calm.refused
    ]


@FEW
@given(STORY, st.lists(WHEN, min_size=1, max_size=4))
def test_with_late_events_too_it_ends_in_the_same_state(drawn, times):
    changed, calm = (essences(run(world_with(same(), one), drawn)) for one in (times, []))

    assert {name: unversioned(state) for name, state in changed.items()} == {
        name: unversioned(state) for name, state in calm.items()
    }


@FEW
@given(STORY, st.lists(WHEN, min_size=1, max_size=4))
def test_no_work_is_dropped_or_doubled_by_versions_with_other_times(drawn, times):
    found = run(world_with(other(), times), drawn)

    shown = {}
    for account, _, line_type, data in said(found):
        open_here = shown.setdefault(account, set())
        if line_type in OPENS:
            assert data["id"] not in open_here, (line_type, data)
            open_here.add(data["id"])
        elif line_type in CLOSES:
            assert data["id"] in open_here, (line_type, data)
            open_here.discard(data["id"])
    for account, history in found.histories.items():
        state = history.state
        assert {item.id for item in state.work.values() if is_open(item)} == shown.get(account, set())
        for instance in state.instances.values():
            work = [state.work[one] for step in instance.steps.values() for one in step.work if one in state.work]
            assert instance.timers or instance.stopped or any(is_open(item) for item in work), instance.id
            assert instance.steps.keys() == history.moment.library.by_hash[instance.definition].steps.keys()


@FEW
@given(STORY, st.lists(WHEN, min_size=1, max_size=3))
def test_a_restart_after_activations_folds_to_the_same_state(drawn, times):
    for history in run(world_with(other(), times), drawn).histories.values():
        assert essence(restored(history).state) == essence(history.state)


# ------------------------------------------------------------ the agents


def put(store, versions, activation=None):
    number = FIRST if activation is None else activation.number
    words = second if versions is same() else str
    members = [(one, Text(words(texts()[name]), name)) for name, one in versions.items()]
    at = MONDAY - timedelta(days=90) if activation is None else activation.at
    changes = () if activation is None else activation.changes
    assert put_in_force(store, number, write_catalogue(members, (), changes=changes), at)
    if any(one.migrate for one in changes):
        wake(store, activation, list(every_account(store)))


@settings(FEW, max_examples=8 * TIMES)
@given(happenings(accounts=2, actions=True, lags=IN_TIME + TOO_LATE, most=20), AT_TIMES)
def test_the_agents_say_what_a_simulation_says(drawn, times):
    arrivals = [written(one) for one in (*registrations(2), *(happening.arrival for happening in drawn))]
    later = in_turn(same(), times)
    oracle = World(Library(first().values(), former=same().values()), company(), later)
    lines = simulate([Arrival(reread_event(raw), arrived_at) for raw, arrived_at in arrivals], oracle, END)
    expected = [(one.account, iso(one.line.at), one.line.type, msgspec.json.encode(one.line.data)) for one in lines]

    assert sorted(said_in(worked(arrivals, later))) == sorted(expected)


def written(arrival):
    return event_to_json(replace(arrival.event, recorded_at=arrival.arrived_at)), arrival.arrived_at


def worked(arrivals, later):
    """Let agents work beside somebody who puts versions in force; what they hear of is the store's alone."""
    store = MemoryStore()
    store.ensure_partitions(2)
    put(store, first())
    agents = EmbeddedAgents(store, Shared({}, 0, DirectoryTimeline(company()), Watermarks()), worker="w")
    intake = Intake(store, company())
    waiting = [(one, first() if number % 2 else same()) for number, (one, _) in enumerate(later)]
    for position, (raw, arrived_at) in enumerate(arrivals):
        while waiting and waiting[0][0].at <= arrived_at:
            activation, versions = waiting.pop(0)
            put(store, versions, activation)
        intake.take([Incoming("f", position, raw)], now=arrived_at)
        agents.catch_up()
    for activation, versions in waiting:
        put(store, versions, activation)
    agents.run_until_idle(END)
    agents.close()
    return store


def said_in(store):
    return [
        (row.account_id, said["time"], said["type"], msgspec.json.encode(said["data"]))
        for row in store.unsent(99_999)
        for said in [json.loads(row.body)]
    ]
