"""What can happen in customer success: owners, kickoffs, meetings, value, health."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from events.fields import (
    RULE,
    Count,
    EventData,
    Flag,
    Id,
    Ids,
    Items,
    Label,
    Labels,
    Lifecycle,
    Measure,
    Moment,
    Number,
    OwnerChange,
    Part,
    Text,
    Texts,
    Tier,
)
from events.kinds import FieldKind
from events.sales import Touch

GROUP = "Customer success"


class CsOwnerAssigned(OwnerChange):
    """An account got its customer success manager."""

    TYPE: ClassVar[str] = "cs.owner.assigned"

    tier: Tier | None = None


class CsOwnerChanged(OwnerChange):
    """Another customer success manager answers for the account."""

    TYPE: ClassVar[str] = "cs.owner.changed"

    tier: Tier | None = None


class HandoffAnswer(EventData):
    """The receiving side answered a handoff: of a contract, or of an owner's change."""

    contract_id: Id | None = Field(None, description="this or change_id")
    change_id: Id | None = Field(None, description="this or contract_id")
    questions: Texts | None = None

    @model_validator(mode="before")
    @classmethod
    def names_the_handoff(cls, data: Any) -> Any:
        """Refuse an answer that names neither contract nor change."""
        if isinstance(data, dict) and not (data.get("contract_id") or data.get("change_id")):
            rule = "a handoff is known by its contract_id or change_id; add one of them"
            raise PydanticCustomError(RULE, "{rule}", {"rule": rule})
        return data


class HandoffAccepted(HandoffAnswer):
    """Customer success took the customer over."""

    TYPE: ClassVar[str] = "cs.handoff.accepted"


class HandoffReturned(HandoffAnswer):
    """Customer success gave the handoff back with questions."""

    TYPE: ClassVar[str] = "cs.handoff.returned"


class Kickoff(EventData):
    """The first meeting of a contract."""

    contract_id: Id | None = Field(None, description="absent: the account's open one")
    at: Moment | None = Field(None, description="when the meeting is or was")
    attendees: Ids | None = None
    by: Label | None = Field(None, description="us, customer")
    until: Moment | None = Field(None, description="deferred until")
    reason: Text | None = None
    products: Labels | None = None


class KickoffScheduled(Kickoff):
    """The kickoff got its date."""

    TYPE: ClassVar[str] = "cs.kickoff.scheduled"


class KickoffHeld(Kickoff):
    """The kickoff took place."""

    TYPE: ClassVar[str] = "cs.kickoff.held"


class KickoffCancelled(Kickoff):
    """The kickoff's date was given up."""

    TYPE: ClassVar[str] = "cs.kickoff.cancelled"


class KickoffDeferred(Kickoff):
    """The kickoff is to wait until a later date."""

    TYPE: ClassVar[str] = "cs.kickoff.deferred"


class Meeting(EventData):
    """A meeting with the customer after the kickoff."""

    meeting_id: Id | None = None
    type: Label | None = Field(None, description="review, qbr, ebr, cadence, other")
    by: Label | None = Field(None, description="us, customer")
    reason: Text | None = Field(None, description="such as vacation, fiscal, merger")
    minutes: Number | None = None
    attendees: Ids | None = None
    at: Moment | None = Field(None, description="when the meeting is or was")
    until: Moment | None = Field(None, description="when to ask again")
    review_cycle: Label | None = Field(None, description="such as 2026")
    tags: Labels | None = Field(None, description="such as repeat_question")
    duplicate_of: Id | None = Field(None, description="what asked the same before")


class MeetingRequested(Meeting):
    """A meeting was asked for."""

    TYPE: ClassVar[str] = "cs.meeting.requested"


class MeetingScheduled(Meeting):
    """A meeting got its date."""

    TYPE: ClassVar[str] = "cs.meeting.scheduled"


class MeetingDeclined(Meeting):
    """A meeting was declined."""

    TYPE: ClassVar[str] = "cs.meeting.declined"


class MeetingRescheduled(Meeting):
    """A meeting was put off."""

    TYPE: ClassVar[str] = "cs.meeting.rescheduled"


class MeetingHeld(Meeting):
    """A meeting took place."""

    TYPE: ClassVar[str] = "cs.meeting.held"


class MeetingNoShow(Meeting):
    """One side did not come to a meeting."""

    TYPE: ClassVar[str] = "cs.meeting.no_show"


class MilestoneReached(EventData):
    """The customer achieved a step of the stage plan."""

    TYPE: ClassVar[str] = "cs.milestone.reached"

    product: Label | None = None
    stage: Label | None = Field(None, description="setup, first_use, first_value, …")
    achievement: Label | None = None
    proof_ref: Label | None = None


