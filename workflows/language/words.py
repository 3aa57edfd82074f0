"""What does a definition do, in words? Its timeline for `workflows show`, and what one event does for `explain`.

Plain data: how it is laid out, the shells decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.language.durations import Duration
from workflows.language.grammar import Ending, EventMatch, Pause, Start, Step
from workflows.language.phrases import both, either, on_any, on_event, where_words
from workflows.language.plans import Choice, Definition, Matcher, StartPlan, StepPlan
from workflows.language.terms import length_in_hours


@dataclass(frozen=True, slots=True)
class Row:
    """One step on the timeline; what does not apply to it is ""."""

    when: str
    ref: str
    what: str
    who: str
    until: str
    severity: str
    ends: str


@dataclass(frozen=True, slots=True)
class Description:
    """A workflow in words; `timeline` is in the order in which things happen if nobody does anything."""

    name: str
    title: str
    team: str
    version: str
    mode: str
    purpose: str
    starts: list[str]
    guards: list[str]
    timeline: list[Row]
    endings: list[str]
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that an event does in a workflow; `ref` is "" where it concerns the whole."""

    workflow: str
    ref: str
    what: str
    condition: str


def describe(definition: Definition) -> Description:
    """Tell a definition as a timeline."""
    source = definition.source
    clocks = _Order(definition)
    plans = sorted(definition.steps.values(), key=clocks.place)
    endings = [f"completed {_ending(one)}" for one in source.done or []]
    endings += [f"cancelled {_ending(one)}" for one in source.cancel or []]
    if source.restart is not None:
        endings.append(f"its clocks begin again {on_event(source.restart)}, from {source.restart.from_}")
    if source.pause is not None:
        endings.append(f"its clocks stop {_pause(source.pause)}")
    return Description(
        name=source.name,
        title=source.title,
        team=source.team,
        version=source.version,
        mode=source.mode,
        purpose=source.purpose.strip(),
        starts=[_start(one) for one in definition.starts],
        guards=[one.reason for one in source.unless],
        timeline=[_row(plan, definition) for plan in plans],
        endings=endings,
        examples=[one.name for one in source.examples],
    )


def explain(event_type: str, definitions: Iterable[Definition]) -> list[Effect]:
    """Tell what an event of the type does, over all workflows: what it starts first, then by workflow."""
    found: list[Effect] = []
    for one in sorted(definitions, key=lambda one: one.name):
        found += [_started(one, start, event_type) for start in one.starts if event_type in _types(start)]
        for guard in one.guards:
            if guard.recent is not None and event_type in guard.recent.types:
                found.append(_effect(one, "", f"may keep it from starting: {guard.reason}", guard.recent))
        for kind, name, matcher, extra in one.reactions.get(event_type, ()):
            ref = name if name in one.steps else ""
            found.append(_effect(one, ref, _REACTION[kind](one, name, extra), matcher))
    return sorted(found, key=lambda effect: not effect.what.startswith("starts"))


# ------------------------------------------------------------ what starts it, what ends it


def _start(plan: StartPlan) -> str:
    match plan.source:
        case Start(count=count) if count is not None:
            by = f" for the same {count.by}" if count.by else ""
            by += f", one for each {count.same}" if count.same else ""
            by += f", each different {count.distinct}" if count.distinct else ""
            by += f", by the sum of {count.sum}" if count.sum else ""
            within = f" within {count.within}" if count.within else ""
            return f"{on_event(count)}, {count.at_least} times{by}{within}"
        case Start(held=held) if held is not None:
            return f"{on_any(held.enter)}, and for {held.for_} not {on_any(held.leave).removeprefix('on ')}"
        case Start(absent=absent) if absent is not None:
            return f"{on_event(absent)}, and none since within {_choice(plan.within, str)}"
        case Start(seq=seq) if seq is not None:
            return f"{on_event(seq.first)}, then {on_event(seq.then)} within {seq.within}"
        case Start(date=date) if date is not None:
            side = f"{date.before} before" if date.before else f"{date.after} after" if date.after else "on"
            return f"{side} {date.of}, as told {on_event(date)}"
        case Start(changed=changed) if changed is not None:
            return f"when {changed} of the account changes{where_words(plan.source.where)}"
        case start:
            return f"on {either(start.on or [])}{where_words(start.where)}"


