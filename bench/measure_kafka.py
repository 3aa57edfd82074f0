"""How fast is it from Kafka to committed work items, beside plain Faust on the same topic, and how soon is it seen?

A broker of its own, a PostgreSQL of its own, the peers' work on one topic. The rate of workers is counted between their
first and their last committed batch, that of plain Faust between its first and last event: starting counts for neither.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from agents.kafka.publisher import BatchPublisher
from agents.kafka.topics import event_records, topics_of
from agents.rows import LogRecord, partition_of
from bench.figures import Check, Findings, Measured
from bench.homes import PARTITIONS, open_bench_store, throwaway_home
from bench.measure_embedded import sent
from bench.measure_fold import arrivals_of
from bench.measuring import tell
from bench.memory_fold import OUTPUTS
from bench.peers_work import peers_work, reference_counts, registrations
from bench.sizes import Sizes
from config.settings import Settings
from nofumble.kafka.admin import Kafka
from nofumble.kafka.broker import running_broker
from nofumble.kafka.following import follow_topic, open_kafka
from nofumble.postgres import Database

PUBLISHED_AT_ONCE = 5_000
PATIENCE_S = 600
EVENTS_PER_S = 1_000
"""The load under which it is measured how soon work is visible."""
LOOK_EVERY_S = 0.002
QUIX = "quix_streams_events_per_s"
TOPIC = topics_of(Settings().kafka_prefix).events

# Between the commits of the first batch and the last one: how many events, in how many seconds.
_RATE = """
SELECT (sum(to_off - from_off) - (array_agg(to_off - from_off ORDER BY at))[1])::float,
       extract(epoch FROM max(at) - min(at))::float, count(DISTINCT worker) FROM nofumble.batch
"""


def measure_kafka(sizes: Sizes) -> Findings:
    """Let one worker and two work on the peers' work, and plain Faust read the same topic."""
    tell(f"kafka: making {sizes.events:,} events and counting what must come of them")
    raws = [*registrations(sizes.accounts), *peers_work(sizes.events, accounts=sizes.accounts)]
    expected = reference_counts(raws).outputs
    (last,) = arrivals_of(raws[-1:])
    rates, checks = [], []
    for workers in (1, 2):
        with running_broker() as broker, throwaway_home() as settings, _followed(settings, broker.address) as database:
            _publish(broker.address, raws)
            tell(f"kafka: {workers} at work")
            _let_work(settings, broker.address, workers, last.arrived_at)
            rates.append(_rate(database))
            checks.append(Check(f"kafka, the peers' work, {workers} at work", sent(database, OUTPUTS), expected))
            if workers == 1:
                beside = {name: _plain(name, broker.address, len(raws)) for name in ("empty", "dict")}
                quix = _quix(broker.address, len(raws))
    figures = [
        Measured("kafka_events_per_s", [rates[0]], f"{rates[0] / beside['empty']:.1f} times an empty Faust agent"),
        Measured(
            "kafka_two_workers_events_per_s", [rates[1]], "two processes, which share two cores with broker and server"
        ),
        Measured("empty_faust_events_per_s", [beside["empty"]], "one event at a time, raw bytes, nothing done"),
        Measured("faust_dict_events_per_s", [beside["dict"]], "the three rules in a dict, nothing survives"),
    ]
    if isinstance(quix, str):
        return Findings(figures, checks, {QUIX: quix})
    return Findings([*figures, Measured(QUIX, [quix], "the three rules over its state, exactly once")], checks)


def measure_latency(sizes: Sizes) -> Findings:
    """Produce 1,000 events a second, and see when the cursor of each has passed: then its task is visible.

    The worker has joined its group and folded a second's events before; what is measured is a worker at work.
    """
    seconds = sizes.latency_s
    count = EVENTS_PER_S * (seconds + 1)
    raws = list(islice(peers_work(count, accounts=sizes.accounts), count))
    with running_broker() as broker, throwaway_home() as settings, _followed(settings, broker.address) as database:
        tell(f"latency: {EVENTS_PER_S:,} events a second for {seconds} s")
        worker = _worker(settings, broker.address)
        try:
            waited = _delays(database, broker.address, raws)[EVENTS_PER_S:]
        finally:
            worker.terminate()
            worker.wait(PATIENCE_S)
    p50, p99 = _of_all(waited, 0.5), _of_all(waited, 0.99)
    each = [_of_all(waited[first : first + EVENTS_PER_S], 0.99) for first in range(0, len(waited), EVENTS_PER_S)]
    note = (
        f"p50 {p50:.0f} ms; of single seconds p99 {min(each):.0f} to {max(each):.0f} ms; {len(waited):,} events in "
        f"{seconds} s, from just before produce to the cursor's commit seen"
    )
    return Findings([Measured("event_to_task_p99_ms", [p99], note)])


def _of_all(waited: Sequence[float], share: float) -> float:
    """Return the milliseconds within which a share of seconds lies."""
    return sorted(waited)[int(len(waited) * share)] * 1_000


