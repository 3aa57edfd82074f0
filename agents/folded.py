"""What of the accounts of one batch is to be saved? Rows, collected account by account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from agents.rows import AccountRow, EntryRow, LogRecord, OutboxRow, QuarantineRow, StartRow, WorkRow
from agents.written import entry_row, facts_of, outbox_row, problem_row, work_row, write_base
from workflows.history import History


@dataclass(slots=True)
class Folded:
    """One account as it was folded, and what of it the store does not have yet."""

    history: History
    partition: int
    saved: tuple[datetime | None, datetime | None] | None = None
    bodies: dict[int, bytes] = field(default_factory=dict)
    fresh: set[tuple[str, str]] = field(default_factory=set)
    records: list[LogRecord] = field(default_factory=list)
    starts: list[StartRow] = field(default_factory=list)


class BatchRows:
    """The rows of one batch, collected account by account."""

    def __init__(self, quarantined: list[QuarantineRow]) -> None:
        """Begin with what was refused on the way."""
        self.accounts: list[AccountRow] = []
        self.entries: list[EntryRow] = []
        self.opened: list[WorkRow] = []
        self.work: list[WorkRow] = []
        self.outbox: list[OutboxRow] = []
        self.quarantined = quarantined
        self.starts: list[StartRow] = []

    def __bool__(self) -> bool:
        """Tell whether there is anything to save."""
        return any((self.accounts, self.entries, self.opened, self.work, self.outbox, self.quarantined))

    def add(self, account: str, cached: Folded) -> None:
        """Take what is new of an account; the store is to have it then."""
        history = cached.history
        facts_changed = history.facts_changed
        out = history.drain()
        self.entries += [entry_row(account, entry, cached.bodies) for entry in out.entries]
        cached.bodies.clear()
        cached.fresh.clear()
        cached.records.clear()
        self.starts += cached.starts
        cached.starts.clear()
        for item in out.work.values():
            (self.opened if item.id in out.opened else self.work).append(work_row(account, item))
        self.outbox += [outbox_row(account, line) for line in out.lines]
        self.quarantined += [problem_row(account, problem, history.frontier) for problem in out.problems]
        self._account(account, cached, facts_changed=facts_changed)

    def _account(self, account: str, cached: Folded, *, facts_changed: bool) -> None:
        history = cached.history
        times = (history.next_due(), history.fired)
        base = history.take_base()
        if times == cached.saved and base is None and not facts_changed:
            return
        cached.saved = times
        assert history.frontier is not None
        self.accounts.append(
            AccountRow(
                account,
                cached.partition,
                times[0],
                history.frontier,
                history.number,
                None if base is None else write_base(base),
                0 if base is None else base.number,
                facts_of(history) if facts_changed else None,
                times[1],
            )
        )
