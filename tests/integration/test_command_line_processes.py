"""How real processes of the command line begin and end: streams, exit codes, signals, and who reads."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SIGNATURE = CHECKOUT / "docs" / "examples" / "signature.jsonl"
COMMAND = [sys.executable, "-m", "nofumble"]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment of its own, as a service has it: no terminal, no locale."""
    return {"PATH": os.environ["PATH"], "NOFUMBLE_HOME": str(home), "LANG": "C", **more}


def run(tmp_path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=CHECKOUT,
        env=environment(tmp_path, **more),
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_the_answer_is_on_standard_output_and_everything_else_beside_it(tmp_path: Path):
    ended = run(tmp_path, "simulate", str(SIGNATURE), "--json")

    assert ended.returncode == 0
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert {"task.offered", "alert.raised"} <= {line["type"] for line in lines}
    assert b"10 events of 1 account" in ended.stderr
    assert b"\x1b" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["--help"], 0),
        ([], 0),
        (["frobnicate"], 2),
        (["simulate", "nothere.jsonl"], 2),
        (["simulate", "--frobnicate"], 2),
        (["explain", "nothing.of.this"], 2),
        (["task", "done", "5b1f3c2a"], 2),
    ],
)
def test_every_end_has_its_exit_code_and_none_a_traceback(words, code, tmp_path: Path):
    ended = run(tmp_path, *words)

    assert ended.returncode == code
    assert b"Traceback" not in ended.stderr
    if code:
        assert ended.stderr.startswith(b"nofumble: ")
        assert ended.stdout == b""


def test_a_setting_that_does_not_hold_is_a_sentence(tmp_path: Path):
    ended = run(tmp_path, "simulate", str(SIGNATURE), NOFUMBLE_PARTITIONS="many")

    assert ended.returncode == 2
    assert b"NOFUMBLE_PARTITIONS does not hold" in ended.stderr


def test_two_processes_with_other_hash_seeds_and_zones_give_the_same_bytes(tmp_path: Path):
    one = run(tmp_path, "simulate", str(SIGNATURE), "--json", PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    other = run(tmp_path, "simulate", str(SIGNATURE), "--json", PYTHONHASHSEED="2", TZ="America/New_York")

    assert one.stdout == other.stdout != b""


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path):
    read, write = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "simulate", str(SIGNATURE)],
        cwd=CHECKOUT,
        env=environment(tmp_path),
        stdout=write,
        stderr=subprocess.PIPE,
    )
    os.close(write)
    os.close(read)  # nobody will ever read

    _, said = process.communicate(timeout=60)

    assert process.returncode == 0
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_ctrl_c_ends_at_once_and_without_a_word(tmp_path: Path):
    process = subprocess.Popen(
        [*COMMAND, "simulate", "-"],
        cwd=CHECKOUT,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdin.write(b"{\n" * 100_000) > 0  # more than a pipe holds: it is reading by now
    process.stdin.flush()
    process.send_signal(signal.SIGINT)

    answer, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert answer == b""
    assert b"Traceback" not in said
