"""Which rows carry what crosses accounts at intake? Who is behind product requests (W08)."""

from collections.abc import Sequence
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


class Crossing(NamedTuple):
    """What a chunk of intake brings of that, and up to where the rows were known from which its records follow."""

    interest: Sequence[InterestRow] = ()
    known_to: int | None = None
    """None where none of them follows from any."""
