"""docker-compose.yml: pinned services that say when they are ready, keep what they hold, and run what we have.

No Docker is needed: what a stranger would stumble over is looked for in the text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from config.settings import Settings, load_settings, variable
from nofumble import __version__
from nofumble.cli.app import app
from nofumble.docs_reference import _leaves
from nofumble.web.app import endpoints

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
THEIRS = {name: service for name, service in SERVICES.items() if name not in OURS}
STAYING = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}
ONE_SHOT = {name: service for name, service in SERVICES.items() if name not in STAYING}
WORKERS = {name: service for name, service in OURS.items() if service["command"][0] == "worker"}


def commands() -> Iterator[str]:
    for path, _ in _leaves("nofumble", get_command(app)):
        yield path.removeprefix("nofumble ")


def test_the_log_the_store_their_setting_up_two_workers_and_the_web_are_there():
    assert set(SERVICES) == {"kafka", "postgres", "schema", "topics", "web", "worker-1", "worker-2"}
    assert len(WORKERS) == 2


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_an_image_of_others_is_pinned_to_a_version(name: str):
    assert re.fullmatch(r"[\w./-]+:\d+(\.\d+)+(@sha256:[0-9a-f]{64})?", SERVICES[name]["image"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_image_of_ours_is_built_from_this_version(name: str):
    assert (SERVICES[name]["image"], SERVICES[name]["build"]) == (f"nofumble:{__version__}", ".")


@pytest.mark.parametrize("name", sorted(STAYING))
def test_a_service_that_stays_says_when_it_is_ready_and_is_started_again(name: str):
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert check["retries"] > 1
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_one_that_sets_up_is_waited_for_by_somebody(name: str):
    waiting = [service["depends_on"].get(name) for service in SERVICES.values() if "depends_on" in service]

    assert {"condition": "service_completed_successfully"} in waiting
    assert SERVICES[name]["healthcheck"] == {"disable": True}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_service_waits_for_is_there_and_can_come_about(name: str):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
        assert how == {"condition": wanted}


@pytest.mark.parametrize("name", sorted(STAYING))
def test_a_service_keeps_its_folder_in_a_declared_volume_of_its_own(name: str):
    volumes = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]
    others = [volume for other, one in STAYING.items() if other != name for volume in one["volumes"]]

    assert set(volumes) <= set(COMPOSE["volumes"])
    assert not set(SERVICES[name]["volumes"]) & set(others)


def test_every_declared_volume_is_somebodys():
    used = {volume.split(":")[0] for service in STAYING.values() for volume in service["volumes"]}

    assert set(COMPOSE["volumes"]) == used


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_port_is_open_to_this_machine_only(name: str):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_no_port_is_taken_twice():
    taken = [port.rpartition(":")[0] for service in SERVICES.values() for port in service.get("ports", ())]

    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_environment_values_are_text(name: str):
    # YAML would read a bare `false` or `1` as something else than the text that the container gets.
    assert all(isinstance(value, str) for value in SERVICES[name]["environment"].values())


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_of_ours_runs_a_command_of_ours(name: str):
    assert " ".join(SERVICES[name]["command"]) in set(commands())


@pytest.mark.parametrize("name", sorted(OURS))
def test_its_environment_is_settings_of_ours_that_hold(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    environment = SERVICES[name]["environment"]
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    for key, value in (environment | {"NOFUMBLE_HOME": str(tmp_path)}).items():
        monkeypatch.setenv(key, value)

    settings = load_settings()

    assert set(environment) <= {variable(field) for field in Settings.model_fields}
    assert settings.kafka_bootstrap in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert settings.database_url is not None
    assert "@postgres:5432/" in settings.database_url.get_secret_value()


@pytest.mark.parametrize("name", sorted(WORKERS))
def test_a_worker_is_asked_on_the_port_on_which_it_answers_and_given_time_to_leave(name: str):
    service = SERVICES[name]
    port = service["environment"]["NOFUMBLE_METRICS_PORT"]

    assert f":{port}/readyz" in service["healthcheck"]["test"][-1]
    assert all(published.endswith(f":{port}") for published in service["ports"])
    assert service["stop_grace_period"] == "30s"


def test_the_web_is_asked_for_its_health_where_it_listens():
    web = SERVICES["web"]
    settings = {name.removeprefix("NOFUMBLE_").lower(): value for name, value in web["environment"].items()}

    assert settings["web_host"] == "0.0.0.0"  # noqa: S104 - of its container, whose port is open to this machine only
    assert web["ports"] == [f"127.0.0.1:8080:{Settings.model_fields['web_port'].default}"]
    assert settings["web_url"] == "http://localhost:8080"
    assert "http://127.0.0.1:8080/api/v1/health" in web["healthcheck"]["test"][-1]
    assert any(f"{one.method} {one.path}" == "GET /api/v1/health" for one in endpoints())
