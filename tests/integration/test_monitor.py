"""Probes and Prometheus ask real processes over a real port."""

import signal
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.database import DatabaseServer
from tests.integration.commands import Commands
from tests.integration.deployments import Deployment, ended, running, wait_until
from tests.integration.eventful import eventful_quarter

pytestmark = [pytest.mark.database]

METRICS = {
    "nofumble_lag_records",
    "nofumble_timers_due",
    "nofumble_fold_seconds_count",
    "nofumble_batch_seconds_count",
    "nofumble_fenced_total",
    "nofumble_retracted_total",
    "nofumble_quarantined_total",
    "nofumble_events_folded_total",
    "nofumble_loop_silent_seconds",
    "nofumble_store_silent_seconds",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("monitor")
    eventful_quarter(3, 10).write(folder)
    return folder


@pytest.fixture
def port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def ask(port: int) -> Iterator[Callable[[str], tuple[int, str]]]:
    def asked(path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            return 0, ""
        finally:
            connection.close()

    return asked


def values(page: str) -> dict[str, float]:
    """Add up each metric over its labels."""
    found: dict[str, float] = {}
    for line in page.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            name = name.partition("{")[0]
            found[name] = found.get(name, 0) + float(value)
    return found


class TestRun:
    def test_embedded_agents_say_how_they_are_and_what_they_did(self, folder, database_server, port, ask):
        with database_server.database() as database:
            commands = Commands(folder, database.dsn)
            commands.ingest(folder / "quarter.jsonl")
            agents = commands.start("run", NOFUMBLE_METRICS_PORT=str(port))
            try:
                wait_until(lambda: ask("/readyz")[0] == 200, agents)
                wait_until(lambda: values(ask("/metrics")[1])["nofumble_lag_records"] == 0, agents)

                found = values(ask("/metrics")[1])
                assert ask("/healthz") == (200, "alive\n")
                assert ask("/readyz") == (200, "ready\n")
                assert ask("/elsewhere")[0] == 404
            finally:
                agents.send_signal(signal.SIGINT)
                agents.communicate()
            with database.connect(autocommit=True) as connection:
                (handled,) = connection.execute("SELECT sum(next) FROM nofumble.cursor").fetchone()
            connection.close()

        assert set(found) >= METRICS
        assert found["nofumble_events_folded_total"] == handled > 0
        assert found["nofumble_batch_seconds_count"] > 0

    def test_a_port_that_is_taken_is_one_sentence(self, folder, database_server, port):
        with database_server.database() as database, socket.create_server(("127.0.0.1", port)):
            said = ended(Commands(folder, database.dsn).start("run", NOFUMBLE_METRICS_PORT=str(port)), code=2)

        assert f"NOFUMBLE_METRICS_PORT={port} cannot be had" in said


@pytest.mark.slow
class TestWorker:
    @pytest.fixture
    def deployment(self, folder: Path, database_server: DatabaseServer, kafka: str) -> Iterator[Deployment]:
        with database_server.database() as database:
            deployment = Deployment(folder, database, kafka)
            deployment.run("kafka", "topics")
            yield deployment
            deployment.close()

    def test_a_worker_says_so_too(self, folder, deployment, port, ask):
        deployment.run("kafka", "emit", str(folder / "quarter.jsonl"))
        worker = deployment.start("worker", "--session", "6", NOFUMBLE_METRICS_PORT=str(port))

        with running(worker):
            wait_until(lambda: ask("/readyz")[0] == 200, worker)
            deployment.wait_until_at_rest(worker)
            wait_until(lambda: values(ask("/metrics")[1])["nofumble_outbox_age_seconds"] == 0, worker)
            found = values(ask("/metrics")[1])
            assert ask("/healthz") == (200, "alive\n")

        assert set(found) >= METRICS
        assert found["nofumble_lag_records"] == 0
        assert found["nofumble_quarantined_total"] >= 0
        assert found["nofumble_events_folded_total"] > 0
