"""What does a step state? An event of the vocabulary, made by the fold itself (the action `record`).

It is no entry of the account's log: folding the log again states it again, with the same id, in the same place.
"""

from __future__ import annotations

from datetime import datetime

from events.envelope import JSON, Event
from workflows.account import Instance
from workflows.language.conditions import UNSET
from workflows.language.plans import StepPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, iso


def event_stated(moment: Moment, instance: Instance, plan: StepPlan, name: str, bindings: Bindings) -> Event:
    """Make the event that a step states now; what is unknown is left out of its data."""
    asked = plan.step.record
    assert asked is not None
    data: dict[str, JSON] = {}
    for field, condition in plan.record:
        value = condition.value(bindings)
        if value is not UNSET:
            data[field] = iso(value) if isinstance(value, datetime) else value
    return Event(
        id=name,
        source=f"/nofumble/{instance.workflow}",
        type=asked.type,
        subject=moment.state.id,
        time=moment.at,
        recorded_at=None,
        data=data,
        correlation_id=None,
        causation_id=moment.event.id if moment.event is not None else instance.start.id,
    )
