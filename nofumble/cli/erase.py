"""Erases a person: who it was is taken out of everything that is stored, and the report proves it."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from nofumble.cli.options import AsJson
from nofumble.cli.output import Cell, number_of, say, write, write_json, write_parts, write_table
from nofumble.cli.users import doors
from nofumble.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble erase jo@acme.example --reason 'request of 3 March'")(erase)


def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The id or mail address of a person or a contact.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes into the audit.")],
    as_json: AsJson = False,
) -> None:
    """Erase a person of ours, or a contact of a customer.

    Names and addresses are replaced by tombstones on timelines, in work, in the quarantine, in what went out and in
    backtests that were kept; ids of ours and all counts stay. Running agents forget what they know and read again. Exit
    code 1 when something is left.
    """
    from nofumble.erasing.erasing import erase_person

    with doors() as (store, now, settings):
        proof = erase_person(store, person, home=settings.home, reason=reason, by=None, how="command", now=now)
    if as_json:
        write_json([proof])
    else:
        _write(proof)
    if proof["left"]:
        raise typer.Exit(ExitCode.FOUND)


def _write(proof: Mapping[str, Any]) -> None:
    write_parts([("person", str(proof["person"])), ("reason", str(proof["reason"]))])
    write()
    rows = [
        (one["table"], f"{one['rows_after']:,}", f"{one['rewritten']:,}", Cell(str(one["left"]), _weight(one["left"])))
        for one in proof["tables"]
    ]
    write_table(("table", ">rows", ">rewritten", ">left"), rows)
    say(f"{number_of(proof['rewritten'], 'row')} rewritten; not reached: {', '.join(proof['not_reached'])}")


def _weight(left: int) -> Any:
    return "critical" if left else "good"
