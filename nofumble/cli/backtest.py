"""What would other definitions, people or budgets have given? The recorded history folded again, with no effects."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.ports import Store
from nofumble.backtest.backtest import Given, Question, answer
from nofumble.backtest.crew import crew_of
from nofumble.backtest.histories import FileHistory, StoreHistory
from nofumble.backtest.kept import LAST, KeptBacktests, check_name, compared
from nofumble.backtest.sides import SHIPPED, Active, active_in, given, loaded
from nofumble.cli.backtest_tables import write_differences, write_result
from nofumble.cli.options import (
    AsJson,
    check_names,
    current_settings,
    organisation_file,
    split_names,
)
from nofumble.cli.output import number_of, progress, say, write_json, write_table
from nofumble.cli.session import session_of
from nofumble.cli.simulate import take
from nofumble.cli.when import read_time
from nofumble.clock import SystemClock
from nofumble.collector import without_collector
from nofumble.errors import WrongUse
from nofumble.wiring import by_name, read_source
from workflows.backtesting.comparison import HOWS, Difference
from workflows.backtesting.result import Result
from workflows.directory import Directory
from workflows.language.grammar import BESIDE

RECORDED = "recorded"
"""What `--against` is for what the store has, in place of a fold."""

Account = Annotated[str | None, typer.Option("--account", metavar="ID", help="Open the differences of this account.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of a backtest.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="backtest", help="The recorded history under other definitions: the difference.")
    group.callback(
        invoke_without_command=True, epilog="Example: nofumble backtest --workflows drafts --from 2026-01-01"
    )(run_backtest)
    group.command("list", epilog="Example: nofumble backtest list")(list_backtests)
    group.command("show", epilog="Example: nofumble backtest show last --account acme")(show_backtest)
    group.command("compare", epilog="Example: nofumble backtest compare three-days five-days")(compare_backtests)
    app.add_typer(group)


def run_backtest(
    context: typer.Context,
    workflows: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Definitions to try, in place of the active ones.")
    ] = None,
    activate: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Try this workflow whatever its mode; may be given more than once."),
    ] = None,
    organisation: Annotated[
        Path | None,
        typer.Option("--organisation", metavar="FILE", help="An organisation to try: other people, hours, budgets."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="What to compare with: a folder of definitions, or `recorded`: what the store has; the active ones.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="T", help="Compare from this time on; all of it.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T", help="Fold up to this time; all there is.")] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A file of events in place of the store; may be given more than once."),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Keep the result under this name, in place of an older one.")
    ] = LAST,
    account: Account = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, metavar="N", help="Fold in so many processes; one a core.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fold the recorded history under other definitions, and compare it with what the active ones give.

    Nothing goes out and nothing is changed. The result is work gained, lost and moved, by workflow, person and week;
    days over budget; workflows that meet; and what came before churn, escalations and detractors. It is kept, to be
    shown again and compared. With --events it needs no database, and compares with the shipped definitions.
    """
    if context.invoked_subcommand is not None:
        return
    now = SystemClock().now()
    check_name(name)
    begin = None if since is None else read_time(since, option="--from", now=now)
    end = None if until is None else read_time(until, option="--to", now=now)
    with without_collector(), _opened(events, against) as store:
        active = loaded(None, SHIPPED) if store is None else active_in(store)
        before = _given(_against(against, active), None)
        after = _given(_tried(workflows, split_names(activate or ()), active), organisation)
        is_recorded = against == RECORDED
        if is_recorded and end is not None:
            raise WrongUse("--against recorded compares with what there is by now; leave --to out")
        history = _read(events or (), before.directory, end, now) if store is None else StoreHistory(store, end)
        asked = Question(history, before, after, begin, store if is_recorded else None)
        result = answer(asked, name=name, now=now, processes=crew_of(processes), progress=progress)
        if after.in_force.is_one and not before.in_force.is_one:
            say("the definitions were changed in this history: before are several versions, each in its time")
        kept = KeptBacktests(current_settings().home)
        kept.keep(result, dict if store is None else store.erased)
    _show(kept.get(name), account, as_json=as_json)


