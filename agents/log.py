"""In which order are the partitions of the embedded log read? By arrival, as far as can be told.

A record is known no earlier than what stands before it in its partition, such as the rows of an earlier file that was
taken after a later one. Records of several partitions that are known at one time come in the order of their partitions.
So the order is that of the log, however much of it is read at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import accumulate
from operator import itemgetter

from agents.ports import Store
from agents.rows import LogRecord, LogSlice, PartitionState
from workflows.entries import EPOCH


@dataclass(slots=True)
class _Ahead:
    """What was read of a partition and waits: its records, and when each was known at the earliest."""

    partition: int
    position: int
    is_read: bool
    known_at: datetime = EPOCH
    records: list[LogRecord] = field(default_factory=list)
    known: list[datetime] = field(default_factory=list)

    def read(self, store: Store, limit: int) -> None:
        self.records = store.read_log(self.partition, self.position, limit)
        self.known = known_times(self.records, self.known_at)
        self.is_read = len(self.records) < limit

    def take(self, count: int) -> LogSlice:
        start, since = self.position, self.known_at
        taken, self.records = self.records[:count], self.records[count:]
        if count:
            self.known_at = self.known[count - 1]
        self.known = self.known[count:]
        self.position += count
        return LogSlice(self.partition, taken, start, self.position, known_at=since)


def read_ahead(store: Store, states: Sequence[PartitionState], limit: int) -> Iterator[list[LogSlice]]:
    """Give the records behind the cursors, a slice for each partition, up to a common time.

    Offsets have no gaps. A slice may be empty, and none is longer than `limit`. What a partition has behind that time
    waits for the next step, so that nothing is folded long before what arrived earlier in another partition.
    """
    every = [_Ahead(state.partition, state.next, is_read=state.next >= state.end) for state in states]
    while True:
        for one in every:
            if not one.records and not one.is_read:
                one.read(store, limit)
        end = min(((one.known[-1], one.partition) for one in every if one.records and not one.is_read), default=None)
        slices = [one.take(_count_until(one, end)) for one in every]
        if not any(one.records for one in slices):
            return
        yield slices


def _count_until(ahead: _Ahead, end: tuple[datetime, int] | None) -> int:
    """Count what is known by the end of the partition that ends first and has more to come; all of it is taken."""
    if end is None:
        return len(ahead.records)
    last, partition = end
    return (bisect_right if ahead.partition <= partition else bisect_left)(ahead.known, last)


def known_times(records: Sequence[LogRecord], since: datetime) -> list[datetime]:
    """Tell of each record when it was known at the earliest: not before what precedes it."""
    return list(accumulate((one.arrived_at for one in records), max, initial=since))[1:]


def in_order_of_arrival(slices: Sequence[LogSlice]) -> Iterator[LogRecord]:
    """Merge the records of several partitions; those of one stay in its order."""
    if len(slices) == 1:
        return iter(slices[0].records)
    placed = (zip(known_times(one.records, one.known_at), one.records, strict=True) for one in slices)
    return map(itemgetter(1), merge(*placed, key=itemgetter(0)))
