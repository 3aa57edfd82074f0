"""How does a workflow run if everything takes the time that it may take? Where each step begins and ends, and why then.

A step that waits for an event of its own has no time since the start; it, and what follows from it, is placed by the
time since that event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nofumble.pages.markdown import listed
from nofumble.pages.moments import ZERO, Moment
from nofumble.pages.wording import spoken
from workflows.language.durations import Duration, parse_duration
from workflows.language.plans import Choice, Definition, StepPlan
from workflows.language.words import describe

ENGINE = "nofumble"
"""The lane of what nobody has to do."""

SEVERITIES = ("info", "warn", "urgent", "critical")

_LASTING = ("hold", "loop", "expect")
"""Steps that are a stretch of time, though nobody works on them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: from when to when; a point has no end, and an open stretch ends with the workflow.

    `waits` tells that the time counts from an event of its own.
    """

    waits: bool
    begins: Moment
    ends: Moment | None = None
    latest: Moment | None = None
    is_open: bool = False

    @property
    def done(self) -> Moment:
        """When it is over, for what comes after it."""
        return self.ends or self.begins


@dataclass(frozen=True, slots=True)
class Item:
    """One step as it is drawn: `also` who else is told, `note` what it waits for, `leads_from` what leads to it."""

    ref: str
    action: str
    lane: str
    text: str
    also: str
    note: str
    severity: str
    is_conditional: bool
    leads_from: tuple[str, ...]
    place: Place


def course_of(definition: Definition) -> list[Item]:
    """Return the steps of a definition where they stand, in order of time."""
    places = _Places(definition)
    told = {row.ref: (row.what, row.when) for row in describe(definition).timeline}
    items = [_item(plan, places, *told[plan.ref]) for plan in definition.steps.values()]
    return sorted(items, key=lambda one: (one.place.waits, one.place.begins))


def receivers_of(plan: StepPlan) -> list[str]:
    """Return whom a step concerns in the usual case, the first of all first; nobody for what the engine does itself."""
    choice = plan.receiver or plan.to
    if choice is None or plan.action in ("hold", "lift", "gate", "post", "expect"):
        return []
    return [str(one) for one in choice.rows[-1][1]]


def sources_of(plan: StepPlan) -> tuple[str, ...]:
    """Return the steps that a step waits for."""
    step = plan.step
    refs = [*(step.after or ()), *(step.missed or ()), *(step.declined or ())]
    refs += [step.gated_by or "", step.refused_by or "", *(step.overdue.of if step.overdue else ())]
    refs += [one.since for one in plan.clocks]
    return tuple(dict.fromkeys(ref for ref in refs if ref))


class _Places:
    """Works out the place of each step from those of the steps before it."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._found: dict[str, Place] = {}
        self._open: set[str] = set()

    def of(self, ref: str) -> Place:
        """Return the place of a step; in a ring the step that is asked twice begins at once."""
        if ref not in self._found:
            if ref in self._open:
                return Place(waits=False, begins=ZERO)
            self._open.add(ref)
            plan = self._definition.steps[ref]
            waits, begins = self._begin(plan)
            self._found[ref] = self._stretch(plan, begins, waits=waits)
        return self._found[ref]

    def known(self, refs: Iterable[str]) -> list[str]:
        """Return those of the names that are steps."""
        return [ref for ref in refs if ref in self._definition.steps]

    def _begin(self, plan: StepPlan) -> tuple[bool, Moment]:
        waits, begins = self._trigger(plan)
        if plan.step.delay is not None:
            begins = begins.plus(plan.step.delay)
        return waits, begins

    def _trigger(self, plan: StepPlan) -> tuple[bool, Moment]:
        step = plan.step
        sources = {ref: self.of(ref) for ref in self.known(sources_of(plan))}
        if plan.clocks and step.expect is None:
            return self._first_clock(plan, sources)
        if not sources:
            return step.on is not None or step.emptied is not None, ZERO
        waits = all(one.waits for one in sources.values())
        here = {ref: one for ref, one in sources.items() if one.waits == waits}
        if step.overdue is not None:
            return waits, min(
                self._overdue(self._definition.steps[ref], one, step.overdue.at) for ref, one in here.items()
            )
        at_once = step.declined or step.gated_by or step.refused_by
        needed = [one.done for ref, one in here.items() if f"done.{ref}" in (step.when or "")]
        over = min(one.begins if at_once else self._over(ref, step.missed) for ref, one in here.items())
        return waits, max(over, *needed, *(one.begins for one in here.values())).after

    def _over(self, ref: str, missed: Iterable[str] | None) -> Moment:
        """Return when what follows a step may begin: an expectation may come true at once, or pass by at its end."""
        place = self.of(ref)
        is_expected = self._definition.steps[ref].step.expect is not None
        return place.begins if is_expected and ref not in (missed or ()) else place.done

    def _first_clock(self, plan: StepPlan, sources: dict[str, Place]) -> tuple[bool, Moment]:
        found = []
        for one in plan.clocks:
            since = sources.get(one.since)
            found.append((since.waits, since.done.plus(one.within)) if since else (False, ZERO.plus(one.within)))
        return min(found)

    def _overdue(self, plan: StepPlan, place: Place, at: str) -> Moment:
        if at.startswith("due"):
            late = at.removeprefix("due").removeprefix(" + ")
            return place.done.plus(parse_duration(late)) if late else place.done.after
        lengths = _lengths(plan.due)
        since = place.begins if plan.step.clock == "trigger" else ZERO
        return since.plus(min(lengths)[1], int(at.rstrip("%")) / 100) if lengths else place.begins.after

    def _stretch(self, plan: StepPlan, begins: Moment, *, waits: bool) -> Place:
        step = plan.step
        if step.expect is not None:
            return Place(waits, begins, begins.plus(step.expect.within))
        if step.task is not None:
            return self._task(plan, begins, waits=waits)
        lifts = [one for one in self._definition.steps.values() if one.step.lift and one.step.lift.hold == plan.ref]
        ends = [self.of(one.ref) for one in lifts if plan.action == "hold"]
        if ends and all(one.waits == waits and one.begins > begins for one in ends):
            return Place(waits, begins, max(one.begins for one in ends))
        return Place(waits, begins, is_open=plan.action in _LASTING)

    def _task(self, plan: StepPlan, begins: Moment, *, waits: bool) -> Place:
        lengths = [duration for _, duration in sorted(_lengths(plan.due))]
        from_trigger = plan.step.clock == "trigger"
        if not lengths or (waits and not from_trigger):
            return Place(waits, begins, is_open=True)
        ends = [begins.plus(one) if from_trigger else max(begins, ZERO.plus(one)) for one in lengths]
        return Place(waits, begins, ends[0], ends[-1])


