"""How much work does each measurement take: the whole of it, or as much as shows that it runs?"""

from __future__ import annotations

from dataclasses import dataclass

EVENTS_AN_ACCOUNT = 80
"""The peers' work has 400,000 events over 5,000 accounts; a smaller one keeps the density."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of one bench."""

    events: int
    """Of the peers' work."""
    mix_copies: int
    """Quarters of the sample company in the standard mix, about 2,400 events each."""
    late_events: int
    """Of the peers' work, of which some come late."""
    repeats: int
    """How often a timed measurement is repeated."""
    repeat_while_s: float
    """A measurement that has taken this long is not repeated again."""
    waiting_accounts: int
    """Accounts with open timers; one timer of each is due."""
    stored_accounts: int
    """Accounts in the store of a restart."""
    latency_s: int
    """Seconds of load under which the latency is measured."""
    cached_accounts: int
    """Accounts in memory; the figure is scaled to 100,000."""
    backtest_events: int
    """Events of the recorded history of a backtest, a hundred an account."""
    web_copies: int
    """Quarters of the sample company in the store behind the pages: each 40 accounts with a hundred events."""
    web_events: int
    """Events that the agents handle beside open pages."""

    @property
    def accounts(self) -> int:
        """Give the accounts of the peers' work."""
        return self.events // EVENTS_AN_ACCOUNT


FULL = Sizes(400_000, 80, 100_000, 3, 20, 100_000, 1_000_000, 30, 100_000, 1_000_000, 250, 40_000)
QUICK = Sizes(100_000, 6, 20_000, 1, 0, 6_000, 50_000, 8, 4_000, 20_000, 5, 4_000)
