"""What has been read and is not folded yet? Chunks in line, taken together, as many as one transaction bears.

Under a light load every chunk holds a few records, and each transaction costs the same: so what came in while the
last ones were folded is folded together, over all partitions. Who reads waits when too much stands in line. Faust's
own buffer counts chunks, whatever they hold; when it is full, Faust leaves a partition's records with the client, and
aiokafka then asks the broker for nothing for a tenth of a second: it must never fill with small ones.
"""

from __future__ import annotations

import asyncio
from collections import deque

from agents.kafka.chunks import Chunk

CHUNK_RECORDS_MAX = 4_000
"""Records of one fetch, and of those that are folded together about as many: done in a fraction of a second."""

RECORDS_AHEAD_MAX = 8 * CHUNK_RECORDS_MAX
"""Records that wait in memory."""


class Waiting:
    """A line of chunks between who reads and who folds, both in one loop."""

    def __init__(self) -> None:
        """Begin with nobody in line."""
        self._chunks: deque[Chunk] = deque()
        self._records = 0
        self._changed = asyncio.Event()

    async def put(self, chunk: Chunk) -> None:
        """Stand a chunk in line, when there is room."""
        while self._records >= RECORDS_AHEAD_MAX:
            await self._change()
        self._chunks.append(chunk)
        self._count(len(chunk.records))

    async def take(self) -> list[Chunk]:
        """Return what stands in line, in order, up to the size of one transaction; wait for the first."""
        while not self._chunks:
            await self._change()
        taken: list[Chunk] = []
        records = 0
        while self._chunks and records < CHUNK_RECORDS_MAX:
            taken.append(self._chunks.popleft())
            records += len(taken[-1].records)
        self._count(-records)
        return taken

    def _count(self, records: int) -> None:
        self._records += records
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
