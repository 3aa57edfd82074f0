"""Up to when was each declared source heard from, and since when did we know? The proof of life of R7."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta

RESOLUTION = timedelta(minutes=1)
"""Steps of a watermark that are kept: what is heard within a minute of the last step adds nothing."""


class Watermarks:
    """Per source, the steps (arrival, heard up to), both rising."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._arrivals: dict[str, list[datetime]] = {}
        self._heard: dict[str, list[datetime]] = {}

    def record(self, source: str, arrived_at: datetime, heard_at: datetime) -> bool:
        """Note a heartbeat or an event of a source; tells whether it was a step worth keeping.

        Arrivals must come in order.
        """
        heard = self._heard.setdefault(source, [])
        if heard and heard_at < heard[-1] + RESOLUTION:
            return False
        self._arrivals.setdefault(source, []).append(arrived_at)
        heard.append(heard_at)
        return True

    def copied(self) -> Watermarks:
        """Give the same, to be asked by another thread while this one grows."""
        other = Watermarks()
        other._arrivals = {source: arrivals[:] for source, arrivals in self._arrivals.items()}
        other._heard = {source: heard[:] for source, heard in self._heard.items()}
        return other

    def replace(self, other: Watermarks) -> None:
        """Become another; whoever holds this one sees what is new."""
        self._arrivals, self._heard = other._arrivals, other._heard

    def as_of(self, instant: datetime) -> dict[str, datetime]:
        """Give what was known of each source at a time."""
        found = {}
        for source, arrivals in self._arrivals.items():
            index = bisect_right(arrivals, instant)
            if index:
                found[source] = self._heard[source][index - 1]
        return found

    def known_past(self, sources: Iterable[str], deadline: datetime) -> datetime | None:
        """Tell when all the sources were known to have been heard from past a deadline; ``None``: not yet."""
        times = [self._first_past(source, deadline) for source in sources]
        known = [one for one in times if one is not None]
        return max(known) if known and len(known) == len(times) else None

    def _first_past(self, source: str, deadline: datetime) -> datetime | None:
        heard = self._heard.get(source, [])
        index = bisect_right(heard, deadline)
        return self._arrivals[source][index] if index < len(heard) else None
