"""When is a text a moment, and which moment is it?

One rule for all times (fault F42): ``YYYY-MM-DDThh:mm[:ss[.fraction]]`` and then
``Z`` or ``±hh:mm``. Hours end at 23 and seconds at 59, so ``24:00`` and a leap second
``:60`` are refused. Fractions finer than a microsecond are cut off.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

INSTANT_RULE = (
    "a time is YYYY-MM-DDThh:mm:ss with Z or an offset like +01:00; hours end at 23,"
    " seconds at 59; add the offset of the place where it happened"
)
MOMENT_RULE = (
    "a date is YYYY-MM-DD, a time is YYYY-MM-DDThh:mm:ss with Z or an offset like"
    " +01:00, both from 1900 to 2199; leave the field out where there is no date"
)
YEAR_MIN, YEAR_MAX = 1900, 2199  # arithmetic on either end stays inside datetime

_is_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]"
    r"(?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
).fullmatch
_is_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def read_instant(text: str) -> datetime:
    """Return the instant in UTC; raise ValueError whose text is the rule.

    >>> read_instant("2026-03-03T11:00:00+01:00").isoformat()
    '2026-03-03T10:00:00+00:00'
    """
    if _is_instant(text) is None:
        raise ValueError(INSTANT_RULE)
    try:
        instant = datetime.fromisoformat(text)
        return instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(INSTANT_RULE) from None


@lru_cache(maxsize=4096)  # the same few dates occur in most events of a day
def read_moment(text: str) -> date | datetime:
    """Return a plain date as a date, else the instant in UTC.

    A date names no zone: what it means in hours is the calendar's to say. Raises
    ValueError whose text is the rule.

    >>> read_moment("2026-03-03")
    datetime.date(2026, 3, 3)
    """
    try:
        found = date.fromisoformat(text) if _is_day(text) else read_instant(text)
    except ValueError:
        raise ValueError(MOMENT_RULE) from None
    if not YEAR_MIN <= found.year <= YEAR_MAX:
        raise ValueError(MOMENT_RULE)
    return found


def write_instant(instant: datetime) -> str:
    """Return the one canonical text of an aware instant, in UTC with a Z.

    >>> write_instant(read_instant("2026-03-03T10:00:00.5Z"))
    '2026-03-03T10:00:00.500000Z'
    """
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