def list_backtests(as_json: AsJson = False) -> None:
    """List the backtests that were kept, the newest first."""
    found = list(KeptBacktests(current_settings().home).all())
    if as_json:
        write_json(summary(one) for one in found)
    elif not found:
        say("no backtest was kept yet; `nofumble backtest` makes one")
    else:
        columns = ("name", "made", ">gained", ">lost", ">moved", ">changed", "tried")
        write_table(columns, (_listed(one) for one in found))


def show_backtest(name: Name, account: Account = None, as_json: AsJson = False) -> None:
    """Show a backtest that was kept; with --account, what is different there."""
    _show(KeptBacktests(current_settings().home).get(name), account, as_json=as_json)


def compare_backtests(
    first: Name,
    second: Annotated[str, typer.Argument(metavar="OTHER", help="The name of another one, of the same history.")],
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Compare what was tried in two backtests of the same history: the difference of the second from the first."""
    kept = KeptBacktests(current_settings().home)
    found = _of_account(compared(kept.get(first), kept.get(second)), account)
    if as_json:
        write_json([*found, {"row": "comparison", "first": first, "second": second, **counts_of(found)}])
    else:
        write_differences(found, everything=account is not None)


def summary(result: Result) -> dict[str, Any]:
    """Return what a backtest says in one line."""
    return {
        "row": "backtest",
        "name": result.name,
        "made_at": result.made_at,
        "history": result.extent,
        "before": result.before,
        "after": result.after,
        **counts_of(result.rows.differences),
    }


def _show(result: Result, account: str | None, *, as_json: bool) -> None:
    rows = result.rows
    found = _of_account(rows.differences, account)
    if as_json:
        figures = [] if account else [*rows.workflows, *rows.weeks, *rows.people, *rows.days, *rows.overlaps]
        write_json([*figures, *found, summary(result)])
    elif account is not None:
        write_differences(found, everything=True)
    else:
        write_result(result)


def _of_account(found: Iterable[Difference], account: str | None) -> list[Difference]:
    return [one for one in found if account is None or one.account == account]


def counts_of(found: Sequence[Difference]) -> dict[str, int]:
    """Count differences by what they are."""
    return {how: sum(one.how == how for one in found) for how in HOWS}


def _listed(result: Result) -> tuple[str, ...]:
    counts = counts_of(result.rows.differences)
    return (
        result.name,
        f"{result.made_at:%Y-%m-%d %H:%M}",
        *(str(counts[how]) for how in HOWS),
        result.after.definitions,
    )


@contextmanager
def _opened(events: Sequence[str] | None, against: str | None) -> Iterator[Store | None]:
    """Give the store, or nothing where files of events stand in its place."""
    if not events:
        with session_of(current_settings()) as session:
            yield session.store
    elif against == RECORDED:
        raise WrongUse("--against recorded is about the store, and --events names files; give one of them")
    else:
        yield None


def _read(files: Sequence[str], directory: Directory, until: datetime | None, now: datetime) -> FileHistory:
    taken = take([read_source(file, "events") for file in files], now=now)
    if taken.bad:
        say(f"{number_of(len(taken.bad), 'line')} left out: no events; `nofumble simulate` says why")
    return FileHistory(taken.events, directory, until)


def _against(against: str | None, active: Active) -> Active:
    if against is None:
        return active
    return active._replace(called="what is recorded") if against == RECORDED else loaded(Path(against), against)


def _tried(folder: Path | None, names: Sequence[str], active: Active) -> Active:
    base = active if folder is None else loaded(folder, str(folder))
    check_names(names, base.definitions)
    known = by_name(base.definitions) | {one.name: one for one in base.definitions if one.source.mode in BESIDE}
    return base.trying([known[name] for name in names], ", ".join(names)) if names else base


def _given(side: Active, organisation: Path | None) -> Given:
    return given(side, organisation_file(organisation))