def _ending(ending: Ending) -> str:
    parts = []
    if ending.on is not None:
        parts.append(f"on {either(ending.on)}{where_words(ending.where)}")
    if ending.after:
        parts.append(f"when {both(ending.after)} {'is' if len(ending.after) == 1 else 'are'} done")
    if ending.begun:
        parts.append(f"when {both(ending.begun)} {'has' if len(ending.begun) == 1 else 'have'} begun")
    if ending.missed:
        parts.append(f"when {both(ending.missed)} passed by")
    if ending.if_ is not None:
        parts.append(f"if {ending.if_}")
    if ending.pass_ is not None:
        parts.append(f"and {ending.pass_.loop} goes to {ending.pass_.to}".removeprefix("and "))
    if ending.within is not None:
        parts.append(f"within {ending.within} of the start")
    return " and ".join(parts)


def _pause(pause: Pause) -> str:
    if pause.while_ is not None:
        return f"while {pause.while_}"
    return f"{on_any(pause.from_ or [])}, and go on {on_any(pause.until or [])}"


# ------------------------------------------------------------ the timeline


class _Order:
    """Where a step stands on the timeline: hours after the start, if all takes the time that it may take."""

    def __init__(self, definition: Definition) -> None:
        self.steps = definition.steps
        self.index = {ref: index for index, ref in enumerate(definition.steps)}

    def place(self, plan: StepPlan) -> tuple[float, int]:
        """Order by time, then as written; what waits for an event of its own comes last."""
        return self._begins(plan.ref, frozenset()), self.index[plan.ref]

    def _begins(self, ref: str, seen: frozenset[str]) -> float:
        plan = self.steps.get(ref)
        if plan is None or ref in seen:
            return 0.0
        step, seen = plan.step, seen | {ref}
        delay = length_in_hours(step.delay) if step.delay else 0.0
        if plan.clocks and step.expect is None:
            return min(self._ends(one.since, seen) + length_in_hours(one.within) for one in plan.clocks)
        waited = [*(step.after or []), *(step.missed or []), *(step.declined or [])]
        if step.overdue is not None:
            return max(self._ends(one, seen) for one in step.overdue.of[:1])
        if waited:
            return delay + min(self._ends(one, seen) for one in waited)
        if step.expect is not None:
            return self._ends(step.expect.since, seen)
        return delay + (_LATER if step.on is not None or step.emptied is not None else 0.0)

    def _ends(self, ref: str, seen: frozenset[str]) -> float:
        plan = self.steps.get(ref)
        begins = self._begins(ref, seen)
        if plan is None or plan.due is None:
            return begins
        lengths = [length_in_hours(value) for _, value in plan.due.rows if isinstance(value, Duration)]
        return begins + min(lengths, default=0.0)


_LATER = 1e6
"""Hours after which stands what waits for an event of its own: behind all that has a time."""


def _row(plan: StepPlan, definition: Definition) -> Row:
    step = plan.step
    return Row(
        when=_when(step),
        ref=plan.ref,
        what=_what(step),
        who=_who(plan),
        until=_until(plan),
        severity=_choice(plan.severity, str),
        ends=_ends(plan, definition),
    )


def _when(step: Step) -> str:
    trigger = _trigger(step)
    if step.delay is not None:
        trigger = f"{step.delay} after the start" if trigger == "at once" else f"{step.delay} {_later(trigger)}"
    if step.recheck is not None:
        trigger += f", looked at again every {step.recheck}"
    return f"{trigger}, if {step.when}" if step.when else trigger


def _later(trigger: str) -> str:
    return trigger if trigger.startswith("after ") else f"after: {trigger}"


