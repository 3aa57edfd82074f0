"""How do the steps of a workflow read? When each begins, and what it asks of whom, until when and with which ladder."""

from collections.abc import Iterable

from nofumble.pages.course import receivers_of
from nofumble.pages.markdown import bullets, code, listed, table
from nofumble.pages.wording import Wording
from workflows.escalation import DEFAULT_LADDER
from workflows.language.grammar import Rung, Step
from workflows.language.plans import CheckPlan, Definition, StepPlan
from workflows.language.words import Description, Row

_DOES = {
    "task": "given to {who}",
    "alert": "told to {who}",
    "brief": "published to {who}",
    "hold": "placed",
    "lift": "lifted",
    "loop": "opened, held by {who}",
    "pass": "passed to {who}",
    "expect": "waited for",
    "gate": "asked",
    "post": "posted",
}
"""What happens to a step when its moment comes."""


def timeline(definition: Definition, told: Description, words: Wording) -> str:
    """Return when each step begins: a point for each moment, in order of time."""
    moments: dict[str, dict[str, list[str]]] = {}
    for row in told.timeline:
        plan = definition.steps[row.ref]
        does = _DOES.get(plan.action, "done").format(who=words.marked(listed(receivers_of(plan)[:1])))
        moments.setdefault(row.when, {}).setdefault(does, []).append(row.ref)
    return bullets(
        f"**{words.marked(when)}**: " + "; ".join(f"{listed(refs)} {does}" for does, refs in found.items())
        for when, found in moments.items()
    )


def steps_table(definition: Definition, told: Description, words: Wording) -> str:
    """Return the steps as a table, in the order of the definition."""
    rows = {row.ref: row for row in told.timeline}
    return table(
        ("step", "what", "to whom", "until when, how urgent", "over with", "ladder"),
        [_step(plan, rows[plan.ref], words) for plan in definition.steps.values()],
    )


def ladder_of(rungs: Iterable[Rung]) -> str:
    """Return a ladder as a sentence lists it."""
    return ", ".join(f"{rung.to} at {rung.at} ({rung.severity})" for rung in rungs)


def usual_ladder() -> str:
    """Return the ladder of a task that has none of its own."""
    return ladder_of(DEFAULT_LADDER)


def gates(definition: Definition, words: Wording) -> str:
    """Return the checks of each gate."""
    parts = []
    for plan in (one for one in definition.steps.values() if one.step.gate is not None):
        assert plan.step.gate is not None
        each = f" for each of {words.marked(plan.step.gate.each)}" if plan.step.gate.each else ""
        parts.append(f"{plan.ref} says allow{each} when all of these hold:")
        head = ("reason if not", "must hold", "asked", "may be passed by")
        parts.append(table(head, [_check(one, words) for one in plan.checks]))
    return "\n\n".join(parts)


def holds_and_loops(definition: Definition, words: Wording) -> str:
    """Return what is held back and what is kept in somebody's hands: how each ends and who may move it."""
    steps = [plan.step for plan in definition.steps.values()]
    return bullets(
        [
            *(_hold(step, steps, words) for step in steps if step.hold is not None),
            *(_loop(step, steps, words) for step in steps if step.loop is not None),
        ]
    )


def _step(plan: StepPlan, row: Row, words: Wording) -> tuple[str, ...]:
    step = plan.step
    what = f"gate of {len(plan.checks)} checks" if step.gate else words.marked(row.what)
    more = [word for word, is_so in (("optional", step.optional), ("stays open at the end", step.stays)) if is_so]
    more += [f"at most {one.times} times in {one.within}" for one in step.at_most or ()]
    more += [f"outcomes: {listed(step.outcomes, 'or')}"] if step.outcomes else []
    more += [f"to tick: {'; '.join(step.checklist)}"] if step.checklist else []
    waited = row.when.partition(" without ")[2] if len(step.absent or ()) == 1 else ""
    ends = row.ends.replace(waited, "it comes after all") if waited else row.ends
    return (
        plan.ref,
        f"{what} ({'; '.join(more)})" if more else what,
        words.marked(row.who),
        words.marked(row.until or row.severity),
        words.marked(ends),
        _ladder(step),
    )


def _ladder(step: Step) -> str:
    if step.task is None:
        return ""
    if step.ladder is None:
        return "usual"
    return "none" if step.ladder == "none" else ladder_of(step.ladder)


def _check(plan: CheckPlan, words: Wording) -> tuple[str, ...]:
    if plan.scope:
        test = f"no hold on {plan.scope}"
    elif plan.since is not None:
        test = f"at least {plan.span} since {code(plan.since.source)}"
    else:
        test = code(plan.condition.source) if plan.condition is not None else ""
    asked = f"if {words.marked(plan.when.source)}" if plan.when is not None else ""
    passed = "nobody: no date changes it" if plan.denies else listed(plan.override, "or")
    return code(plan.code) if plan.code else "that of the hold", test, asked, passed


def _hold(step: Step, steps: list[Step], words: Wording) -> str:
    lifts = [one for one in steps if one.lift is not None and one.lift.hold == step.ref]
    lifted = [f"{one.ref} ({listed(one.lift.scopes)})" if one.lift and one.lift.scopes else one.ref for one in lifts]
    ends = f"lifted by {listed(lifted)}" if lifted else "lifted with the end"
    where = f"of the contact {words.marked(step.contact)}" if step.contact else "of the account"
    known = f", known as {code(step.code)}" if step.code else ""
    lasts = f", while there are {step.filled}" if step.filled else ""
    return f"Hold {step.ref} {where}{known}: {ends}{lasts}."


def _loop(step: Step, steps: list[Step], words: Wording) -> str:
    assert step.loop is not None
    handoffs = [one.ref for one in steps if one.handoff is not None and one.handoff.loop == step.ref]
    passes = [one.ref for one in steps if one.pass_ is not None and one.pass_.loop == step.ref]
    moves = [f"when {listed(handoffs, 'or')} is accepted"] if handoffs else []
    moves += [f"with {listed(passes, 'or')}"] if passes else []
    told = step.loop.told
    names = [told] if isinstance(told, str) else [name for one in told or () for name in one.on]
    heard = f"; the customer is told by {words.marked(listed(dict.fromkeys(names), 'or'))}" if names else ""
    return f"Loop {step.ref}, {step.loop.name}: passes on {' or '.join(moves) or 'by hand only'}{heard}."
