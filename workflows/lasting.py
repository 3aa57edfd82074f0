"""What lasts? The start patterns with a clock: a state that is held, a silence after an event, and a date (`dates`).

They wait in the account's `pending` with the event from which they count, under the pattern and a key; a timer
tells when their time is over (`patterns.fire_pattern`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from events.envelope import Event
from workflows.account import Pending, Remembered
from workflows.clocks import unheard_sources
from workflows.dates import note_date
from workflows.language.durations import Duration
from workflows.language.plans import Definition, StartPlan
from workflows.language.vocabulary import Bindings
from workflows.moment import Moment, trace_of
from workflows.recall import event_of
from workflows.working_time import add, in_country

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
    waiting = moment.state.pending.get(pattern, {})
    if any(event.type in one.types and one.holds(bindings) for one in start.leave):
        waiting.pop(key, None)
        return
    if event.type not in start.matcher.types or not start.matcher.holds(bindings) or not moment.can_start:
        return
    pending = waiting.get(key)
    if pending is None:
        pending = moment.state.pending.setdefault(pattern, {})[key] = Pending()
    elif held.times is None or len(pending.events) > held.times:
        return
    pending.events.append(Remembered(trace_of(event), event.data))
    if pending.due is None:
        _wait_for_next(moment, start, pattern, key)


def _wait_for_next(moment: Moment, start: StartPlan, pattern: str, key: str) -> None:
    """Set the timer of the next event that entered the state, if there is one that has not run out."""
    held, pending = start.source.held, moment.state.pending[pattern][key]
    assert held is not None
    pending.due = None
    if len(pending.events) > pending.ran_out:
        calendar = moment.directory.default_calendar
        if held.calendar == "customer":
            calendar = in_country(calendar, moment.state.country)
        pending.due = add(_since(moment, start, pending.events[pending.ran_out]), held.for_, calendar)
        moment.set_pattern_timer(pattern, key, pending.due)


def _since(moment: Moment, start: StartPlan, entered: Remembered) -> datetime:
    """Tell from when a state counts: from the event that entered it, or from the time that it names."""
    if start.since is None:
        return entered.trace.time
    bindings = moment.bindings()
    bindings.event = event_of(entered, moment.state.id)
    found = start.since.value(bindings)
    return found if isinstance(found, datetime) else entered.trace.time


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


def has_run_out(moment: Moment, start: StartPlan, pattern: str, key: str) -> bool:
    """Tell whether that was all that must last: a state may have to run out several times in a row."""
    held, pending = start.source.held, moment.state.pending[pattern][key]
    if held is None or held.times is None:
        return True
    pending.ran_out += 1
    if pending.ran_out < held.times:
        _wait_for_next(moment, start, pattern, key)
    return pending.ran_out >= held.times


def look_again_or_forget(moment: Moment, start: StartPlan, pattern: str, key: str) -> None:
    """Go on looking at what lasts where its start says so (`again`); else wait for nothing more."""
    held = start.source.held
    if held is not None and held.again is not None:
        wait(moment, pattern, key, held.again)
    else:
        del moment.state.pending[pattern][key]


def unproven(moment: Moment, start: StartPlan, pending: Pending) -> tuple[str, ...]:
    """List the declared sources that would have told of the end of a silence, and were not heard from past its end."""
    if start.source.absent is None or pending.due is None:
        return ()
    return unheard_sources(moment, start.matcher.types, pending.deadline or pending.due)


WITH_CLOCK: Mapping[str, Callable[[Moment, Definition, StartPlan, Event, Bindings], None]] = {
    "held": hold_or_leave,
    "absent": listen,
    "date": note_date,
}
"""Kind of a start pattern with a clock → what an event does to it."""
