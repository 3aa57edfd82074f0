"""A deployment on a real Kafka: topics and a group of its own, a store, and the real commands in processes."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event as Flag

from kafka.errors import CoordinatorNotAvailableError

from agents.kafka.publisher import BatchPublisher
from agents.kafka.topics import Topics, topics_of
from nofumble.kafka.admin import Kafka
from nofumble.postgres import Database
from tests.broker import VARIABLE
from tests.integration.commands import Commands
from tests.integration.eventful import UNTIL

PARTITIONS = 8
SESSION_S = 6 if os.environ.get(VARIABLE) else 3
"""How long a dead worker keeps its partitions; 6 is the least that a broker allows by its default."""

PATIENCE_S = 120
POLL_S = 0.05
_numbers = count(1)


class Deployment(Commands):
    """Commands on one store whose log is a topic of a prefix of its own."""

    def __init__(self, folder: Path, database: Database, bootstrap: str, *, is_small: bool = False) -> None:
        super().__init__(folder, database.dsn, is_small=is_small)
        self.database, self.bootstrap = database, bootstrap
        self.prefix = f"test-{os.getpid()}-{next(_numbers)}"
        self.kafka = Kafka(bootstrap)
        self.publisher = BatchPublisher(bootstrap)

    @property
    def topics(self) -> Topics:
        return topics_of(self.prefix)

    def environment(self, more):
        own = {"NOFUMBLE_KAFKA_BOOTSTRAP": self.bootstrap, "NOFUMBLE_KAFKA_PREFIX": self.prefix}
        return super().environment(own | dict(more))

    def worker(self, *words: str, fault: str = "", **more: str) -> subprocess.Popen[bytes]:
        """Start a worker whose clock does not depend on today."""
        words = ("--until", f"{UNTIL:%Y-%m-%d}", "--session", str(SESSION_S), *words)
        return self.start("worker", *words, fault=fault, **more)

    def work_it_off(self) -> None:
        """Let one worker work until nothing is left."""
        ended(self.worker("--once"))

    def wait_until_at_rest(self, *workers: subprocess.Popen[bytes]) -> None:
        """Wait until everything is folded, nothing is due, and all that goes out has gone; no worker may end before."""
        wait_until(self.is_at_rest, *workers)

    def is_at_rest(self) -> bool:
        """Tell whether everything is folded, nothing is due, and all that goes out has gone.

        What has fired and is due still waits for a proof that does not come (R7).
        """
        with self.database.connect(autocommit=True) as connection:
            (left,) = connection.execute(
                """SELECT (SELECT count(*) FROM nofumble.cursor JOIN nofumble.log_partition USING (partition)
                           WHERE next < next_off)
                        + (SELECT count(*) FROM nofumble.accounts
                           WHERE next_due_at <= %s AND next_due_at IS DISTINCT FROM fired_at)
                        + (SELECT count(*) FROM nofumble.outbox WHERE sent_at IS NULL)""",
                [UNTIL],
            ).fetchone()
        connection.close()
        return left == 0

    def supervised_until_at_rest(self, worker: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Wait until everything is done, starting a worker that ends again, as a supervisor would; return the last."""
        workers = [worker]

        def is_at_rest() -> bool:
            if workers[-1].poll() is not None:
                workers[-1].communicate()
                workers.append(self.worker())
            return self.is_at_rest()

        wait_until(is_at_rest)
        return workers[-1]

    def wait_for_members(self, number: int, *workers: subprocess.Popen[bytes]) -> None:
        """Wait until so many workers share the partitions."""

        def have_joined() -> bool:
            try:
                group = self.kafka._client.describe_groups([self.prefix])[self.prefix]
            except CoordinatorNotAvailableError:  # the broker is still making its topic of groups
                return False
            return (group["group_state"], len(group["members"])) == ("Stable" if number else "Empty", number)

        wait_until(have_joined, *workers)

    def owners(self) -> int:
        """Count the workers that have written batches."""
        with self.database.connect(autocommit=True) as connection:
            (workers,) = connection.execute("SELECT count(DISTINCT worker) FROM nofumble.batch").fetchone()
        return workers

    def close(self) -> None:
        self.publisher.close()
        self.kafka.close()


def wait_until(is_so: Callable[[], bool], *workers: subprocess.Popen[bytes]) -> None:
    """Wait for something that workers are to bring about; the test fails when one of them ends before."""
    deadline, pause = time.monotonic() + PATIENCE_S, Flag()
    while not is_so():
        for worker in workers:
            if worker.poll() is not None:
                raise AssertionError(f"a worker ended: {worker.communicate()[1].decode()}")
        if time.monotonic() > deadline:
            raise AssertionError("it did not come about")
        pause.wait(POLL_S)


def ended(worker: subprocess.Popen[bytes], *, code: int = 0) -> str:
    """Wait until a worker has ended by itself, and return what it said."""
    _, said = worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == code, said.decode()
    return said.decode()


@contextmanager
def running(*workers: subprocess.Popen[bytes]) -> Iterator[None]:
    """End workers in order, and by force when the test failed."""
    try:
        yield
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            ended(worker)
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.communicate()
