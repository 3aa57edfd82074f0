"""How does a report look to people? One table each, with what stands out in colour."""

from collections.abc import Sequence

from events.money import in_words
from nofumble.cli.output import Cell, Weight, heading, number_of, write, write_folded, write_table
from nofumble.cli.stored_work import SHORT_MIN
from nofumble.reports.briefs import ExecContact, brief_share
from nofumble.reports.capacity import Load
from nofumble.reports.friction import Friction
from nofumble.reports.loops import HeldLoop, HeldTogether, sums
from nofumble.reports.measures import Measures
from nofumble.reports.peers import Benchmark
from nofumble.reports.services import Service, Side, together
from nofumble.reports.watchdog import Watch
from workflows.watchdog import LostField, Watched

LOAD_WEIGHTS: tuple[tuple[float, Weight], ...] = ((1.1, "urgent"), (0.9, "warn"))
"""From which load on it stands out (W20): above 110 %, above 90 %."""

NOBODY = "nobody"

WORKFLOWS_LEGEND = (
    "accept, done: median working hours; late: share of tasks; back: share that evidence took back; useful: of those "
    "marked; h: hours spent; lost: open loops that nobody holds, which must be 0"
)


def write_loops(loops: Sequence[HeldLoop]) -> None:
    """Write the loops, the oldest first, and what each holder and team has together."""
    columns = ("id", "account", "~holder", ">held", ">told", "loop")
    write_table(columns, (_loop(one) for one in loops))
    write(f"\n{number_of(len(loops), 'loop')}")
    found = sums(loops)
    heading("by holder")
    of_holders = [one for one in found if one.by == "holder"]
    write_table(
        ("holder", "team", ">loops", ">held", ">longest", ">never told"),
        ((one.name or NOBODY, one.team or "", *_together(one)) for one in of_holders),
    )
    heading("by team")
    of_teams = [one for one in found if one.by == "team"]
    write_table(
        ("team", ">loops", ">held", ">longest", ">never told"),
        ((one.name or "of no team", *_together(one)) for one in of_teams),
    )


def write_capacity(found: Sequence[Load]) -> None:
    """Write the load of each person, and of each queue."""
    columns = ("who", "team", ">open", ">due 10bd", ">overdue", ">est. h", ">free h", ">load", ">logged h")
    write_table(columns, (_load(one) for one in found))


def write_services(found: Sequence[Service], sides: Sequence[Side]) -> None:
    """Write hours by the sides that were asked for, and all of them together."""
    names = {"account": "account", "tier": ">tier", "workflow": "workflow"}
    write_table(
        (*(names[side] for side in sides), ">hours", ">paid", ">given", ">not said"),
        (
            (*(_side(one, side) for side in sides), *map(_number, (one.hours, one.paid_h, one.given_h, one.unsaid_h)))
            for one in found
        ),
    )
    all_of_it = together(found)
    write(
        f"\n{_number(all_of_it.hours)} hours: {_number(all_of_it.paid_h)} paid, {_number(all_of_it.given_h)} given, "
        f"{_number(all_of_it.unsaid_h)} not said"
    )


def write_friction(found: Sequence[Friction]) -> None:
    """Write every kind of friction."""
    columns = ("kind", ">times", ">raised", ">accounts", ">hours", "amount")
    write_table(columns, (_friction(one) for one in found))


def write_briefs(found: Sequence[ExecContact]) -> None:
    """Write what our executives heard, and for how many of the calls there was a brief before."""
    write_table(("when", "account", "who was told", "brief since"), (_contact(one) for one in found))
    all_of_it = brief_share(found)
    calls = number_of(all_of_it.contacts, "call")
    write(f"\n{all_of_it.briefed} of {calls} found a brief, {_percent(all_of_it.share)}")


def write_workflows(found: Sequence[Measures]) -> None:
    """Write the measures of each workflow."""
    columns = ("workflow", ">fires", ">accept", ">done", ">late", ">back", ">useful", ">h", ">lost")
    write_table(columns, (_measures(one) for one in found))
    write()
    write_folded(WORKFLOWS_LEGEND, weight="quiet")


