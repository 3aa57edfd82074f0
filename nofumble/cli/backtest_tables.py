"""How does a backtest look to people?"""

from collections.abc import Iterable, Sequence

from nofumble.cli.output import Cell, Weight, heading, number_of, write, write_folded, write_table
from workflows.backtesting.comparison import HOWS, Difference, How
from workflows.backtesting.figures import Amount, OfPerson, OfWorkflow, Overlap
from workflows.backtesting.result import Result

SHOWN_MAX = 20
"""Rows of a part that are shown to people; all of them are in the JSON, and those of an account with --account."""

WEIGHTS: dict[How, Weight] = {"gained": "info", "lost": "warn", "moved": "strong", "changed": "quiet"}

LEGEND = (
    "before > after. fires: starts; work: what went out to people; alone: share of fires, older than 90 days, "
    "with no churn, escalation or detractor in the 90 days after; lead: median days before the first of those"
)


def write_result(result: Result) -> None:
    """Write a backtest whole, each part with its first rows."""
    rows, extent = result.rows, result.extent
    since = "the beginning" if extent.since is None else f"{extent.since:%Y-%m-%d %H:%MZ}"
    write(f"{result.after.definitions}, against {result.before.definitions}")
    write(
        f"{number_of(extent.accounts, 'account')}, {number_of(extent.events, 'event')}, from {since} to "
        f"{extent.until:%Y-%m-%d %H:%MZ}"
    )
    heading("by workflow")
    columns = ("workflow", ">fires", ">work", ">gained", ">lost", ">moved", ">alone", ">lead")
    write_table(columns, (_workflow(one) for one in rows.workflows))
    write()
    write_folded(LEGEND, weight="quiet")
    _write_part(
        "people with another week",
        ("person", "week", ">tasks", ">alerts", ">escalations", ">gained", ">lost", ">moved"),
        [_person(one) for one in rows.people if one.gained or one.lost or one.moved],
    )
    _write_part(
        "days over budget",
        ("person", "day", ">notices before", ">after"),
        [
            (one.person, f"{one.day}", _over(one.before, over=one.over_before), _over(one.after, over=one.over_after))
            for one in rows.days
            if one.over_before != one.over_after or one.before != one.after
        ],
    )
    _write_part(
        "workflows that meet on another number of days",
        ("workflow", "with", ">before", ">after"),
        [_overlap(one) for one in rows.overlaps if one.before != one.after],
    )
    write_differences(rows.differences)
    for note in notes(result):
        write()
        write_folded(note, weight="quiet")


def write_differences(found: Sequence[Difference], *, everything: bool = False) -> None:
    """Write differences one by one, the first of them or all."""
    counts = ", ".join(f"{sum(one.how == how for one in found):,} {how}" for how in HOWS)
    heading(f"differences: {counts}" if found else "no difference")
    if not found:
        return
    shown = found if everything else found[:SHOWN_MAX]
    write_table(("how", "account", "~step", "~what"), (_difference(one) for one in shown))
    if len(found) > len(shown):
        write(f"… and {len(found) - len(shown):,} more; --account opens those of one account")


def notes(result: Result) -> Iterable[str]:
    """Give what a reader must know: what people did is what they did then, whatever was tried."""
    found = result.rows.differences
    gained = sum(one.how == "gained" and one.piece.kind == "task" for one in found)
    following = sum(bool(one.follows) for one in found)
    if gained:
        yield (
            f"People did what they did then: nobody could do the {number_of(gained, 'gained task')}, and "
            f"{number_of(following, 'escalation')} that followed from them would perhaps not have come."
        )
    idle = result.after.idle_actions - result.before.idle_actions
    if idle > 0:
        yield f"{number_of(idle, 'action')} of people had nothing to act on, since the work was never there."


def _write_part(title: str, columns: Sequence[str], rows: Sequence[Sequence[str | Cell]]) -> None:
    if rows:
        heading(title)
        write_table(columns, rows[:SHOWN_MAX])
        if len(rows) > SHOWN_MAX:
            write(f"… and {len(rows) - SHOWN_MAX:,} more")


def _workflow(one: OfWorkflow) -> tuple[str | Cell, ...]:
    counts = (Cell(str(getattr(one, how)), WEIGHTS[how] if getattr(one, how) else "quiet") for how in HOWS[:3])
    return (
        one.workflow,
        _both(one.before.fires, one.after.fires),
        _both(_work(one.before), _work(one.after)),
        *counts,
        _both(_percent(one.before.share_alone), _percent(one.after.share_alone)),
        _both(_days(one.before.lead_days), _days(one.after.lead_days)),
    )


def _person(one: OfPerson) -> tuple[str, ...]:
    kinds = (_both(one.before.get(kind, 0), one.after.get(kind, 0)) for kind in ("task", "alert", "escalation"))
    return one.person, f"{one.week}", *kinds, str(one.gained), str(one.lost), str(one.moved)


def _overlap(one: Overlap) -> tuple[str, ...]:
    return *one.workflows, str(one.before), str(one.after)


def _difference(one: Difference) -> tuple[str | Cell, ...]:
    piece = one.piece
    return Cell(one.how, WEIGHTS[one.how]), one.account, f"{piece.workflow} {piece.ref} {piece.key}", _said(one)


def _said(one: Difference) -> str:
    piece, to = one.piece, ", ".join(one.piece.to) or "nobody"
    if one.before is None or one.after is None:
        follows = " (nobody could do its task)" if one.follows else ""
        return f"{piece.kind} to {to}, {piece.told_at:%a %d %b %H:%M}: {piece.title}{follows}"
    parts = (f"{name} {_value(one.before, name)} > {_value(one.after, name)}" for name in one.what)
    return f"{piece.kind} to {to}: {'; '.join(parts)}"


def _value(piece: object, name: str) -> str:
    value = getattr(piece, name)
    if isinstance(value, tuple):
        return ", ".join(value) or "nobody"
    return f"{value:%a %d %b %H:%M}" if hasattr(value, "strftime") else str(value or "none")


def _work(amount: Amount) -> int:
    return amount.tasks + amount.alerts + amount.escalations + amount.holds + amount.loops


def _over(count: int, *, over: bool) -> Cell:
    return Cell(str(count), "warn" if over else "")


def _both(before: object, after: object) -> str:
    """Return two values, or the one that they are.

    >>> _both(2, 3), _both(2, 2)
    ('2 > 3', '2')
    """
    return str(before) if before == after else f"{before} > {after}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _days(days: float | None) -> str:
    return "" if days is None else f"{days:g}d"
