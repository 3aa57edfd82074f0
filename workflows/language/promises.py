"""What date does a text promise? "We are on it, you hear more by Wed" names a day; a holding reply is known by it.

A rule of thumb for English texts: `by`, `until`, `before` or `on` and a weekday, a date, today, tomorrow or the end of
the week. The answer is that date at midnight UTC, which stands for a date without a time everywhere else.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
READ_MAX = 2_000
"""Characters of a text that are read: a promise stands near its beginning, and what reading costs is bounded."""

HOLDING = re.compile(r"\bholding\b|\bholding_reply\b", re.IGNORECASE)
"""The word for a reply that is no answer yet."""

_DAY = "mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun"
_MONTH = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_PROMISE = re.compile(
    r"\b(?:by|until|before|no later than|on)\s+(?:the\s+|next\s+|this\s+)*(?:"
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<weekday>{_DAY})(?:day)?\b"
    r"|(?P<near>today|tonight|tomorrow|end of (?:the |this )?(?:week|day)|eow|eod)\b"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month>{_MONTH})"
    rf"|(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})\b)",
    re.IGNORECASE,
)


def promised_date(text: str, today: date) -> datetime | None:
    """Read the first date that a text promises; ``None`` when it promises none.

    >>> promised_date("You have the full answer by Wed", date(2026, 3, 9)).date().isoformat()
    '2026-03-11'
    """
    found = _PROMISE.search(text[:READ_MAX])
    day = _day_of(found, today) if found is not None else None
    return datetime.combine(day, time(), UTC) if day is not None else None


def _day_of(found: re.Match[str], today: date) -> date | None:
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        if found["weekday"]:
            wanted = next(i for i, name in enumerate(WEEKDAYS) if name.startswith(found["weekday"].casefold()[:3]))
            return today + timedelta(days=(wanted - today.weekday()) % 7)
        if found["near"]:
            return _near(found["near"].casefold(), today)
        month = MONTHS.index((found["month"] or found["month2"]).casefold()[:3]) + 1
        named = date(today.year, month, int(found["day"] or found["day2"]))
        return named if named >= today else named.replace(year=today.year + 1)
    except ValueError:
        return None


def _near(word: str, today: date) -> date:
    if word == "tomorrow":
        return today + timedelta(days=1)
    if "week" in word or word == "eow":
        return today + timedelta(days=(WEEKDAYS.index("friday") - today.weekday()) % 7)
    return today