class Value(EventData):
    """The product brought the customer something that it wanted."""

    product: Label | None = None
    criterion: Label | None = Field(None, description="the success criterion met")
    metric: Label | None = None
    value: Measure | None = None
    said_by: Label | None = Field(None, description="the contact who said so")
    proof_ref: Label | None = None


class ValueRealized(Value):
    """The customer, or a measure agreed with it, says that value came."""

    TYPE: ClassVar[str] = "cs.value.realized"


class ValueClaimed(Value):
    """Somebody of ours says that value came."""

    TYPE: ClassVar[str] = "cs.value.claimed"


class Driver(Part):
    """One reason for a change of health."""

    name: Label | None = None
    from_: Measure | None = Field(None, alias="from")
    to: Measure | None = None
    weight: Number | None = None


class HealthChanged(EventData):
    """The health of an account changed."""

    TYPE: ClassVar[str] = "cs.health.changed"

    from_: Label | None = Field(None, alias="from", description="green, yellow, red")
    to: Label | None = Field(None, description="green, yellow, red")
    score: Number | None = None
    drivers: tuple[Driver, ...] | None = Field(None, strict=False)


class Risk(EventData):
    """Something may go wrong with a customer."""

    risk_id: Id | None = None
    level: Label | None = Field(None, description="low, medium, high")
    cause: Label | None = None
    note: Text | None = None


class RiskRaised(Risk):
    """A risk was seen."""

    TYPE: ClassVar[str] = "cs.risk.raised"


class RiskCleared(Risk):
    """A risk is over."""

    TYPE: ClassVar[str] = "cs.risk.cleared"


class Commitment(EventData):
    """What customer success told a customer that it would do."""

    commitment_id: Id | None = None
    kind: Label | None = Field(None, description="such as product_request")
    to: Label | None = Field(None, description="the contact who heard it")
    due: Moment | None = None
    text: Text | None = None
    request_id: Id | None = None


class CommitmentMade(Commitment):
    """Customer success committed itself."""

    TYPE: ClassVar[str] = "cs.commitment.made"


class CommitmentKept(Commitment):
    """A commitment was kept."""

    TYPE: ClassVar[str] = "cs.commitment.kept"


class CommitmentBroken(Commitment):
    """A commitment was not kept."""

    TYPE: ClassVar[str] = "cs.commitment.broken"


class CsContactLogged(Touch):
    """Customer success and the customer were in touch."""

    TYPE: ClassVar[str] = "cs.contact.logged"


class NoteLogged(EventData):
    """Somebody wrote a note about the account."""

    TYPE: ClassVar[str] = "cs.note.logged"

    text: Text | None = None
    tags: Labels | None = None
    links: Annotated[Items, FieldKind.STRINGS] | None = Field(
        None, description="what the note is about: ids of threads, opportunities, requests, or objects that hold them"
    )
    thread_id: Id | None = None
    request_id: Id | None = None


class TimeLogged(EventData):
    """Somebody spent time on a customer."""

    TYPE: ClassVar[str] = "cs.time.logged"

    person: Id | None = Field(None, description="absent: the actor")
    minutes: Count | None = None
    account: Id | None = Field(None, description="absent: the subject")
    activity: Label | None = None
    task_id: Id | None = None
    billable: Flag | None = None


class LifecycleChanged(EventData):
    """The account moved to another stage of its life."""

    TYPE: ClassVar[str] = "cs.lifecycle.changed"

    from_: Lifecycle | None = Field(None, alias="from")
    to: Lifecycle | None = None
    reason: Text | None = None


class TierChanged(EventData):
    """The account got another tier."""

    TYPE: ClassVar[str] = "cs.tier.changed"

    from_: Tier | None = Field(None, alias="from")
    to: Tier | None = None
    reason: Text | None = None


class BenchmarkReady(EventData):
    """A figure of the account can be put beside that of its peers."""

    TYPE: ClassVar[str] = "cs.benchmark.ready"

    benchmark_id: Id | None = Field(None, description="absent: the event's id")
    metric: Label | None = None
    value: Number | None = None
    median: Number | None = Field(None, description="of the cell")
    accounts: Count | None = Field(None, description="how many are in the cell; with fewer than five nothing is shown")
    cell: Label | None = Field(None, description="such as the industry and tier")


class PeersMatched(EventData):
    """Another customer has bought the same, or works in the same trade."""

    TYPE: ClassVar[str] = "cs.peers.matched"

    peer: Id | None = Field(None, description="account id of the other")
    contact_id: Id | None = Field(None, description="who would be introduced")
    peer_contact: Label | None = None
    basis: Label | None = Field(None, description="the product or trade that they share")
    allowed: Flag | None = Field(None, description="whether this customer allows it")
    peer_allowed: Flag | None = Field(None, description="whether the other does")
