"""How is a made-up stretch of work written down, with what happened when and when each system knew of it?

A `Script` collects envelopes. Its days are working days (Monday to Friday) counted from the first one on or after the
start, its hours are UTC. Systems know of things at their own pace: mail and calendars within minutes, the CRM when
somebody types it in hours later, usage in the night. All chance comes from one generator with a fixed seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random

Told = dict[str, object]
"""The `data` of an event, as JSON."""

Envelope = dict[str, object]
"""A CloudEvents 1.0 envelope, as JSON."""

SOURCES: Mapping[str, tuple[str, str, int, int]] = {
    # name: path, prefix of its ids, the shortest and the longest usual lag in seconds
    "crm": ("/crm/salesforce", "sf", 300, 4 * 3600),
    "mail": ("/mail/sync", "ml", 40, 12 * 60),
    "calendar": ("/calendar/sync", "cal", 20, 3 * 60),
    "desk": ("/desk/zendesk", "zd", 1, 60),
    "tracker": ("/product/tracker", "pt", 5, 300),
    "usage": ("/product/usage", "us", 3600, 6 * 3600),
    "billing": ("/billing/ledger", "bi", 600, 3600),
    "survey": ("/survey/nps", "nps", 10, 120),
    "campaigns": ("/marketing/automation", "ma", 10, 600),
    "news": ("/market/news", "nw", 1800, 12 * 3600),
    "notes": ("/cs/notebook", "cs", 5, 1800),
    "people": ("/people/directory", "hr", 1, 60),
    "work": ("/nofumble/cli", "wk", 1, 20),
}
"""The systems of the made-up company."""

_SATURDAY = 5
_HOURS = (9, 17)


class Script:
    """The events of a quarter as they are thought up: any order in, order of arrival out."""

    def __init__(self, *, seed: int, start: date) -> None:
        self.draw = Random(seed)
        self._start = start
        self._numbers: Counter[str] = Counter()
        self._told: list[tuple[datetime, Envelope]] = []

    def day(self, number: int) -> date:
        """Give the date of a working day, counted from 0 on the first at or after the start."""
        day = self._start
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        for _ in range(number):
            day += timedelta(days=3 if day.weekday() == _SATURDAY - 1 else 1)
        return day

    def at(self, number: int, clock: str = "") -> datetime:
        """Give a moment of a working day: the hour as "10:00", or a random one of the office hours."""
        if clock:
            hour = time.fromisoformat(clock)
        else:
            hour = time(self.draw.randrange(*_HOURS), self.draw.randrange(60), self.draw.randrange(60))
        return datetime.combine(self.day(number), hour, UTC)

    def chance(self, *, percent: int) -> bool:
        """Draw whether something happens that does so `percent` times in a hundred."""
        return self.draw.randrange(100) < percent

    def tell(
        self, source: str, event_type: str, subject: str, at: datetime, data: Told, *, lag: timedelta | None = None
    ) -> None:
        """Write one event down; `lag` is how much later its source knew, by default at the pace of the source."""
        path, prefix, shortest, longest = SOURCES[source]
        self._numbers[source] += 1
        arrives = at + (lag if lag is not None else timedelta(seconds=self.draw.randint(shortest, longest)))
        envelope: Envelope = {
            "specversion": "1.0",
            "id": f"{prefix}-{self._numbers[source]:04d}",
            "source": path,
            "type": event_type,
            "subject": subject,
            "time": written(at),
            "recordedtime": written(arrives),
            "data": {name: value for name, value in data.items() if value is not None},
        }
        self._told.append((arrives, envelope))

    def finish(self, customer: str, at: datetime, who: Told, task: tuple[str, str, str], *, outcome: str = "") -> None:
        """Write down that somebody did a task of ours: `task` is its workflow, key and ref, `who` the actor."""
        workflow, key, ref = task
        done = who | {"workflow": workflow, "key": key, "ref": ref, "outcome": outcome or None}
        self.tell("work", "task.completed", customer, at, done, lag=timedelta(seconds=2))

    def in_order_of_arrival(self) -> list[Envelope]:
        """Give all events by when their sources knew; at the same moment in the order in which they were told."""
        return [envelope for _, envelope in sorted(self._told, key=lambda entry: entry[0])]


def by(person: str, team: str, *others: str) -> Told:
    """Give actor and participants of something that one of ours did, with the others who took part."""
    return {"actor": {"person": person, "team": team}, "participants": [person, *others]}


def by_contact(contact_id: str, *others: str) -> Told:
    """Give actor and participants of something that one of the customer's people did."""
    return {"actor": {"contact": contact_id}, "participants": [contact_id, *others]}


def written(at: datetime) -> str:
    """Write a moment in UTC as the systems of the company do."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
