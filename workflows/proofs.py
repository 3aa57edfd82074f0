"""Which absences are not confirmed yet, and when does the proof come that they wait for? (R7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from workflows.account import Instance
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
    for instance, name in _unproven(moment):
        definition = moment.library.by_hash[instance.definition]
        clock = clock_of_timer(definition, name)
        deadline = deadline_of_timer(moment, definition, instance, name)
        proof = watermarks.known_past(unheard_sources(moment, clock, deadline), deadline)
        if proof is not None:
            times.append(max(proof, deadline, moment.at))
    return min(times, default=None)


def _unproven(moment: Moment) -> Iterator[tuple[Instance, str]]:
    for instance in moment.state.instances.values():
        if instance.definition in moment.library.by_hash:
            yield from ((instance, name) for name in instance.timers if name.endswith(UNPROVEN))
