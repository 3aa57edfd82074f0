"""What lasts? The start patterns with a clock: a state that is held, and a silence after an event.

Both wait in the account's `pending` with the event from which they count, under the pattern and a key; a timer
tells when their time is over (`patterns.fire_pattern`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from events.envelope import Event
from workflows.account import Pending, Remembered
from workflows.clocks import unheard_sources
from workflows.language.conditions import UNSET
from workflows.language.durations import Duration
from workflows.language.plans import Definition, StartPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, trace_of
from workflows.working_time import add

SILENCE = "silence"
"""The key of a silence: of each pattern an account has one."""


def hold_or_leave(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    """`held(state, for T)`: the event enters or leaves the state; a timer waits between."""
    held = start.source.held
    assert held is not None and start.by is not None  # noqa: PT018  the kind is `held`
    key = start.by.value(bindings)
    if not isinstance(key, str) or not key:
        return
    pattern = f"{definition.name}/{start.index}"
    waiting = moment.state.pending.setdefault(pattern, {})
    if any(event.type in one.types and one.holds(bindings) for one in start.leave):
        waiting.pop(key, None)
        return
    enters = event.type in start.matcher.types and start.matcher.holds(bindings)
    if enters and moment.can_start and key not in waiting:
        since = start.since.value(bindings) if start.since is not None else UNSET
        since = event.time if since is UNSET else since
        due = add(since, held.for_, moment.directory.default_calendar)
        waiting[key] = Pending([Remembered(trace_of(event), event.data)], due)
        moment.set_pattern_timer(pattern, key, due)


def listen(moment: Moment, definition: Definition, start: StartPlan, event: Event, bindings: Bindings) -> None:
    """`absent(E, within T, since E)`: each such event begins it anew; a change of the account may bound it anew.

    One that came too late may end a silence, and begins none (R4).
    """
    pattern = f"{definition.name}/{start.index}"
    known = moment.state.pending.get(pattern, {}).get(SILENCE)
    speaks = event.type in start.matcher.types and start.matcher.holds(bindings)
    if speaks and (moment.can_start if known is None else event.time >= known.events[0].trace.time):
        known = Pending([Remembered(trace_of(event), event.data)])
        moment.state.pending.setdefault(pattern, {})[SILENCE] = known
    if known is None:
        return
    due = _silent_until(moment, start, known, bindings)
    if due != known.due and known.deadline is None:
        known.due = due
        moment.set_pattern_timer(pattern, SILENCE, due)


def _silent_until(moment: Moment, start: StartPlan, pending: Pending, bindings: Bindings) -> datetime:
    assert start.within is not None
    return add(pending.events[0].trace.time, start.within.pick(bindings), moment.directory.default_calendar)


def wait(moment: Moment, pattern: str, key: str, further: Duration) -> None:
    """Look at it again so long from now."""
    due = add(moment.at, further, moment.directory.default_calendar)
    moment.state.pending[pattern][key].due = due
    moment.set_pattern_timer(pattern, key, due)


def unproven(moment: Moment, start: StartPlan, pending: Pending) -> tuple[str, ...]:
    """List the declared sources that would have told of the end of a silence, and were not heard from past its end."""
    if start.source.absent is None or pending.due is None:
        return ()
    return unheard_sources(moment, start.matcher.types, pending.deadline or pending.due)


WITH_CLOCK: Mapping[str, Callable[[Moment, Definition, StartPlan, Event, Bindings], None]] = {
    "held": hold_or_leave,
    "absent": listen,
}
"""Kind of a start pattern with a clock → what an event does to it."""
