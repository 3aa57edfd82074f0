"""What can be heard of a customer in public: news, posts, events."""

from typing import ClassVar

from pydantic import Field

from events.fields import EventData, Id, Label, Moment, Share, Text

GROUP = "Market"


class NewsMentioned(EventData):
    """The news wrote about the customer."""

    TYPE: ClassVar[str] = "market.news.mentioned"

    url: Text | None = None
    title: Text | None = None
    kind: Label | None = Field(None, description="award, funding, layoff, breach, …")
    sentiment: Label | None = Field(None, description="positive, neutral, negative")
    cluster_id: Id | None = Field(None, description="the story; many articles, one id")
    relevance: Share | None = Field(None, description="how surely it is this customer")


class SocialPosted(EventData):
    """The customer or one of its people posted something."""

    TYPE: ClassVar[str] = "market.social.posted"

    url: Text | None = None
    contact_id: Id | None = None
    kind: Label | None = None
    sentiment: Label | None = Field(None, description="positive, neutral, negative")
    title: Text | None = None
    cluster_id: Id | None = None
    relevance: Share | None = None


class PublicEventAnnounced(EventData):
    """The customer hosts, sponsors, or speaks at an event."""

    TYPE: ClassVar[str] = "market.event.announced"

    event: Label | None = None
    date: Moment | None = None
    role: Label | None = Field(None, description="host, speaker, sponsor")
    url: Text | None = None
