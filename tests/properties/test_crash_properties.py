"""A restart at any moment, in any process, folds the log to the same state again (D1, P1, P4)."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.folding import FEW, MANY, essence, essences, log_of, restored, run, said
from tests.properties.strategies import END, IN_TIME, MONDAY, TOO_LATE, happenings, world
from tests.scenarios.scenario import CHECKOUT
from workflows.account import decode, encode


@pytest.mark.usefixtures("snapshots")
@MANY
@given(happenings(actions=True, lags=IN_TIME + TOO_LATE), st.booleans())
def test_the_log_folds_to_the_same_state_again(drawn, declares_sources):
    history = run(world(declares_sources=declares_sources), drawn, until=MONDAY + timedelta(days=30)).histories["acme"]

    assert essence(restored(history).state) == essence(history.state)


@pytest.mark.usefixtures("snapshots")
@FEW
@given(
    happenings(actions=True, lags=IN_TIME + TOO_LATE),
    st.sets(st.integers(0, 39), max_size=6),
    st.booleans(),
)
def test_a_crash_after_any_event_shows_nowhere(drawn, crashes, declares_sources):
    calm, hit = (world(declares_sources=declares_sources) for _ in range(2))
    lines = []
    for number, happening in enumerate(drawn):
        calm.receive(happening.arrival)
        hit.receive(happening.arrival)
        if number in crashes:
            lines += said(hit)
            hit.histories["acme"] = _crashed(hit.histories["acme"])
    calm.advance(END)
    hit.advance(END)

    assert essences(calm) == essences(hit)
    assert said(calm) == lines + said(hit)


@FEW
@given(happenings(actions=True), st.integers(0, 40))
def test_a_state_that_is_written_down_and_read_back_is_the_same(drawn, length):
    state = run(world(), drawn[:length], until=MONDAY + timedelta(days=20)).histories["acme"].state

    assert encode(decode(encode(state))) == encode(state)


def _crashed(history):
    """Restore it, with the rest of its log in memory, so that it can crash again."""
    fresh = restored(history)
    known = {one.number for one in fresh.entries}
    fresh._archive = [one for one in log_of(history) if one.number not in known]
    fresh._older = None
    return fresh


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
