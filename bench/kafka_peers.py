"""What does plain Faust do with the same topic? `python -m bench.kafka_peers empty|dict BOOTSTRAP TOPIC COUNT`.

One event at a time, as its documentation shows: `empty` counts them, `dict` runs the three rules over a dict. Prints
the seconds from the first event to the last. Nothing of it survives the process.
"""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from typing import Any

import faust

from bench.peers_work import RulesInADict


def _nothing(_: bytes) -> None:
    """Do nothing with an event."""


def main() -> None:
    """Consume the topic from its beginning and stop at the last event."""
    what, bootstrap, topic, count = sys.argv[1:]
    handle: Callable[[bytes], None] = _nothing if what == "empty" else RulesInADict().take
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="nofumble-bench-faust-") as folder:
        app = faust.App(
            f"bench-{uuid.uuid4()}",
            broker=f"aiokafka://{bootstrap}",
            datadir=folder,
            store="memory://",
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            consumer_auto_offset_reset="earliest",
            value_serializer="raw",
        )
        events = app.topic(topic, value_serializer="raw", key_serializer="raw", key_type=bytes, value_type=bytes)
        _agent(app, events, handle, int(count))
        worker = faust.Worker(app, quiet=True, override_logging=False, redirect_stdouts=False)
        worker.spinner = None
        worker.execute_from_commandline()


def _agent(app: Any, events: Any, handle: Callable[[bytes], None], count: int) -> None:
    async def consume(stream: Any) -> None:
        seen, began = 0, 0.0
        async for value in stream:
            if not seen:
                began = time.perf_counter()
            handle(value)
            seen += 1
            if seen == count:
                print(time.perf_counter() - began, flush=True)
                signal.raise_signal(signal.SIGTERM)

    app.agent(events)(consume)


if __name__ == "__main__":
    main()
