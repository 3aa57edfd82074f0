"""In which order are the partitions of the embedded log read? By arrival, as far as can be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.ports import Store
from agents.rows import LogRecord, LogSlice, PartitionState


def read_ahead(store: Store, states: Sequence[PartitionState], limit: int) -> Iterator[list[LogSlice]]:
    """Give the records behind the cursors, a slice for each partition, up to a common time of arrival.

    Offsets have no gaps. A slice may be empty, and none is longer than `limit`. What a partition has behind that time
    waits for the next step, so that nothing is folded long before what arrived earlier in another partition.
    """
    ahead: dict[int, list[LogRecord]] = {state.partition: [] for state in states}
    position = {state.partition: state.next for state in states}
    is_read = {state.partition: state.next >= state.end for state in states}
    while True:
        for partition, records in ahead.items():
            if not records and not is_read[partition]:
                ahead[partition] = store.read_log(partition, position[partition], limit)
                is_read[partition] = len(ahead[partition]) < limit
        slices = []
        for partition, records in _up_to_a_common_time(ahead, is_read).items():
            start = position[partition]
            position[partition] += len(records)
            ahead[partition] = ahead[partition][len(records) :]
            slices.append(LogSlice(partition, records, start, position[partition]))
        if not any(one.records for one in slices):
            return
        yield slices


def _up_to_a_common_time(ahead: dict[int, list[LogRecord]], is_read: dict[int, bool]) -> dict[int, list[LogRecord]]:
    """Cut what is ahead where a partition ends that has more to come; that one is taken whole, so that all goes on."""
    ends = [records[-1].arrived_at for partition, records in ahead.items() if records and not is_read[partition]]
    if not ends:
        return dict(ahead)
    last = min(ends)
    found = {}
    for partition, records in ahead.items():
        is_whole = not is_read[partition] and records and records[-1].arrived_at == last
        later = (place for place, one in enumerate(records) if one.arrived_at > last)
        found[partition] = records if is_whole else records[: next(later, len(records))]
    return found
