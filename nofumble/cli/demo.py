"""Plays a made-up company's quarter and tells its stories: the main job, seen in a minute."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nofumble.cli.options import AsJson
from nofumble.cli.output import say, write_json
from nofumble.errors import WrongUse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble demo --events > quarter.jsonl")(demo)


def demo(
    events: Annotated[
        bool, typer.Option("--events", help="Only write the events, one a line, for simulate and ingest.")
    ] = False,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="Keep the database in this folder; without it nothing is left."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play a made-up company's quarter, and tell its stories with their evidence.

    About 40 customers, on the embedded database in a folder that is removed again at the end. Nothing of yours is
    touched.
    """
    from nofumble.demo.play import played
    from nofumble.demo.show import demo_as_json, write_demo
    from nofumble.sample import quarter

    if events:
        if home is not None:
            raise WrongUse("--events writes the events and needs no database: leave --home out")
        write_json(quarter())
        return
    with played(None if home is None else home.expanduser().absolute(), _progress) as made:
        if as_json:
            write_json(demo_as_json(made))
        else:
            write_demo(made)


def _progress(step: str) -> None:
    """Say on a terminal what takes its time."""
    if sys.stderr.isatty():
        say(step)
