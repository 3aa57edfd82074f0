"""Which absences are not confirmed yet, and when does the proof come that they wait for? (R7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from workflows.clocks import UNPROVEN, clock_of_timer, deadline_of_timer, unheard_sources
from workflows.moment import Moment
from workflows.watermarks import Watermarks


def waits_for_proof(moment: Moment) -> bool:
    """Tell whether an absence waits for a source to be heard from."""
    return bool(moment.directory.sources) and any(True for _ in _unproven(moment))


def next_proof(moment: Moment, watermarks: Watermarks) -> datetime | None:
    """Tell when the proof came that an unconfirmed absence waits for, if it has come."""
    if not moment.directory.sources:
        return None
    times = []
    for types, deadline in _unproven(moment):
        proof = watermarks.known_past(unheard_sources(moment, types, deadline), deadline)
        if proof is not None:
            times.append(max(proof, deadline, moment.at))
    return min(times, default=None)


def _unproven(moment: Moment) -> Iterator[tuple[frozenset[str], datetime]]:
    """Give the events that did not come in time as far as is known, each with the end of its time."""
    library = moment.library
    for instance in moment.state.instances.values():
        definition = library.by_hash.get(instance.definition)
        for name in instance.timers if definition is not None else ():
            if name.endswith(UNPROVEN):
                clock = clock_of_timer(definition, name)
                yield clock.types, deadline_of_timer(moment, definition, instance, name)
    for pattern, waiting in moment.state.pending.items():
        for one in waiting.values():
            if one.deadline is not None and pattern in library.patterns:
                yield library.patterns[pattern][1].matcher.types, one.deadline