def _trigger(step: Step) -> str:
    if step.on is not None:
        return f"on {either(step.on)}{where_words(step.where)}"
    for word, said in (("after", "after {}"), ("missed", "when {} passed by"), ("declined", "when {} is declined")):
        refs = getattr(step, word)
        if refs is not None:
            return said.format(either(refs))
    if step.absent is not None:
        return " or ".join(f"{one.within} after {_since(one.since)} without {either(one.on)}" for one in step.absent)
    if step.held is not None:
        return " or ".join(f"{one.for_} after the last {one.mark}" for one in step.held)
    if step.overdue is not None:
        return f"at {step.overdue.at} of the time of {either(step.overdue.of)}, while it is open"
    if step.filled is not None:
        return f"as long as there are {step.filled}"
    if step.emptied is not None:
        return f"when there are no {step.emptied} any more"
    if step.gated_by is not None or step.refused_by is not None:
        return f"when {step.gated_by or step.refused_by} says {'allow' if step.gated_by else 'hold or deny'}"
    if step.expect is not None and step.expect.since != "start":
        return f"after {step.expect.since}"
    return "at once"


def _since(since: str) -> str:
    return "the start" if since == "start" else since


def _what(step: Step) -> str:
    match step.action:
        case "hold":
            return f"hold {both(list(step.hold or []))}: {step.reason}"
        case "lift":
            scopes = both(list(step.lift.scopes)) if step.lift and step.lift.scopes else "all"
            return f"lift {scopes} of {step.lift.hold if step.lift else ''}"
        case "loop":
            return f"open the loop {step.loop.name if step.loop else ''}"
        case "pass":
            assert step.pass_ is not None
            return (
                f"pass the bundle of {step.pass_.bundle}" if step.pass_.bundle else f"pass the loop {step.pass_.loop}"
            )
        case "gate":
            return (
                f"gate: {both([one.code or f'no hold on {one.free_of}' for one in step.gate.checks])}"
                if step.gate
                else ""
            )
        case "post":
            return f"post {step.post.kind} to the ledger" if step.post else ""
        case "record":
            return f"state {step.record.type}" if step.record else ""
        case "expect":
            return f"expect {on_event(step.expect).removeprefix('on ') if step.expect else ''}"
        case _:
            return step.task or step.alert or (f"publish {step.brief.name}" if step.brief else "")


def _who(plan: StepPlan) -> str:
    step = plan.step
    if plan.receiver is not None:
        return _choice(plan.receiver, either)
    return _choice(plan.to, either if step.task is not None else both)


def _until(plan: StepPlan) -> str:
    step = plan.step
    if step.expect is not None:
        return str(step.expect.within) if step.expect.since == "start" else f"{step.expect.within} after it begins"
    due = _choice(plan.due, str)
    if not due or (plan.trigger == "" and step.delay is None):
        return due
    return f"{due} after it begins" if step.clock == "trigger" else f"{due} after the start"


def _choice(choice: Choice | None, shown: Callable[[Any], str]) -> str:
    """Write a choice with its cases, the last one as what else holds."""
    if choice is None:
        return ""
    rows = [f"{shown(value)} when {condition.source}" for condition, value in choice.rows if condition is not None]
    last = shown(choice.rows[-1][1])
    return "; ".join([*rows, f"else {last}"]) if rows else last


def _ends(plan: StepPlan, definition: Definition) -> str:
    step = plan.step
    parts = [_done_by(one, definition) for one in step.done_by or []]
    if step.handoff is not None:
        parts = [f"accepted, which passes {step.handoff.loop}", *(one for one in parts if one != "accepted")]
    if step.absent is not None:
        parts.append(either(list(dict.fromkeys(name for one in step.absent for name in one.on))))
    parts += [on_event(one).removeprefix("on ") for one in step.resolved_by or []]
    parts += [f"{ref} done" for ref in step.settled_by or []]
    parts += [f"lifted by {one.ref}" for one in definition.source.steps if one.lift and one.lift.hold == plan.ref]
    if step.repeats:
        parts.append("then again")
    if step.reopen is not None:
        brought = [f"on {either(step.reopen.on)}{where_words(step.reopen.where)}"] if step.reopen.on else []
        brought += [f"when {either(step.reopen.declined)} is declined"] if step.reopen.declined else []
        parts.append(f"comes again {either(brought)}")
    return "; ".join(dict.fromkeys(parts))


