"""The made-up company: time may be let pass, and one may be anybody who works there. Nowhere else."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from nofumble.clock import DemoClock
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw
from nofumble.web.pages.signing_in import signed_in
from nofumble.web.problems import Problem

router = APIRouter()

STEPS: Mapping[str, tuple[timedelta, str]] = {
    "1h": (timedelta(hours=1), "1 hour"),
    "4h": (timedelta(hours=4), "4 hours"),
    "1d": (timedelta(days=1), "1 day"),
    "3d": (timedelta(days=3), "3 days"),
    "7d": (timedelta(days=7), "1 week"),
}
"""How far the clock goes at a time."""


@router.get("/demo")
def demo(context: Annotated[Context, needs("self")]) -> HTMLResponse:
    """Show the clock, and who works here."""
    people = context.directory.people.values()
    teams: dict[str, list[tuple[str, str, str]]] = {}
    for one in sorted(people, key=lambda one: one.name or one.id):
        teams.setdefault(one.team or "others", []).append((one.id, one.name or one.id, ", ".join(one.roles)))
    admins = sorted(user.person for user in context.store.users() if "admin" in user.roles) if is_demo(context) else []
    return draw(
        context,
        "demo.html",
        here="/demo",
        is_demo=is_demo(context),
        steps=[(name, words) for name, (_, words) in STEPS.items()],
        teams=sorted(teams.items()),
        admins=admins,
    )


@router.post("/demo/clock")
def let_time_pass(
    context: Annotated[Context, needs("clock.move")], by: Annotated[str, Form(max_length=10)]
) -> RedirectResponse:
    """Move the clock forward; it never goes back."""
    clock = _clock_of(context)
    if by not in STEPS:
        raise Problem(422, f"{by!r} is no step of the clock", f"take one of {', '.join(STEPS)}")
    clock.advance(STEPS[by][0])
    context.note("clock.moved", by=by)
    return RedirectResponse("/demo", 303)


@router.post("/demo/as")
def be(context: Annotated[Context, needs("self")], person: Annotated[str, Form(max_length=200)]) -> RedirectResponse:
    """Be somebody else of the made-up company; on the audit, as every sign-in."""
    _clock_of(context)
    user = context.store.user(person)
    if person not in context.directory.people and user is None:
        raise Problem(404, f"nobody is called {person!r} here", "take one of the page")
    if user is None:
        context.store.put_user(person, password=None, roles=None, at=context.shared.wall.now())
    context.note("demo.became", about=person)
    return signed_in(context, person)


def is_demo(context: Context) -> bool:
    """Tell whether this is the made-up company, on a clock of its own."""
    return isinstance(context.shared.clock, DemoClock)


def _clock_of(context: Context) -> DemoClock:
    clock = context.shared.clock
    if not isinstance(clock, DemoClock):
        raise Problem(409, "this is no demo: time passes by itself here", "start one with `nofumble up`")
    return clock
