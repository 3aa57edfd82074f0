"""`nofumble up`: a working company in one command, whose clock one may move, and nothing that is left behind."""

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.integration.commands import COMMAND

pytestmark = [pytest.mark.slow, pytest.mark.database]

PASSWORD = "correct horse battery"
PATIENCE_S = 60


def test_up_shows_a_company_lets_time_pass_and_leaves_nothing_behind(tmp_path: Path):
    environment = {
        **os.environ,
        "NOFUMBLE_HOME": str(tmp_path),
        "NOFUMBLE_WEB_PORT": "0",
        "NOFUMBLE_LOG_LEVEL": "ERROR",
    }
    with subprocess.Popen([*COMMAND, "up"], env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = ""
            while "serving at" not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
            (link,) = re.findall(r"http://\S+/first/\S+", said)
            url = link.partition("/first/")[0]
            with httpx2.Client(base_url=url, headers={"Origin": url}, timeout=PATIENCE_S) as browser:
                browser.post(link, data={"person": "ada", "password": PASSWORD})
                before = browser.get("/api/v1/tasks?limit=500").json()["items"]
                csrf = browser.get("/api/v1/me").json()["csrf"]
                with browser.stream("GET", "/events") as stream:
                    lines = stream.iter_lines()
                    next(lines)
                    moved = browser.post(
                        "/api/v1/clock/advance", json={"hours": 24 * 14}, headers={"X-CSRF-Token": csrf}
                    )
                    next(line for line in lines if "changed" in line)
                accounts = browser.get("/api/v1/accounts").json()["items"]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_S)

    assert len(accounts) > 30
    assert before
    assert moved.status_code == 200, moved.text
    assert moved.json()["is_demo"]
    assert process.returncode in {0, 130}
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or ())]
