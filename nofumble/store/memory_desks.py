"""What the store in memory keeps of attention: lines that nobody heard yet, desks and notices."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from agents.desk_rows import DeskRow, NoticeRow, StoredDesks, Told
from agents.ports import Fenced
from agents.rows import OutboxRow


class MemoryDesks:
    """The part of agents.ports.Store that concerns attention."""

    def __init__(self) -> None:
        super().__init__()
        self._cursors: dict[int, int] = {}
        self._passed: dict[int, datetime] = {}
        self._unheard: dict[str, OutboxRow] = {}
        self._stored = StoredDesks(0, None, [])
        self._notices: dict[str, NoticeRow] = {}

    def pass_time(self, until: Mapping[int, datetime]) -> None:
        """Note up to when time has passed for all accounts of some partitions; it never goes back."""
        for partition, at in until.items():
            self._passed[partition] = max(self._passed.get(partition, at), at)

    def passed(self) -> datetime | None:
        """Return up to when time has passed for all accounts; None where a partition has not said so yet."""
        said = [self._passed.get(partition) for partition in self._cursors]
        known = [one for one in said if one is not None]
        return min(known) if known and len(known) == len(said) else None

    def desks(self) -> StoredDesks:
        """Return what lies on the desks of all people."""
        return self._stored

    def unheard(self, until: datetime, limit: int) -> list[OutboxRow]:
        """Return lines up to a time that may concern desks and were not heard, in order of (at, account, decision)."""
        waiting = sorted(self._unheard.values(), key=lambda row: (row.at, row.account_id))
        return [row for row in waiting if row.at <= until][:limit]

    def save_told(self, told: Told) -> None:
        """Keep what was heard and told, or raise Fenced."""
        if told.turn != self._stored.turn:
            raise Fenced(f"desks were written {self._stored.turn} times, not {told.turn}")
        desks = {row.person: row for row in (*self._stored.desks, *told.desks)}
        self._stored = StoredDesks(told.turn + 1, told.until, [DeskRow(*row) for _, row in sorted(desks.items())])
        for name in told.heard:
            self._unheard.pop(name, None)
        for notice in told.notices:
            self._notices.setdefault(notice.id, notice)

    def notices(self, person: str | None = None, *, limit: int = 1000) -> list[NoticeRow]:
        """Return what people were told, or one of them, newest first."""
        newest = sorted(self._notices.values(), key=lambda row: row.at)[::-1]
        return [row for row in newest if person in (None, row.person)][:limit]

    def _expect(self, rows: Iterable[OutboxRow]) -> None:
        """Keep new lines until they are heard."""
        self._unheard |= {row.id: row for row in rows if row.is_for_desks}
