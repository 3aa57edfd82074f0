"""When did the clocks of an instance stand still? Seen by folding the past entry by entry, and timer by timer."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from workflows.reasons.past import Past


class Pause(Struct, frozen=True, gc=False):
    """Clocks stood still from a time to another; ``None``: they still do."""

    since: datetime
    until: datetime | None


def pauses_of(past: Past, instance: str, begin: datetime, end: datetime) -> list[Pause]:
    """List the pauses of an instance that touch a span of time, in order; of most workflows there are none."""
    if not _may_pause(past, instance):
        return []
    seen: dict[datetime, datetime | None] = {}
    for history in past.walk():
        run = history.state.instances.get(instance)
        paused_at = run.paused_at if run is not None else None
        ended = [since for since, until in seen.items() if until is None and since != paused_at]
        seen |= dict.fromkeys(ended, history.moment.at)
        if paused_at is not None:
            seen.setdefault(paused_at, None)
    return [Pause(since, until) for since, until in seen.items() if since < end and (until is None or until > begin)]


def _may_pause(past: Past, instance: str) -> bool:
    workflow = instance.partition("/")[0]
    found = (one.definitions.get(workflow) for one in past.libraries.values())
    return any(one is not None and one.source.pause is not None for one in found)
