"""The Dockerfile: what it installs is locked, what it runs is nobody's root, and it says whether it is alive."""

import json
import re
from pathlib import Path

from config.settings import Settings, variable

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LINES = [line for line in TEXT.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]


def said(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def last_stage() -> list[str]:
    return LINES[max(place for place, line in enumerate(LINES) if line.startswith("FROM ")) :]


def test_it_is_built_in_two_stages_from_one_pinned_image():
    images = [image.split()[0] for image in said("FROM")]

    assert len(images) == 2
    assert len(set(images)) == 1
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", image) for image in images)


def test_what_is_installed_is_what_the_lock_says():
    assert "COPY pyproject.toml uv.lock README.md ./" in LINES
    syncs = re.findall(r"uv sync[^\n]*", TEXT)
    assert syncs
    assert all("--frozen" in sync and "--no-dev" in sync for sync in syncs)
    assert (ROOT / ".ci" / "set-up").read_text(encoding="utf-8").split("uv_version=")[1].split()[0] in TEXT
    assert "latest" not in TEXT


def test_every_package_is_in_it_and_may_be_sent_to_the_builder():
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for copied in ["events", "workflows", "agents", "config", "nofumble"]:
        assert f"COPY {copied} ./{copied}" in LINES
        assert f"!{copied}" in sent
    assert {"!pyproject.toml", "!uv.lock", "!README.md", "*"} <= set(sent)


def test_it_runs_as_a_user_who_is_not_root():
    (user,) = [line.removeprefix("USER ") for line in last_stage() if line.startswith("USER ")]

    assert user not in {"root", "0"}
    assert f"useradd --system --uid 10001 --gid {user}" in TEXT


def test_it_runs_our_command_without_a_shell_so_that_signals_arrive():
    assert [json.loads(entry) for entry in said("ENTRYPOINT")] == [["nofumble"]]
    assert [json.loads(words) for words in said("CMD")] == [["worker"]]


def test_it_says_whether_it_is_alive_on_the_port_that_it_sets():
    settings = dict(one.split("=", 1) for line in said("ENV") for one in line.split())
    (check,) = said("HEALTHCHECK")

    assert f":{settings['NOFUMBLE_METRICS_PORT']}/healthz" in check
    assert said("EXPOSE") == [settings["NOFUMBLE_METRICS_PORT"]]
    assert {name for name in settings if name.startswith("NOFUMBLE_")} <= {
        variable(field) for field in Settings.model_fields
    }
