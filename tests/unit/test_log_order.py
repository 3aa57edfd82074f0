"""In which order the partitions of the embedded log are folded: that of the log, however much is read at a time."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from agents.log import in_order_of_arrival, read_ahead
from agents.rows import LogRecord
from nofumble.store.memory_store import MemoryStore

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PARTITIONS = 3


def log(*hours_of_partitions):
    """Fill a log: for each partition, the hours in which its records arrived."""
    store = MemoryStore()
    store.ensure_partitions(PARTITIONS)
    for partition, hours in enumerate(hours_of_partitions):
        store._log[partition] = [
            LogRecord(partition, offset, MONDAY + timedelta(hours=hour), f"a-{partition}", b"")
            for offset, hour in enumerate(hours)
        ]
    return store


def order(store, limit):
    steps = read_ahead(store, store.partitions(), limit)
    return [(one.partition, one.offset) for slices in steps for one in in_order_of_arrival(slices)]


def test_what_arrived_first_is_folded_first():
    store = log([1, 4], [2, 3])

    assert order(store, 100) == [(0, 0), (1, 0), (1, 1), (0, 1)]


def test_what_comes_after_a_later_one_in_its_partition_is_not_folded_before_it():
    store = log([9, 1], [2, 8])

    assert order(store, 100) == [(1, 0), (1, 1), (0, 0), (0, 1)]


@pytest.mark.parametrize("seed", range(20))
def test_how_much_is_read_at_a_time_is_not_seen(seed):
    """Also where files were taken in the wrong order, and much arrived at one time."""
    draw = Random(seed)
    store = log(*([draw.randint(0, 12) for _ in range(draw.randint(0, 30))] for _ in range(PARTITIONS)))

    assert len({tuple(order(store, limit)) for limit in (1, 2, 7, 1000)}) == 1
