"""What do executives read before the call? A brief: its lines, filled in when it is published, with a version (W19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.account import StepState, label_of
from workflows.language.conditions import UNSET
from workflows.moment import recipient_as_json, work_id
from workflows.receivers import recipients
from workflows.texts import fill

if TYPE_CHECKING:
    from workflows.account import Clock
    from workflows.language.plans import StepPlan
    from workflows.steps import Run

PUBLISHED = "exec.brief.published"


def publish(run: Run, plan: StepPlan, state: StepState, _clock: Clock | None) -> None:
    """Publish the next version; the parts of a step are one brief."""
    state.occurrence, state.status = state.occurrence + 1, "closed"
    label = label_of(plan.ref)
    parts = [ref for ref in run.instance.steps if label_of(ref) == label]
    version = sum(run.step(ref).occurrence for ref in parts)
    says = next((one.says for one in map(run.definition.steps.__getitem__, parts) if one.says), ())
    assert plan.to is not None
    readers = recipients(run, plan.to.pick(run.bindings))
    said: dict[str, Any] = {
        "brief_id": work_id(f"{run.instance.id}/{label}"),
        "version": version,
        "workflow": run.definition.name,
        "key": run.instance.key,
        "ref": label,
        "readers": [one.person for one in readers if one.person is not None],
        "to": [recipient_as_json(one) for one in readers],
        "title": fill(run, plan.text),
        "says": [fill(run, one) for one in says],
    }
    run.moment.emit(PUBLISHED, said)


def details_of(run: Run, plan: StepPlan) -> dict[str, Any]:
    """Work out what an alert says beside its sentence; what is not known is left out."""
    found = {name: condition.value(run.bindings) for name, condition in plan.details}
    return {name: value for name, value in found.items() if value is not UNSET}
