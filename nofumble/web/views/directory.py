"""Which customers are there? One line each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Listed:
    """One customer of the list."""

    id: str
    name: str
    tier: int
    lifecycle: str
    health: str
    csm: str
    renewal: str

    def is_called(self, text: str) -> bool:
        """Tell whether its name or its id has a text in it, which is in lower case."""
        return text in self.id.casefold() or text in self.name.casefold()


def listed_of(account_id: str, facts: Mapping[str, Any]) -> Listed:
    """Return an account of the store as a line; what the reader does not see is not among its facts."""
    return Listed(
        account_id,
        str(facts.get("name") or account_id),
        int(facts.get("tier") or 0),
        str(facts.get("lifecycle") or ""),
        str(facts.get("health") or ""),
        str((facts.get("roles") or {}).get("csm") or ""),
        str(facts.get("renewal_date") or "")[:10],
    )
