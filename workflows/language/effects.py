"""Has every word of a definition an effect where it stands? And does what is waited for ever come in?

A word that does nothing is a rule that its author believes in and that nobody keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from events.catalogue import EVENT_TYPES
from workflows.language.grammar import TRIGGERS, DefinitionSource, Ending, Step, a
from workflows.language.plans import Definition
from workflows.language.rules import Fault, Where
from workflows.language.terms import nearest
from workflows.people import DIRECTORY_EVENTS, OF_HOLDERS

REACTIONS_MAX = 100
"""Questions that one event asks each running instance: the cost of an event stays bounded (F47)."""

RESERVED_MARKS = frozenset({"start", "accepted"})
"""Words that stand where a mark may be named, and mean something else there."""


def check_effects(source: DefinitionSource) -> Iterator[Fault]:
    """Find duplicate refs, words without effect, unused names and events that never come in."""
    yield from _duplicate_refs(source)
    for index, step in enumerate(source.steps):
        yield from (Fault(("steps", index, *fault.where), fault.message, fault.rule) for fault in _of_step(step))
    yield from _of_guards(source)
    yield from _of_endings(source)
    yield from _of_lookback(source)
    yield from _unused(source)
    yield from _events_that_never_come(source)


def check_reactions(definition: Definition) -> Iterator[Fault]:
    """Find an event type that asks too much of each instance, and fields that correlate nothing."""
    for name, reactions in definition.reactions.items():
        if len(reactions) > REACTIONS_MAX:
            message = f"{name} asks each instance {len(reactions)} questions; at most {REACTIONS_MAX} are allowed (F47)"
            yield Fault(("steps",), f"{message}; name fewer steps for it, or split the definition", "reactions")
    yield from _correlating(definition)


def _duplicate_refs(source: DefinitionSource) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, step in enumerate(source.steps):
        if step.ref in seen:
            message = f"there are two steps {step.ref}; give the second another number"
            yield Fault(("steps", index, "ref"), message, "duplicate_ref")
        seen.add(step.ref)


# ------------------------------------------------------------ words of a step


def _of_step(step: Step) -> Iterator[Fault]:
    clocked = step.absent is not None or step.held is not None
    if step.where is not None and step.on is None:
        yield _idle("where", "it is asked of an event, and there is no `on`; a guard of the step is `when`")
    if step.delay is not None and (clocked or step.expect is not None):
        yield _idle("delay", "the clock of the step says when; put the time into `within` or `for`")
    if step.recheck is not None and step.gate is None and (step.when is None or not clocked):
        reason = "it looks at `when` again after a clock ran out; give the step `when`, and `absent` or `held`"
        yield _idle("recheck", reason)
    if step.early is not None and step.absent is None:
        yield _idle("early", "there is nothing to be early for; give the alert `absent`")
    if step.afterwards is not None and step.on is None:
        yield _idle("afterwards", "after the end only an event begins a step; give the step `on`")
    if step.voided_by is not None and step.task is None and step.gate is None and step.delay is None:
        yield _idle("voided_by", f"the {step.action} acts at once; give the step a `delay`")
    if "clock" in step.model_fields_set and step.task is None:
        yield _idle("clock", "it counts the due time of a task, and this is none; leave it out")
    if step.action in ("lift", "loop", "pass", "expect", "gate", "post", "record") and step.to is not None:
        yield _idle("to", f"{a(step.action)} is given to nobody; leave it out")
    if step.expect is not None:
        yield from _of_expect(step)
    if step.repeats and step.clock == "start":
        message = f"step {step.ref} repeats and counts its due time from the start; write `clock: trigger`"
        yield Fault(("repeats",), message, "repeats_clock")


def _of_expect(step: Step) -> Iterator[Fault]:
    for word in (*TRIGGERS, "when"):
        if getattr(step, word) is not None:
            yield _idle(word, "an expectation runs from its `since`; name the mark or the step there")


def _idle(word: str, reason: str) -> Fault:
    return Fault((word,), f"`{word}` has no effect here: {reason}", "no_effect")


# ------------------------------------------------------------ words of the whole


def _of_guards(source: DefinitionSource) -> Iterator[Fault]:
    for index, guard in enumerate(source.unless):
        if guard.recheck is not None and not any(one.absent is not None for one in source.start):
            message = "`recheck` has no effect here: only a silence waits for its guards; start with `absent`"
            yield Fault(("unless", index, "recheck"), message, "no_effect")


def _of_endings(source: DefinitionSource) -> Iterator[Fault]:
    for key, endings in (("done", source.done), ("cancel", source.cancel)):
        for index, ending in enumerate(endings or []):
            for fault in _of_ending(key, ending):
                yield Fault((key, index, *fault.where), fault.message, fault.rule)


def _of_ending(key: str, ending: Ending) -> Iterator[Fault]:
    if ending.on is None and key == "cancel" and not ending.stands_on_condition:
        word = next(word for word in ("after", "missed", "begun") if getattr(ending, word) is not None)
        yield _idle(word, "an instance is cancelled by an event; end it by steps with `done` and a `reason`")
    if ending.on is None and ending.where is not None:
        yield _idle("where", "it is asked of an event, and there is no `on`; write `if`")
    if ending.on is not None and ending.if_ is not None:
        yield _idle("if", "the event decides; write it into `where`")
    if ending.within is not None and (key == "done" or ending.on is None):
        yield _idle("within", "it bounds a `cancel` by an event; leave it out")


def _of_lookback(source: DefinitionSource) -> Iterator[Fault]:
    if source.lookback is not None and source.correlate is None:
        message = "`lookback` has no effect here: it finds the events that name the same thing; add `correlate`"
        yield Fault(("lookback",), message, "no_effect")


def _unused(source: DefinitionSource) -> Iterator[Fault]:
    texts = " ".join(_texts(source.model_dump(exclude={"examples", "marks"})))
    steps = source.steps
    marks = {name for name in source.marks if re.search(rf"\b(marked|times)\.{name}\b", texts)}
    marks |= {held.mark for step in steps for held in step.held or []}
    marks |= {absent.since for step in steps for absent in step.absent or []}
    marks |= {step.expect.since for step in steps if step.expect is not None}
    marks |= {name for step in steps for name in step.done_by or [] if isinstance(name, str)}
    ladders = [one for step in steps for one in (step.ladder, step.on_accept and step.on_accept.ladder)]
    marks |= {rung.since for ladder in ladders if isinstance(ladder, list) for rung in ladder if rung.since is not None}
    marks |= {step.loop.told for step in steps if step.loop is not None and isinstance(step.loop.told, str)}
    sets = {name for step in steps for name in (step.filled, step.emptied) if name}
    sets |= {name for name in source.track if re.search(rf"\btracked\.{name}\b", texts)}
    values = {name for name in source.values if re.search(rf"\bvalue\.{name}\b", texts)}
    for key, names, used, remedy in (
        ("marks", source.marks, marks, "name it in `since`, `held`, `done_by` or `told`, or read it as marked"),
        ("track", source.track, sets, "name it in `filled` or `emptied`, or read it as tracked"),
        ("values", source.values, values, "read it as value"),
    ):
        for name in names:
            if name not in used:
                message = f"{name!r} is used nowhere; {remedy}.{name}, or take it out"
                yield Fault((key, name), message, "unused")
            if key == "marks" and name in RESERVED_MARKS:
                message = f"a mark cannot be named {name!r}, which means something else where it is named; rename it"
                yield Fault((key, name), message, "unused")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


# ------------------------------------------------------------ events


def _events_that_never_come(source: DefinitionSource) -> Iterator[Fault]:
    for where, index, name in _types_asked_for(source, ()):
        if name in EVENT_TYPES and EVENT_TYPES[name].is_emitted_only:
            message = f"{name} is sent by the engine and never comes in; wait for what leads to it, such as a step"
            yield Fault((*where, "on", index), message, "engine_event")
        elif name in DIRECTORY_EVENTS - OF_HOLDERS or name == "source.heartbeat":
            message = f"{name} tells of no account, so that no workflow ever sees it; wait for another event"
            yield Fault((*where, "on", index), message, "engine_event")


def _types_asked_for(block: Any, where: Where) -> Iterator[tuple[Where, int, str]]:
    """Walk over all blocks and give each event type with its place."""
    if isinstance(block, BaseModel):
        for name, field in type(block).model_fields.items():
            found = getattr(block, name)
            if name == "on":
                yield from ((where, index, one) for index, one in enumerate(found or []))
            else:
                yield from _types_asked_for(found, (*where, field.alias or name))
    elif isinstance(block, list):
        for index, part in enumerate(block):
            yield from _types_asked_for(part, (*where, index))
    elif isinstance(block, dict):
        for key, part in block.items():
            yield from _types_asked_for(part, (*where, key))


def _correlating(definition: Definition) -> Iterator[Fault]:
    """Find a field that no event of the definition has: two instances could not be told apart by it."""
    types = {*definition.reactions, *(name for start in definition.starts for name in start.matcher.types)}
    fields = sorted({path.split(".")[0] for name in types for path in EVENT_TYPES[name].fields()})
    source = definition.source
    places: list[tuple[Where, list[str]]] = [(("correlate",), source.correlate or [])]
    places += [(("start", index, "correlate"), one.correlate or []) for index, one in enumerate(source.start)]
    for place, names in places:
        for index, name in enumerate(names):
            if name not in fields:
                message = f"no event of this definition has a field {name!r}; {nearest(name, fields, what='fields')}"
                yield Fault((*place, index), message, "correlate")
