"""Takes files of events into the store: every row is accounted for, and the same file again changes nothing."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from agents.intake import CHUNK_ROWS, Incoming, Intake, Tally
from nofumble.cli.options import AsJson, SourceFormat, XesAccount, check_account_option
from nofumble.cli.output import number_of, progress, say, write_json, write_parts
from nofumble.cli.session import open_session
from nofumble.readers import Reading, Row
from nofumble.wiring import read_source


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: nofumble ingest docs/examples/signature.jsonl")(ingest)


def ingest(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files of events, or - for standard input.")],
    form: SourceFormat = "events",
    account: XesAccount = None,
    as_json: AsJson = False,
) -> None:
    """Take files of events into the store.

    Tells how many rows were accepted, known already (duplicate), parked until their account is known, or quarantined.
    Feeding a file twice changes nothing. The agents work through what was taken: `nofumble run --once`.
    """
    check_account_option(form, account)
    readings = [(file, read_source(file, form, account=account)) for file in files]
    with open_session() as session, progress("taking in") as step:
        intake = Intake(session.store, session.directory)
        tally = intake.take(rows_of(readings), now=session.now, on_chunk=lambda _: step(CHUNK_ROWS))
    for note in (note for _, reading in readings for note in reading.notes):
        say(note)
    if as_json:
        write_json([tally.as_json()])
    else:
        _write(tally)


def rows_of(readings: Iterable[tuple[str, Reading]]) -> Iterator[Incoming]:
    """Give the rows of several sources as intake takes them, each with its place in its source."""
    for name, reading in readings:
        for number, row in enumerate(reading, start=1):
            yield incoming(name, number, row)


def incoming(name: str, number: int, row: Row) -> Incoming:
    """Return a row as intake takes it; what its position says of the line stays with it."""
    origin, _, line = row.position.rpartition(":")
    place = (origin, int(line)) if origin and line.isdigit() else (f"{name}/{row.position}", number)
    problem = None if row.problem is None else (row.problem.path, row.problem.reason)
    return Incoming(*place, row.excerpt if row.raw is None else row.raw, problem, row.supporting)


def _write(tally: Tally) -> None:
    write_parts(
        [
            ("rows", f"{tally.rows:,}"),
            ("accepted", f"{tally.accepted:,}"),
            ("duplicate", f"{tally.duplicate:,}"),
            ("parked", f"{tally.parked:,}" + (" (they wait for a link to an account)" if tally.parked else "")),
            ("quarantined", f"{tally.quarantined:,}" + (" (`nofumble quarantine list`)" if tally.quarantined else "")),
        ]
    )
    if tally.supporting:
        implied = number_of(tally.supporting, "account or person", "accounts and people")
        say(f"{implied} registered, which the source implies")
    if tally.released:
        say(f"{number_of(tally.released, 'parked event')} of before found an account")
