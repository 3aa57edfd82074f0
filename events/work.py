"""What can happen to work: what people do to it (D8), and what the engine tells of it.

A person's action names the work that it is about: by ``id``, or by the ``workflow``
and ``ref`` of the definition's step (with ``key`` where the account has several).
The engine emits some of the same types; those carry ``id``, ``workflow``, ``key`` and
``ref``.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from events.fields import (
    FROM_LIST,
    RULE,
    EventData,
    Flag,
    Id,
    Items,
    Label,
    Moment,
    Number,
    Object,
    Part,
    Rule,
    Text,
    Texts,
    Whole,
)
from events.kinds import FieldKind

GROUP = "Work"


class Recipient(Part):
    """Whom the engine handed something to."""

    role: Label | None = None
    person: Id | None = None
    queue: Label | None = None


Recipients = Annotated[
    Id | Annotated[tuple[Recipient, ...], FROM_LIST],
    Rule("recipients", "it is a person's id, or a list of objects with role and person"),
    FieldKind.OBJECT,
]
Checklist = Annotated[
    Items | Object,
    Rule("checklist", "it is a list of the items done, or an object of item and true"),
    FieldKind.OBJECT,
]
AlertSeverity = Literal["info", "warn", "urgent", "critical"]


class Work(EventData):
    """A piece of work, by its id and by the step that made it."""

    id: Id | None = Field(None, description="the work's id")
    workflow: Label | None = Field(None, description="name of the definition")
    key: Label | None = Field(None, description="which instance, such as a contract_id")
    ref: Label | None = Field(None, description="the step's label, such as T1")
    title: Text | None = None
    reason: Text | None = None
    note: Text | None = None
    evidence: Object | None = None
    links: Texts | None = Field(None, description="what its evidence links to, such as articles")
    because: Text | None = Field(None, description="why it exists, one sentence")
    known: Flag | None = Field(None, description="whether we knew of the issue before we were told")
    brief_version: Whole | None = Field(None, description="of the brief that goes with it")
    percent: Number | None = Field(None, description="of the free hours of a person that is due")
    percent_after: Number | None = Field(None, description="the same, if what is proposed is done")
    proposal: Texts | None = Field(None, description="what to drop, to move and to do later")
    confirmed: Flag | None = Field(None, description="false: a source was behind")


class NamedWork(Work):
    """A piece of work that the event must name, by its id or by its step."""

    @model_validator(mode="before")
    @classmethod
    def names_the_work(cls, data: Any) -> Any:
        """Refuse an action that names no work."""
        if isinstance(data, dict) and not (data.get("id") or (data.get("workflow") and data.get("ref"))):
            rule = "work is known by its id, or by workflow and ref; add one of the two"
            raise PydanticCustomError(RULE, "{rule}", {"rule": rule})
        return data


class Task(Work):
    """Something for somebody to do."""

    to: Recipients | None = None
    due: Moment | None = None


class TaskAction(NamedWork):
    """What a person does to a task."""

    to: Recipients | None = None
    due: Moment | None = None
    term: Text | None = Field(None, description="what tells somebody else of the same name, when news were not them")


class TaskProposed(Task):
    """A task is proposed to somebody of one's own team."""

    TYPE: ClassVar[str] = "task.proposed"
    EMITTED: ClassVar[bool] = True


class TaskOffered(Task):
    """A task is offered to another team."""

    TYPE: ClassVar[str] = "task.offered"
    EMITTED: ClassVar[bool] = True


class TaskAccepted(TaskAction):
    """Somebody took a task."""

    TYPE: ClassVar[str] = "task.accepted"


class TaskDeclined(TaskAction):
    """Somebody gave a task back, and said why (rule R11)."""

    TYPE: ClassVar[str] = "task.declined"

    reason: Text = Field(description="a declined task needs a reason")


class TaskStarted(TaskAction):
    """Somebody began a task."""

    TYPE: ClassVar[str] = "task.started"


class TaskUpdated(TaskAction):
    """There is news of a task."""

    TYPE: ClassVar[str] = "task.updated"


class TaskSnoozed(TaskAction):
    """Somebody put a task off (rule R12)."""

    TYPE: ClassVar[str] = "task.snoozed"

    until: Moment = Field(description="when it comes back")


class TaskCompleted(TaskAction):
    """Somebody did a task."""

    TYPE: ClassVar[str] = "task.completed"

    outcome: Text | None = Field(None, description="the value that the step asks for")
    checklist: Checklist | None = None


class TaskCancelled(TaskAction):
    """A task is no longer needed."""

    TYPE: ClassVar[str] = "task.cancelled"


