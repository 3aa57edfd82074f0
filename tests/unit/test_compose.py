"""docker-compose.yml: services that say when they are ready, keep what they hold, and are open to this machine only."""

import re
from pathlib import Path

import pytest
import yaml

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def test_the_log_and_the_store_are_there():
    assert {"kafka", "postgres"} <= set(SERVICES)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_image_is_pinned_to_a_version(name: str):
    assert re.fullmatch(r"[\w./-]+:\d+(\.\d+)+", SERVICES[name]["image"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_says_when_it_is_ready(name: str):
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert check["retries"] > 1


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_keeps_its_folder_in_a_declared_volume(name: str):
    volumes = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]

    assert set(volumes) <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_port_is_open_to_this_machine_only(name: str):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_environment_values_are_text(name: str):
    # YAML would read a bare `false` or `1` as something else than the text that the container gets.
    assert all(isinstance(value, str) for value in SERVICES[name]["environment"].values())
