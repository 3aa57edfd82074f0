"""Settings: where they come from, what they refuse, and that no password is shown."""

from pathlib import Path

import pytest

from config.settings import (
    Settings,
    SettingsError,
    describe,
    load_settings,
    unknown_variables,
    variable,
    without_password,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an environment in which only NOFUMBLE_HOME is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.setenv("NOFUMBLE_HOME", str(tmp_path))
    return tmp_path


def test_without_anything_set_the_defaults_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOFUMBLE_HOME")

    settings = load_settings()

    assert settings.home.name == "nofumble"
    assert settings.home.is_absolute()
    assert settings.database_url is None
    assert settings.kafka_bootstrap is None
    assert settings.partitions == 8
    assert settings.organisation.parts[-2:] == ("config", "organisation.yaml")


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(home: Path, monkeypatch: pytest.MonkeyPatch):
    (home / "settings.env").write_text("NOFUMBLE_PARTITIONS=4\nNOFUMBLE_LOG_LEVEL=debug\n")
    monkeypatch.setenv("NOFUMBLE_PARTITIONS", "16")

    settings = load_settings()

    assert settings.partitions == 16
    assert settings.log_level == "DEBUG"
    assert {line.name: line.source for line in describe(settings)} == {
        "NOFUMBLE_HOME": "environment",
        "NOFUMBLE_DATABASE_URL": "default",
        "NOFUMBLE_PG_BIN": "default",
        "NOFUMBLE_KAFKA_BOOTSTRAP": "default",
        "NOFUMBLE_KAFKA_PREFIX": "default",
        "NOFUMBLE_ORGANISATION": "default",
        "NOFUMBLE_PARTITIONS": "environment",
        "NOFUMBLE_METRICS_PORT": "default",
        "NOFUMBLE_METRICS_HOST": "default",
        "NOFUMBLE_WEB_HOST": "default",
        "NOFUMBLE_WEB_PORT": "default",
        "NOFUMBLE_WEB_URL": "default",
        "NOFUMBLE_OIDC_ISSUER": "default",
        "NOFUMBLE_OIDC_CLIENT_ID": "default",
        "NOFUMBLE_OIDC_CLIENT_SECRET": "default",
        "NOFUMBLE_LOG_LEVEL": "file",
        "NOFUMBLE_LOG_FORMAT": "default",
    }


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_DATABASE_URL", "")

    assert load_settings().database_url is None


def test_a_path_may_begin_with_the_user_s_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_ORGANISATION", "~/org.yaml")

    assert load_settings().organisation == Path.home() / "org.yaml"


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("NOFUMBLE_PARTITIONS", "0", "greater than or equal to 1"),
        ("NOFUMBLE_PARTITIONS", "513", "less than or equal to 512"),
        ("NOFUMBLE_PARTITIONS", "many", "valid integer"),
        ("NOFUMBLE_LOG_LEVEL", "loud", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("NOFUMBLE_DATABASE_URL", "mysql://app:hunter2@db/x", "must begin with postgresql://"),
    ],
)
def test_a_value_that_does_not_hold_is_refused_with_its_name_and_the_rule(
    name: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert str(refused.value).startswith(f"{name} does not hold: ")
    assert rule in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_line_of_the_file_that_is_no_setting_is_refused(home: Path):
    (home / "settings.env").write_text("NOFUMBLE_PARTITION=4\n")

    with pytest.raises(SettingsError, match=r"NOFUMBLE_PARTITION in settings\.env is no setting of nofumble"):
        load_settings()


def test_the_file_cannot_move_the_folder_that_it_lies_in(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("NOFUMBLE_HOME")
    monkeypatch.setattr("config.settings._default_home", lambda: home)
    (home / "settings.env").write_text(f"NOFUMBLE_HOME={tmp_path / 'elsewhere'}\n")

    with pytest.raises(SettingsError, match="set it in the environment"):
        load_settings()


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_DATABASE_URI", "postgresql://db/x")

    assert unknown_variables() == ["NOFUMBLE_DATABASE_URI"]


def test_no_password_is_shown_anywhere(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_DATABASE_URL", "postgresql://app:hunter2@db:5432/nofumble?password=hunter2")

    settings = load_settings()

    assert "hunter2" not in repr(settings) + str(settings) + str(describe(settings))
    assert "postgresql://app:***@db:5432/nofumble" in {line.value for line in describe(settings)}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db/x", "postgresql://db/x"),
        ("postgresql://app@db/x", "postgresql://app@db/x"),
        ("postgresql://app:p%40ss@db:5432/x", "postgresql://app:***@db:5432/x"),
        ("postgresql://app:a@b@db/x", "postgresql://app:***@db/x"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str):
    assert without_password(url) == shown


def test_a_secret_that_is_no_address_is_hidden_as_a_whole(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOFUMBLE_OIDC_CLIENT_SECRET", "hunter2")

    (line,) = (line for line in describe(load_settings()) if line.name == "NOFUMBLE_OIDC_CLIENT_SECRET")

    assert line.value == "***"
