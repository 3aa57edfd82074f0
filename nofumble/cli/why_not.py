"""Why did a workflow not begin at a customer, and what is the least that would have made it begin? (B4)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from nofumble.cli.options import AsJson, Organisation, Workflows
from nofumble.cli.output import paint, write, write_folded, write_json, write_parts
from nofumble.cli.pasts import Events, MoreEvents, Until, all_files, definition_named, open_pasts
from nofumble.cli.when import brief, read_time
from nofumble.cli.why import told_words
from workflows.reasons.hearing import Told, told_of
from workflows.reasons.stops import Stop
from workflows.reasons.why_not import RunSaid, WhyNot
from workflows.reasons.why_not import why_not as reason_against


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("why-not", epilog="Example: nofumble why-not signature_to_kickoff --account acme")(why_not)


def why_not(
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="The name of a workflow.")],
    account: Annotated[str, typer.Option("--account", metavar="ID", help="The account, or a reference to it.")],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="As of this time, by what was known then; now without it."),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="Only the run of this key, such as a contract.")
    ] = None,
    events: Events = None,
    more: MoreEvents = None,
    until: Until = None,
    organisation: Organisation = None,
    workflows: Workflows = None,
    as_json: AsJson = False,
) -> None:
    """Tell why a workflow did not begin at a customer.

    The first condition that failed with its value, what it waits for, or the guard, run, thread or mode that stopped
    it; and the smallest change that makes it begin, found by trying it. `nofumble simulate --change` applies the answer
    of --json. With --events it is asked of the world in files, which needs no database.
    """
    with open_pasts(all_files(events, more), until, organisation, workflows) as pasts:
        definition = definition_named(pasts, workflow)
        past = pasts.past(pasts.account(account))
        if at is not None:
            past = past.as_of(read_time(at, option="--at", now=pasts.now))
        found = reason_against(past, definition, key=key)
        work = [name for run in found.runs for name in run.work]
        told = [one for one in told_of(pasts.notices() if work else (), work) if one.at <= found.at]
        if as_json:
            write_json([{**msgspec.to_builtins(found, builtin_types=(datetime,)), "told": told}])
        else:
            _write(found, told, pasts.now)


def _write(found: WhyNot, told: Sequence[Told], now: datetime) -> None:
    write(f"{paint(found.workflow, 'strong')} {found.version} at {found.account}, as of {brief(found.at, now=now)}")
    write_folded(found.sentence)
    write()
    write_parts(
        [*_parts(found, now), *(("told" if n == 0 else "", told_words(one, now)) for n, one in enumerate(told))]
    )


def _parts(found: WhyNot, now: datetime) -> Iterator[tuple[str, str]]:
    yield from (("run", _run(one, now)) for one in found.runs)
    if found.stop is not None:
        yield from _stop("stopped by", found.stop, now)
    for one in found.others:
        yield from _stop("also", one, now)
    for place, change in enumerate(found.changes):
        yield ("would begin if" if place == 0 else "and"), change.words
    yield "", "" if found.changes or found.fired else found.words


def _run(run: RunSaid, now: datetime) -> str:
    return f"{run.key} since {brief(run.started_at, now=now)}, {run.status}; {len(run.work)} pieces of work"


def _stop(label: str, stop: Stop, now: datetime) -> Iterator[tuple[str, str]]:
    yield label, stop.words
    if stop.start:
        yield "", f"start: {stop.start}"
    if stop.event is not None:
        event = stop.event
        yield "", f"event: {brief(event.time, now=now)}  {event.type} ({event.id} of {event.source})"
