"""Is what the broker gave what comes next? A stretch of one partition, checked against where we stand (d.2).

A partition is read from its cursor on, without a hole and never back. What stands before the cursor is a redelivery
and is cut off. What does not begin where we stand is one of three things: a leftover of before a seek, which is
dropped; a hole in the log itself, such as of an aborted transaction, which is proven by asking for the very offset
and getting a later one (F25); or a log that changed under us, such as after the loss of its head or its tail (F23,
F24), which no reader may mend: the process ends, and the audit of its successor says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Raw(Protocol):
    """A record as the client gives it."""

    @property
    def offset(self) -> int:
        """Return its place in the partition."""
        ...

    @property
    def key(self) -> bytes | None:
        """Return what chose its partition."""
        ...

    @property
    def value(self) -> bytes | None:
        """Return its bytes; None for a tombstone."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Return its headers in order."""
        ...


class Chunk(NamedTuple):
    """The records of one partition from offset `first` (of the topic) to before `end`; `hole` of them are not there.

    `seeks` is what it was when the chunk was read: after another seek it means nothing any more.
    """

    partition: int
    first: int
    end: int
    records: Sequence[Raw]
    hole: int = 0
    seeks: int = 0


class LogJumped(Exception):
    """The broker gave records that do not follow on what it gave before: start again from the cursor."""


class Reading:
    """Where the reading of each partition stands; one for one consumer."""

    def __init__(self) -> None:
        """Begin with no partition."""
        self._next: dict[int, int] = {}
        self._is_asked: set[int] = set()
        self._doubted: set[int] = set()
        self.seeks = 0

    def sought(self, offsets: dict[int, int]) -> None:
        """Note that the broker is now asked for these offsets, and for no other partition."""
        self._next = dict(offsets)
        self._is_asked = set(offsets)
        self._doubted.clear()
        self.seeks += 1

    def drop(self) -> None:
        """Note that no partition is ours any more."""
        self._next.clear()
        self._doubted.clear()
        self.seeks += 1

    def is_beyond(self, partition: int, records: Sequence[Raw], *, seeks: int) -> bool:
        """Tell whether records begin behind what we expect, and we have not asked for that very offset: ask again."""
        expected = self._next.get(partition)
        if expected is None or not records or seeks != self.seeks:
            return False
        return records[0].offset > expected and partition not in self._is_asked

    def doubt(self, partition: int) -> int:
        """Note that the broker is asked again for the offset that we expect, and return it."""
        self._is_asked.add(partition)
        self._doubted.add(partition)
        return self._next[partition]

    def is_before(self, partition: int, position: int) -> bool:
        """Tell whether the client goes on behind what we expect."""
        return partition in self._next and self._next[partition] < position

    def hole(self, partition: int, position: int) -> Chunk | None:
        """Return the stretch up to where the client goes on, which holds no record; None until it was asked again."""
        if partition not in self._doubted:
            return None
        first = self._next[partition]
        self._doubted.discard(partition)
        self._is_asked.discard(partition)
        self._next[partition] = position
        return Chunk(partition, first, position, (), position - first, self.seeks)

    def chunk(self, partition: int, records: Sequence[Raw], *, seeks: int) -> Chunk | None:
        """Return what comes next of these records, or None for nothing.

        `seeks` is what it was when the records were asked for. Raises LogJumped when they do not follow.
        """
        expected = self._next.get(partition)
        if expected is None or not records:
            return None
        first, end = records[0].offset, records[-1].offset + 1
        if seeks != self.seeks and not first <= expected < end:
            return None  # fetched before the seek: the right ones follow
        if end <= expected or (first > expected and partition not in self._is_asked):
            raise LogJumped(
                f"partition {partition} was read to offset {expected}, and the broker goes on with {first} to {end}: "
                "its log has changed; start again, and the audit of the log says what happened"
            )
        if first < expected:
            records = [record for record in records if record.offset >= expected]
        self._is_asked.discard(partition)
        self._doubted.discard(partition)
        self._next[partition] = end
        return Chunk(partition, expected, end, records, end - expected - len(records), self.seeks)
