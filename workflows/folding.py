"""Which thread is something folded into, while its root cause runs? The inhibition of R16.

A workflow names in `folds` those that it stands above. While it runs on an account, they do not start there, and those
that run already raise no alarm: what they would have said is `alert.suppressed`, with the thread that has it now.
"""

from __future__ import annotations

from workflows.account import Instance, step_said
from workflows.language.plans import Definition
from workflows.moment import Moment


def thread_of(moment: Moment, workflow: str) -> Instance | None:
    """Find the run into whose thread the workflow is folded now: the first that began."""
    above = moment.library.folded_by.get(workflow)
    if above is None:
        return None
    running = (one for one in moment.state.instances.values() if one.status == "running" and one.workflow in above)
    return min(running, key=lambda one: (one.started_at, one.id), default=None)


def tell_folded(
    moment: Moment, definition: Definition, key: str, thread: Instance, because: str, ref: str = ""
) -> None:
    """Say what is not said, and which thread it belongs to."""
    said = {"workflow": definition.name, "key": key, **(step_said(ref) if ref else {}), "because": because}
    into = {"workflow": thread.workflow, "key": thread.key, "event": thread.start.id}
    moment.emit("alert.suppressed", {**said, "into": into})
