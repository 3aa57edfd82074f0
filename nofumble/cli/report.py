"""How do we stand? Reports on loops, load, hours, friction, workflows and silence, as tables or as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from nofumble.cli.options import AsJson, nearest, split_names
from nofumble.cli.output import say, write_json
from nofumble.cli.report_tables import (
    write_benchmarks,
    write_briefs,
    write_capacity,
    write_friction,
    write_loops,
    write_services,
    write_watch,
    write_workflows,
)
from nofumble.cli.session import Session, open_session
from nofumble.cli.when import read_time
from nofumble.customers import is_customer
from nofumble.errors import ExitCode, WrongUse
from nofumble.reports.briefs import brief_share, exec_contacts
from nofumble.reports.capacity import loads
from nofumble.reports.friction import frictions
from nofumble.reports.loops import HeldLoop, held_loops, sums
from nofumble.reports.measures import measures
from nofumble.reports.peers import Benchmark, benchmarks
from nofumble.reports.reading import Period, customers
from nofumble.reports.services import SIDES, Side, hours_by_account, services, together
from nofumble.reports.watchdog import watch

PERIOD_DEFAULT = timedelta(days=90)
"""A quarter: what `--from` is without a word."""

WATCHED_DEFAULT = timedelta(days=365)
"""A year: what the watchdog learns from without a word, so that it has seen holidays."""

Since = Annotated[str | None, typer.Option("--from", metavar="T", help="From this time on; 90 days before its end.")]
LongSince = Annotated[str | None, typer.Option("--from", metavar="T", help="Learn from this time on; a year.")]
Until = Annotated[str | None, typer.Option("--to", metavar="T", help="Before this time; now.")]
Peers = Annotated[
    bool, typer.Option("--peers", help="Each customer beside the median of its tier and industry, from five on.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="report", help="How we stand: loops, load, hours, friction, workflows, silence.")
    group.command("loops", epilog="Example: nofumble report loops")(report_loops)
    group.command("capacity", epilog="Example: nofumble report capacity --json")(report_capacity)
    group.command("services", epilog="Example: nofumble report services --by tier --from 2026-03-01")(report_services)
    group.command("friction", epilog="Example: nofumble report friction --from 2026-01-01 --to 2026-04-01")(
        report_friction
    )
    group.command("briefs", epilog="Example: nofumble report briefs --from 2026-01-01 --to 2026-04-01")(report_briefs)
    group.command("workflows", epilog="Example: nofumble report workflows")(report_workflows)
    group.command("watchdog", epilog="Example: nofumble report watchdog --json")(report_watchdog)
    app.add_typer(group)


def report_loops(peers: Peers = False, as_json: AsJson = False) -> None:
    """Show who holds what is open towards customers.

    For how many working days, and when the customer was last told; the oldest first, then the sums of each holder and
    team.
    """
    with open_session() as session:
        loops = held_loops(session.store, session.directory, session.now)
        if peers:
            _benchmark(session, "open loops", open_loops_of(loops), as_json=as_json)
        else:
            _show([*loops, *sums(loops)], lambda _: write_loops(loops), "no open loop", as_json)


def report_capacity(since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Show the load of each person.

    Open tasks, those due in the next ten working days, their hours by what such tasks took, and the hours that were
    logged in the period.
    """
    with open_session() as session:
        period = period_of(since, until, now=session.now)
        found = loads(session.store, session.directory, session.now, period)
        _show(found, write_capacity, "nobody is known and nothing is open", as_json)


def report_services(
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="SIDE", help="account, tier, workflow, or several of them; all three."),
    ] = None,
    since: Since = None,
    until: Until = None,
    peers: Peers = False,
    as_json: AsJson = False,
) -> None:
    """Show the hours that customers got, paid for or given.

    By account, tier and workflow. Time counts for a workflow when it names the task.
    """
    sides = sides_of(by)
    with open_session() as session:
        period = period_of(since, until, now=session.now)
        if peers:
            _benchmark(session, "hours", hours_by_account(session.store, period), as_json=as_json)
            return
        found = services(session.store, period, sides)
        rows = [*found, together(found)] if found else []
        _show(rows, lambda _: write_services(found, sides), "no time was logged in this period", as_json)


