"""Why did a workflow not begin at an account, and what is the least that would have made it begin? (B4).

What stood in the way is seen by the fold itself (`attempts`, `stops`). What would change it is tried, from the smallest
change to the largest, until the workflow does begin: time that passes, an event that had not been or had said something
else, a hold that is lifted, an event that comes. So the change that is named is known to work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import Struct

from events.envelope import Event
from events.parsing import event_to_json
from workflows.account import Hold, is_open
from workflows.language.plans import Definition
from workflows.moment import iso
from workflows.reasons.attempts import Seen, look_on
from workflows.reasons.changes import AddEvent, Change, LiftHold, SetMode, change_field, leave_out
from workflows.reasons.clearing import cleared
from workflows.reasons.inventing import SOURCE, Scene, invented, transplanted
from workflows.reasons.mends import mends_of
from workflows.reasons.past import Past
from workflows.reasons.stops import Stop, stops_of
from workflows.reasons.trial import Begun, Trial

TRIES_MAX = 400
"""Changes that are tried before it is said that no small one is known."""

CLEARED_MAX = 4
"""Invented events of which the way is cleared, one of each type."""

NEAREST = 4
"""Stops whose events are left out or changed, the nearest to a start first."""


class GateSaid(Struct, frozen=True, gc=False):
    """A gate of a run that does not say `allow`: what it says, why, and when that may change."""

    ref: str
    decision: str
    reasons: list[str]
    earliest: datetime | None


class RunSaid(Struct, frozen=True, gc=False):
    """A run that there was: its key, when it began, its status, its work, and the gates that hold it back."""

    key: str
    started_at: datetime
    status: str
    event: str
    work: list[str]
    gates: list[GateSaid]
    steps: dict[str, str]
    """Where each step stands: waiting, open, held_back, done, missed, skipped or closed."""
    waits: dict[str, datetime]
    """Its timers: when each will act, if nothing else comes."""


class WhyNot(Struct, frozen=True, gc=False):
    """Why a workflow did not begin, or that it did (`fired`).

    `stop` is what stood nearest in its way, `others` what stood in the way of its other starts. `changes` are the
    smallest that were found to make it begin, to be applied in their order; where there are none, `words` says so.
    """

    workflow: str
    account: str
    at: datetime
    key: str | None
    version: str
    hash: str
    mode: str
    fired: bool
    runs: list[RunSaid]
    sentence: str
    stop: Stop | None
    others: list[Stop]
    changes: list[Change]
    words: str


def why_not(past: Past, definition: Definition, *, key: str | None = None) -> WhyNot:
    """Tell why a workflow has not begun by the end of a past; a `key` asks for that run alone."""
    trial = Trial(past, definition, key)
    is_active = definition.source.mode == "active"
    runs = _runs(trial, key) if is_active else []
    seen = look_on(past, definition)
    stops = stops_of(definition, seen)
    if not is_active:
        stops = [_mode(definition), *stops]
    if runs:
        stops = [one for one in stops if one.kind in ("reentry", "failed")]
        begun: Begun | None = None
    else:
        begun = _smallest(trial, seen, stops, is_active=is_active)
    stop = stops[0] if stops else None
    changes = [*([] if is_active else [_activate(definition)]), *(begun.changes if begun else ())]
    if begun is None and not runs:
        changes = []
    return WhyNot(
        definition.name,
        past.account_id,
        past.until,
        key,
        definition.source.version,
        definition.hash,
        definition.source.mode,
        bool(runs),
        runs,
        _sentence(definition, past, runs, stop),
        stop,
        stops[1:],
        changes,
        _words(changes, runs),
    )


def _sentence(definition: Definition, past: Past, runs: Sequence[RunSaid], stop: Stop | None) -> str:
    name, account = definition.name, past.account_id
    if runs:
        last = runs[-1]
        again = f"; not again: {stop.words}" if stop is not None and stop.kind == "reentry" else ""
        held = [f"{one.ref} says {one.decision} ({', '.join(one.reasons)})" for one in last.gates]
        gates = f"; held back: {'; '.join(held)}" if held else ""
        began = f"{name} did begin at {account}, for {last.key} on {iso(last.started_at)}"
        return f"{began}, and is {last.status}{gates}{again}"
    assert stop is not None
    what = f" ({stop.event.type} {stop.event.id} at {iso(stop.event.time)})" if stop.event is not None else ""
    return f"{name} did not begin at {account} by {iso(past.until)}: {stop.words}{what}"


def _words(changes: Sequence[Change], runs: Sequence[RunSaid]) -> str:
    if runs:
        return "it did begin"
    if not changes:
        return "no small change is known that would make it begin"
    return "it would begin if " + ", and ".join(one.words for one in changes)


def _mode(definition: Definition) -> Stop:
    return Stop("mode", f"its mode is {definition.source.mode}, so it begins nothing that anybody sees")


def _activate(definition: Definition) -> SetMode:
    return SetMode(definition.name, "active", f"{definition.name} were active")


def _runs(trial: Trial, key: str | None) -> list[RunSaid]:
    state = trial.folded.state
    found = []
    for run in state.runs.values():
        if run.workflow != trial.definition.name or key not in (None, run.key):
            continue
        instance = state.instances.get(run.instance)
        verdicts = instance.verdicts.items() if instance is not None and run.status == "running" else ()
        gates = [
            GateSaid(ref, one.decision, one.reasons, one.earliest) for ref, one in verdicts if one.decision != "allow"
        ]
        work = [item.id for item in trial.folded.work.values() if item.instance == run.instance]
        steps = {ref: one.status for ref, one in instance.steps.items()} if instance is not None else {}
        waits = dict(instance.timers) if instance is not None else {}
        found.append(RunSaid(run.key, run.started_at, run.status, run.event, work, gates, steps, waits))
    return sorted(found, key=lambda one: one.started_at)


# ------------------------------------------------------------ the smallest change


def _smallest(trial: Trial, seen: Seen, stops: Sequence[Stop], *, is_active: bool) -> Begun | None:
    """Try changes, the smallest kinds first; one change that is enough ends the search."""
    if not is_active and trial.before:
        return Begun((), trial.before)
    best: Begun | None = None
    for stage in _STAGES:
        if best is not None and stage in (_transplanted, _cleared):
            break
        for changes in stage(trial, seen, stops):
            if trial.tried > TRIES_MAX:
                return best
            begun = trial.begins(changes)
            if begun is None:
                continue
            begun = trial.smallest(begun)
            if not trial.comes_true(begun):
                continue
            if best is None or len(begun.changes) < len(best.changes):
                best = begun
            if len(best.changes) == 1:
                return best
    return best


def _nothing(_trial: Trial, _seen: Seen, _stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """Time alone."""
    yield []


def _left_out(trial: Trial, _seen: Seen, stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """What stood in the way had not happened."""
    for stop in stops[:NEAREST]:
        if stop.kind not in ("guard", "folded", "reentry", "left", "date"):
            continue
        for name in reversed(stop.behind):
            heard = trial.past.find(name)
            if heard is not None:
                yield [leave_out(heard.event)]


def _mended(trial: Trial, seen: Seen, stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """An event that came near had said something else."""
    named = [one.event.id for one in stops if one.event is not None and one.kind in ("condition", "guard", "key")]
    for event, edits in mends_of(seen.past, trial.definition, frozenset(named)):
        yield [change_field(event, one.field, one.value) for one in edits]


def _lifted(trial: Trial, _seen: Seen, stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """A hold is lifted, and then what came comes once more."""
    holds = [item for item in trial.folded.state.work.values() if isinstance(item, Hold) and is_open(item)]
    if not holds:
        return
    lifts: list[Change] = [_lift(trial, hold, number) for number, hold in enumerate(holds, start=1)]
    for stop in stops[:NEAREST]:
        heard = trial.past.find(stop.event.id) if stop.event is not None else None
        if heard is None or stop.kind not in ("guard", "condition"):
            continue
        scene = _scene(trial)
        for again in ([one] for one in _again(scene, heard.event)):
            yield [*lifts, *again]


def _again(scene: Scene, event: Event) -> Iterator[AddEvent]:
    later = replace(event, id=f"{event.id}-again", source=SOURCE, time=scene.at, recorded_at=None)
    yield AddEvent(
        msgspec.json.decode(event_to_json(later)), f"{event.type} {event.id} came once more at {iso(scene.at)}"
    )


def _lift(trial: Trial, hold: Hold, number: int) -> LiftHold:
    envelope = {
        "specversion": "1.0",
        "id": f"lift-{number}-{hold.id}",
        "source": SOURCE,
        "type": "hold.lifted",
        "subject": trial.past.account_id,
        "time": iso(trial.at),
        "data": {"id": hold.id, "actor": {"person": hold.speak_to.person if hold.speak_to else "somebody"}},
    }
    return LiftHold(hold.id, envelope, f"the hold {hold.id[:8]} on {hold.scope} were lifted ({hold.reason})")


def _scene(trial: Trial) -> Scene:
    return Scene(trial.definition, trial.past, trial.folded.state, trial.folded.history.moment.directory)


def _invented(trial: Trial, _seen: Seen, _stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """Events come."""
    for one in invented(_scene(trial)):
        yield list(one)


def _transplanted(trial: Trial, _seen: Seen, _stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """What an example of the definition tells comes to this account."""
    for one in transplanted(_scene(trial)):
        yield list(one)


def _cleared(trial: Trial, _seen: Seen, _stops: Sequence[Stop]) -> Iterator[list[Change]]:
    """Events come, and what stands in their way is cleared."""
    scene = _scene(trial)
    of_start: dict[str, list[AddEvent]] = {}
    for one in invented(scene):
        of_start.setdefault(one[-1].event["type"], one)
    for base in list(of_start.values())[:CLEARED_MAX]:
        yield from cleared(scene, base)


_STAGES = (_nothing, _left_out, _mended, _lifted, _invented, _transplanted, _cleared)
"""Kinds of changes, the smallest first."""
