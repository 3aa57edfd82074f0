"""What can happen in product: requests, releases, incidents, usage, owners."""

from typing import ClassVar

from pydantic import Field

from events.fields import (
    Count,
    EventData,
    Id,
    Ids,
    Label,
    Measure,
    Moment,
    Object,
    OwnerChange,
    Severity,
    Text,
    Window,
)

GROUP = "Product"


class Request(EventData):
    """What a customer wants of the product; each event says what is known then."""

    request_id: Id = Field(description="key of the loop that stays open with it")
    area: Label | None = None
    title: Text | None = None
    problem: Text | None = None
    asker: Label | None = Field(None, description="the contact who asked")
    accounts: Ids | None = Field(None, description="all accounts that want it")
    status: Label | None = Field(None, description="such as planned, under_study")
    window: Window | None = Field(None, description="when it is planned for")
    reason: Text | None = None
    into: Id | None = Field(None, description="the request that it was merged into")
    deadline: Moment | None = None
    contact: Label | None = Field(None, description="whom product may ask")
    users_hit: Count | None = None
    value: Measure | None = Field(None, description="what it is worth to the customer")
    theme: Label | None = Field(None, description="what it has in common with others")
    release_id: Id | None = None
    thread_id: Id | None = None


class RequestSubmitted(Request):
    """A request was handed to product."""

    TYPE: ClassVar[str] = "product.request.submitted"


class RequestAcknowledged(Request):
    """Product said that it has the request."""

    TYPE: ClassVar[str] = "product.request.acknowledged"

    by: Label | None = None


class RequestRerouted(Request):
    """A request went to the owner of another area."""

    TYPE: ClassVar[str] = "product.request.rerouted"

    from_area: Label | None = None
    to_area: Label | None = None


class RequestTriaged(Request):
    """Product decided what becomes of a request."""

    TYPE: ClassVar[str] = "product.request.triaged"

    decision: Label | None = Field(None, description="planned, under_study, declined")
    review_date: Moment | None = None


class RequestStatusChanged(Request):
    """A request moved on."""

    TYPE: ClassVar[str] = "product.request.status_changed"

    from_: Label | None = Field(None, alias="from")
    to: Label | None = None


class RequestDateChanged(Request):
    """The date planned for a request moved."""

    TYPE: ClassVar[str] = "product.request.date_changed"

    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None


class RequestMerged(Request):
    """A request turned out to be the same as another."""

    TYPE: ClassVar[str] = "product.request.merged"


class RequestDeclined(Request):
    """Product is not going to do it."""

    TYPE: ClassVar[str] = "product.request.declined"


class RequestShipped(Request):
    """What was asked for is in the product."""

    TYPE: ClassVar[str] = "product.request.shipped"


class Release(EventData):
    """A version of the product; it concerns no single account."""

    release_id: Id | None = None
    notes: Text | None = None
    request_ids: Ids | None = Field(None, description="the requests that it answers")
    reason: Text | None = None


class ReleasePublished(Release):
    """A version went out to customers."""

    TYPE: ClassVar[str] = "product.release.published"


class ReleaseRolledBack(Release):
    """A version was taken back."""

    TYPE: ClassVar[str] = "product.release.rolled_back"


class Incident(EventData):
    """The product does not do what it should, for several customers."""

    incident_id: Id
    severity: Severity | None = Field(None, description="1 is the worst, 4 the least")
    accounts: Ids | None = Field(None, description="the accounts hit, or see segment")
    segment: Label | None = Field(None, description="the accounts hit, by a name")
    impact: Text | None = None


class IncidentOpened(Incident):
    """An incident began."""

    TYPE: ClassVar[str] = "product.incident.opened"


class IncidentUpdated(Incident):
    """There is news of an incident."""

    TYPE: ClassVar[str] = "product.incident.updated"


class IncidentResolved(Incident):
    """An incident is over."""

    TYPE: ClassVar[str] = "product.incident.resolved"


class UsageRolledUp(EventData):
    """How much an account used the product on a day."""

    TYPE: ClassVar[str] = "product.usage.rolled_up"

    day: Moment | None = None
    active_users: Count | None = None
    weekly_active_users: Count | None = None
    seats_used: Count | None = None
    seats_bought: Count | None = None
    features: Object | None = Field(None, description="feature → use")
    key_metric: Object | None = Field(None, description="name → value")
    product: Label | None = None


class ProductOwnerChanged(OwnerChange):
    """Another product manager answers for an area."""

    TYPE: ClassVar[str] = "product.owner.changed"

    area: Label | None = None
