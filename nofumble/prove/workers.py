"""What may happen to workers on Kafka? What happens to agents, and what a broker and its group can do to them."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from threading import Event as Flag

from agents.kafka.publisher import BatchPublisher
from agents.kafka.relays import RELAY_ROWS
from agents.kafka.topics import event_records
from nofumble.errors import ServiceUnavailable
from nofumble.kafka.following import open_kafka
from nofumble.prove.arena import Arena
from nofumble.prove.cluster import PARTITIONS, Cluster
from nofumble.prove.crew import POLL_S, Deck, wait_until
from nofumble.store.postgres_store import PostgresStore

NUMBER = 2
BROKER_GONE_S = 1.0


class Workers:
    """Implements nofumble.prove.arena.Runtime: two workers, each of which is started again when it ends."""

    def __init__(self, arena: Arena, cluster: Cluster) -> None:
        """Begin with nobody at work."""
        self._arena, self._crew, self._cluster = arena, arena.crew, cluster
        self._workers: list[subprocess.Popen[bytes]] = []
        disasters: dict[str, Callable[[datetime], None]] = {
            "worker killed at a point": self._die_at_a_point,
            "worker killed": self._die,
            "worker asleep beyond its session": self._sleep,
            "database killed": self._lose_the_database,
            "events on the topic twice": self._deliver_twice,
            "offsets of the group set to 0": lambda until: self._move_offsets(until, to_end=False),
            "offsets of the group set to the end": lambda until: self._move_offsets(until, to_end=True),
        }
        if cluster.broker is not None:
            disasters["broker killed"] = self._lose_the_broker
        self._deck = Deck(disasters, arena.crew.draw)

    def strike(self, until: datetime) -> str:
        """Let the next disaster happen, and then kill one: its successor lets the clock run to `until`."""
        name, disaster = self._deck.next()
        disaster(until)
        self._work(until, self._crew.draw.uniform(0.5, 2.0))
        self._crew.kill(self._crew.draw.choice(self._workers))
        self._tend(until)
        return name

    def rest(self, until: datetime) -> None:
        """Let the workers leave, and one work until nothing is left."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            self._crew.bury(worker)
        self._workers.clear()
        self._crew.finish(*self._words(until), "--once")

    # ------------------------------------------------------------ disasters

    def _die_at_a_point(self, until: datetime) -> None:
        self._tend(until)
        self._crew.kill(self._workers[0])
        self._tend(until, fault=self._arena.drawn_point())

    def _die(self, until: datetime) -> None:
        self._work(until, self._crew.draw.uniform(0.5, 2.0))
        self._crew.kill(self._crew.draw.choice(self._workers))

    def _sleep(self, until: datetime) -> None:
        self._work(until, self._crew.draw.uniform(1.0, 3.0))
        sleeper = self._crew.draw.choice(self._workers)
        sleeper.send_signal(signal.SIGSTOP)
        self._arena.end_sleepers()
        self._work(until, self._cluster.session_s + 1)
        sleeper.send_signal(signal.SIGCONT)

    def _lose_the_database(self, until: datetime) -> None:
        self._work(until, self._crew.draw.uniform(0.5, 2.0))
        self._crew.kill_database(self._arena.home)

    def _lose_the_broker(self, until: datetime) -> None:
        self._work(until, self._crew.draw.uniform(0.5, 2.0))
        broker = self._cluster.broker
        assert broker is not None, "only a broker of ours is killed"
        broker.kill()
        self._crew.kills += 1
        self._work(until, BROKER_GONE_S)
        broker.start()

    def _deliver_twice(self, until: datetime) -> None:
        """Publish all that is in the table of the log, as a relay does that died before its note (F19)."""
        self._work(until, self._crew.draw.uniform(0.5, 2.0))
        publisher = BatchPublisher(self._cluster.bootstrap)
        with closing(PostgresStore(self._arena.database)) as store, closing(publisher):
            for state in store.partitions():
                rows = store.read_log(state.partition, 0, min(RELAY_ROWS, max(1, state.relayed)))
                if state.relayed and rows:
                    publisher.publish(self._cluster.topics.events, event_records(rows))

    def _move_offsets(self, until: datetime, *, to_end: bool) -> None:
        """Set what Kafka believes to be done; the group has to be empty for that (F20, F21)."""
        self._work(until, self._crew.draw.uniform(0.5, 2.0))
        for worker in self._workers:
            self._crew.kill(worker)
        self._workers.clear()
        topic, group = self._cluster.topics.events, self._cluster.group
        with open_kafka(self._cluster.bootstrap) as kafka:

            def is_empty() -> bool:
                try:
                    return kafka.settled_members(group) == 0
                except ServiceUnavailable:  # its coordinator is not there yet
                    return False

            wait_until(is_empty, "an empty group")
            _, ends = kafka.reach(topic, PARTITIONS)
            kafka.put_committed(group, topic, ends if to_end else [0] * PARTITIONS)

    # ------------------------------------------------------------ the supervisor

    def _work(self, until: datetime, seconds: float) -> None:
        """Let the workers work for a while; who ends is started again."""
        end, pause = time.monotonic() + seconds, Flag()
        while time.monotonic() < end:
            self._tend(until)
            pause.wait(POLL_S)

    def _tend(self, until: datetime, fault: str = "") -> None:
        """Start as many as there are to be; the first of them may be armed to die."""
        for worker in self._workers:
            if worker.poll() is not None:
                self._crew.bury(worker)
        self._workers = [worker for worker in self._workers if worker.poll() is None]
        while len(self._workers) < NUMBER:
            self._workers.append(self._crew.start(*self._words(until), fault=fault))
            fault = ""

    def _words(self, until: datetime) -> tuple[str, ...]:
        return "worker", "--session", str(self._cluster.session_s), "--until", until.isoformat()
