"""What the store in memory keeps of what crosses accounts at intake."""

from collections.abc import Sequence

from agents.crossing_rows import Crossing, InterestRow
from nofumble.store.intake import keys_of


class MemoryCrossing:
    """The part of agents.ports.Store that tells who is behind product requests, and whose the contacts are."""

    def __init__(self) -> None:
        super().__init__()
        self._interest: list[InterestRow] = []
        self._contacts: dict[str, str] = {}

    def interest(self, keys: Sequence[str]) -> list[InterestRow]:
        """Return what was taken that names one of these requests or releases, in order of seq."""
        return [row for row in self._interest if not set(keys).isdisjoint(row.keys)]

    def interest_seq(self) -> int:
        """Return the number of the last row that names product requests."""
        return len(self._interest)

    def contacts(self, names: Sequence[str]) -> dict[str, str]:
        """Return the account of each contact whose id or address is known."""
        return {name: self._contacts[name] for name in names if name in self._contacts}

    def _add_crossing(self, crossing: Crossing) -> None:
        known = set(keys_of(self._interest)) if crossing.interest else ()
        for row in crossing.interest:
            if (row.source, row.event_id) not in known:
                self._interest.append(row._replace(seq=len(self._interest) + 1))
        for contact in crossing.contacts:
            self._contacts.pop(contact.name, None)
            if contact.account_id is not None:
                self._contacts[contact.name] = contact.account_id
