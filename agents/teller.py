"""Who tells people what went out, each once, whatever crashes? One at a time hears the lines, for all desks (R13, R14).

Lines that were heard, the desks after them and what was told are one transaction, fenced as a batch is. So a crash
leaves a line heard and told of, or neither; and whoever goes on begins with the desks as they were kept. The clock is
that of the timekeeper: time passes for desks when everything is folded and fired up to then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from agents.desk_rows import DeskRow, Told
from agents.ports import Store
from agents.written import line_of, notice_row
from workflows.attention.attention import Attention
from workflows.attention.desk import Desk
from workflows.attention.worth import money_at_risk
from workflows.moment import Directories, Line

LINES_AT_ONCE = 2_000
"""Lines that one transaction hears."""

TIME_AT_ONCE = timedelta(days=1)
"""How much time passes in one transaction: repeats that come due while nobody was at work are no flood of memory."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Desk)


class _Facts(msgspec.Struct):
    """What is read of an account's facts."""

    arr: int | None = None
    tier: int | None = None


class Teller:
    """Tells people of what went out. Not safe for two threads; of two tellers on a store the slower one is fenced."""

    def __init__(self, store: Store, directories: Directories) -> None:
        """Begin with nothing read."""
        self._store, self._directories = store, directories
        self._attention: Attention | None = None
        self._turn = 0
        self._worths: dict[str, float] = {}

    def tell(self, until: datetime) -> int:
        """Hear what went out, let time pass up to `until`, and return how many notices and digests were told.

        Raises:
            Fenced, OutcomeUnknown, StoreUnavailable: the desks are read again the next time.
        """
        self._worths.clear()
        try:
            return self._tell(until)
        except BaseException:
            self._attention = None
            raise

    def _tell(self, until: datetime) -> int:
        attention, count = self._taken_up(), 0
        is_more = True
        while is_more:
            rows = self._store.unheard(until, LINES_AT_ONCE)
            told = [one for row in rows for one in attention.receive(row.account_id, line_of(row))]
            count += self._keep(attention, [row.id for row in rows], told)
            is_more = len(rows) == LINES_AT_ONCE
        is_more = True
        while is_more:
            at = until if attention.now is None else min(until, attention.now + TIME_AT_ONCE)
            count += self._keep(attention, [], attention.advance(at))
            is_more = at < until
        return count

    def _taken_up(self) -> Attention:
        """Give the desks as they are in memory, else as they were kept."""
        if self._attention is None:
            stored = self._store.desks()
            desks = [desk_of(row) for row in stored.desks]
            self._attention = Attention(self._directories, self._worth, desks=desks, now=stored.until)
            self._turn = stored.turn
        return self._attention

    def _keep(self, attention: Attention, heard: list[str], told: Iterable[tuple[str, Line]]) -> int:
        notices = [notice_row(about, line) for about, line in told]
        if not (heard or notices):
            return 0
        desks = [DeskRow(person, _encoder.encode(attention.desks[person])) for person in sorted(attention.changed)]
        assert attention.now is not None, "something was heard"
        self._store.save_told(Told(self._turn, attention.now, heard, desks, notices))
        self._turn += 1
        attention.changed.clear()
        return len(notices)

    def _worth(self, account: str) -> float:
        if account not in self._worths:
            known = self._store.account(account)
            facts = _Facts() if known is None or not known.facts else msgspec.json.decode(known.facts, type=_Facts)
            self._worths[account] = money_at_risk(facts.arr, facts.tier)
        return self._worths[account]


def desk_of(row: DeskRow) -> Desk:
    """Read the desk of a person back."""
    return _decoder.decode(row.body)
