"""What can a customer do: write, ask, complain, come and go, speak for us, answer."""

from typing import Annotated, ClassVar

from pydantic import Field

from events.fields import (
    EventData,
    Flag,
    Id,
    Label,
    Labels,
    Moment,
    NpsScore,
    Rule,
    Text,
)
from events.kinds import FieldKind

GROUP = "Customer and surveys"

FlagOrAsk = Annotated[
    Flag | Id,
    Rule("flag or id", "it is true, false, or the ask_id that asked for it"),
    FieldKind.OBJECT,
]


class MessageReceived(EventData):
    """The customer wrote or called."""

    TYPE: ClassVar[str] = "customer.message.received"

    thread_id: Id | None = Field(None, description="absent: a thread of its own")
    channel: Label | None = Field(None, description="mail, phone, chat, …")
    from_: Label | None = Field(None, alias="from", description="the contact")
    to: Labels | None = Field(None, description="persons or queues of ours")
    text_ref: Label | None = Field(None, description="where the text is kept")
    text: Text | None = None
    tags: Labels | None = Field(None, description="such as praise, pricing, repeat_question, sev1")
    expects_reply: Flag | None = None
    contact_id: Id | None = None
    ticket_id: Id | None = Field(None, description="the ticket that it went into")


class RequestRaised(EventData):
    """The customer wants something of one of our teams."""

    TYPE: ClassVar[str] = "customer.request.raised"

    target: Label | None = Field(None, description="product, support, cs, finance")
    text: Text | None = None
    due: Moment | None = None
    request_id: Id | None = None
    contact_id: Id | None = None
    thread_id: Id | None = None


class ComplaintReceived(EventData):
    """The customer complained."""

    TYPE: ClassVar[str] = "customer.complaint.received"

    from_: Label | None = Field(None, alias="from", description="the contact")
    level: Label | None = Field(None, description="such as low, high")
    about: Text | None = None
    public: Flag | None = None
    contact_id: Id | None = None


class Contact(EventData):
    """A person at the customer."""

    contact_id: Id
    role_from: Label | None = None
    role_to: Label | None = Field(None, description="decision_maker, sponsor, champion, admin, power, casual, …")
    title: Label | None = None
    confirmed: Flag | None = Field(None, description="false: suspected only")
    name: Label | None = None
    email: Label | None = None
    product: Label | None = None


class ContactJoined(Contact):
    """A person at the customer became known to us."""

    TYPE: ClassVar[str] = "customer.contact.joined"


class ContactLeft(Contact):
    """A person left the customer."""

    TYPE: ClassVar[str] = "customer.contact.left"


class ContactRoleChanged(Contact):
    """A person at the customer has another role."""

    TYPE: ClassVar[str] = "customer.contact.role_changed"


class AdvocacyPerformed(EventData):
    """The customer spoke for us, asked or unasked."""

    TYPE: ClassVar[str] = "customer.advocacy.performed"

    act_id: Id = Field(description="key of the thanks and of what we give back")
    kind: Label | None = Field(None, description="reference_call, review, referral, case_study, talk, post, …")
    contact_id: Id | None = None
    asked: FlagOrAsk | None = Field(None, description="false: unasked, a gift")
    ask_id: Id | None = None
    public: Flag | None = None
    url: Text | None = None
    opportunity_id: Id | None = Field(None, description="the sale that it helped")


class NpsAnswer(EventData):
    """One contact's part in a wave of the survey."""

    wave: Label | None = Field(None, description="such as 2026-Q1")
    response_id: Id | None = None
    contact_id: Id | None = None
    comment: Text | None = None
    duplicate_of: Id | None = Field(None, description="what asked the same before")


class NpsSent(NpsAnswer):
    """A contact was asked whether it would recommend us."""

    TYPE: ClassVar[str] = "survey.nps.sent"

    score: NpsScore | None = None


class NpsResponded(NpsAnswer):
    """A contact answered whether it would recommend us."""

    TYPE: ClassVar[str] = "survey.nps.responded"

    score: NpsScore = Field(description="0 to 10")
