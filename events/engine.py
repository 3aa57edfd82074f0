"""What can happen inside the engine, and to the systems that send us events?"""

from typing import ClassVar, Literal

from pydantic import Field

from events.fields import EventData, Id, Ids, Label, Labels, Moment, Number, Object, Text
from events.work import Work

GROUP = "Engine and sources"

Decision = Literal["allow", "allow_with_notice", "hold", "deny"]


class Source(EventData):
    """A system that sends us events."""

    source: Label | None = Field(None, description="absent: the envelope's source")
    watermark: Moment | None = Field(None, description="everything up to then was sent; absent: the event's time")
    accounts: Ids | None = None


class SourceHeartbeat(Source):
    """A source is alive (rule R7)."""

    TYPE: ClassVar[str] = "source.heartbeat"


class SourceLagging(Source):
    """A source is behind."""

    TYPE: ClassVar[str] = "source.lagging"
    EMITTED: ClassVar[bool] = True


class SourceRecovered(Source):
    """A source caught up."""

    TYPE: ClassVar[str] = "source.recovered"
    EMITTED: ClassVar[bool] = True


class ConductNoted(EventData):
    """Somebody of ours started a workflow at another account, which counts here, too."""

    TYPE: ClassVar[str] = "conduct.noted"
    EMITTED: ClassVar[bool] = True

    of: Label | None = Field(None, description="the instance at the other account")
    workflow: Label | None = None
    at: Moment | None = Field(None, description="when it was started there")


class Quarantine(EventData):
    """A message that was no event."""

    EMITTED: ClassVar[bool] = True

    path: Text | None = None
    reason: Text | None = None
    event_id: Label | None = None


class EventQuarantined(Quarantine):
    """A message was put aside with its reason."""

    TYPE: ClassVar[str] = "event.quarantined"


class EventReleased(Quarantine):
    """A message that was put aside came in after all."""

    TYPE: ClassVar[str] = "event.released"


class PreflightAnswered(Work):
    """A gate said whether something may go out, and why."""

    TYPE: ClassVar[str] = "preflight.answered"

    decision: Decision | None = None
    reasons: Labels | None = Field(None, description="codes")
    earliest: Moment | None = Field(None, description="when it may become allow")
    purpose: Label | None = None
    contact_id: Id | None = None
    ask_id: Id | None = None
    campaign_id: Id | None = None
    counts: Object | None = Field(None, description="of a list: audience, allowed, removed")
    removed: Object | None = Field(None, description="code → how many")
    removals: Object | None = Field(None, description="code → who")
    cleaned: Ids | None = Field(None, description="the list without them")


class LedgerEntry(Work):
    """A deposit or withdrawal in the loyalty ledger."""

    entry_id: Id | None = None
    points: Number | None = Field(None, description="withdrawals are negative")
    kind: Label | None = None
    contact_id: Id | None = None
    balance: Number | None = Field(None, description="of the account, after the entry")
    contact_balance: Number | None = None
    posted_at: Moment | None = None
    reverses: Id | None = Field(None, description="the entry that it takes back")


class LedgerPosted(LedgerEntry):
    """An entry was posted."""

    TYPE: ClassVar[str] = "ledger.posted"


class LedgerReversed(LedgerEntry):
    """An entry was taken back by an opposite one."""

    TYPE: ClassVar[str] = "ledger.reversed"


class Timer(Work):
    """A moment that an instance waits for (rule R5)."""

    EMITTED: ClassVar[bool] = True

    name: Label | None = None
    due: Moment | None = None


class TimerSet(Timer):
    """A timer was set."""

    TYPE: ClassVar[str] = "timer.set"


class TimerFired(Timer):
    """A timer fired."""

    TYPE: ClassVar[str] = "timer.fired"


class TimerCancelled(Timer):
    """A timer is no longer needed."""

    TYPE: ClassVar[str] = "timer.cancelled"


class Instance(Work):
    """One run of a definition."""

    EMITTED: ClassVar[bool] = True

    version: Label | None = None


class WorkflowStarted(Instance):
    """An instance of a workflow started."""

    TYPE: ClassVar[str] = "workflow.started"


class WorkflowCompleted(Instance):
    """An instance reached what it was for."""

    TYPE: ClassVar[str] = "workflow.completed"


class WorkflowCancelled(Instance):
    """An instance was cancelled."""

    TYPE: ClassVar[str] = "workflow.cancelled"


class WorkflowMigrated(Instance):
    """An instance moved to another version of its definition (rule R17)."""

    TYPE: ClassVar[str] = "workflow.migrated"


class Definition(EventData):
    """A workflow's definition in the catalogue (rule R17)."""

    EMITTED: ClassVar[bool] = True

    workflow: Label | None = None
    version: Label | None = None
    hash: Label | None = None
    mode: Label | None = Field(None, description="draft, shadow, active, off")


class DefinitionDrafted(Definition):
    """A version of a definition was written."""

    TYPE: ClassVar[str] = "definition.drafted"


class DefinitionActivated(Definition):
    """A version of a definition came into force."""

    TYPE: ClassVar[str] = "definition.activated"


class DefinitionRolledBack(Definition):
    """An earlier version of a definition came back into force."""

    TYPE: ClassVar[str] = "definition.rolled_back"