def _lengths(due: Choice | None) -> list[tuple[Moment, Duration]]:
    """Return the lengths that a due time may have; one that is a time of its own has none."""
    rows = due.rows if due is not None else ()
    return [(ZERO.plus(value), value) for _, value in rows if isinstance(value, Duration)]


def _item(plan: StepPlan, places: _Places, what: str, when: str) -> Item:
    place = places.of(plan.ref)
    receivers = receivers_of(plan)
    sources = places.known(sources_of(plan))
    is_told = plan.action in ("alert", "brief")
    return Item(
        ref=plan.ref,
        action=plan.action,
        lane=receivers[0] if receivers else ENGINE,
        text=spoken(f"gate: {len(plan.checks)} checks" if plan.action == "gate" else what),
        also=f"(also {listed(receivers[1:])})" if is_told and receivers[1:] else "",
        note=when.partition(" where ")[0].removesuffix(f", if {plan.step.when}") if place.waits and not sources else "",
        severity=_severity(plan),
        is_conditional=plan.step.when is not None,
        leads_from=tuple(ref for ref in sources if places.of(ref).waits == place.waits),
        place=place,
    )


def _severity(plan: StepPlan) -> str:
    """Return the gravest severity that an alert may have."""
    found = {value for _, value in plan.severity.rows} if plan.severity is not None else set()
    return max(found, key=SEVERITIES.index, default="")
