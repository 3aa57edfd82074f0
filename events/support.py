"""What can happen in support: tickets and how content the customer was with them."""

from typing import ClassVar

from pydantic import Field

from events.fields import (
    CsatScore,
    EventData,
    Id,
    Label,
    Moment,
    Severity,
    Text,
)

GROUP = "Support"


class Ticket(EventData):
    """A customer's ticket; each event says what is known of it then."""

    ticket_id: Id
    severity: Severity | None = Field(None, description="1 is the worst, 4 the least")
    area: Label | None = None
    title: Text | None = None
    requester: Label | None = Field(None, description="the contact who asked")
    from_team: Label | None = None
    to_team: Label | None = None
    by: Label | None = Field(None, description="us, customer, or a person's id")
    waiting_on: Label | None = Field(None, description="us, customer")
    sla_due: Moment | None = None
    reason: Text | None = None
    thread_id: Id | None = None
    incident_id: Id | None = None
    product: Label | None = None


class TicketOpened(Ticket):
    """A ticket was opened."""

    TYPE: ClassVar[str] = "support.ticket.opened"


class TicketUpdated(Ticket):
    """Something about a ticket changed."""

    TYPE: ClassVar[str] = "support.ticket.updated"


class TicketReplied(Ticket):
    """Somebody answered in a ticket."""

    TYPE: ClassVar[str] = "support.ticket.replied"


class TicketTransferred(Ticket):
    """A ticket went to another team."""

    TYPE: ClassVar[str] = "support.ticket.transferred"


class TicketEscalated(Ticket):
    """A ticket was escalated."""

    TYPE: ClassVar[str] = "support.ticket.escalated"


class TicketSeverityChanged(Ticket):
    """A ticket got another severity."""

    TYPE: ClassVar[str] = "support.ticket.severity_changed"


class TicketResolved(Ticket):
    """A ticket was resolved."""

    TYPE: ClassVar[str] = "support.ticket.resolved"


class TicketReopened(Ticket):
    """A resolved ticket was opened again."""

    TYPE: ClassVar[str] = "support.ticket.reopened"


class TicketClosed(Ticket):
    """A ticket was closed."""

    TYPE: ClassVar[str] = "support.ticket.closed"


class CsatReceived(EventData):
    """The customer said how content it was with a ticket."""

    TYPE: ClassVar[str] = "support.csat.received"

    ticket_id: Id | None = None
    score: CsatScore = Field(description="1 to 5, 5 is the best")
    comment: Text | None = None
    contact_id: Id | None = None
