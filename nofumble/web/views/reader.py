"""Who reads a page, when, and how are times and names said to her?"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from nofumble.cli.telling import plain_reason
from nofumble.cli.when import as_time, long_day
from nofumble.web.roles import without_addresses
from workflows.account import Recipient
from workflows.directory import Directory
from workflows.working_time import business_days_between

MIDDAY = time(12)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ABBREVIATED = frozenset({"ae", "am", "cco", "ceo", "cs", "csm", "pm"})
"""Parts of roles that are written in capitals."""

DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


@dataclass(frozen=True)
class Reader:
    """One who looks at pages: `person` is her id, `now` the time of the page, in UTC.

    Times are said in the zone of her own calendar; names are those of the directory, or of `contacts` by their id.
    """

    person: str
    directory: Directory
    now: datetime
    contacts: Mapping[str, str] = field(default_factory=dict)
    sees_no_addresses: bool = False
    acts_for: frozenset[str] | None = None
    """The people and queues for whose work she may act; None where she may for everybody."""

    @property
    def zone(self) -> tzinfo:
        """The zone in which she reads times."""
        return ZoneInfo(self.directory.calendar_of(self.person).zone)

    @property
    def zone_name(self) -> str:
        """The zone by its name."""
        return self.directory.calendar_of(self.person).zone

    @property
    def team(self) -> str | None:
        """Her team."""
        return self.directory.team_of(self.person)

    def may_act_for(self, holders: Iterable[str]) -> bool:
        """Tell whether she may act on work that asks some people or queues."""
        return self.acts_for is None or not self.acts_for.isdisjoint(holders)

    # -- names ---------------------------------------------------------------------------------------------------------

    def name(self, person: object) -> str:
        """Return the whole name of one of ours or of a contact; an id that nobody is known by stays as it is."""
        known = self.directory.people.get(str(person or ""))
        return (known.name if known is not None else None) or self._contact(str(person or ""))

    def short(self, person: object) -> str:
        """Return the first name of one of ours, "you" for herself; of others what is known."""
        if person and person == self.person:
            return "you"
        known = self.directory.people.get(str(person or ""))
        return known.name.split()[0] if known is not None and known.name else self.name(person)

    def holder(self, recipient: Recipient | None) -> str:
        """Name who has something: the person, else the queue, else the role that nobody fills."""
        if recipient is None:
            return "nobody"
        return self.short(recipient.person) if recipient.person else recipient.queue or recipient.role or "nobody"

    def holders(self, recipients: Iterable[Recipient]) -> str:
        """Name several, each once."""
        return ", ".join(dict.fromkeys(map(self.holder, recipients)))

    # -- times ---------------------------------------------------------------------------------------------------------

    def moment(self, at: datetime) -> str:
        """Return a moment: "today 17:00", "Fri 6 Mar 17:00"; with the year where it is another one."""
        return f"{self.day(at)} {at.astimezone(self.zone):%H:%M}"

    def day(self, at: datetime) -> str:
        """Return a day: "today", "Fri 6 Mar", "Fri 6 Mar 2025"."""
        local, here = at.astimezone(self.zone), self.now.astimezone(self.zone)
        return DAYS.get((local.date() - here.date()).days) or self.date(at)

    def date(self, at: datetime) -> str:
        """Return a day by its date, as it stands in a sentence: "Fri 6 Mar", "Fri 6 Mar 2025"."""
        local, here = at.astimezone(self.zone), self.now.astimezone(self.zone)
        year = "" if local.year == here.year else f" {local.year}"
        return f"{local:%a} {local.day} {local:%b}{year}"

    def written_day(self, day: str) -> str:
        """Return a day that is written as 2026-03-06 by its date; what is no day stays as it is."""
        try:
            found = datetime.combine(datetime.fromisoformat(day).date(), MIDDAY, self.zone)
        except ValueError:
            return day
        return self.date(found)

    def long_day(self, at: datetime) -> str:
        """Return a day in full: Tue 3 March 2026."""
        return long_day(at.astimezone(self.zone))

    def clock(self, at: datetime) -> str:
        """Return the time of a day: "17:00"."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def exact(self, at: datetime) -> str:
        """Return a moment for machines, in UTC."""
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def field(self, at: datetime) -> str:
        """Return a moment as a field of a form takes it, in her zone."""
        return f"{at.astimezone(self.zone):%Y-%m-%dT%H:%M}"

    def local(self, text: str) -> datetime | None:
        """Return the moment that a field of a form means, in her zone; None for what is none."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def is_past(self, at: datetime | None) -> bool:
        """Tell whether a time is over."""
        return at is not None and at < self.now

    def due(self, at: datetime) -> str:
        """Say when something is due, in working days of hers where it is overdue."""
        if not self.is_past(at):
            return f"due {self.moment(at)}"
        days = business_days_between(at, self.now, self.directory.calendar_of(self.person))
        return f"due {self.moment(at)}" if days == 0 else f"{in_days(days)} overdue"

    def ago(self, at: datetime) -> str:
        """Say how long something is ago, roughly."""
        passed = self.now - at
        if passed < timedelta(minutes=1):
            return "just now"
        if passed < timedelta(hours=1):
            return f"{passed // timedelta(minutes=1)} min ago"
        if passed < timedelta(days=1):
            return f"{passed // timedelta(hours=1)} h ago"
        days = (self.now.astimezone(self.zone).date() - at.astimezone(self.zone).date()).days
        return "yesterday" if days == 1 else f"{days} days ago"

    def headline(self, text: str) -> str:
        """Write a sentence as one that stands alone: with her times, names for ids, and a capital where it begins."""
        said = self.sentence(text)
        return said[:1].upper() + said[1:] if said.split(" ", 1)[0].isalpha() else said

    def sentence(self, text: str) -> str:
        """Write the times in a sentence as she reads them, and people whose names are known by their names."""
        return " ".join(map(self._word, text.split(" ")))

    def _word(self, word: str) -> str:
        bare = word.rstrip(".,;:)")
        at = as_time(bare)
        if at is not None:
            return word.replace(bare, f"{self.date(at)} {self.clock(at)}")
        if DAY.fullmatch(bare):
            return word.replace(bare, self.written_day(bare))
        ours = self.directory.people.get(bare)
        return self._contact(word) if ours is None or not ours.name else word.replace(bare, ours.name.split()[0])

    def _contact(self, word: str) -> str:
        """Return the name of a contact that a word means; an address that she may not see is that of somebody."""
        bare = word.strip("(),;:.")
        known = self.contacts.get(bare)
        said = word if known is None else word.replace(bare, known)
        return without_addresses(said) if self.sees_no_addresses else said


def reader_then(reader: Reader, directory: Directory, then: datetime) -> Reader:
    """Return the reader as of a time that has passed: with the people of then, and nothing that she can do."""
    return replace(reader, directory=directory, now=then, acts_for=frozenset())


def in_days(days: int) -> str:
    """Say a number of working days.

    >>> in_days(1), in_days(3)
    ('1 working day', '3 working days')
    """
    return f"{days} working day{'' if days == 1 else 's'}"


def role_in_words(role: object) -> str:
    """Return a role as people write it.

    >>> role_in_words("csm"), role_in_words("cs_ops"), role_in_words("exec_sponsor")
    ('CSM', 'CS ops', 'exec sponsor')
    """
    return " ".join(one.upper() if one in ABBREVIATED else one for one in plain(role).split(" "))


def plain(code: object) -> str:
    """Return a code in words: "urgent_request" is "urgent request"."""
    return plain_reason(code)