def _done_by(match: EventMatch | str, definition: Definition) -> str:
    if not isinstance(match, str):
        return on_event(match).removeprefix("on ")
    if match == "accepted":
        return match
    return either([name for one in definition.source.marks[match] for name in one.on])


# ------------------------------------------------------------ what an event does


def _types(start: StartPlan) -> frozenset[str]:
    first = start.first.types if start.first is not None else frozenset()
    return start.matcher.types.union(first, *(one.types for one in start.leave))


def _started(definition: Definition, start: StartPlan, event_type: str) -> Effect:
    fits = event_type in start.matcher.types
    what = {
        ("count", True): "counts towards its start",
        ("count", False): "takes back what counts towards its start",
        ("held", True): f"may start it after {start.source.held.for_ if start.source.held else ''}",
        ("held", False): "keeps it from starting",
        ("absent", True): "begins the silence anew that may start it",
        ("absent", False): "may change how long the silence is that starts it",
        ("date", True): "tells the date at which it starts",
        ("date", False): "keeps it from starting",
        ("seq", False): "is the first half of its start",
    }.get((start.kind, fits), "starts")
    what = f"{what}: {definition.source.title}"
    return _effect(definition, "", what, start.matcher if event_type in start.matcher.types else start.first)


def _effect(definition: Definition, ref: str, what: str, matcher: Matcher | None) -> Effect:
    condition = matcher.where.source if matcher is not None and matcher.where is not None else ""
    return Effect(definition.name, ref, what, condition)


def _text(definition: Definition, ref: str) -> str:
    return f"{ref}, {_what(definition.steps[ref].step)}"


_REACTION: Mapping[str, Callable[[Definition, str, Any], str]] = {
    "cancel": lambda _one, _name, _extra: "cancels it",
    "restart": lambda _one, _name, _extra: "begins its clocks again",
    "pause": lambda _one, _name, _extra: "stops its clocks",
    "resume": lambda _one, _name, _extra: "lets its clocks go on",
    "track_add": lambda _one, name, _extra: f"adds to its {name}",
    "track_remove": lambda _one, name, _extra: f"takes away from its {name}",
    "renew": lambda _one, name, _extra: f"brings the list of the gate {name} anew",
    "override": lambda _one, name, _extra: f"may open the gate {name}",
    "mark": lambda _one, name, _extra: f"moves its mark {name}",
    "reopen": lambda one, name, extra: f"brings again{f', due after {extra}' if extra else ''}, {_text(one, name)}",
    "refuse": lambda one, name, extra: f"is refused as {extra.reason} by {_text(one, name)}",
    "accept": lambda one, name, _extra: f"accepts {_text(one, name)}",
    "decline": lambda one, name, _extra: f"gives back {_text(one, name)}",
    "gather": lambda one, name, _extra: f"joins {_text(one, name)}",
    "told": lambda one, name, _extra: f"tells the customer of {_text(one, name)}",
    "done_by": lambda one, name, _extra: f"completes {_text(one, name)}",
    "resolve": lambda one, name, _extra: f"resolves {_text(one, name)}",
    "void": lambda one, name, _extra: f"calls off {_text(one, name)}",
    "satisfy": lambda one, name, _extra: f"satisfies {_text(one, name)}",
    "early": lambda one, name, _extra: f"may raise early {_text(one, name)}",
    "trigger": lambda one, name, _extra: f"begins {_text(one, name)}",
    "done": lambda _one, _name, _extra: "completes it",
}
"""What each kind of reaction does, in words; the kinds are those of `plans.REACTION_ORDER`."""