def report_friction(since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Show what is hard about us, by kind.

    How often it happened, at how many customers, how often friction_watch looked at one for it, what was logged on
    that, and the money that it was about.
    """
    with open_session() as session:
        found = frictions(session.store, period_of(since, until, now=session.now))
        _show(found, write_friction, "", as_json)


def report_briefs(since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Show whether our executives had a brief when a friend at a customer told them of trouble.

    Each call with the time since which a brief was there, and the share of calls that found one.
    """
    with open_session() as session:
        found = exec_contacts(session.store, period_of(since, until, now=session.now))
        rows = [*found, brief_share(found)] if found else []
        _show(rows, lambda _: write_briefs(found), "nobody of ours was told of trouble by a friend", as_json)


def report_workflows(since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Show what each workflow does and is worth.

    How often it fired, median working hours until its tasks were accepted and done, the shares that were late and taken
    back, what people marked as useful, hours spent, and loops that nobody holds.
    """
    with open_session() as session:
        period = period_of(since, until, now=session.now)
        found = measures(session.store, session.directory, session.now, period)
        _show(found, write_workflows, "no workflow has run on this store yet", as_json)


def report_watchdog(since: LongSince = None, until: Until = None, as_json: AsJson = False) -> None:
    """Show what fell silent: workflows, sources, and fields that workflows read.

    How often each came is learnt from the period; what chance hardly explains stands out, with its likely cause.
    Exit code 1 when anything fell silent, so that a nightly run can tell CS ops.
    """
    with open_session() as session:
        end = session.now if until is None else read_time(until, option="--to", now=session.now)
        begin = (end - WATCHED_DEFAULT).isoformat() if since is None else since
        found = watch(session.store, session.directory, session.now, period_of(begin, until, now=session.now))
        if as_json:
            summary = {"row": "watchdog", "to": found.to, "silent": found.silent}
            write_json([*found.workflows, *found.sources, *found.fields, summary])
        else:
            write_watch(found)
    if found.silent:
        raise typer.Exit(ExitCode.FOUND)


def period_of(since: str | None, until: str | None, *, now: datetime) -> Period:
    """Return the period that a person gave: the quarter before its end without a start, until now without an end.

    Raises WrongUse for what is no time, and for an end that is not after the start.
    """
    end = now if until is None else read_time(until, option="--to", now=now)
    start = end - PERIOD_DEFAULT if since is None else read_time(since, option="--from", now=now)
    if start >= end:
        ends = "now" if until is None else until
        raise WrongUse(
            f"--from is {since} and the period ends {ends}: it must end after it begins; give an earlier --from"
        )
    return Period(start, end)


def sides_of(given: Sequence[str] | None) -> list[Side]:
    """Return what hours are to be added up by; raise WrongUse for a name that is none of it."""
    names = split_names(given or SIDES)
    for name in names:
        if name not in SIDES:
            raise nearest(name, SIDES, what="side of --by", see="nofumble report services --help")
    return [side for side in SIDES if side in names]


def open_loops_of(loops: Iterable[HeldLoop]) -> Mapping[str, float]:
    """Return how many open loops each account has."""
    counted: dict[str, float] = {}
    for one in loops:
        counted[one.account] = counted.get(one.account, 0) + 1
    return counted


def _benchmark(session: Session, figure: str, values: Mapping[str, float], *, as_json: bool) -> None:
    known = (one for one in customers(session.store) if is_customer(one.id, session.directory))
    found: list[Benchmark] = benchmarks(figure, values, known)
    _show(found, write_benchmarks, "no customer yet", as_json)


def _show(rows: Sequence[Any], table: Callable[[Sequence[Any]], None], nothing: str, as_json: bool) -> None:
    """Write rows as JSON or as a table; where there is none, say so beside the answer."""
    if as_json:
        write_json(rows)
    elif rows:
        table(rows)
    else:
        say(nothing)
