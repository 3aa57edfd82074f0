"""What can happen to an account's own record: registered, changed, linked, merged."""

from typing import ClassVar

from pydantic import Field

from events.fields import (
    Count,
    EventData,
    Flag,
    Id,
    IdByName,
    Label,
    Labels,
    Lifecycle,
    Moment,
    Money,
    Tier,
)

GROUP = "Accounts"


class AccountRecord(EventData):
    """What the customer record says; a field that is absent stays as it was."""

    name: Label | None = None
    tier: Tier | None = Field(None, description="1 is the highest")
    lifecycle: Lifecycle | None = None
    arr: Money | None = Field(None, description="annual recurring revenue")
    renewal_date: Moment | None = Field(None, description="absent: contract_start + term_months")
    contract_start: Moment | None = None
    term_months: Count | None = None
    country: Label | None = Field(None, description="two letters where its holidays are to count")
    industry: Label | None = None
    domains: Labels | None = Field(None, description="mail domains of the customer")
    links: IdByName | None = Field(None, description="system → the account's id there")
    roles: IdByName | None = Field(None, description="role on the account (ae, am, csm, …) → person id")
    parent: Id | None = Field(None, description="account id of the parent company")
    health: Label | None = Field(None, description="green, yellow, red")
    test: Flag | None = Field(None, description="true: no customer, no workflow starts")


class AccountRegistered(AccountRecord):
    """An account became known."""

    TYPE: ClassVar[str] = "account.registered"


class AccountUpdated(AccountRecord):
    """The record of an account changed."""

    TYPE: ClassVar[str] = "account.updated"


class AccountLinked(EventData):
    """An account got an id in another system; parked events with it are applied."""

    TYPE: ClassVar[str] = "account.linked"

    system: Id = Field(description="the system, such as zendesk")
    external_id: Id = Field(description="the account's id there")


class AccountMerged(EventData):
    """An account turned out to be another one; its events belong there."""

    TYPE: ClassVar[str] = "account.merged"

    into: Id = Field(description="the account id that stays")