@contextmanager
def _followed(settings: Settings, bootstrap: str) -> Iterator[Database]:
    """Give the database of a new store that follows a new topic."""
    with open_bench_store(settings) as (database, store):
        with open_kafka(bootstrap) as kafka:
            _make(kafka)
        follow_topic(store, settings.model_copy(update={"kafka_bootstrap": bootstrap}))
        yield database


def _make(kafka: Kafka) -> None:
    kafka.make(topics_of(Settings().kafka_prefix), PARTITIONS)


def _records(raws: Sequence[bytes]) -> list[LogRecord]:
    return [
        LogRecord(partition_of(one.event.subject, PARTITIONS), 0, one.arrived_at, one.event.subject, raw)
        for one, raw in zip(arrivals_of(raws), raws, strict=True)
    ]


def _publish(bootstrap: str, raws: Sequence[bytes]) -> None:
    publisher = BatchPublisher(bootstrap)
    for first in range(0, len(raws), PUBLISHED_AT_ONCE):
        publisher.publish(TOPIC, event_records(_records(raws[first : first + PUBLISHED_AT_ONCE])))
    publisher.close()


def _worker(settings: Settings, bootstrap: str, *until: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.kafka_worker", str(settings.home), bootstrap, *until]
    return subprocess.Popen(command, cwd=Path(__file__).parents[1])  # noqa: S603  our own program


def _let_work(settings: Settings, bootstrap: str, workers: int, until: datetime) -> None:
    started = [_worker(settings, bootstrap, until.isoformat()) for _ in range(workers)]
    for one in started:
        one.wait(PATIENCE_S)


def _rate(database: Database) -> float:
    with database.connect() as connection:
        events, seconds, _ = connection.execute(_RATE).fetchone() or (0.0, 1.0, 0)
    return float(events) / float(seconds)


def _plain(what: str, bootstrap: str, count: int) -> float:
    tell(f"kafka: plain Faust, {what}")
    return count / float(_said_by(sys.executable, "-m", "bench.kafka_peers", what, bootstrap, TOPIC, str(count)))


def _quix(bootstrap: str, count: int) -> float | str:
    """Give the rate of Quix Streams, in an environment of its own, or why it could not be had."""
    tell("kafka: Quix Streams, exactly once")
    script = Path(__file__).with_name("kafka_quix.py")
    uv = str(Path(sys.executable).with_name("uv"))
    try:
        _said_by(uv, "sync", "--locked", "--python", sys.executable, "--script", str(script))
        python = _said_by(uv, "python", "find", "--script", str(script))
        return count / float(_said_by(python, str(script), bootstrap, TOPIC, str(count)))
    except FileNotFoundError:
        return f"uv is not in {Path(sys.executable).parent}; `make setup` installs it there"
    except subprocess.TimeoutExpired:
        return f"it had not ended after {PATIENCE_S} s"
    except subprocess.CalledProcessError as error:
        return str(error.stderr).strip().splitlines()[-1]


def _said_by(*command: str) -> str:
    """Run a program to its end, and return the last line that it wrote."""
    root = Path(__file__).parents[1]
    done = subprocess.run(  # noqa: S603  our own programs
        command,
        capture_output=True,
        check=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    return (done.stdout.splitlines() or [""])[-1]


def _delays(database: Database, bootstrap: str, raws: Sequence[bytes]) -> list[float]:
    """Produce at the rate, and look at the cursors in between; gives the seconds until each event was seen handled.

    A second's events come at once, and the others at the rate when those are handled.
    """
    records = _records(raws)
    publisher = BatchPublisher(bootstrap)
    waiting: dict[int, list[tuple[int, float]]] = {}
    offsets = dict.fromkeys(range(PARTITIONS), 0)
    delays: list[float] = []
    with database.connect(autocommit=True) as connection:
        begun = at = paced_from = time.perf_counter()
        produced = 0
        while len(delays) < len(records) and at - begun < PATIENCE_S:
            at = time.perf_counter()
            if len(delays) < EVENTS_PER_S:
                paced_from = at
            due = min(len(records), EVENTS_PER_S + int((at - paced_from) * EVENTS_PER_S))
            if due > produced:
                new = records[produced:due]
                arrived = datetime.now(UTC) - timedelta(milliseconds=1)
                publisher.publish(
                    TOPIC, event_records([one._replace(arrived_at=max(arrived, one.arrived_at)) for one in new])
                )
                for one in new:
                    offsets[one.partition] += 1
                    waiting.setdefault(one.partition, []).append((offsets[one.partition], at))
                produced = due
            seen = time.perf_counter()
            for partition, base, next_ in connection.execute("SELECT partition, base, next FROM nofumble.cursor"):
                rows = waiting.get(partition, [])
                done = sum(offset <= next_ - base for offset, _ in rows)
                delays += [seen - since for _, since in rows[:done]]
                del rows[:done]
            time.sleep(LOOK_EVERY_S)
    publisher.close()
    return delays
