"""What does a person do to the holds of an account? She places one, until a time or an event, and lifts one (R15).

Such a hold belongs to no workflow: its `workflow` is "". What ends it by itself waits in the account's
`pending`, where every fold finds it: under :data:`UNTIL_TIME` with its due time, under :data:`UNTIL_EVENT` without.
"""

from __future__ import annotations

from collections.abc import Callable

from events.envelope import Event
from workflows import items
from workflows.account import Evidence, Hold, Pending, Recipient, seal
from workflows.evidence import step_of
from workflows.language.grammar import SCOPES
from workflows.language.vocabulary import as_time, person_of
from workflows.moment import Moment, trace_of, work_id

UNTIL_TIME = "~holds until a time"
UNTIL_EVENT = "~holds until an event"


def place(moment: Moment, event: Event) -> None:
    """Place the hold; one that names a workflow is the engine's own line and changes nothing."""
    data = event.data
    scope, until = data.get("scope"), as_time(data.get("until"))
    if data.get("workflow"):
        return
    if scope not in SCOPES:
        moment.fail("", f"hold.placed has the scope {scope!r}; there are {', '.join(SCOPES)} (R15)")
        return
    if until is not None and until <= moment.at:
        moment.fail("", f"hold.placed lasts until {data['until']}, which is not after it was placed; name a later time")
        return
    by = str(data.get("placed_by") or person_of(data))
    reason = str(data.get("reason") or f"placed by {by or 'a person'}")
    hold = Hold(
        id=work_id(f"hold/{moment.state.id}/{event.source}/{event.id}"),
        workflow="",
        key=event.id,
        ref="",
        instance="",
        scope=scope,
        reason=reason,
        status="live",
        opened_at=moment.at,
        evidence=seal(_evidence(event, reason)),
        speak_to=Recipient(role="placed_by", person=by) if by else None,
        until=until,
        until_event=str(data.get("until_event") or ""),
        contact=str(data.get("contact_id") or ""),
    )
    moment.store(hold)
    items.announce(moment, hold)
    if until is not None:
        moment.state.pending.setdefault(UNTIL_TIME, {})[hold.id] = Pending(due=until)
        moment.set_pattern_timer(UNTIL_TIME, hold.id, until)
    if hold.until_event:
        moment.state.pending.setdefault(UNTIL_EVENT, {})[hold.id] = Pending()


def lift(moment: Moment, event: Event) -> None:
    """Lift the hold that is named by its id, or those of the scope that people have placed; others stay."""
    data = event.data
    known, scope = data.get("id"), data.get("scope")
    if data.get("workflow") and not person_of(data):
        return  # the engine's own line
    found = [
        hold
        for hold in moment.state.holds()
        if hold.id == known or (not known and hold.workflow == "" and hold.scope == scope)
    ]
    if not found:
        named = known or f"of the scope {scope}"
        moment.fail("", f"hold.lifted names a hold {named} that is not live, or was placed by no person; give its id")
    for hold in found:
        _end(moment, hold, f"lifted by {person_of(data) or 'a person'}")


def expire(moment: Moment, known: str) -> None:
    """End a hold whose time has come."""
    hold = moment.state.work.get(known)
    if isinstance(hold, Hold) and hold.status == "live":
        _end(moment, hold, "its time is over")
    moment.state.pending[UNTIL_TIME].pop(known, None)


def end_by_event(moment: Moment, event: Event) -> None:
    """End the holds that were to last until such an event."""
    for known in list(moment.state.pending.get(UNTIL_EVENT, ())):
        hold = moment.state.work.get(known)
        if isinstance(hold, Hold) and hold.until_event == event.type:
            _end(moment, hold, f"{event.type} {event.id}")


def _end(moment: Moment, hold: Hold, reason: str) -> None:
    for waiting in (UNTIL_TIME, UNTIL_EVENT):
        moment.state.pending.get(waiting, {}).pop(hold.id, None)
    items.lift(moment, hold, reason=reason)


def _evidence(event: Event, because: str) -> Evidence:
    return Evidence(
        because=because,
        events=[event.id],
        pattern=[step_of("placed", trace_of(event))],
        clock=None,
        state={},
        version="",
        hash="",
        confidence="confirmed",
        counterfactual=f"would not exist if {event.type} {event.id} had not happened",
    )


HOLD_ACTIONS: dict[str, Callable[[Moment, Event], None]] = {"hold.placed": place, "hold.lifted": lift}
"""What people can do to holds: the index of this module."""
