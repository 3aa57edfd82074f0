"""Can every step begin, can what is waited for come, and can the instance end? The graph of who waits for whom.

An edge leads from a step to those that it waits for: by `after` and `missed` to any of them, by
`since` to the step from whose end a clock runs. What a step can become follows the engine: a task
is done by a person or an event, an expectation and an absence by the event that is waited for, and
nothing else is ever done; only an expectation is ever missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.language.grammar import TRIGGERS, DefinitionSource, Step, a
from workflows.language.rules import Fault, Where


def check_waits(source: DefinitionSource) -> Iterator[Fault]:
    """Find what waits in vain."""
    yield from _of_itself(source)
    yield from _circles(source)
    yield from _for_nothing(source)
    yield from _lifts_too_early(source)
    yield from _endings(source)


def waits_for(step: Step) -> dict[str, Where]:
    """Give the steps that a step waits for, each with the place where it says so."""
    found: dict[str, Where] = {}
    for word in ("missed", "after", "declined"):
        for index, ref in enumerate(getattr(step, word) or []):
            found[ref] = (word, index)
    for index, absent in enumerate(step.absent or []):
        found.setdefault(absent.since, ("absent", index, "since"))
    if step.expect is not None:
        found.setdefault(step.expect.since, ("expect", "since"))
    for index, ref in enumerate(step.overdue.of if step.overdue is not None else []):
        found.setdefault(ref, ("overdue", "of", index))
    return found


def can_be_done(step: Step) -> bool:
    """Tell whether a step is of a kind that is ever done, so that another may follow it."""
    return step.task is not None or step.expect is not None or step.absent is not None


def _of_itself(source: DefinitionSource) -> Iterator[Fault]:
    for index, step in enumerate(source.steps):
        place = waits_for(step).get(step.ref)
        if place is not None:
            message = f"step {step.ref} waits for itself and never begins; name the step that comes before it"
            yield Fault(("steps", index, *place), message, "waits_for_itself")


def _circles(source: DefinitionSource) -> Iterator[Fault]:
    """Tell of each circle once, at the first of its steps."""
    steps = {step.ref: step for step in source.steps}
    told: set[frozenset[str]] = set()
    for index, step in enumerate(source.steps):
        path = _way_back(step.ref, steps)
        if path is not None and len(path) > 1 and frozenset(path) not in told:
            told.add(frozenset(path))
            circle = " → ".join([*path, step.ref])
            message = f"the steps {circle} wait for each other; let one of them begin on an event, or use `reopen`"
            yield Fault(("steps", index, *waits_for(step)[path[1]]), message, "cycle")


def _way_back(ref: str, steps: dict[str, Step]) -> list[str] | None:
    """Find the shortest way over waits from a step to itself."""
    ways: list[list[str]] = [[ref]]
    seen: set[str] = set()
    for way in ways:
        for following in waits_for(steps[way[-1]]):
            if following == ref:
                return way
            if following in steps and following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None


def _for_nothing(source: DefinitionSource) -> Iterator[Fault]:
    steps = {step.ref: step for step in source.steps}
    for index, step in enumerate(source.steps):
        for place, refs in _asked_of(step):
            yield from _vain(refs, steps, ("steps", index, *place), missed=place[0] == "missed")


def _asked_of(step: Step) -> Iterator[tuple[Where, list[str]]]:
    for word in ("after", "missed", "settled_by"):
        for index, ref in enumerate(getattr(step, word) or []):
            yield (word, index), [ref]
    for index, absent in enumerate(step.absent or []):
        yield ("absent", index, "since"), [absent.since]
    if step.expect is not None:
        yield ("expect", "since"), [step.expect.since]


def _vain(refs: Iterable[str], steps: dict[str, Step], where: Where, *, missed: bool) -> Iterator[Fault]:
    for ref in refs:
        step = steps.get(ref)
        if step is None:
            continue
        if missed and step.expect is None:
            message = f"{ref} is {a(step.action)}, and only an `expect` is ever missed; name one, or use `absent`"
            yield Fault(where, message, "never_missed")
        elif not missed and not can_be_done(step):
            message = f"{ref} is {a(step.action)} and is never done; name a task, an `expect` or a step with `absent`"
            yield Fault(where, message, "never_done")


def _before(ref: str, steps: dict[str, Step], seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Give the steps that must be over before a step is; those of all ways where there are several.

    A task that counts from the start may be done by its event before its turn.
    """
    step = steps.get(ref)
    if step is None or ref in seen or (step.done_by and step.clock == "start"):
        return frozenset()
    ways = [{former} | _before(former, steps, seen | {ref}) for former in [*(step.after or []), *(step.missed or [])]]
    return frozenset.intersection(*map(frozenset, ways)) if ways else frozenset()


def _lifts_too_early(source: DefinitionSource) -> Iterator[Fault]:
    steps = {step.ref: step for step in source.steps}
    for index, step in enumerate(source.steps):
        hold = steps.get(step.lift.hold) if step.lift is not None else None
        if hold is None:
            continue
        waited = {*(step.after or []), *(step.missed or [])}
        if not any(getattr(step, word) for word in (*TRIGGERS, "delay")):
            message = f"{step.ref} lifts {hold.ref} at the start, when nothing is held; give it a trigger"
            yield Fault(("steps", index, "lift"), message, "lift_too_early")
        elif waited and step.delay is None and waited <= _before(hold.ref, steps):
            message = f"{step.ref} lifts {hold.ref} before it is placed; lift it after a step that comes later"
            yield Fault(("steps", index, "lift"), message, "lift_too_early")


def _endings(source: DefinitionSource) -> Iterator[Fault]:
    steps = {step.ref: step for step in source.steps}
    if source.done is None and source.cancel is None:
        message = "an instance of this workflow can never end; add `done` or `cancel`"
        yield Fault((), message, "never_ends")
    for index, ending in enumerate(source.done or []):
        for word in ("after", "missed"):
            for place, ref in enumerate(getattr(ending, word) or []):
                step = steps.get(ref)
                if word == "missed" or step is None or step.settled_by is None:
                    where = ("done", index, word, place)
                    yield from _vain([ref], steps, where, missed=word == "missed")
