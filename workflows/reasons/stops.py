"""What stands in the way of a workflow at an account? For each of its starts the first thing that failed.

What comes near to a start says more than what is far from it: an event that all but began it, a guard, a run that is
still there. So the stops are ranked by how far the start came, then by time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from workflows.account import Pending
from workflows.language.clauses import Failed
from workflows.language.phrases import either
from workflows.language.plans import Definition, StartPlan
from workflows.language.words import describe
from workflows.library import types_of
from workflows.moment import iso
from workflows.reasons.attempts import HoldNamed, Look, Seen
from workflows.reasons.past import Heard

Kind = Literal[
    "mode",
    "failed",
    "reentry",
    "folded",
    "guard",
    "pending",
    "key",
    "unchanged",
    "sequence",
    "count",
    "left",
    "date",
    "too_late",
    "condition",
    "no_event",
]

RANK: dict[str, int] = {name: place for place, name in enumerate(Kind.__args__)}  # type: ignore[attr-defined]


class EventNamed(Struct, frozen=True, gc=False):
    """An event of the history."""

    id: str
    source: str
    type: str
    time: datetime
    arrived_at: datetime


class ClauseSaid(Struct, frozen=True, gc=False):
    """A clause of a condition, its value (``None``: unknown), and the values that it read."""

    text: str
    value: bool | None
    read: dict[str, Any]


class Stop(Struct, frozen=True, omit_defaults=True, gc=False):
    """What stopped one start. `behind` names the events behind it: of a hold, another run, or what was counted.

    `holds` are those that a condition met.
    """

    kind: Kind
    words: str
    start: str = ""
    index: int = -1
    event: EventNamed | None = None
    clause: ClauseSaid | None = None
    key: str = ""
    due: datetime | None = None
    have: int | None = None
    need: int | None = None
    behind: list[str] = []
    holds: list[HoldNamed] = []


def stops_of(definition: Definition, seen: Seen) -> list[Stop]:
    """Give what stands in the way, the nearest to a start first; at least one for each start that has not begun."""
    starts = describe(definition).starts
    found = [
        stop
        for start, words in zip(definition.starts, starts, strict=True)
        for stop in [_Start(definition, start, words, seen).stop()]
    ]
    found += _problems(definition, seen)
    return sorted(found, key=lambda one: (RANK[one.kind], -_time(one)))


def _time(stop: Stop) -> float:
    return stop.event.time.timestamp() if stop.event is not None else 0.0


def _problems(definition: Definition, seen: Seen) -> Iterator[Stop]:
    for one in seen.folded.history.out.problems:
        if one.workflow == definition.name:
            yield Stop("failed", f"it could not be done: {one.reason}", behind=[one.event_id])


class _Start:
    """One start of a definition, and what the fold saw of it."""

    def __init__(self, definition: Definition, start: StartPlan, words: str, seen: Seen) -> None:
        self.definition, self.start, self.words, self.seen = definition, start, words, seen
        self.heard = {one.event.id: one for one in seen.past.heard}
        self.pending = dict(seen.folded.state.pending.get(f"{definition.name}/{start.index}", {}))

    def stop(self) -> Stop:
        """Tell how far this start came, and what failed then."""
        return (
            self._after_the_key()
            or self._waits()
            or self._matched()
            or self._too_late()
            or self._condition()
            or self._say("no_event", f"no {_some(sorted(self.start.matcher.types))} was heard")
        )

    def _say(self, kind: Kind, words: str, event: str = "", clause: Failed | None = None, **more: Any) -> Stop:
        said = None if clause is None else ClauseSaid(clause.source, clause.value, clause.read)
        return Stop(kind, words, self.words, self.start.index, self._named(event), said, **more)

    def _named(self, event: str) -> EventNamed | None:
        one = self.heard.get(event)
        if one is None:
            return None
        return EventNamed(one.event.id, one.event.source, one.event.type, one.event.time, one.arrived_at)

    # ------------------------------------------------------------ the pattern was complete

    def _after_the_key(self) -> Stop | None:
        """Tell what stood against a start whose pattern was complete: a guard, another run, a thread above."""
        keys = self.seen.of("key", self.start.index)
        if not keys:
            return None
        last = keys[-1]
        asked = (self._guard, self._folded, self._reentry, self._no_key, self._recent)
        return next((found for ask in asked if (found := ask(last)) is not None), None)

    def _guard(self, last: Look) -> Stop | None:
        """Tell of the guard that stood, and of the holds that it met."""
        for index, guard in enumerate(self.definition.guards):
            looks = [one for one in self.seen.looks if (one.part, one.index, one.event) == ("guard", index, last.event)]
            stands = [one for one in looks if one.value is True and one.number > last.number]
            if stands:
                found = stands[-1]
                held = [f"{one.scope} until {iso(one.until) if one.until else 'it is lifted'}" for one in found.holds]
                words = f"not started: {guard.reason}" + (f" ({', '.join(held)})" if held else "")
                behind = self._behind_recent(index) if guard.recent is not None else []
                behind += [name for one in found.holds for name in one.events]
                holds = list(found.holds)
                return self._say(
                    "guard", words, last.event, found.failed, key=str(last.value), behind=behind, holds=holds
                )
        return None

    def _recent(self, last: Look) -> Stop | None:
        """Tell of a guard that asks for no more than that an event came lately; nothing else has stood in the way."""
        for index, guard in enumerate(self.definition.guards):
            asks_for_type_alone = guard.recent is not None and guard.recent.where is None
            behind = self._behind_recent(index) if asks_for_type_alone and not self._runs_for(last) else []
            if behind:
                return self._say("guard", f"not started: {guard.reason}", last.event, behind=behind)
        return None

    def _behind_recent(self, index: int) -> list[str]:
        recent = self.definition.guards[index].recent
        assert recent is not None
        return [one.event.id for one in self.seen.past.heard if one.event.type in recent.types][-3:]

    def _runs_for(self, last: Look) -> bool:
        return any(
            one.workflow == self.definition.name and one.event == last.event
            for one in self.seen.folded.state.runs.values()
        )

    def _folded(self, last: Look) -> Stop | None:
        for line in reversed(self.seen.folded.lines):
            said = line.data
            if line.type == "alert.suppressed" and said["workflow"] == self.definition.name and "ref" not in said:
                into = said["into"]
                words = f"folded into {into['workflow']} {into['key']}, which ran then (R16)"
                return self._say("folded", words, last.event, key=said["key"], behind=[into["event"]])
        return None

    def _reentry(self, last: Look) -> Stop | None:
        run = self.seen.folded.state.runs.get(f"{self.definition.name}/{last.value}")
        if run is None or run.event == last.event:
            return None
        rule = self.definition.source.reentry
        said = rule if isinstance(rule, str) else f"after {rule.after}"
        words = f"a run of {last.value} began on {iso(run.started_at)} and is {run.status}; it may begin again: {said}"
        return self._say("reentry", words, last.event, key=str(last.value), behind=[run.event])

    def _no_key(self, last: Look) -> Stop | None:
        if isinstance(last.value, str):
            return None
        return self._say("key", f"its key `{self.start.key.source}` is not known", last.event)

    # ------------------------------------------------------------ it waits

    def _waits(self) -> Stop | None:
        waiting = sorted((one.due, key) for key, one in self.pending.items() if one.due is not None)
        if waiting:
            due, key = waiting[0]
            events = [one.trace.id for one in self.pending[key].events]
            words = f"it would be true on {iso(due)}, if nothing else comes"
            return self._say("pending", words, events[-1] if events else "", due=due, behind=events)
        if self.start.kind == "count" and self.pending:
            return self._counted(max(self.pending.values(), key=lambda one: len(one.events)))
        return None

    def _counted(self, pending: Pending) -> Stop | None:
        events = [one.trace.id for one in pending.events]
        need = self.start.counts.at_least
        if not events:
            return None
        within = f" within {self.start.counts.within}" if self.start.counts.within else ""
        words = f"{len(events)} of {need}{within} were counted"
        return self._say("count", words, events[-1], have=len(events), need=int(need), behind=events)

    # ------------------------------------------------------------ an event fitted, or none did

    def _matched(self) -> Stop | None:
        """Tell why an event that fitted was not enough."""
        fitting = [one for one in self._of_type() if self._fits(one)]
        if not fitting:
            return None
        last = fitting[-1].event.id
        match self.start.kind:
            case "changed":
                return self._say("unchanged", f"{self.start.source.changed} was what it is already", last)
            case "seq":
                seq = self.start.source.seq
                assert seq is not None
                words = f"no {either(seq.first.on)} came within {seq.within} before it"
                return self._say("sequence", words, last)
            case "held":
                return self._say("left", "what had begun was over before its time", last, behind=self._left())
            case "date":
                return self._say("date", f"no date that is still to come: `{self._of()}`", last, behind=self._left())
            case "count":
                return self._say("count", "what was counted is too old, or was undone", last, have=0, need=self._need())
            case _:
                return None

    def _need(self) -> int:
        return int(self.start.counts.at_least)

    def _of(self) -> str:
        return self.start.of.source if self.start.of is not None else ""

    def _left(self) -> list[str]:
        named = {name for one in self.start.leave for name in one.types}
        return [one.event.id for one in self.seen.past.heard if one.event.type in named][-3:]

    def _of_type(self) -> list[Heard]:
        return [
            one for one in self.seen.past.heard if one.event.type in types_of(self.start) & self.start.matcher.types
        ]

    def _fits(self, one: Heard) -> bool:
        if self.start.matcher.where is None:
            return True
        return any(
            look.value is True for look in self.seen.of("matcher", self.start.index) if look.event == one.event.id
        )

    def _too_late(self) -> Stop | None:
        late = [
            entry.event.id
            for entry in self.seen.folded.history.whole_log()
            if entry.too_late and entry.event is not None and entry.event.type in self.start.matcher.types
        ]
        if not late:
            return None
        words = "it came too late to begin anything, after the lateness that is allowed (R4)"
        return self._say("too_late", words, late[-1])

    def _condition(self) -> Stop | None:
        """Tell of the event that came nearest: of those that fitted least badly the latest."""
        looks = [one for one in self.seen.of("matcher", self.start.index) if one.failed is not None]
        if not looks:
            return None
        last = max(looks, key=lambda one: (_place(self.start, one.failed), one.number))
        assert last.failed is not None
        read = ", ".join(f"{name} was {_shown(value)}" for name, value in last.failed.read.items())
        words = f"`{last.failed.source}` did not hold" + (f": {read}" if read else "")
        return self._say("condition", words, last.event, last.failed, holds=list(last.holds))


NAMED_MAX = 4
"""Event types that a sentence names."""


def _some(names: list[str]) -> str:
    more = len(names) - NAMED_MAX
    return either([*names[:NAMED_MAX], f"{more} more types"] if more > 1 else names)


def _place(start: StartPlan, failed: Failed | None) -> int:
    """Tell how far into the condition the clause stands: what fails later came nearer."""
    where = start.matcher.where
    return where.source.find(failed.source) if where is not None and failed is not None else 0


def _shown(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)