def write_watch(found: Watch) -> None:
    """Write what fell silent, each with its likely cause, and then how often each workflow comes."""
    write(f"{number_of(found.silent, 'finding')} for {found.to}" if found.silent else "nothing has fallen silent")
    silent = [*(one for one in found.workflows if one.is_silent), *(one for one in found.sources if one.is_silent)]
    if silent:
        heading("silent")
        write_table(("what", ">silent", ">expected", "likely cause"), (_silent(one) for one in silent))
    if found.fields:
        heading("fields that no longer come")
        write_table(("~field", "last", ">events since", "~instead", "read by"), (_lost(one) for one in found.fields))
    if found.workflows:
        heading("how often each workflow comes")
        write_table(("workflow", ">days", ">a week", ">silent", "last"), (_rhythm(one) for one in found.workflows))


def write_benchmarks(found: Sequence[Benchmark]) -> None:
    """Write a figure of each customer beside its peers."""
    figure = found[0].figure
    columns = ("account", ">tier", "industry", f">{figure}", ">median", "peers")
    write_table(
        columns,
        (
            (
                one.account,
                _whole(one.tier),
                one.industry or "",
                _number(one.value),
                _number(one.median),
                one.why or f"{one.accounts} accounts",
            )
            for one in found
        ),
    )


def _loop(one: HeldLoop) -> tuple[str | Cell, ...]:
    holder = one.person or one.queue or NOBODY
    team = f" ({one.team})" if one.team else ""
    told = Cell("never", "warn") if one.told_bd is None else f"{one.told_bd}bd ago"
    return one.id[:SHORT_MIN], one.account, f"{holder}{team}", f"{one.held_bd}bd", told, f"{one.name} {one.key}"


def _together(one: HeldTogether) -> tuple[str | Cell, ...]:
    untold = Cell(str(one.untold), "warn" if one.untold else "")
    return str(one.loops), f"{one.held_bd}bd", f"{one.longest_bd}bd", untold


def _load(one: Load) -> tuple[str | Cell, ...]:
    weight: Weight = next((weight for above, weight in LOAD_WEIGHTS if one.load is not None and one.load > above), "")
    return (
        one.person or one.queue or NOBODY,
        one.team or "",
        str(one.open),
        str(one.due_10bd),
        Cell(str(one.overdue), "urgent" if one.overdue else ""),
        _number(one.estimated_h),
        _number(one.free_h),
        Cell(_percent(one.load), weight),
        _number(one.logged_h),
    )


def _side(one: Service, side: Side) -> str:
    match side:
        case "account":
            return one.account or ""
        case "tier":
            return _whole(one.tier)
        case "workflow":
            return one.workflow or "no task"


def _friction(one: Friction) -> tuple[str | Cell, ...]:
    amounts = ", ".join(in_words(money.amount, money.currency) for money in one.amounts)
    return one.what, _whole(one.times), str(one.raised), str(one.accounts), _number(one.hours), amounts


def _contact(one: ExecContact) -> tuple[str | Cell, ...]:
    since = Cell("none", "warn") if one.brief_since is None else f"{one.brief_since:%d %b %Y %H:%M}"
    return f"{one.at:%d %b %Y %H:%M}", one.account, one.our_exec or "", since


def _measures(one: Measures) -> tuple[str | Cell, ...]:
    marked = one.useful + one.noise
    return (
        one.workflow,
        str(one.fires),
        _number(one.accept_bh),
        _number(one.done_bh),
        _percent(one.late),
        _percent(one.retracted),
        f"{one.useful} of {marked}" if marked else "",
        _number(one.hours),
        Cell(str(one.dropped), "critical" if one.dropped else ""),
    )


def _silent(one: Watched) -> tuple[str | Cell, ...]:
    return one.name, Cell(f"{_number(one.silent_days)}d", "warn"), _number(one.expected), one.cause


def _lost(one: LostField) -> tuple[str | Cell, ...]:
    name, last = f"{one.type} data.{one.field}", f"{one.last_at:%d %b %Y}"
    return name, last, Cell(str(one.events_since), "warn"), ", ".join(one.instead), ", ".join(one.workflows)


def _rhythm(one: Watched) -> tuple[str | Cell, ...]:
    last = "" if one.last_at is None else f"{one.last_at:%d %b %Y}"
    silent = "" if one.last_at is None else f"{_number(one.silent_days)}d"
    return one.name, str(one.days), _number(one.per_week), Cell(silent, "warn" if one.is_silent else ""), last


def _whole(value: int | None) -> str:
    return "" if value is None else str(value)


def _number(value: float | None) -> str:
    """Return a number with as few digits as it needs: 1.5, 40.

    >>> _number(1.5), _number(40.0), _number(None)
    ('1.5', '40', '')
    """
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
