"""Which agents does Faust run, with which settings? One reads and one folds, one lets time pass, one hints.

Settings are those of reliability (d.7): no tables, no web server, no topics made on the fly, acks by nobody but the
store, and an agent that fails takes the process with it.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from agents.kafka.chunks import Chunk
from agents.kafka.topics import addresses_of
from agents.kafka.transport import BatchConsumer, KafkaApp
from agents.kafka.waiting import CHUNK_RECORDS_MAX, Waiting
from agents.kafka.watch import Watch
from agents.kafka.worker import Worker

CHUNKS_AHEAD = 64
"""Chunks in Faust's buffer, from which they go to our own line at once: it fills only when that one is full."""

FETCH_BYTES_MAX = 4 * 1024 * 1024
"""Bytes of one partition in one answer of the broker: more than a chunk, or each answer would end in a small one."""

IDLE_WAIT_S = 0.2
"""How long an idle timekeeper waits before it looks again; a timer fires so late at most."""

HINT_EVERY_S = 2.8
WATCH_EVERY_S = 10
BEAT_EVERY_S = 1
SESSION_S, HEARTBEAT_S, REBALANCE_S, REQUEST_S, POLL_MAX_S = 30, 3, 60, 90, 1000


def make_app(
    worker: Worker,
    *,
    bootstrap: str,
    group: str,
    folder: Path,
    is_once: bool = False,
    is_done: Callable[[], bool] = lambda: True,
    session_s: float = SESSION_S,
) -> KafkaApp:
    """Make the app of one worker; with `is_once` it ends when all is folded, nothing is due, and `is_done`."""
    app = KafkaApp(
        group,
        broker=";".join(f"aiokafka://{address}" for address in addresses_of(bootstrap)),
        autodiscover=False,
        processing_guarantee="at_least_once",
        agent_supervisor="mode.CrashingSupervisor",
        store="memory://",
        datadir=folder,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES_MAX,
        stream_wait_empty=True,
        stream_publish_on_commit=False,
        stream_buffer_maxsize=CHUNKS_AHEAD,
        broker_max_poll_records=CHUNK_RECORDS_MAX,
        broker_session_timeout=session_s,
        broker_heartbeat_interval=min(HEARTBEAT_S, session_s / 3),
        broker_rebalance_timeout=REBALANCE_S,
        broker_request_timeout=REQUEST_S,
        broker_max_poll_interval=POLL_MAX_S,
    )
    app.runtime = worker
    crashes: list[asyncio.Task[None]] = []
    worker.crash = lambda error: crashes.append(asyncio.get_running_loop().create_task(app.crash(error)))
    register(app, worker, is_once=is_once, is_done=is_done)
    return app


def register(app: KafkaApp, worker: Worker, *, is_once: bool, is_done: Callable[[], bool]) -> None:
    """Add the agents to the app."""
    raw: dict[str, Any] = {"key_serializer": "raw", "value_serializer": "raw", "key_type": bytes, "value_type": bytes}
    topic = app.topic(worker.topic, acks=False, **raw)
    waiting = Waiting()

    async def customer_events(stream: Any) -> None:
        """Read what happened to customers, one chunk of one partition at a time."""
        async for chunk in stream.noack():
            await waiting.put(chunk)

    async def fold() -> None:
        """Fold what was read, all that waits together."""
        while not app.should_stop:
            await _guarded(worker, _handle(app, worker, await waiting.take()))

    async def timekeeper() -> None:
        """Let time pass for the partitions that are ours."""
        while not app.should_stop:
            worked = await _guarded(worker, worker.let_time_pass(lambda: _consumer(app).ends()))
            if is_once and worker.is_at_rest and is_done():
                signal.raise_signal(signal.SIGTERM)
                return
            await asyncio.sleep(0 if worked else IDLE_WAIT_S)

    app.agent(topic, name="customer_events", concurrency=1)(customer_events)
    app.task(fold)
    app.task(timekeeper)
    _register_watch(app, worker)


def _register_watch(app: KafkaApp, worker: Worker) -> None:
    """Add what only looks on, and tells others."""

    async def hint() -> None:
        """Let Kafka's committed offsets follow the cursors."""
        told: dict[int, int] = {}
        while not app.should_stop:
            await app.sleep(HINT_EVERY_S)
            written = worker.written()
            if written != told:
                await _guarded(worker, _consumer(app).hint(written))
                told = written

    async def watchdog() -> None:
        """End a worker that does not get on."""
        watch = Watch()
        while not app.should_stop:
            await app.sleep(WATCH_EVERY_S)
            worker.reached = ends = await _guarded(worker, _consumer(app).ends())
            with _failing(worker):
                watch.look(time.monotonic(), worker.stand(), ends)

    async def pulse() -> None:
        """Show that the loop goes on."""
        while not app.should_stop:
            worker.beat()
            await asyncio.sleep(BEAT_EVERY_S)

    app.task(hint)
    app.task(watchdog)
    app.task(pulse)


async def _handle(app: KafkaApp, worker: Worker, chunks: Sequence[Chunk]) -> None:
    seeks = _consumer(app).reading.seeks
    await worker.handle([chunk for chunk in chunks if chunk.seeks == seeks])


async def _guarded(worker: Worker, work: Awaitable[Any]) -> Any:
    with _failing(worker):
        return await work


@contextmanager
def _failing(worker: Worker) -> Iterator[None]:
    """Let what fails end the process; Faust's own way out of an agent says less about the reason."""
    try:
        yield
    except Exception as error:
        worker.failed(error)
        raise


def _consumer(app: KafkaApp) -> BatchConsumer:
    return cast("BatchConsumer", app.consumer)
