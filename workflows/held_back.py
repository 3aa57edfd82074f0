"""Which steps wait for the end of a hold, and go on when it is lifted? (`not_during`)."""

from __future__ import annotations

from workflows.moment import Moment
from workflows.pauses import look
from workflows.steps import HELD_BACK, begin, is_on_hold, run_of


def go_on(moment: Moment) -> None:
    """Begin the steps that waited for holds which have been lifted."""
    moment.lifted = False
    for instance in list(moment.state.instances.values()):
        definition = moment.library.by_hash.get(instance.definition)
        waiting = [ref for ref, state in instance.steps.items() if state.status == HELD_BACK]
        if definition is None or instance.status != "running":
            continue
        run = run_of(moment, definition, instance)
        look(run)  # the clocks go on before what was held back begins
        for ref in waiting:
            plan = definition.steps[ref]
            if not is_on_hold(moment, plan.step.not_during or ()):
                run.step(ref).status = "waiting"
                begin(run, plan, run.step(ref).trace)
