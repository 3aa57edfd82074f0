"""What the store in memory keeps of what crosses accounts at intake."""

from collections.abc import Sequence

from agents.crossing_rows import CampaignRow, Crossing, InterestRow
from nofumble.store.intake import Key, keys_of


class MemoryCrossing:
    """The part of agents.ports.Store for what crosses accounts: requests, contacts, campaigns."""

    def __init__(self) -> None:
        super().__init__()
        self._interest: list[InterestRow] = []
        self._contacts: dict[str, str] = {}
        self._campaigns: dict[Key, CampaignRow] = {}

    def interest(self, keys: Sequence[str]) -> list[InterestRow]:
        """Return what was taken that names one of these requests or releases, in order of seq."""
        return [row for row in self._interest if not set(keys).isdisjoint(row.keys)]

    def interest_seq(self) -> int:
        """Return the number of the last row that names product requests."""
        return len(self._interest)

    def contacts(self, names: Sequence[str]) -> dict[str, str]:
        """Return the account of each contact whose id or address is known."""
        return {name: self._contacts[name] for name in names if name in self._contacts}

    def campaign(self, key: Key) -> CampaignRow | None:
        """Return the campaign of this key."""
        return self._campaigns.get(key)

    def untold_campaigns(self, limit: int) -> list[CampaignRow]:
        """Return campaigns that the account which they name has not got yet."""
        return [row for row in self._campaigns.values() if not row.is_told][:limit]

    def mark_campaigns_told(self, keys: Sequence[Key]) -> None:
        """Note that their accounts have them."""
        for key in keys:
            self._campaigns[key] = self._campaigns[key]._replace(is_told=True)

    def _add_crossing(self, crossing: Crossing) -> None:
        known = set(keys_of(self._interest)) if crossing.interest else ()
        for row in crossing.interest:
            if (row.source, row.event_id) not in known:
                self._interest.append(row._replace(seq=len(self._interest) + 1))
        for contact in crossing.contacts:
            self._contacts.pop(contact.name, None)
            if contact.account_id is not None:
                self._contacts[contact.name] = contact.account_id
        for campaign in crossing.campaigns:
            self._campaigns.setdefault((campaign.source, campaign.event_id), campaign)
