"""My tokens, and for an admin those of everybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import UUID4, BaseModel, ConfigDict, Field

from nofumble.store.web_store import TokenRow
from nofumble.web.api.replies import reply
from nofumble.web.context import Context, needs
from nofumble.web.doors import make_token, revoke_token, tokens_seen
from nofumble.web.tokens import TOKEN_DAYS_DEFAULT, TOKEN_DAYS_MAX

router = APIRouter(prefix="/tokens", tags=["tokens"])
Owner = Annotated[Context, needs("self")]


class Wanted(BaseModel):
    """A token to be made: what it is called, what it is for, and for how many days."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=50)
    days: int = Field(TOKEN_DAYS_DEFAULT, ge=1, le=TOKEN_DAYS_MAX)


@router.get("", response_model=list[dict[str, Any]])
def listed(context: Owner) -> Response:
    """List tokens, newest first: mine, or everybody's for who manages users."""
    return reply(context, [token_as_json(one) for one in tokens_seen(context)])


@router.post("", response_model=dict[str, Any], status_code=201)
def create(context: Owner, wanted: Wanted) -> Response:
    """Make a token; its `token` is shown this once. A token makes no token."""
    row, secret = make_token(context, wanted.name, wanted.scopes, days=wanted.days)
    return reply(context, {**token_as_json(row), "token": secret}, status=201)


@router.delete("/{id}", status_code=204)
def revoke(context: Owner, id: Annotated[UUID4, Path()]) -> Response:  # noqa: A002 - the name in the address
    """Make a token useless from now on."""
    revoke_token(context, str(id))
    return Response(status_code=204)


def token_as_json(row: TokenRow) -> dict[str, Any]:
    """Return a token without what opens the door."""
    return row._asdict()
