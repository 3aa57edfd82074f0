"""Who may sign in, and with which roles? The page of an admin."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from nofumble.web.context import Context, needs
from nofumble.web.doors import change_door, end_sessions, invite, user_named
from nofumble.web.drawing import draw
from nofumble.web.problems import Problem
from nofumble.web.roles import ROLES
from nofumble.web.sessions import IDLE_MAX
from nofumble.web.views.users import user_of

router = APIRouter()

Done = Literal["", "roles", "shut", "opened", "signed-out"]
_DONE: dict[Done, str] = {
    "": "",
    "roles": "The roles are changed, from the next request on.",
    "shut": "The door is shut: sessions and tokens have ended.",
    "opened": "The door is open again.",
    "signed-out": "All sessions have ended.",
}


class Filled(BaseModel):
    """What a form of the page says: the button, whom it is about, and the roles that are ticked."""

    deed: Literal["add", "link", "roles", "shut", "open", "sign-out"]
    person: str = Field(max_length=200)
    role: list[str] = Field([], max_length=20)


@router.get("/users")
def users(context: Annotated[Context, needs("user.manage")], done: Done = "") -> HTMLResponse:
    """List who may sign in."""
    return _page(context, done=_DONE[done])


@router.post("/users")
def change(context: Annotated[Context, needs("user.manage")], filled: Annotated[Filled, Form()]) -> Response:
    """Do what a button says; a link that opens once is shown this once."""
    person = filled.person.strip()
    try:
        match filled.deed:
            case "add":
                _check_new(context, person)
                change_door(context, person, filled.role, is_shut=False)
                return _page(context, link=invite(context, person), invited=person)
            case "link":
                return _page(context, link=invite(context, person), invited=person)
            case "roles":
                is_shut = user_named(context, person).disabled_at is not None
                change_door(context, person, filled.role, is_shut=is_shut)
                return RedirectResponse("/users?done=roles", 303)
            case "shut" | "open":
                is_shut = filled.deed == "shut"
                change_door(context, person, user_named(context, person).roles, is_shut=is_shut)
                return RedirectResponse(f"/users?done={'shut' if is_shut else 'opened'}", 303)
            case "sign-out":
                end_sessions(context, person)
                return RedirectResponse("/users?done=signed-out", 303)
    except Problem as refused:
        return _page(context, problem=refused, filled=filled)


def _check_new(context: Context, person: str) -> None:
    if context.store.user(person) is not None:
        raise Problem(409, f"{person!r} may sign in already", "change the roles in the list")


def _page(
    context: Context,
    *,
    done: str = "",
    link: str = "",
    invited: str = "",
    problem: Problem | None = None,
    filled: Filled | None = None,
) -> HTMLResponse:
    wall = context.shared.wall.now()
    sessions = context.store.web_sessions(wall, wall - IDLE_MAX)
    found = [user_of(one, context.directory, sessions.get(one.person, 0)) for one in context.store.users()]
    known = {one.person for one in found}
    people = context.directory.people.values()
    return draw(
        context,
        "users.html",
        here="/users",
        status=problem.status if problem else 200,
        users=found,
        roles=list(ROLES),
        people=sorted((one.id, one.name or one.id) for one in people if one.id not in known),
        done=done,
        link=link,
        invited=invited,
        problem=problem,
        filled=filled,
    )
