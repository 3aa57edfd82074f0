"""Which commands are there? Each group registers its own here; what fails is one sentence and an exit code."""

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from nofumble import __version__
from nofumble.cli import (
    account,
    act,
    backtest,
    db,
    demo,
    doctor,
    erase,
    explain,
    inbox,
    ingest,
    kafka,
    mayi,
    notices,
    prove,
    quarantine,
    queries,
    report,
    run,
    serve,
    simulate,
    timeline,
    up,
    users,
    why,
    why_not,
    worker,
    workflows,
)
from nofumble.errors import ExitCode, WrongUse

EPILOG = "Example: nofumble simulate docs/examples/signature.jsonl --until 2026-03-18"


_BETTER_SAID = (("Value error, ", ""), ("Input should", "it should"), (". Did you mean", ", did you mean"))
"""What typer and pydantic say, and how it reads as a part of one sentence."""


class _ReaderLeft(Exception):
    """The reader of standard output went away; typer would end with exit code 1 for that."""


class CommandLine(TyperGroup):
    """The root of all commands: turns typer's own refusals into ours, so that there is one way to fail."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run one command and leave the process with its exit code.

        Raises WrongUse for words that are no command, NofumbleError as the command does, and BrokenPipeError when
        nobody reads on.
        """
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a character still gets the rest
        try:
            ended = super().main(*args, **{**options, "prog_name": "nofumble", "standalone_mode": False})
        except TyperException as refused:
            raise WrongUse(_sentence(refused)) from refused
        except typer.Abort:
            sys.exit(130)
        except _ReaderLeft as left:
            raise BrokenPipeError from left
        sys.exit(ended if isinstance(ended, int) else ExitCode.DONE)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, and see that all of its answer was read."""
        try:
            ended = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as gone:
            raise _ReaderLeft from gone
        return ended


app = typer.Typer(
    name="nofumble",
    cls=CommandLine,
    help="Keeps a company from dropping its customers between its own teams.",
    epilog=EPILOG,
    add_completion=False,
    rich_markup_mode=None,  # plain help: brackets in it are brackets, and 80 columns hold more words than boxes
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"nofumble {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keeps a company from dropping its customers between its own teams."""
    if context.invoked_subcommand is None:
        sys.stdout.write(f"{context.get_help()}\n")


def _sentence(refused: TyperException) -> str:
    """Return typer's refusal as ours are: one line, lower case, no full stop, with where to read on."""
    said = " ".join(refused.format_message().split()).rstrip(".?")
    for found, better in _BETTER_SAID:
        said = said.replace(found, better)
    context = getattr(refused, "ctx", None)
    command = "nofumble" if context is None else context.command_path
    return f"{said[:1].lower()}{said[1:]}; `{command} --help` says what there is"


for group in (
    *(simulate, workflows, explain, backtest),
    *(ingest, run, worker, serve, up),
    *(inbox, notices, queries, account, timeline, report),
    *(act, mayi, why, why_not),
    *(quarantine, kafka, db, users, erase, doctor, prove),
    demo,
):
    group.register(app)
