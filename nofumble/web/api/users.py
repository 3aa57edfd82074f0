"""Who may sign in, and with which roles? For an admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.store.web_store import UserRow
from nofumble.web.api.replies import reply
from nofumble.web.context import Context, needs
from nofumble.web.passwords import new_link
from nofumble.web.problems import Problem
from nofumble.web.roles import Role, roles_of

router = APIRouter(prefix="/users", tags=["users"])
Admin = Annotated[Context, needs("user.manage")]
Person = Annotated[str, Path(max_length=200, pattern=r"^[!-~]{1,200}$", description="A person's id.")]


class Door(BaseModel):
    """The roles that are given beside those of the directory, and whether the door is shut."""

    model_config = ConfigDict(extra="forbid")

    roles: list[Role] = Field(default_factory=list, max_length=20)
    disabled: bool = False


@router.get("", response_model=list[dict[str, Any]])
def listed(context: Admin) -> Response:
    """List who may sign in, in order of person."""
    return reply(context, [_as_json(context, one) for one in context.store.users()])


@router.put("/{person}", response_model=dict[str, Any])
def put(context: Admin, person: Person, door: Door) -> Response:
    """Let a person in, change her roles, or shut her door: sessions and tokens end with the next request."""
    if person == context.person and (door.disabled or "admin" not in door.roles):
        raise Problem(409, "you would lock yourself out", "let another admin do it")
    store = context.store
    store.put_user(person, password=None, roles=door.roles, at=context.now)
    store.disable_user(person, context.now if door.disabled else None)
    if door.disabled:
        store.close_web_sessions(person=person)
    context.note("user.changed", about=person, roles=list(door.roles), disabled=door.disabled)
    user = store.user(person)
    assert user is not None, "it was just written"
    return reply(context, _as_json(context, user))


@router.post("/{person}/link", response_model=dict[str, Any], status_code=201)
def link(context: Admin, person: Person) -> Response:
    """Make a link that opens once, for a person to choose a password."""
    user = context.store.user(person)
    if user is None:
        raise Problem(404, f"no user is called {person!r}", "put the user first")
    secret = new_link(context.store, person, tuple(user.roles), now=context.shared.wall.now())
    context.note("user.invited", about=person)
    return reply(context, {"url": f"{context.shared.url}/first/{secret}"}, status=201)


def _as_json(context: Context, user: UserRow) -> dict[str, Any]:
    said = {"person": user.person, "given": user.roles, "has_password": user.password is not None}
    roles = sorted(roles_of(user.person, context.directory, user.roles))
    return {**said, "roles": roles, "created_at": user.created_at, "disabled_at": user.disabled_at}
