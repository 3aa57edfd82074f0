"""What does one worker of the group do? Fold the chunks of the partitions that it was given, and wake who is due.

Faust's loop decides what is to be done, one thread does it: that thread owns the folded accounts and a connection to
the store, and the saver beside it writes one batch while the next is folded. So heartbeats and rebalances go on
whatever a batch costs. Whatever fails ends the process: the store knows where its successor goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from agents.kafka.chunks import Chunk, LogJumped
from agents.kafka.reading import read_chunk
from agents.owner import Owner
from agents.rows import Batch, LogSlice, PartitionState
from agents.telling import tell_accounts

T = TypeVar("T")

PASSED_EVERY = timedelta(seconds=1)
"""How often it is said up to when time has passed, for whoever tells people: each time is a write of its own."""

log = structlog.get_logger()


class LogRefused(Exception):
    """The log is not the one that the store has followed, or has lost records: a person has to decide (F23 to F26)."""


@dataclass(slots=True)
class _Owned:
    """One partition that is ours: where it is folded to, on the axis of the cursors, and what time may pass to.

    `position` is moved by the worker's thread alone: between two of its jobs it is what the store will have.
    """

    base: int
    position: int
    until: datetime | None = None
    end: int = 0


@dataclass(slots=True)
class Worker:
    """Implements agents.kafka.transport.Runtime. Its methods run in Faust's loop, unless they say otherwise.

    `audit` looks at the topics and raises when they are not as they must be; it runs on the worker's thread, as all
    that blocks. `clock` says how far the timekeeper may let time pass.
    """

    owner: Owner
    topic: str
    clock: Callable[[], datetime]
    audit: Callable[[], None] = lambda: None
    crash: Callable[[BaseException], None] = lambda _: None
    beat: Callable[[], None] = lambda: None
    """Called each second by the loop, for who watches whether it goes on."""
    failure: BaseException | None = None
    partitions: int = 0
    reached: Mapping[int, int] = field(default_factory=dict)
    """How far the topic reaches in each partition, when last looked at."""
    is_at_rest: bool = False
    """Whether, when last looked at, we had partitions, all folded to their end, and nothing was due in them.

    Their ends were asked for in that very look, and nothing was folded during it: what was told to other accounts in
    the one before stands behind the ends of that one, and what is folded meanwhile has still to be told.
    """
    _owned: dict[int, _Owned] = field(default_factory=dict)
    _written: dict[int, int] = field(default_factory=dict)
    _said: dict[int, datetime] = field(default_factory=dict)
    """Up to when we said that time has passed for a partition."""
    _tenure: int = 0
    _has_folded: bool = True
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "nofumble-worker"))

    # ------------------------------------------------------------ whose partitions these are

    async def take_up(self, begins: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
        """Return where each of these partitions goes on, in the topic; nothing if they were released meanwhile.

        Raises:
            LogRefused: the log cannot hold that offset, or is another one than the store has followed.
        """
        self._tenure += 1
        tenure = self._tenure
        owned = await self._on_thread(lambda: self._take_up(begins, ends))
        if tenure != self._tenure:
            return {}
        self._owned, self.reached = owned, dict(ends)
        log.info("partitions.taken_up", partitions=sorted(owned))
        self._written = {partition: one.position for partition, one in self._owned.items()}
        return {partition: one.position - one.base for partition, one in self._owned.items()}

    async def release(self) -> None:
        """Write what is folded, and touch no partition until the next `take_up`."""
        self._tenure += 1
        if self._owned:
            log.info("partitions.released", partitions=sorted(self._owned))
        self._owned = {}
        try:
            await self._on_thread(self._settle)
        except Exception as error:  # noqa: BLE001 - Kafka's client would only log it
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """End the process, for this reason unless it ends for another one already."""
        if self.failure is None:
            self.failure = error
            self.crash(error)

    def close(self) -> None:
        """End the thread after what it is at; what was handed over is written first."""
        self._thread.shutdown(wait=True)
        self.owner.close()

    # ------------------------------------------------------------ what they hold

    async def handle(self, chunks: Sequence[Chunk]) -> None:
        """Fold chunks, those of one partition in order; they are written together while the next ones are folded.

        Raises:
            LogJumped: something between the broker and here lost a chunk.
            Fenced, OutcomeUnknown, StoreUnavailable: as `Owner.fold`.
        """
        ours: dict[int, list[Chunk]] = {}
        for chunk in chunks:
            if chunk.partition in self._owned:
                ours.setdefault(chunk.partition, []).append(chunk)
        for partition, found in ours.items():
            _check_follows(self._owned[partition], found)
        if ours:
            await self._on_thread(partial(self._fold, ours, self._owned))

    async def let_time_pass(self, ends: Callable[[], Awaitable[Mapping[int, int]]]) -> bool:
        """Wake who is due in each partition that is folded to where its log ended; tells whether to go on at once.

        An account is advanced to a time when everything is folded that had arrived by then: first the clock is read,
        then how far the log's table was relayed, then how far the topic reaches, and when that is folded, time passes.
        `ends` tells how far the topic reaches.
        """
        tenure, now, before = self._tenure, self.clock(), self.stand()
        asks_all = all(one.until is None for one in self._owned.values())
        if any(one.until is None for one in self._owned.values()):
            states = await self._on_thread(self.owner.store.partitions)
            relayed = {state.partition for state in states if state.relayed >= state.end}
            self.reached = reached = await ends()
            if tenure != self._tenure:
                return True
            for partition, one in self._owned.items():
                if one.until is None and partition in relayed and partition in reached:
                    one.until, one.end = now, reached[partition]
        worked, is_behind = await self._on_thread(self._tell), not self._owned
        passed: dict[int, datetime] = {}
        for partition, one in list(self._owned.items()):
            until = one.until
            if until is None or one.position - one.base < one.end:
                is_behind = True
                continue
            is_more = await self._on_thread(partial(self._wake, partition, one, until))
            if tenure != self._tenure:
                return True
            worked |= is_more
            if not is_more:
                passed[partition], one.until = until, None
        if any(at >= self._said.get(partition, at - PASSED_EVERY) + PASSED_EVERY for partition, at in passed.items()):
            await self._on_thread(lambda: self.owner.store.pass_time(passed))
            self._said |= passed
        self.is_at_rest = asks_all and before == self.stand() and not worked and not is_behind
        return worked

    def stand(self) -> dict[int, int]:
        """Return the offset of the topic up to which each of our partitions is folded."""
        return {partition: one.position - one.base for partition, one in self._owned.items()}

    def written(self) -> dict[int, int]:
        """Return the offset of the topic up to which each of our partitions is written."""
        return {
            partition: self._written[partition] - one.base
            for partition, one in self._owned.items()
            if partition in self._written
        }

    def lags(self) -> dict[int, int]:
        """Return how many records of each of our partitions are not written; any thread may ask."""
        reached = self.reached
        return {partition: max(0, reached.get(partition, at) - at) for partition, at in self.written().items()}

    # ------------------------------------------------------------ on the worker's thread

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _take_up(self, begins: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, _Owned]:
        self.audit()
        owner = self.owner
        owner.learn()
        states = {state.partition: state for state in owner.store.partitions()}
        self.partitions = len(states)
        owned = {}
        for partition, begin in begins.items():
            state = states.get(partition)
            if state is None or state.base is None:
                raise LogRefused(
                    f"{self.topic} has a partition {partition} that the store does not know: their number was raised, "
                    "and accounts would change their partition (F26); `nofumble kafka repartition` raises both"
                )
            check_reach(self.topic, state, state.base, begin, ends[partition])
            owner.handler.take_up(state)
            owned[partition] = _Owned(state.base, state.next)
        return owned

    def _fold(self, chunks: Mapping[int, Sequence[Chunk]], owned: Mapping[int, _Owned]) -> None:
        owner = self.owner
        with owner.forgetting():
            owner.learn()
            slices = [self._slice(found, owned[partition]) for partition, found in chunks.items()]
            owner.fold(slices, on_written=self._note_written)
        for one in slices:
            owned[one.partition].position = one.to_offset
        self._has_folded = True

    def _slice(self, chunks: Sequence[Chunk], owned: _Owned) -> LogSlice:
        read = [
            read_chunk(
                chunk, base=owned.base, partitions=self.partitions, now=self.clock(), logged=self.owner.store.logged
            )
            for chunk in chunks
        ]
        records = [record for found, _ in read for record in found]
        refused = [row for _, rows in read for row in rows]
        end = owned.base + chunks[-1].end
        return LogSlice(chunks[0].partition, records, owned.position, end, refused)

    def _note_written(self, batch: Batch) -> None:
        self._written[batch.partition] = batch.to_offset

    def _wake(self, partition: int, owned: _Owned, until: datetime) -> bool:
        with self.owner.forgetting():
            self.owner.learn()
            has_woken = self.owner.wake(partition, owned.position, until)
        self._has_folded |= has_woken
        return has_woken

    def _tell(self) -> bool:
        """Tell the accounts of other partitions what somebody of ours did at those that were folded (W03)."""
        if not self._has_folded:
            return False
        with self.owner.forgetting():
            self.owner.settle()
            told = tell_accounts(self.owner.store, self.owner.world)
        self._has_folded = False
        return told > 0

    def _settle(self) -> None:
        with self.owner.forgetting():
            self.owner.settle()


def _check_follows(owned: _Owned, chunks: Sequence[Chunk]) -> None:
    """Raise LogJumped unless each chunk of a partition begins where the one before it ended."""
    position = owned.position
    for chunk in chunks:
        if owned.base + chunk.first != position:
            raise LogJumped(
                f"partition {chunk.partition} is folded to {position - owned.base}, and was handed offsets "
                f"{chunk.first} to {chunk.end}; start again"
            )
        position = owned.base + chunk.end


def check_reach(topic: str, state: PartitionState, base: int, begin: int, end: int) -> None:
    """Raise LogRefused when a partition of the topic does not hold the offset at which its cursor stands."""
    offset = state.next - base
    where = f"{topic}/{state.partition}"
    if begin > offset:
        raise LogRefused(
            f"{where} begins at offset {begin} and was handled up to {offset}: {begin - offset} records were deleted "
            "before they were read (F23); restore them, or take their events in again from the table of the log"
        )
    if offset > end:
        raise LogRefused(
            f"{where} ends at offset {end} and was handled up to {offset}: the topic lost its end or was made anew "
            "(F24); restore it"
        )
