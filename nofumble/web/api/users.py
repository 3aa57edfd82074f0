"""Who may sign in, and with which roles? For an admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.store.web_store import UserRow
from nofumble.web.api.replies import reply
from nofumble.web.context import Context, needs
from nofumble.web.doors import PERSON_PATTERN, change_door, end_sessions, invite
from nofumble.web.roles import Role, roles_of

router = APIRouter(prefix="/users", tags=["users"])
Admin = Annotated[Context, needs("user.manage")]
Person = Annotated[str, Path(max_length=200, pattern=PERSON_PATTERN, description="A person's id.")]


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
    return reply(context, _as_json(context, change_door(context, person, door.roles, is_shut=door.disabled)))


@router.post("/{person}/link", response_model=dict[str, Any], status_code=201)
def link(context: Admin, person: Person) -> Response:
    """Make a link that opens once, for a person to choose a password."""
    return reply(context, {"url": invite(context, person)}, status=201)


@router.delete("/{person}/sessions", status_code=204)
def sign_out(context: Admin, person: Person) -> Response:
    """Sign a person out wherever she is signed in."""
    end_sessions(context, person)
    return Response(status_code=204)


def _as_json(context: Context, user: UserRow) -> dict[str, Any]:
    said = {"person": user.person, "given": user.roles, "has_password": user.password is not None}
    roles = sorted(roles_of(user.person, context.directory, user.roles))
    return {**said, "roles": roles, "created_at": user.created_at, "disabled_at": user.disabled_at}
