"""How long a definition asks for: `3bd`, `4bh`, `90d`, `10m`, `15bm`, read from text and written back (rule R6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal, cast

Unit = Literal["bd", "bh", "bm", "d", "h", "m"]

UNITS: dict[Unit, str] = {
    "bd": "business days",
    "bh": "business hours",
    "bm": "business minutes",
    "d": "calendar days",
    "h": "hours",
    "m": "minutes",
}
"""Each unit with its meaning; the order is the one in which messages and the reference name them."""

MOST: dict[Unit, int] = {"bd": 2_600, "bh": 20_800, "bm": 1_248_000, "d": 3_660, "h": 87_840, "m": 5_270_400}
"""The largest amount of each unit: ten years, so that a slip of the pen cannot send a search through the centuries."""

_WRITTEN = re.compile(r"(?P<amount>[1-9][0-9]*)(?P<unit>bd|bh|bm|d|h|m)", re.ASCII)
_BARE = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_EXAMPLES = "write it as 3bd, 4bh, 30d, 72h or 10m"
_LONGEST_TEXT = 16


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of working time (`bd`, `bh`, `bm`) or of calendar time (`d`, `h`, `m`).

    It says how long, not until when: `workflows.working_time.add` does, with a calendar.

    >>> str(parse_duration("3bd"))
    '3bd'
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse what `parse_duration` would refuse, so that no other way leads to a duration out of bounds."""
        if not 1 <= self.amount <= MOST[self.unit]:
            raise ValueError(
                f"duration {self.amount}{self.unit} is out of bounds; "
                f"between 1 and {MOST[self.unit]} {UNITS[self.unit]} are allowed"
            )

    def __str__(self) -> str:
        """Write it as a definition does, such as `3bd`."""
        return f"{self.amount}{self.unit}"

    @property
    def is_working(self) -> bool:
        """Whether it counts working time only, so that its end depends on a calendar."""
        return self.unit in ("bd", "bh", "bm")

    @property
    def elapsed(self) -> timedelta:
        """The time it takes on a clock without zones; `1d` is 24 hours here. Raises ValueError for working time."""
        match self.unit:
            case "d":
                return timedelta(days=self.amount)
            case "h":
                return timedelta(hours=self.amount)
            case "m":
                return timedelta(minutes=self.amount)
            case _:
                raise ValueError(
                    f"duration {self} counts {UNITS[self.unit]}; only d, h and m have a length of their own"
                )

    @property
    def words(self) -> str:
        """Say it in words for messages, such as `3 business days` or `1 hour`."""
        name = UNITS[self.unit]
        return f"{self.amount} {name[:-1] if self.amount == 1 else name}"


@lru_cache(maxsize=1024)
def _parse(text: str) -> Duration:
    written = _WRITTEN.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if written is not None:
        return Duration(int(written["amount"]), cast("Unit", written["unit"]))
    if _BARE.fullmatch(text):
        reason = "is a bare number; a duration needs a unit (bd, bh, bm, d, h, m)"
    elif re.fullmatch(r"0+(bd|bh|bm|d|h|m)", text):
        reason = "is no time at all; a duration is at least 1"
    else:
        reason = "is no duration; it is a whole number and a unit (bd, bh, bm, d, h, m) with nothing between"
    raise ValueError(f'duration "{text[:_LONGEST_TEXT]}" {reason}; {_EXAMPLES}')


def parse_duration(text: object) -> Duration:
    """Read a duration such as `3bd`; a bare number is refused, because its unit would be a guess (rule R6).

    Takes any object, because YAML turns `within: 3` into an integer. Raises ValueError that names the value, the rule
    and the remedy.
    """
    if isinstance(text, str):
        return _parse(text)
    if isinstance(text, int | float) and not isinstance(text, bool):
        return _parse(str(text))
    raise ValueError(f"duration {text!r} is no text; {_EXAMPLES}")
