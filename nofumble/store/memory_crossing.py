"""What the store in memory keeps of what crosses accounts at intake."""

from collections.abc import Sequence

from agents.crossing_rows import Crossing, InterestRow
from nofumble.store.intake import keys_of


class MemoryCrossing:
    """The part of agents.ports.Store that tells who is behind product requests."""

    def __init__(self) -> None:
        super().__init__()
        self._interest: list[InterestRow] = []

    def interest(self, keys: Sequence[str]) -> list[InterestRow]:
        """Return what was taken that names one of these requests or releases, in order of seq."""
        return [row for row in self._interest if not set(keys).isdisjoint(row.keys)]

    def interest_seq(self) -> int:
        """Return the number of the last row that names product requests."""
        return len(self._interest)

    def _add_interest(self, crossing: Crossing) -> None:
        known = set(keys_of(self._interest)) if crossing.interest else ()
        for row in crossing.interest:
            if (row.source, row.event_id) not in known:
                self._interest.append(row._replace(seq=len(self._interest) + 1))
