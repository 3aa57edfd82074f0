"""Does a worker still get on? A consumer may die slowly, without an error (F66, #175 #523 #640 of Faust).

Whoever has records before it and has not moved for a minute ends its process; its successor begins at the cursors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

STILL_MAX_S = 60.0
"""How long a partition with records before it may stand still: longer than any rebalance or retry of a batch."""


class Stuck(Exception):
    """A partition has records to read and does not move: start the worker again."""


@dataclass(slots=True)
class Watch:
    """Remembers since when each partition stands where it does; `now` is a monotonic count of seconds."""

    _since: dict[int, tuple[int, float]] = field(default_factory=dict)

    def look(self, now: float, positions: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """Raise Stuck when a partition of ours stood still for too long with records before it."""
        self._since = {
            partition: self._since[partition]
            if partition in self._since and self._since[partition][0] == position
            else (position, now)
            for partition, position in positions.items()
            if position < ends.get(partition, 0)
        }
        for partition, (position, since) in self._since.items():
            if now - since > STILL_MAX_S:
                raise Stuck(
                    f"partition {partition} has stood at offset {position} for {now - since:.0f} s, and the topic "
                    f"reaches to {ends[partition]}"
                )
