"""What can happen in finance: invoices, charges, credits."""

from typing import ClassVar

from pydantic import Field

from events.fields import Count, EventData, Flag, Id, Label, Moment, Money, Text

GROUP = "Finance"


class Invoice(EventData):
    """An invoice of an account; each event says what is known of it then."""

    invoice_id: Id
    amount: Money | None = None
    days: Count | None = Field(None, description="days overdue")
    reason: Text | None = None
    due: Moment | None = None


class InvoiceIssued(Invoice):
    """An invoice went out."""

    TYPE: ClassVar[str] = "finance.invoice.issued"


class InvoiceOverdue(Invoice):
    """An invoice was not paid in time."""

    TYPE: ClassVar[str] = "finance.invoice.overdue"


class InvoicePaid(Invoice):
    """An invoice was paid."""

    TYPE: ClassVar[str] = "finance.invoice.paid"


class InvoiceDisputed(Invoice):
    """The customer says that an invoice is wrong."""

    TYPE: ClassVar[str] = "finance.invoice.disputed"


class InvoiceDisputeResolved(Invoice):
    """The dispute about an invoice is over."""

    TYPE: ClassVar[str] = "finance.invoice.dispute_resolved"


class Charge(EventData):
    """A position that the customer pays for."""

    charge_id: Id | None = None
    kind: Label | None = Field(None, description="base, extra, overage")
    amount: Money | None = None
    explained: Flag | None = Field(None, description="the customer knew beforehand")
    reason: Text | None = None


class ChargeAdded(Charge):
    """The customer is charged for something."""

    TYPE: ClassVar[str] = "finance.charge.added"


class ChargeReversed(Charge):
    """A charge was taken back."""

    TYPE: ClassVar[str] = "finance.charge.reversed"


class CreditGranted(EventData):
    """The customer got money back or need not pay it."""

    TYPE: ClassVar[str] = "finance.credit.granted"

    amount: Money | None = None
    reason: Text | None = None
    credit_id: Id | None = None
    invoice_id: Id | None = None
