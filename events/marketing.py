"""What can happen in marketing: asks, campaigns, mails, content, events."""

from typing import ClassVar

from pydantic import Field

from events.fields import (
    Count,
    EventData,
    Id,
    Ids,
    Items,
    Label,
    Labels,
    Moment,
    Number,
    Text,
)

GROUP = "Marketing"


class Ask(EventData):
    """A favour that we want of a customer."""

    ask_id: Id = Field(description="key of the gate's verdict")
    kind: Label | None = Field(
        None,
        description="testimonial, review, case_study, reference_call, logo, speaker, referral, beta",
    )
    contact_id: Id | None = None
    for_: Text | None = Field(None, alias="for", description="what it is for")
    needed_by: Moment | None = None
    requester: Id | None = Field(None, description="the person of ours who wants it")
    weight: Number | None = Field(None, description="points in the loyalty ledger")
    reason: Text | None = None
    product: Label | None = None
    opportunity_id: Id | None = None


class AskRequested(Ask):
    """Somebody wants to ask a customer for a favour."""

    TYPE: ClassVar[str] = "marketing.ask.requested"


class AskApproved(Ask):
    """The ask may go out."""

    TYPE: ClassVar[str] = "marketing.ask.approved"


class AskSent(Ask):
    """The customer was asked."""

    TYPE: ClassVar[str] = "marketing.ask.sent"


class AskAccepted(Ask):
    """The customer said yes."""

    TYPE: ClassVar[str] = "marketing.ask.accepted"


class AskDeclined(Ask):
    """The customer said no."""

    TYPE: ClassVar[str] = "marketing.ask.declined"


class AskCompleted(Ask):
    """The customer did the favour."""

    TYPE: ClassVar[str] = "marketing.ask.completed"


class AskWithdrawn(Ask):
    """The ask is no longer wanted."""

    TYPE: ClassVar[str] = "marketing.ask.withdrawn"


class Campaign(EventData):
    """One message to many."""

    campaign_id: Id
    kind: Label | None = Field(None, description="promo, nurture, onboarding, newsletter, transactional")
    stage: Label | None = Field(None, description="whom it is for, such as prospect")
    products: Labels | None = None
    audience_ref: Label | None = Field(None, description="where the audience is kept")
    contact_ids: Ids | None = Field(None, description="the audience, when it is small")
    contact_count: Count | None = None
    audience: Items | None = Field(None, description="as contact_ids, or objects with contact_id and account_id")
    part_of: Id | None = Field(None, description="the engine's own: where the whole of a list is answered")
    send_at: Moment | None = None
    reason: Text | None = None


class CampaignScheduled(Campaign):
    """A campaign got its date; the date may lie ahead."""

    TYPE: ClassVar[str] = "marketing.campaign.scheduled"


class CampaignApproved(Campaign):
    """A campaign and its audience were approved."""

    TYPE: ClassVar[str] = "marketing.campaign.approved"


class CampaignCancelled(Campaign):
    """A campaign was called off."""

    TYPE: ClassVar[str] = "marketing.campaign.cancelled"


class Mail(EventData):
    """A campaign's mail to one contact."""

    campaign_id: Id | None = None
    contact_id: Id | None = None
    kind: Label | None = Field(None, description="as of the campaign")
    stage: Label | None = None
    reason: Text | None = None


class EmailSent(Mail):
    """A mail was sent."""

    TYPE: ClassVar[str] = "marketing.email.sent"


class EmailBounced(Mail):
    """A mail came back."""

    TYPE: ClassVar[str] = "marketing.email.bounced"


class EmailUnsubscribed(Mail):
    """A contact wants no more of these mails."""

    TYPE: ClassVar[str] = "marketing.email.unsubscribed"


class EmailComplained(Mail):
    """A contact reported a mail as spam."""

    TYPE: ClassVar[str] = "marketing.email.complained"


class Content(EventData):
    """Something worth reading for a customer."""

    content_id: Id | None = None
    contact_id: Id | None = None
    kind: Label | None = Field(None, description="such as article, benchmark, talk")


class ContentShared(Content):
    """Content was given to a contact."""

    TYPE: ClassVar[str] = "marketing.content.shared"


class ContentOpened(Content):
    """A contact opened content."""

    TYPE: ClassVar[str] = "marketing.content.opened"


class Gathering(EventData):
    """An event that people go to."""

    event_id: Id | None = None
    contact_id: Id | None = None
    role: Label | None = Field(None, description="such as guest, speaker")


class EventInvited(Gathering):
    """A contact was invited to an event."""

    TYPE: ClassVar[str] = "marketing.event.invited"


class EventAttended(Gathering):
    """A contact came to an event."""

    TYPE: ClassVar[str] = "marketing.event.attended"
