"""What would another definition have given? A backtest as a page tells it: side by side, and by customer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from nofumble.cli.backtest import counts_of
from nofumble.cli.backtest_tables import notes
from nofumble.web.views.reader import Reader, plain
from workflows.backtesting.comparison import Difference
from workflows.backtesting.course import Piece
from workflows.backtesting.figures import Amount, OfPerson, OfWeek, OfWorkflow, Overlap
from workflows.backtesting.result import Result

ROWS_SHOWN = 60
"""Rows of a table; all of them are in the API."""

ACCOUNTS_SHOWN = 40
DIFFERENCES_SHOWN = 60
"""Customers whose differences are on the page, and differences of one customer."""

FIELDS = {"told_at": "goes out", "due": "due", "to": "to", "severity": "severity", "title": "words", "status": "end"}
"""What may be different of the same work, in words."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure on both sides."""

    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the sides differ."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A workflow on both sides; `alone` is the share of fires with no bad outcome after them, `lead` in days."""

    name: str
    fires: Pair
    work: Pair
    gained: int
    lost: int
    moved: int
    alone: Pair
    lead: Pair
    weeks: tuple[tuple[date, Pair, Pair], ...]
    """Each week in which the sides differ, with fires and work."""

    @property
    def differs(self) -> bool:
        """Whether anything of it is different."""
        return bool(self.weeks) or self.fires.differs or self.work.differs


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What came to a person in a week in which the sides differ."""

    person: str
    week: date
    tasks: Pair
    alerts: Pair
    escalations: Pair
    gained: int
    lost: int
    moved: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day on which somebody would get more than her budget allows, on either side."""

    person: str
    day: date
    notices: Pair
    is_over_before: bool
    is_over_after: bool


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """Two workflows that went to the same person about the same customer, on how many days."""

    one: str
    other: str
    days: Pair


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One piece of work that is different: what it is, and what of it on both sides."""

    how: str
    workflow: str
    ref: str
    kind: str
    title: str
    to: str
    at: datetime
    changes: tuple[tuple[str, Pair], ...]
    follows: bool


@dataclass(frozen=True, slots=True)
class OfAccount:
    """Everything that is different at one customer."""

    id: str
    count: int
    rows: tuple[DifferenceRow, ...]


@dataclass(frozen=True, slots=True)
class BacktestPage:
    """A backtest; people and days are None for who does not read reports."""

    name: str
    made_at: datetime
    tried: str
    tried_hash: str
    against: str
    against_hash: str
    accounts: int
    events: int
    since: datetime | None
    until: datetime
    counts: dict[str, int]
    workflows: tuple[FlowRow, ...]
    people: tuple[PersonRow, ...] | None
    days: tuple[DayRow, ...] | None
    overlaps: tuple[OverlapRow, ...]
    differences: tuple[OfAccount, ...]
    more_accounts: int
    notes: tuple[str, ...]


def backtest_page(result: Result, found: Sequence[Difference], reader: Reader, *, of_people: bool) -> BacktestPage:
    """Return the page of a backtest; `found` are the differences that the reader may see."""
    rows, extent = result.rows, result.extent
    accounts, more = by_account(found, reader)
    weeks = {name: list(group) for name, group in groupby(rows.weeks, key=lambda one: one.workflow)}
    people = tuple(_person(one, reader) for one in rows.people if one.gained or one.lost or one.moved)
    return BacktestPage(
        name=result.name,
        made_at=result.made_at,
        tried=result.after.definitions,
        tried_hash=result.after.hash,
        against=result.before.definitions,
        against_hash=result.before.hash,
        accounts=extent.accounts,
        events=extent.events,
        since=extent.since,
        until=extent.until,
        counts=counts_of(rows.differences),
        workflows=tuple(_flow(one, weeks.get(one.workflow, [])) for one in rows.workflows),
        people=people[:ROWS_SHOWN] if of_people else None,
        days=tuple(_days(result, reader))[:ROWS_SHOWN] if of_people else None,
        overlaps=tuple(_overlap(one) for one in rows.overlaps if one.before != one.after)[:ROWS_SHOWN],
        differences=accounts,
        more_accounts=more,
        notes=tuple(notes(result)),
    )


def by_account(found: Sequence[Difference], reader: Reader) -> tuple[tuple[OfAccount, ...], int]:
    """Return differences by customer, the one with most of them first, and how many customers are not shown."""
    groups = [(name, list(group)) for name, group in groupby(found, key=lambda one: one.account)]
    groups.sort(key=lambda one: (-len(one[1]), one[0]))
    shown = [
        OfAccount(name, len(rows), tuple(_difference(one, reader) for one in rows[:DIFFERENCES_SHOWN]))
        for name, rows in groups[:ACCOUNTS_SHOWN]
    ]
    return tuple(shown), len(groups) - len(shown)


def _flow(one: OfWorkflow, weeks: Iterable[OfWeek]) -> FlowRow:
    different = tuple(
        (week.week, _pair(week.fires_before, week.fires_after), _pair(week.work_before, week.work_after))
        for week in weeks
        if week.gained or week.lost or week.moved or week.changed
    )
    return FlowRow(
        one.workflow,
        _pair(one.before.fires, one.after.fires),
        _pair(_work(one.before), _work(one.after)),
        one.gained,
        one.lost,
        one.moved,
        Pair(_share(one.before), _share(one.after)),
        Pair(_lead(one.before), _lead(one.after)),
        different,
    )


def _person(one: OfPerson, reader: Reader) -> PersonRow:
    tasks, alerts, escalations = (
        _pair(one.before.get(kind, 0), one.after.get(kind, 0)) for kind in ("task", "alert", "escalation")
    )
    return PersonRow(reader.name(one.person), one.week, tasks, alerts, escalations, one.gained, one.lost, one.moved)


def _days(result: Result, reader: Reader) -> Iterator[DayRow]:
    for one in result.rows.days:
        if one.over_before != one.over_after or one.before != one.after:
            notices = _pair(one.before, one.after)
            yield DayRow(reader.name(one.person), one.day, notices, one.over_before, one.over_after)


def _overlap(one: Overlap) -> OverlapRow:
    return OverlapRow(*one.workflows, _pair(one.before, one.after))


def _difference(one: Difference, reader: Reader) -> DifferenceRow:
    piece = one.piece
    changes: list[tuple[str, Pair]] = []
    if one.before is not None and one.after is not None:
        changes = [
            (FIELDS[name], Pair(_value(one.before, name, reader), _value(one.after, name, reader))) for name in one.what
        ]
    return DifferenceRow(
        one.how,
        one.workflow,
        piece.ref,
        piece.kind,
        reader.sentence(piece.title),
        ", ".join(map(reader.name, piece.to)) or "nobody",
        piece.told_at,
        tuple(changes),
        bool(one.follows),
    )


def _value(piece: Piece, name: str, reader: Reader) -> str:
    value = getattr(piece, name)
    if isinstance(value, datetime):
        return reader.moment(value)
    if isinstance(value, tuple):
        return ", ".join(map(reader.name, value)) or "nobody"
    return reader.sentence(plain(value)) if value else "none"


def _pair(before: int, after: int) -> Pair:
    return Pair(f"{before:,}", f"{after:,}")


def _work(amount: Amount) -> int:
    return amount.tasks + amount.alerts + amount.escalations + amount.holds + amount.loops


def _share(amount: Amount) -> str:
    return "" if amount.share_alone is None else f"{amount.share_alone:.0%}"


def _lead(amount: Amount) -> str:
    return "" if amount.lead_days is None else f"{amount.lead_days:g}"
