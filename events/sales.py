"""What can happen in sales: opportunities, contracts, promises, contacts, owners."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from events.fields import (
    Count,
    Direction,
    EventData,
    Flag,
    Id,
    Ids,
    Items,
    Label,
    Labels,
    Moment,
    Money,
    Number,
    OwnerChange,
    Part,
    Said,
    Text,
    Window,
)
from events.kinds import FieldKind

GROUP = "Sales"


class Opportunity(EventData):
    """A possible sale."""

    opportunity_id: Id = Field(description="key of what follows from it")
    amount: Money | None = None
    products: Labels | None = None
    reason: Text | None = None
    reference_ids: Ids | None = Field(None, description="advocacy acts that helped to win it")


class OpportunityStageChanged(Opportunity):
    """An opportunity moved to another stage."""

    TYPE: ClassVar[str] = "sales.opportunity.stage_changed"

    from_: Label | None = Field(None, alias="from")
    to: Label | None = Field(None, description="such as discovery, verbal, commit")
    close_date: Moment | None = None


class OpportunityWon(Opportunity):
    """An opportunity was won."""

    TYPE: ClassVar[str] = "sales.opportunity.won"


class OpportunityLost(Opportunity):
    """An opportunity was lost."""

    TYPE: ClassVar[str] = "sales.opportunity.lost"


class ContractSigned(EventData):
    """The customer signed a contract."""

    TYPE: ClassVar[str] = "sales.contract.signed"

    contract_id: Id = Field(description="key of the handoff and of the kickoff")
    kind: Literal["new", "new_product", "renewal", "expansion"] | None = None
    products: Labels | None = None
    arr: Money | None = Field(None, description="annual recurring revenue")
    term_months: Count | None = None
    start_date: Moment | None = None
    signed_by: Label | None = None
    promises: Annotated[Items, FieldKind.ENTRIES] | None = Field(
        None, description="promise ids, texts, or objects as sales.promise.recorded"
    )
    opportunity_id: Id | None = None


class ContractChange(EventData):
    """A contract is no longer what it was."""

    contract_id: Id
    delta_arr: Money | None = Field(None, description="negative when it shrinks")
    reason: Text | None = None
    effective: Moment | None = None
    products: Labels | None = None
    arr: Money | None = Field(None, description="after the change")
    term_months: Count | None = None


class ContractAmended(ContractChange):
    """A contract was changed within its term."""

    TYPE: ClassVar[str] = "sales.contract.amended"


class ContractRenewed(ContractChange):
    """A contract was renewed."""

    TYPE: ClassVar[str] = "sales.contract.renewed"


class ContractCancelled(ContractChange):
    """A contract was cancelled."""

    TYPE: ClassVar[str] = "sales.contract.cancelled"


class ContractReviewRound(EventData):
    """A contract went into another round of review."""

    TYPE: ClassVar[str] = "sales.contract.review_round"

    contract_id: Id
    round: Count | None = Field(None, description="1 for the first")
    with_: Label | None = Field(None, alias="with", description="legal, finance")
    opened_at: Moment | None = Field(None, description="when the review began")


class Dossier(Part):
    """What sales knows of a new customer, item by item."""

    why_bought: Said | None = None
    success_criteria: Said | None = Field(None, description="a list, or one for each product")
    stakeholders: Said | None = Field(None, description="contacts, such as objects with name and role")
    promises: Said | None = Field(None, description='what was promised; "none" where nothing was')
    target_date: Said | None = None
    channel: Said | None = Field(None, description="how the customer wants to hear from us")
    use_cases: Said | None = None
    competitors: Said | None = None
    objections: Said | None = None
    risks: Said | None = None


class HandoffSubmitted(EventData):
    """Sales handed over what it knows about a new customer."""

    TYPE: ClassVar[str] = "sales.handoff.submitted"

    contract_id: Id
    dossier: Dossier | None = Field(None, description="what is known, item by item")
    completeness: Number | None = Field(None, description="share of required items")
    override_reason: Text | None = Field(None, description="why it goes out although required items are missing")


class PromiseRecorded(EventData):
    """Somebody of ours promised the customer something."""

    TYPE: ClassVar[str] = "sales.promise.recorded"

    promise_id: Id | None = None
    text: Text | None = None
    to: Label | None = Field(None, description="the contact who heard it")
    due: Moment | None = None
    source_ref: Label | None = Field(None, description="where it is written down")
    contract_id: Id | None = None


class Touch(EventData):
    """Somebody of ours and a contact of the customer were in touch."""

    thread_id: Id | None = None
    direction: Direction | None = Field(None, description="out: from us")
    channel: Label | None = Field(None, description="mail, phone, chat, meeting, …")
    purpose: Label | None = Field(
        None,
        description="upsell, cross_sell, renewal, intro, intro_new_buyer, support, social, other",
    )
    contact_ids: Ids | None = None
    cc: Ids | None = Field(None, description="ids or e-mail addresses in copy")
    summary: Text | None = None
    duration_min: Number | None = Field(None, description="minutes")
    topic: Label | None = Field(None, description="such as request_shipped, thanks")
    customer_initiated: Flag | None = Field(None, description="true: an answer to what the customer began")
    holding: Flag | None = Field(None, description="true: the answer proper is still to come")
    promised_by: Label | None = Field(
        None, description="by when it comes, a date or a weekday; also answer_by, until, due, or words of the summary"
    )
    until: Label | None = None
    due: Label | None = None
    request_id: Id | None = None
    opportunity_id: Id | None = None
    contract_id: Id | None = None
    ticket_id: Id | None = None
    incident_id: Id | None = None


class SalesContactLogged(Touch):
    """Sales and the customer were in touch."""

    TYPE: ClassVar[str] = "sales.contact.logged"


class UpsellAttempted(EventData):
    """Sales offered the customer more."""

    TYPE: ClassVar[str] = "sales.upsell.attempted"

    opportunity_id: Id | None = None
    offer: Label | None = None
    contact_ids: Ids | None = None
    channel: Label | None = None
    outcome: Text | None = None
    thread_id: Id | None = None
    cc: Ids | None = Field(None, description="ids or e-mail addresses in copy")
    purpose: Label | None = Field(None, description="upsell, cross_sell, renewal, …")
    customer_initiated: Flag | None = Field(None, description="the customer asked")


class IntentAnnounced(EventData):
    """Sales told the others beforehand what it wants to talk about."""

    TYPE: ClassVar[str] = "sales.intent.announced"

    purpose: Label | None = Field(None, description="upsell, cross_sell, renewal, …")
    offer: Label | None = None
    contact_ids: Ids | None = None
    window: Window | None = Field(None, description="when it is going to be")
    note: Text | None = None
    opportunity_id: Id | None = None
    thread_id: Id | None = None
    customer_initiated: Flag | None = None


class SalesOwnerChanged(OwnerChange):
    """Another person of sales answers for the account."""

    TYPE: ClassVar[str] = "sales.owner.changed"

    role: Label | None = Field(None, description="ae or am")


class ReferenceRequested(EventData):
    """Sales needs a customer that speaks to a prospect; it becomes a marketing ask."""

    TYPE: ClassVar[str] = "sales.reference.requested"

    opportunity_id: Id | None = None
    industry: Label | None = None
    use_case: Text | None = None
    needed_by: Moment | None = None
