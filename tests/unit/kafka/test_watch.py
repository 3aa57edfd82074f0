"""A worker that does not get on is ended, and one that has nothing to do is not."""

import pytest

from agents.kafka.watch import STILL_MAX_S, Stuck, Watch


def test_a_partition_that_stands_still_before_records_is_stuck():
    watch = Watch()
    watch.look(0, {3: 10}, {3: 11})
    watch.look(STILL_MAX_S, {3: 10}, {3: 500})

    with pytest.raises(Stuck, match="partition 3 has stood at offset 10 for 61 s, and the topic reaches to 501"):
        watch.look(STILL_MAX_S + 1, {3: 10}, {3: 501})


def test_one_that_moves_is_not_however_slowly():
    watch = Watch()

    for step in range(10):
        watch.look(step * STILL_MAX_S, {3: step}, {3: 99})


def test_one_at_its_end_may_stand_for_ever():
    watch = Watch()

    for step in range(10):
        watch.look(step * STILL_MAX_S, {3: 10}, {3: 10})


def test_the_time_begins_anew_when_it_was_at_its_end_or_not_ours():
    watch = Watch()
    watch.look(0, {3: 10}, {3: 11})
    watch.look(50, {}, {})
    watch.look(60, {3: 10}, {3: 11})

    watch.look(60 + STILL_MAX_S, {3: 10}, {3: 11})
