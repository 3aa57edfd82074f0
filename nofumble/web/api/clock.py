"""What time is it here? The demo's clock may be moved, so that one can watch what happens when time passes."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from nofumble.clock import DemoClock
from nofumble.web.context import Context, needs
from nofumble.web.problems import Problem

router = APIRouter(prefix="/clock", tags=["clock"])

HOURS_MAX = 24 * 92
"""A quarter at once; more takes the agents longer than somebody likes to wait."""


class Time(BaseModel):
    """The time by which work is due, and whether it is the demo's."""

    now: str
    is_demo: bool


class Step(BaseModel):
    """How far to move it."""

    model_config = ConfigDict(extra="forbid")

    hours: float = Field(gt=0, le=HOURS_MAX)


@router.get("")
def time(context: Annotated[Context, needs("self")]) -> Time:
    """Tell the time."""
    return _said(context)


@router.post("/advance")
def advance(context: Annotated[Context, needs("clock.move")], step: Step) -> Time:
    """Move the demo's clock forward; what comes due meanwhile happens, in its order."""
    move(context, timedelta(hours=step.hours))
    return _said(context)


def move(context: Context, by: timedelta) -> None:
    """Move the demo's clock; raise Problem 409 where time is what it is."""
    clock = context.shared.clock
    if not isinstance(clock, DemoClock):
        raise Problem(409, "only the clock of the demo can be moved", "`nofumble up` has one")
    clock.advance(by)
    context.note("clock.moved", hours=by.total_seconds() / 3600)


def _said(context: Context) -> Time:
    clock = context.shared.clock
    return Time(now=clock.now().isoformat(), is_demo=isinstance(clock, DemoClock))
