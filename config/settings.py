"""What a deployment may set, where each value came from, and what the values mean.

A setting is an environment variable `NOFUMBLE_…`, or a line of the same name in `settings.env` in the folder
NOFUMBLE_HOME; the environment wins. An empty value counts as not set. Settings are read once, at the shell, and
passed in: nothing else looks at the environment.
"""

import os
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "NOFUMBLE_"
SETTINGS_FILE = "settings.env"
PARTITIONS_MAX = 512
"""More partitions than any one database can serve with a worker each."""

Source = Literal["default", "environment", "file"]


class SettingsError(ValueError):
    """A setting does not hold; the message is one sentence: its name, the rule and the remedy, never the value."""


def _default_home() -> Path:
    return user_data_path("nofumble", appauthor=False)


class Settings(BaseSettings):
    """The settings of one process, checked and frozen. `repr` and `str` hide what is secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(
        default_factory=_default_home,
        description="Folder of the embedded database and its state, and of settings.env.",
        json_schema_extra={"default_text": "the user's data folder"},
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL of one's own, 15 to 18: postgresql://user:password@host:port/name.",
        json_schema_extra={"default_text": "the embedded database in NOFUMBLE_HOME"},
    )
    pg_bin: Path | None = Field(
        default=None,
        description="Folder with the PostgreSQL programs (initdb, postgres, pg_ctl) that run the embedded database.",
        json_schema_extra={"default_text": "the programs that were installed with nofumble"},
    )
    kafka_bootstrap: str | None = Field(
        default=None,
        description="Brokers of a Kafka, as host:port, comma-separated.",
        json_schema_extra={"default_text": "none: the embedded log"},
    )
    kafka_prefix: str = Field(
        default="nofumble",
        pattern=r"^[a-zA-Z0-9._-]{1,100}$",
        description="The first part of the topics' names, and the name of the group of workers.",
    )
    organisation: Path = Field(
        default_factory=lambda: Path(__file__).with_name("organisation.yaml"),
        description="The organisation file: people, teams, company-wide roles, working hours, holidays, sources.",
        json_schema_extra={"default_text": "config/organisation.yaml"},
    )
    partitions: int = Field(
        default=8,
        ge=1,
        le=PARTITIONS_MAX,
        description="Partitions of the log of events; an account stays on one. Fixed when the store is made.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="Port on which `worker` and `run` answer /healthz, /readyz and, for Prometheus, /metrics.",
        json_schema_extra={"default_text": "none: nothing is answered; 9100 is a good one"},
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address on which they answer: this machine only, unless it is 0.0.0.0 or a network's.",
    )
    web_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address on which `serve` and `up` answer: this machine only, unless it is 0.0.0.0 or a network's.",
    )
    web_port: int = Field(default=8080, ge=0, le=65_535, description="Port on which they answer.")
    web_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+/?$",
        description="Address under which people reach `serve`, such as that of the proxy; https makes cookies secure.",
        json_schema_extra={"default_text": "http://HOST:PORT of the two above"},
    )
    oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="The company's OpenID provider: people sign in there, by an address that the directory knows.",
        json_schema_extra={"default_text": "none: local users alone"},
    )
    oidc_client_id: str = Field(default="nofumble", min_length=1, description="As whom the provider knows this server.")
    oidc_client_secret: SecretStr | None = Field(
        default=None,
        description="What the provider gave with it.",
        json_schema_extra={"default_text": "none: a public client, by PKCE alone"},
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO",
        description="The least severe log lines that are written.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="How log lines look on standard error; auto is console on a terminal and json elsewhere.",
    )

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("home", "organisation", "pg_bin")
    @classmethod
    def _of_the_user(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the caller, then the environment, then the file, in this order."""
        return init_settings, env_settings, dotenv_settings


class SettingLine(NamedTuple):
    """One setting as it is in force: the variable's name, the value with passwords hidden, and where it came from."""

    name: str
    value: str
    source: Source
    description: str


def embedded_default(home: Path) -> Settings:
    """Return the settings of the embedded default, whatever the environment says of a database or an organisation."""
    default = Settings.model_fields
    return Settings(
        home=home,
        database_url=None,
        organisation=default["organisation"].get_default(call_default_factory=True),
        partitions=default["partitions"].default,
    )


def load_settings() -> Settings:
    """Read the settings from the environment and from settings.env; raise SettingsError when one does not hold."""
    home = Path(EnvSettingsSource(Settings)().get("home") or _default_home()).expanduser().absolute()
    try:
        settings = Settings(_env_file=home / SETTINGS_FILE)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error
    if settings.home != home:
        raise SettingsError(
            f"{variable('home')} stands in {home / SETTINGS_FILE}, which lies in that folder: set it in the environment"
        )
    return settings


def describe(settings: Settings) -> list[SettingLine]:
    """Say of every setting what it is and where it came from, for `nofumble doctor`; passwords are hidden."""
    sources = _sources(settings.home)
    return [
        SettingLine(
            variable(name), _shown(getattr(settings, name)), sources.get(name, "default"), field.description or ""
        )
        for name, field in Settings.model_fields.items()
    ]


def unknown_variables() -> list[str]:
    """Return the variables of the environment that look like ours and are none: most often a misspelt name."""
    known = {variable(name) for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def variable(name: str) -> str:
    """Return the environment variable of a setting: `partitions` is NOFUMBLE_PARTITIONS."""
    return f"{PREFIX}{name.upper()}"


def without_password(url: str) -> str:
    """Return a database address without its password, for people to read.

    >>> without_password("postgresql://app:hunter2@db:5432/nofumble")
    'postgresql://app:***@db:5432/nofumble'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _password = user.partition(":")
    # A query may carry a password too, and nobody needs it to know which database is meant.
    return urlunsplit(parts._replace(netloc=f"{name}{':***' if colon else ''}{at}{host}", query="", fragment=""))


def _sources(home: Path) -> dict[str, Source]:
    from_file: dict[str, Source] = dict.fromkeys(
        DotEnvSettingsSource(Settings, env_file=home / SETTINGS_FILE)(), "file"
    )
    from_environment: dict[str, Source] = dict.fromkeys(EnvSettingsSource(Settings)(), "environment")
    return from_file | from_environment


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if not isinstance(value, SecretStr):
        return str(value)
    secret = value.get_secret_value()
    return without_password(secret) if "://" in secret else "***"


def _sentence(error: ValidationError) -> str:
    """Put the first broken rule into words; the value itself is left out when it may be secret."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return f"{name.upper()} in {SETTINGS_FILE} is no setting of nofumble: see `nofumble doctor` for those that are"
    rule = first["msg"].removeprefix("Value error, ")
    rule = rule[:1].lower() + rule[1:]
    return f"{variable(name)} does not hold: {rule}; mend it in the environment or in {SETTINGS_FILE} of NOFUMBLE_HOME"
