"""The proof that users run holds: whoever is killed, fed twice or put to sleep, nothing is lost and nothing doubled."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nofumble.prove.tables import Dump, judge
from tests.integration.commands import CHECKOUT

pytestmark = pytest.mark.slow

SEED = os.environ.get("NOFUMBLE_TEST_SEED", "11")
PATIENCE_S = 300


def start(folder: Path, *words: str, **more: str) -> subprocess.Popen[bytes]:
    """Start a proof whose folders lie in one of ours."""
    return subprocess.Popen(
        [sys.executable, "-m", "nofumble", "prove", "--json", "--seed", SEED, *words],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LANG": "C", "TMPDIR": str(folder)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def outcome(proof: subprocess.Popen[bytes]) -> dict[str, int]:
    answer, said = proof.communicate(timeout=PATIENCE_S)
    assert proof.returncode == 0, said.decode()
    told: dict[str, int] = json.loads(answer.splitlines()[-1])
    return told


def is_proven(told: dict[str, int]) -> bool:
    assert told["events"] > 2_000
    assert told["kills"] > 0
    return (told["lost"], told["doubled"], told["seed"]) == (0, 0, int(SEED))


@pytest.mark.database
class TestProof:
    def test_embedded_agents_lose_nothing_and_double_nothing(self, tmp_path):
        assert is_proven(outcome(start(tmp_path, "--seconds", "15")))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.usefixtures("kafka")
    def test_nor_do_workers_on_kafka(self, tmp_path):
        """On a broker of its own, which is killed, too; on that of the environment when there is one."""
        given = {name: value for name, value in os.environ.items() if name == "NOFUMBLE_KAFKA_BOOTSTRAP"}

        assert is_proven(outcome(start(tmp_path, "--kafka", "--seconds", "20", **given)))
        assert list(tmp_path.iterdir()) == []

    def test_ctrl_c_leaves_no_process_and_no_folder_behind(self, tmp_path):
        proof = start(tmp_path, "--seconds", "60")
        assert proof.stderr is not None
        while b"events;" not in proof.stderr.readline():
            assert proof.poll() is None
        started = psutil.Process(proof.pid).children(recursive=True)

        proof.send_signal(signal.SIGINT)
        _, said = proof.communicate(timeout=PATIENCE_S)

        assert proof.returncode == 130, said.decode()
        assert list(tmp_path.iterdir()) == []
        assert not [process for process in started if process.is_running() and process.status() != "zombie"]


class TestVerdict:
    def test_a_missing_row_is_lost_and_one_too_many_is_doubled(self):
        expected = Dump([("w1", "acme")], [("acme", "l1"), ("acme", "l2")], [], [], [])
        found = Dump([("w1", "acme")], [("acme", "l1"), ("acme", "l1")], [], [], [])

        assert judge(expected, found)[:2] == (1, 1)

    def test_one_with_other_words_is_both(self):
        expected = Dump([("w1", "acme", "open")], [], [], [], [])
        found = Dump([("w1", "acme", "done")], [], [], [], [])

        verdict = judge(expected, found)

        assert verdict[:2] == (1, 1)
        assert "done != open" in verdict.said[0]

    def test_equal_tables_are_proven(self):
        tables = Dump([("w1",)], [("acme", "l1")], [("acme", 1, "event")], [], [])

        assert judge(tables, tables) == (0, 0, [])
