"""Who works here, when, and for what: the organisation's file, checked and brought into one shape.

`load_organisation` reads the file; `Organisation.model_dump()` is what `workflows.directory.directory_from` takes. Here
the form is checked (keys, names of days, zones, durations, chains). What needs the core, such as whether a country's
holidays are known, `directory_from` checks, and `Organisation.error_at` gives its refusals the same file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from config.shapes import (
    OTHER_NAMES,
    ShapeError,
    by_name,
    check_calendar_duration,
    check_chain,
    check_zone,
    read_date,
    read_duration,
    read_texts,
    read_week,
    renamed,
)
from config.yaml_file import KeyPath, YamlError, YamlFile, parse_yaml, read_yaml

DEFAULT_FILE = Path(__file__).with_name("organisation.yaml")
"""The organisation when no file is given: UTC, Monday to Friday 09:00-17:00, and nobody in it."""

NAMED_BY = {"people": ("id",), "teams": ("id",), "sources": ("source", "name")}
"""By which key the entries of a list name themselves."""


class OrganisationError(ValueError):
    """The organisation's file cannot be used; the message says where, what, the rule and the remedy."""


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(read_texts)]
Dates = tuple[Annotated[date, BeforeValidator(read_date)], ...]
Zone = Annotated[Text, AfterValidator(check_zone)]
Week = Annotated[dict[str, tuple[str, ...]], BeforeValidator(read_week)]
AnyDuration = Annotated[str, BeforeValidator(read_duration)]
CalendarDuration = Annotated[AnyDuration, AfterValidator(check_calendar_duration)]