class TaskExpired(Task):
    """The time of a task is over."""

    TYPE: ClassVar[str] = "task.expired"
    EMITTED: ClassVar[bool] = True


class TaskReassigned(TaskAction):
    """A task went to another holder."""

    TYPE: ClassVar[str] = "task.reassigned"

    to: Recipients = Field(description="the person's id")


class Alert(Work):
    """Something that somebody must know."""

    severity: AlertSeverity | None = None
    to: Recipients | None = None


class AlertRaised(Alert):
    """An alert was raised."""

    TYPE: ClassVar[str] = "alert.raised"
    EMITTED: ClassVar[bool] = True


class AlertUpdated(Alert):
    """There is news of an alert."""

    TYPE: ClassVar[str] = "alert.updated"
    EMITTED: ClassVar[bool] = True


class AlertSuppressed(Alert):
    """An alert was folded into another (rule R16)."""

    TYPE: ClassVar[str] = "alert.suppressed"
    EMITTED: ClassVar[bool] = True


class AlertDelivered(Alert):
    """A notice of an alert reached its receiver."""

    TYPE: ClassVar[str] = "alert.delivered"
    EMITTED: ClassVar[bool] = True


class AlertAcknowledged(NamedWork):
    """Somebody has seen an alert."""

    TYPE: ClassVar[str] = "alert.acknowledged"


class AlertSnoozed(NamedWork):
    """Somebody put an alert off."""

    TYPE: ClassVar[str] = "alert.snoozed"

    until: Moment = Field(description="when it comes back")


class AlertResolved(Alert):
    """What an alert was about is over."""

    TYPE: ClassVar[str] = "alert.resolved"
    EMITTED: ClassVar[bool] = True


class AlertRetracted(Alert):
    """An alert was wrong, as evidence that came late shows (rule R8)."""

    TYPE: ClassVar[str] = "alert.retracted"
    EMITTED: ClassVar[bool] = True


class EscalationRaised(Work):
    """A task went one rung up its ladder (rule R12)."""

    TYPE: ClassVar[str] = "escalation.raised"
    EMITTED: ClassVar[bool] = True

    rung: Whole | None = None
    of: Id | None = Field(None, description="the task's id")
    to: Recipients | None = None
    severity: AlertSeverity | None = None


class Hold(Work):
    """What the account is not to be bothered with (rule R15)."""

    scope: Label | None = Field(None, description="ask, upsell, promo, survey, all_outbound")
    until: Moment | None = None
    until_event: Label | None = None
    placed_by: Label | None = None
    contact_id: Id | None = Field(None, description="only this contact is to be left alone; absent: the account")


class HoldPlaced(Hold):
    """A person, or the workflow that it names, placed a hold: until a time, an event, or for good."""

    TYPE: ClassVar[str] = "hold.placed"


class HoldLifted(Hold):
    """A hold was lifted, by its id, or those of a scope that people placed; others stay."""

    TYPE: ClassVar[str] = "hold.lifted"


class Loop(Work):
    """Something open with the customer, with exactly one holder."""

    loop: Label | None = Field(None, description="its name, such as onboarding")
    holder: Recipients | None = None
    from_: Label | None = Field(None, alias="from")
    to: Recipients | None = None
    due: Moment | None = None


class LoopOpened(Loop):
    """A loop was opened."""

    TYPE: ClassVar[str] = "loop.opened"
    EMITTED: ClassVar[bool] = True


class LoopPassed(Loop):
    """A loop went to another holder, who accepted it."""

    TYPE: ClassVar[str] = "loop.passed"
    EMITTED: ClassVar[bool] = True


class LoopCustomerTold(NamedWork):
    """The customer was told how its loop stands."""

    TYPE: ClassVar[str] = "loop.customer_told"

    loop: Label | None = None
    contact_id: Id | None = None
    text: Text | None = None


class LoopClosed(Loop):
    """A loop was closed."""

    TYPE: ClassVar[str] = "loop.closed"
    EMITTED: ClassVar[bool] = True


class OverrideRecorded(Work):
    """Somebody went past a hold or a rule, and said why (rule R15)."""

    TYPE: ClassVar[str] = "override.recorded"

    reason: Text = Field(description="an override needs a reason")
    by: Label | None = Field(None, description="absent: the actor")
    scope: Label | None = None
    purpose: Label | None = None
    ask_id: Id | None = None


class FeedbackRecorded(NamedWork):
    """Somebody said whether an alert or task was of use."""

    TYPE: ClassVar[str] = "feedback.recorded"

    verdict: Literal["useful", "noise"] | None = None
    useful: Flag | None = None
    noise: Flag | None = None
