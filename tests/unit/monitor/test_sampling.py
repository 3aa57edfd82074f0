"""A process says that it is alive while its loop beats, and ready while it has partitions and the store answers."""

from datetime import UTC, datetime

import pytest

from agents.owner import Owner
from agents.ports import Fenced, StoreUnavailable
from agents.progress import Durations, Progress
from agents.rows import Batch, IntakeChunk, IntakeRecord, OutboxRow, QuarantineRow
from agents.saving import Saver
from nofumble.clock import VirtualClock
from nofumble.monitor.metrics import exposition
from nofumble.monitor.sampling import SAMPLE_OLD_S, STILL_MAX_S, Pulse, Watching, lags_of_table
from nofumble.store.memory_store import MemoryStore

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class SilentStore(MemoryStore):
    def partitions(self):
        raise StoreUnavailable("of the test")


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.ensure_partitions(2)
    return store


@pytest.fixture
def watching(seconds: Seconds, store: MemoryStore) -> Watching:
    pulse = Pulse(Progress(), seconds)
    pulse.lags = lags_of_table
    return Watching(pulse, lambda: store, clock=VirtualClock(NOON), monotonic=seconds)


def scraped(watching: Watching, *, has_relay: bool = True) -> dict[str, float]:
    page, _ = exposition(watching, "", has_relay=has_relay)
    lines = [line for line in page.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


class TestAlive:
    def test_a_loop_that_beats_is_alive(self, watching, seconds):
        seconds.now += STILL_MAX_S + 1
        watching.pulse.beat()

        assert watching.why_not_alive() is None

    def test_one_that_is_silent_for_too_long_is_not(self, watching, seconds):
        seconds.now += STILL_MAX_S + 1

        assert watching.why_not_alive() == "the loop has been silent for 61 s"


class TestReady:
    def test_nobody_is_ready_before_the_store_has_answered(self, watching):
        assert watching.why_not_ready() == "the store does not answer"

    def test_who_has_partitions_and_a_store_that_answers_is(self, watching, store):
        watching.look(store)

        assert watching.why_not_ready() is None

    def test_who_has_no_partition_is_not(self, watching, store):
        watching.pulse.lags = lambda _: {}
        watching.look(store)

        assert watching.why_not_ready() == "no partition is ours"

    def test_a_store_that_fails_is_noticed_at_once_and_when_it_is_back_too(self, watching, store):
        watching.look(store)

        watching.look(SilentStore())
        assert watching.why_not_ready() == "the store does not answer"

        watching.look(store)
        assert watching.why_not_ready() is None

    def test_so_is_one_that_says_nothing_at_all(self, watching, store, seconds):
        watching.look(store)
        seconds.now += SAMPLE_OLD_S + 1

        assert watching.why_not_ready() == "the store does not answer"


class TestMetrics:
    def test_what_waits_is_told_by_partition(self, watching, store):
        store.take(IntakeChunk(records=[IntakeRecord("acme", NOON, "/x", str(place), b"{}") for place in range(3)]))
        watching.look(store)

        found = scraped(watching)

        assert found['nofumble_lag_records{partition="0"}'] + found['nofumble_lag_records{partition="1"}'] == 3
        assert found['nofumble_timers_due{partition="0"}'] == 0

    def test_only_partitions_that_are_ours_are_told(self, watching, store):
        watching.pulse.lags = lambda _: {1: 7}
        watching.look(store)

        assert [name for name in scraped(watching) if "partition=" in name] == [
            'nofumble_lag_records{partition="1"}',
            'nofumble_timers_due{partition="1"}',
        ]

    @pytest.mark.parametrize("has_relay", [True, False])
    def test_the_age_of_the_outbox_is_told_where_somebody_empties_it(self, watching, store, has_relay):
        watching.look(store)

        assert ("nofumble_outbox_age_seconds" in scraped(watching, has_relay=has_relay)) == has_relay

    def test_times_are_counted_in_classes_that_hold_the_smaller_ones(self, watching):
        for taken in (0.004, 0.2, 99.0):
            watching.pulse.progress.folds.add(taken)

        found = scraped(watching)

        assert found['nofumble_fold_seconds_bucket{le="0.005"}'] == 1
        assert found['nofumble_fold_seconds_bucket{le="0.25"}'] == 2
        assert found['nofumble_fold_seconds_bucket{le="30.0"}'] == 2
        assert found["nofumble_fold_seconds_count"] == 3
        assert found["nofumble_fold_seconds_sum"] == pytest.approx(99.204)

    def test_what_a_store_has_never_said_is_left_out(self, watching):
        assert "nofumble_store_silent_seconds" not in scraped(watching)


class TestCounting:
    def test_a_batch_that_was_written_is_counted_with_what_it_holds(self, store):
        progress = Progress()
        lines = [OutboxRow(name, "acme", NOON, kind, b"") for name, kind in (("a", "alert.retracted"), ("b", "x.y"))]
        refused = [QuarantineRow("q", NOON, "log/0", 0, "", "bad", b"{")]

        Saver(store, progress).submit([Batch(0, 0, 1, "w", outbox=lines, quarantined=refused)])

        assert (progress.retracted, progress.quarantined, progress.fenced) == (1, 1, 0)
        assert sum(progress.writes.counts) == 1

    def test_one_that_was_refused_is_counted_as_such_alone(self, store):
        progress = Progress()

        with pytest.raises(Fenced):
            Saver(store, progress).submit(
                [Batch(0, 5, 6, "w", quarantined=[QuarantineRow("q", NOON, "", 0, "", "", b"")])]
            )

        assert (progress.fenced, progress.quarantined) == (1, 0)

    def test_a_time_counts_even_if_its_work_failed(self):
        taken = Durations()

        with pytest.raises(KeyError), taken.measured():
            raise KeyError("of the test")

        assert sum(taken.counts) == 1

    def test_an_owner_and_its_saver_count_in_one_place(self, store):
        owner = Owner(store, world=None, worker="w")

        assert owner.saver._progress is owner.progress
