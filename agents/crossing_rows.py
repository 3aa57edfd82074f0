"""Which rows carry what crosses accounts at intake? Who is behind requests (W08), and whose the contacts are (W17)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class InterestRow(NamedTuple):
    """An event that names requests or releases (`keys`), and the accounts that were given it.

    `seq` is 0 until it is stored, then counts in order of arrival.
    """

    keys: Sequence[str]
    source: str
    event_id: str
    accounts: Sequence[str]
    body: bytes
    seq: int = 0


class ContactRow(NamedTuple):
    """Which account knows a contact by this id or address from now on; None where nobody does any more."""

    name: str
    account_id: str | None


class CampaignRow(NamedTuple):
    """A campaign whose list was given in parts to other accounts: what stays of it, the parts, and who nobody knows.

    Events are envelopes as bytes. It is told when the account that it names has the whole, with what was found.
    """

    source: str
    event_id: str
    arrived_at: datetime
    whole: bytes
    parts: Sequence[bytes]
    unknown: Sequence[str]
    is_told: bool = False


class Crossing(NamedTuple):
    """What a chunk of intake brings of that.

    `known_to` is up to where the interest was known from which its records follow, None where none follows from any.
    """

    interest: Sequence[InterestRow] = ()
    known_to: int | None = None
    contacts: Sequence[ContactRow] = ()
    campaigns: Sequence[CampaignRow] = ()