class _Entry(BaseModel):
    """What every part of the file has in common: unknown keys are refused, other names of keys are understood."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _understand_other_names(cls, value: object) -> object:
        return renamed(value) if isinstance(value, Mapping) else value


class PersonEntry(_Entry):
    """One of ours; what is absent is the team's, else the organisation's."""

    name: Text | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)] | None = None
    team: Text | None = None
    manager: Text | None = None
    delegate: Text | None = None
    roles: Texts = ()
    time_zone: Zone | None = None
    country: Text | None = None
    hours: Week | None = None
    holidays: Dates = ()


class TeamEntry(_Entry):
    """A team with its head, its queue, and working time of its own where it differs."""

    name: Text | None = None
    head: Text | None = None
    queue: Text | None = None
    time_zone: Zone | None = None
    country: Text | None = None
    hours: Week | None = None
    holidays: Dates = ()


class SourceEntry(_Entry):
    """A source whose silence is noticed: what it produces, and how often it is heard from (rule R7)."""

    produces: Annotated[Texts, Field(min_length=1)]
    every: CalendarDuration


class Budgets(_Entry):
    """How much attention may be taken (rule R14)."""

    notices_per_day: Annotated[int, Field(strict=True, ge=0, le=1000)] = 5


class Organisation(_Entry):
    """The whole file, in one shape; every part has a default."""

    name: Text | None = None
    time_zone: Zone = "UTC"
    country: Text | None = None
    hours: Week = Field(default_factory=lambda: {"mon-fri": ("09:00-17:00",)}, validate_default=True)
    holidays: Dates = ()
    teams: Annotated[dict[Text, TeamEntry], BeforeValidator(by_name(*NAMED_BY["teams"]))] = Field(default_factory=dict)
    people: Annotated[dict[Text, PersonEntry], BeforeValidator(by_name(*NAMED_BY["people"]))] = Field(
        default_factory=dict
    )
    roles: dict[Text, Texts] = Field(default_factory=dict)
    fallbacks: dict[Text, Annotated[Texts, Field(min_length=1)]] = Field(default_factory=dict)
    budgets: Budgets = Field(default_factory=Budgets)
    sources: Annotated[dict[Text, SourceEntry], BeforeValidator(by_name(*NAMED_BY["sources"]))] = Field(
        default_factory=dict
    )
    allowed_lateness: CalendarDuration = "72h"
    proof_wait: AnyDuration = "4bh"

    _file: YamlFile | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _spread_defaults(cls, value: object) -> object:
        """Take what stands under `defaults:` as if it stood at the top."""
        if not isinstance(value, Mapping) or not isinstance(value.get("defaults"), Mapping):
            return value
        top = renamed({key: part for key, part in value.items() if key != "defaults"})
        defaults = renamed(value["defaults"])
        twice = sorted(top.keys() & defaults.keys())
        if twice:
            raise ShapeError(f'"{twice[0]}" is given at the top and under "defaults"; keep one of the two', twice[0])
        return top | defaults

    @field_validator("fallbacks", mode="after")
    @classmethod
    def _check_chains(cls, chains: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for role, chain in chains.items():
            check_chain(role, chain)
        return chains

    def error_at(self, path: str, reason: str) -> OrganisationError:
        """Make the error for a value that the core refuses, with the file and line of its dotted path."""
        if self._file is None:
            return OrganisationError(f"{path}: {reason}")
        return _error_at(self._file, _keys_of(path, self.model_dump()), reason)


def load_organisation(path: Path | None = None) -> Organisation:
    """Read the organisation's file, or the default one.

    Raises OrganisationError with one sentence, `FILE:LINE: PATH: what; remedy`, for the first value that is refused.
    """
    file = DEFAULT_FILE if path is None else path
    try:
        return _organisation_of(read_yaml(file))
    except YamlError as error:
        where = f"{file}:{error.line}" if error.line else f"{file}"
        raise OrganisationError(f"{where}: {error.reason}") from error


def parse_organisation(text: str, *, name: str) -> Organisation:
    """Read an organisation from text as `load_organisation` does; `name` stands for the file in messages."""
    try:
        return _organisation_of(parse_yaml(text, name=name))
    except YamlError as error:
        raise OrganisationError(
            f"{name}:{error.line}: {error.reason}" if error.line else f"{name}: {error.reason}"
        ) from error


def _organisation_of(file: YamlFile) -> Organisation:
    data = {} if file.data is None else file.data
    if not isinstance(data, Mapping):
        raise _error_at(file, (), "the file is no mapping; write keys such as time_zone, teams and people, one a line")
    try:
        organisation = Organisation.model_validate(data)
    except ValidationError as error:
        raise _first_of(error, file) from error
    organisation._file = file  # noqa: SLF001 - set once, by the only function that knows the file
    return organisation


# ---------------------------------------------------------------------------------------------------------------------
# Messages

_PARTS: dict[str, type[BaseModel]] = {
    "people": PersonEntry,
    "teams": TeamEntry,
    "sources": SourceEntry,
    "budgets": Budgets,
}


def _first_of(error: ValidationError, file: YamlFile) -> OrganisationError:
    errors = error.errors(include_url=False)
    first = errors[0]
    path = tuple(str(part) for part in first["loc"] if part != "[key]")
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, ShapeError):
        path += cause.at
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return _error_at(file, path, _reason_of(first["type"], first["msg"], path, first.get("input")) + more)


def _reason_of(kind: str, text: str, path: KeyPath, value: object) -> str:
    match kind:
        case "extra_forbidden":
            part = _PARTS[path[0]] if len(path) > 1 and path[0] in _PARTS else Organisation
            known = [*part.model_fields, *OTHER_NAMES] if "hours" in part.model_fields else [*part.model_fields]
            near = get_close_matches(path[-1], known, n=1)
            remedy = f'did you mean "{near[0]}"?' if near else f"the keys here are {', '.join(part.model_fields)}"
            return f'the key "{path[-1]}" is unknown; {remedy}'
        case "missing":
            return f'the key "{path[-1]}" is missing; every entry here needs it'
        case "value_error":
            return text.removeprefix("Value error, ")
        case "too_short":
            return "the list is empty; name at least one, or leave the key out"
        case "string_type":
            return f"{value!r} is no text; put it in quotes"
        case "string_pattern_mismatch":
            return f'"{value}" is no e-mail address; write it as dana@example.com'
        case _:
            return f"{value!r} is not allowed: {text[:1].lower()}{text[1:]}"


def _error_at(file: YamlFile, path: KeyPath, reason: str) -> OrganisationError:
    in_file = _path_in_file(file.data, path)
    line = file.line_of(in_file)
    where = f"{file.name}:{line}" if line else file.name
    return OrganisationError(": ".join((where, ".".join(path), reason)) if path else f"{where}: {reason}")


def _path_in_file(data: Any, path: KeyPath) -> KeyPath:
    """Find where a path of the one shape stands in the file: under another name, under `defaults`, or in a list."""
    found: list[str] = []
    here = data
    for depth, name in enumerate(path):
        if isinstance(here, list):
            keys = NAMED_BY.get(path[0], ())
            positions = [str(i) for i, item in enumerate(here) if name == str(i) or name in _names_of(item, keys)]
            if not positions:
                break
            index = int(positions[-1])
            found.append(str(index))
            here = here[index]
            continue
        if not isinstance(here, Mapping):
            break
        written = next((key for key in here if OTHER_NAMES.get(key, key) == name), None)
        if written is None and depth == 0 and isinstance(here.get("defaults"), Mapping):
            return ("defaults", *_path_in_file(here["defaults"], path))
        found.append(str(written if written is not None else name))
        here = here.get(written)
    return tuple(found)


def _names_of(item: object, keys: tuple[str, ...]) -> set[str]:
    if isinstance(item, Mapping):
        return {str(item[key]) for key in keys if key in item}
    return {str(item)}


def _keys_of(path: str, shape: object) -> KeyPath:
    """Split a dotted path at the keys that there are, because an id may have dots itself."""
    keys: list[str] = []
    while path:
        known = [str(key) for key in shape] if isinstance(shape, Mapping) else []
        longest_first = sorted(known, key=len, reverse=True)
        key = next((key for key in longest_first if f"{path}.".startswith(f"{key}.")), path.partition(".")[0])
        keys.append(key)
        path = path[len(key) + 1 :]
        shape = shape.get(key) if isinstance(shape, Mapping) else None
    return tuple(keys)
