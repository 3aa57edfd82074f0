"""A person is forgotten, with proof. For an admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from nofumble.erasing.erasing import erase_person, preview_of
from nofumble.web.api.replies import reply
from nofumble.web.context import Context, needs

router = APIRouter(tags=["erasures"])


class Erasure(BaseModel):
    """Who is to be forgotten, and why."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field(min_length=1, max_length=200, description="the id or mail address of a person or a contact")
    reason: str = Field(min_length=1, max_length=2000)


class Wanted(BaseModel):
    """Who may be to be forgotten."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field(min_length=1, max_length=200, description="the id or mail address of a person or a contact")


@router.post("/erasures/preview", response_model=dict[str, Any])
def preview(context: Annotated[Context, needs("person.erase")], wanted: Wanted) -> Response:
    """Tell what of a person is known, and in how many rows of which tables; nothing is changed."""
    return reply(context, preview_of(context.store, wanted.person))


@router.post("/erasures", response_model=dict[str, Any])
def erase(context: Annotated[Context, needs("person.erase")], wanted: Erasure) -> Response:
    """Replace a person's names and addresses by tombstones wherever they are stored; return the proof."""
    session = context.session
    proof = erase_person(
        context.store,
        wanted.person,
        home=context.settings.home,
        reason=wanted.reason,
        by=session.person,
        how=session.how,
        now=context.now,
    )
    return reply(context, proof)
