"""How is a time said to a person, and what time does a person mean?

Times are shown in UTC, as they stand in the events and in `--json`; a time that a person gives needs an offset, or is a
day.
"""

from datetime import UTC, date, datetime, timedelta

from nofumble.errors import WrongUse

AHEAD_MAX = timedelta(days=3653)
"""Ten years: events may lie as far ahead, and no question is about more."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def read_time(text: str, *, option: str, now: datetime) -> datetime:
    """Return the moment that a person gave: RFC 3339 with an offset, or a day, which begins at 00:00 UTC.

    Raises WrongUse when it is no such time, has no offset, or lies before 2000 or more than ten years ahead of `now`.

    >>> read_time("2026-03-18", option="--until", now=datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
    '2026-03-18T00:00:00+00:00'
    """
    try:
        moment = _moment(text)
    except (ValueError, OverflowError) as error:
        raise WrongUse(
            f"{option} is {text!r}: a time is a day or has an offset; write 2026-03-18 or 2026-03-18T09:00Z"
        ) from error
    if not EARLIEST <= moment <= now + AHEAD_MAX:
        raise WrongUse(f"{option} is {text!r}: a time lies between 2000 and ten years from now; give one in that range")
    return moment


def long_day(at: datetime) -> str:
    """Return a day in full: Tue 3 March 2026."""
    return f"{at:%a} {at.day} {at:%B %Y}"


def brief(at: datetime, *, now: datetime | None = None) -> str:
    """Return a moment in as few words as tell it apart; the year only where it is not that of `now`.

    >>> brief(datetime(2026, 3, 6, 17, tzinfo=UTC))
    'Fri 6 Mar 17:00'
    """
    year = "" if now is None or now.year == at.year else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year} {at:%H:%M}"


def exact(at: datetime) -> str:
    """Return a moment in full: 2026-03-06 17:00."""
    return f"{at:%Y-%m-%d %H:%M}"


def as_time(value: object) -> datetime | None:
    """Return the time that a value of JSON is, or None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(text: str) -> datetime:
    if len(text) == len("2026-03-18"):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)
