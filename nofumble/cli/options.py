"""Which options and settings do commands have in common?"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings, SettingsError, load_settings
from nofumble.errors import WrongUse
from nofumble.wiring import Format
from workflows.language.plans import Definition

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, and nothing else on standard output.")]

Organisation = Annotated[
    Path | None,
    typer.Option("--organisation", metavar="FILE", help="The organisation file, in place of NOFUMBLE_ORGANISATION."),
]

Workflows = Annotated[
    Path | None,
    typer.Option("--workflows", metavar="DIR", help="Definitions of this folder in place of the shipped ones."),
]

SourceFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        help="events: one envelope a line; xes: a help desk's log; crm: a folder of a CRM's tables.",
    ),
]

XesAccount = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="With --format xes: the attribute that names the customer."),
]


def current_settings() -> Settings:
    """Return the settings in force; raise WrongUse when one does not hold."""
    try:
        return load_settings()
    except SettingsError as error:
        raise WrongUse(str(error)) from error


def organisation_file(given: Path | None) -> Path:
    """Return the organisation file that a command is to use: the one given, else that of the settings."""
    return current_settings().organisation if given is None else given


def check_account_option(form: Format, account: str | None) -> None:
    """Raise WrongUse when --account was given for a format that has no such attribute."""
    if account is not None and form != "xes":
        raise WrongUse(
            f"--account is {account!r} and --format is {form}: only a log in XES names customers so; leave it out"
        )


def split_names(given: Iterable[str]) -> list[str]:
    """Return the names of an option that may be repeated or hold several, with commas between."""
    return list(dict.fromkeys(name for text in given for name in text.replace(",", " ").split()))


def check_names(names: Iterable[str], definitions: Iterable[Definition]) -> None:
    """Raise WrongUse for a name that no definition has."""
    known = [one.name for one in definitions]
    for name in names:
        if name not in known:
            raise nearest(name, known, what="workflow", see="nofumble workflows list")


def nearest(name: str, known: Iterable[str], *, what: str, see: str) -> WrongUse:
    """Return the error for a name that is not known: with the nearest ones, or where all of them are listed."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(near)}?" if near else f"`{see}` lists what there is"
    return WrongUse(f"no {what} is called {name!r}; {remedy}")
