"""What can happen among our people: away, at capacity, executives, team requests."""

import re
from functools import cache
from typing import Annotated, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import Field, StringConstraints

from events.fields import (
    FROM_LIST,
    EventData,
    Flag,
    Id,
    Ids,
    Label,
    Labels,
    Moment,
    Number,
    Part,
    Party,
    Rule,
    Text,
    refusing,
)
from events.kinds import FieldKind

GROUP = "Executives and people"

_is_span = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)").fullmatch


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_time_zone(name: str) -> None:
    if name not in _time_zones():
        raise ValueError(name)


def _check_spans(spans: tuple[str, ...]) -> None:
    """Refuse hours that are no ordered, separate spans within one day."""
    end_before = ""
    for span in spans:
        start, _, end = span.partition("-")
        if _is_span(span) is None or not start < end or start < end_before:
            raise ValueError(span)
        end_before = end


TimeZone = Annotated[
    str,
    refusing(_check_time_zone),
    Rule("time zone", "a time zone is a name of the IANA database, such as Europe/Berlin"),
]
CountryCode = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{2}$"),
    Rule("country", "a country is two capital letters of ISO 3166, such as DE"),
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Spans = Annotated[
    tuple[Label, ...],
    FROM_LIST,
    refusing(_check_spans),
    Rule(
        "spans",
        "hours of a day are spans such as 09:00-17:00, in order, not overlapping,"
        " from 00:00 to 24:00; split what passes midnight",
    ),
]
Strength = Annotated[Number | Label, Rule("strength", "it is a number or a label"), FieldKind.OBJECT]
Hours = Annotated[float, Field(ge=0, le=100_000), Rule("hours", "it is a number of hours from 0 on, without quotes")]
Version = Annotated[int | Label, Rule("version", "it is an integer or a label"), FieldKind.OBJECT]


class PersonRegistered(EventData):
    """A person of ours became known, or what is known of them changed."""

    TYPE: ClassVar[str] = "people.person.registered"

    name: Label | None = None
    email: Label | None = None
    team: Label | None = None
    manager: Id | None = Field(None, description="person id")
    delegate: Id | None = Field(None, description="person id; acts when they are away")
    time_zone: TimeZone | None = Field(None, description="IANA name")
    country: CountryCode | None = Field(None, description="two letters; for holidays")
    hours: dict[Weekday, Spans] | None = Field(None, description='such as {"mon": ["09:00-12:00", "13:00-17:00"]}')
    roles: Labels | None = Field(None, description="held for the whole company: cs_manager, cco, …")


class PersonStatus(EventData):
    """A person of ours is here or not."""

    person: Id
    from_: Moment | None = Field(None, alias="from", description="absent: its time")
    to: Moment | None = Field(None, description="the last day away, or the instant")
    delegate: Id | None = None


class UserAwaySet(PersonStatus):
    """A person of ours is going to be away."""

    TYPE: ClassVar[str] = "people.user.away_set"


class UserReturned(PersonStatus):
    """A person of ours is back."""

    TYPE: ClassVar[str] = "people.user.returned"


class UserLeft(PersonStatus):
    """A person of ours left the company."""

    TYPE: ClassVar[str] = "people.user.left"


class CapacitySet(EventData):
    """How much a person of ours can do was set."""

    TYPE: ClassVar[str] = "people.capacity.set"

    person: Id
    hours_per_week: Hours | None = Field(None, description="of the working hours, for work with customers")
    skills: Labels | None = None


class OwedTask(Part):
    """One task of a person, as it was measured."""

    id: Id
    title: Label | None = None
    account: Id | None = None
    hours: Hours | None = Field(None, description="estimated; 1 where absent")
    due: Moment | None = None
    optional: Flag | None = Field(None, description="may be left out")
    promised: Flag | None = Field(None, description="the customer was promised this person")


class PeerLoad(Part):
    """Somebody who could take work over."""

    person: Id
    due_hours: Hours
    free_hours: Hours
    accounts: Ids | None = Field(None, description="which she knows")


class LoadMeasured(EventData):
    """What a person of ours has to do in ten business days was measured; subject is the person's id."""

    TYPE: ClassVar[str] = "people.load.measured"

    person: Id
    free_hours: Hours
    due_hours: Hours | None = Field(None, description="of all tasks; absent: the sum of those listed")
    tasks: tuple[OwedTask, ...] | None = Field(None, strict=False)
    peers: tuple[PeerLoad, ...] | None = Field(None, strict=False)


class LoadSet(EventData):
    """A person of ours came to have more to do than time, or less again."""

    TYPE: ClassVar[str] = "people.load.set"

    person: Id
    is_over: Flag


class ExecTie(EventData):
    """One of our executives and one of theirs."""

    our_exec: Id | None = Field(None, description="person id")
    their_exec: Label | None = Field(None, description="contact id or name")


class ExecContactReported(ExecTie):
    """One of our executives heard something from one of theirs."""

    TYPE: ClassVar[str] = "exec.contact.reported"

    channel: Label | None = None
    about: Text | None = None
    heard_at: Moment | None = None


class ExecRelationRecorded(ExecTie):
    """One of our executives knows one of theirs."""

    TYPE: ClassVar[str] = "exec.relation.recorded"

    strength: Strength | None = None
    at: Moment | None = None


class ExecMeetingPlanned(ExecTie):
    """Two executives are going to meet."""

    TYPE: ClassVar[str] = "exec.meeting.planned"

    at: Moment | None = Field(None, description="when they meet")
    strength: Strength | None = None


class Brief(EventData):
    """The half page about an account for an executive."""

    brief_id: Id | None = None
    version: Version | None = None
    readers: Ids | None = Field(None, description="person ids")


class BriefPublished(Brief):
    """A brief was published."""

    TYPE: ClassVar[str] = "exec.brief.published"


class BriefRead(Brief):
    """A brief was read."""

    TYPE: ClassVar[str] = "exec.brief.read"


class TeamRequest(EventData):
    """What one of our teams wants of another; each event says what is known then."""

    request_id: Id = Field(description="key of the loop that stays open with it")
    from_: Party | None = Field(None, alias="from", description="team or person")
    from_team: Label | None = None
    to_team: Label | None = None
    what: Text | None = None
    needed_by: Moment | None = None
    customer_waiting: Flag | None = None
    reason: Text | None = None
    suggestion: Text | None = Field(None, description="whom else to ask")
    estimate_hours: Number | None = None


class TeamRequestCreated(TeamRequest):
    """A team asked another for something."""

    TYPE: ClassVar[str] = "team.request.created"


class TeamRequestAccepted(TeamRequest):
    """The other team is going to do it."""

    TYPE: ClassVar[str] = "team.request.accepted"


class TeamRequestDeclined(TeamRequest):
    """The other team is not going to do it."""

    TYPE: ClassVar[str] = "team.request.declined"


class TeamRequestUpdated(TeamRequest):
    """There is news of a request between teams."""

    TYPE: ClassVar[str] = "team.request.updated"


class TeamRequestCompleted(TeamRequest):
    """The other team did it."""

    TYPE: ClassVar[str] = "team.request.completed"


class TeamRequestWithdrawn(TeamRequest):
    """The asking team no longer wants it."""

    TYPE: ClassVar[str] = "team.request.withdrawn"
